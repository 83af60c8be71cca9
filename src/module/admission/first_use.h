// Tells the store of the very first request of a key before it is answered: a key with a history may not be deleted under
// `api_key_delete unused`. Later ones are reported with the records of requests.
#pragma once

#include "module/node/store_link.h"
#include "module/request/verdict.h"
#include "module/request/waiting.h"
#include "store/flows/key_flows.h"

namespace api_key::module {

class FirstUse {
  public:
    FirstUse(StoreLink& link, const cache::Zone& zone) : link_(link), zone_(zone) {}

    // The request is about to pass: it waits until the store knows that its key is in use, and is refused where the store cannot be told.
    Verdict note(RequestContext& context);

    // The same for a key whose use the store has been told when it granted requests.
    void note_known(RequestContext& context) { is_first_use(context); }

    // The request is about to be refused: it waits until the store knows that its key has a history. Where the store cannot be told, the
    // refusal does not wait for it.
    Verdict note_refusal(RequestContext& context);

  private:
    using Call = PendingCall<FirstUse>;

    void find_cell(RequestContext& context) const;
    bool is_first_use(RequestContext& context) const;
    bool tell_store(RequestContext& context, store::KeyEvent event);
    void told(Call& call, const store::TouchKey& flow);
    void used(RequestContext& context, const store::TouchKey& flow);
    static void try_next_time(RequestContext& context);

    StoreLink& link_;
    const cache::Zone& zone_;
};

} // namespace api_key::module
