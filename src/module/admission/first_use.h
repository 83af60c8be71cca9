// Tells the store of the very first request of a key before it is answered: a key with a history may not be deleted under
// `api_key_delete unused`. Later ones are told with the records of requests.
#pragma once

#include "module/request/request.h"
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

    // The request is about to be refused. True when it has to wait until the store knows that its key has a history; where the store
    // cannot be told, the refusal does not wait for it.
    bool wait_for_refusal(RequestContext& context);

  private:
    void find_cell(RequestContext& context) const;
    bool is_first_use(RequestContext& context) const;
    bool wait_for_store(RequestContext& context, store::KeyEvent event);
    static void first_use_failed(RequestContext& context);
    static void told(void* context, store::Flow& flow);

    Worker& worker_;
};

} // namespace api_key::module
