// Tells the store of the very first use of a key before the request passes: a used key may not be deleted under `api_key_delete unused`.
// Later uses are told with the records of requests.
#pragma once

#include "module/request.h"
#include "store/nginx/client.h"

namespace api_key::module {

class Worker;

class Usage {
  public:
    explicit Usage(Worker& worker) : worker_(worker) {}

    // The request is about to pass. False when it has to wait until the store knows that its key is in use (it is resumed then),
    // or when the store could not be told: then `context.use_unknown` says so.
    bool note(RequestContext& context);

    // The same for a key whose use the store has been told when it granted requests.
    void note_known(RequestContext& context) { is_first_use(context); }

  private:
    bool is_first_use(RequestContext& context) const;
    bool wait_for_first_use(RequestContext& context);
    static void first_use_failed(RequestContext& context);
    static void first_use_done(void* context, store::Flow& flow);

    Worker& worker_;
};

} // namespace api_key::module
