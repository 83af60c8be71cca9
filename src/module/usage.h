// Tells the store when keys were last used: the very first use of a key before the request passes (a used key may not be deleted
// under `api_key_delete unused`), later ones in batches, at most one per key, node and 5 seconds.
#pragma once

#include <cstdint>
#include <vector>

#include "module/request.h"
#include "store/nginx/client.h"

namespace api_key::module {

class Worker;

class Usage {
  public:
    static constexpr std::uint64_t interval_ms = 5000;
    static constexpr std::size_t batch_size = 100;

    explicit Usage(Worker& worker);
    ~Usage();
    Usage(const Usage&) = delete;
    Usage& operator=(const Usage&) = delete;

    // The request is about to pass. False when it has to wait until the store knows that its key is in use (it is resumed then),
    // or when the store could not be told: then `context.use_unknown` says so.
    bool note(RequestContext& context);

    // The same for a key whose use the store has been told when it granted requests.
    void note_known(RequestContext& context);

  private:
    cache::Use use_of(RequestContext& context) const;
    bool wait_for_first_use(RequestContext& context);
    static void first_use_failed(RequestContext& context);
    static void first_use_done(void* context, store::Flow& flow);
    void add(std::uint64_t key_id);
    void flush();

    Worker& worker_;
    std::vector<std::uint64_t> batch_;
    ngx_event_t flush_timer_{};
};

} // namespace api_key::module
