// Reports the very first request of a key to the store before it is answered: a key with a history may not be deleted under `api_key_delete
// unused`. Later ones are reported with the request records.
#pragma once

#include "module/node/store_link.h"
#include "module/request/verdict.h"
#include "module/request/waiting.h"
#include "store/flows/key_flows.h"

namespace api_key::module {

class FirstUse {
  public:
    FirstUse(StoreLink& link, const cache::Zone& zone) : link_(link), zone_(zone) {}

    // For a request about to pass: it waits until the store knows that its key is in use, and is refused if the report fails.
    Verdict note(RequestContext& context);

    // The same for a key whose use the store recorded when it granted requests.
    void note_known(RequestContext& context) { is_first_use(context); }

    // For a request about to be refused: it waits until the store knows that its key has a history. If the report fails, the refusal is
    // sent all the same.
    Verdict note_refusal(RequestContext& context);

  private:
    using Call = PendingCall<FirstUse>;

    void find_cell(RequestContext& context) const;
    bool is_first_use(RequestContext& context) const;
    bool report(RequestContext& context, store::KeyEvent event);
    void reported(Call& call, const store::TouchKey& flow);
    void used(RequestContext& context, const store::TouchKey& flow);
    static void report_next_time(RequestContext& context);

    StoreLink& link_;
    const cache::Zone& zone_;
};

} // namespace api_key::module
