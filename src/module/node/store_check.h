// Checks now and then whether the store is fit for use, and logs each problem once per change of state.
#pragma once

#include <map>
#include <string>

#include "module/node/store_link.h"
#include "store/flows/examination.h"
#include "store/flows/pepper_flows.h"
#include "store/nginx/timer.h"

namespace api_key::module {

// One worker of each node checks, and publishes the node's settings; every worker checks that its pepper is the one that the store knows.
class StoreCheck {
  public:
    // `node`: the name of this node in the store.
    StoreCheck(StoreLink& link, const cache::Zone& zone, const MainConfiguration& main, const std::string& node);
    StoreCheck(const StoreCheck&) = delete;
    StoreCheck& operator=(const StoreCheck&) = delete;

    // With a wrong pepper no key may be reported as unknown.
    bool is_pepper_wrong() const { return is_pepper_wrong_; }
    void report_pepper(const std::string& problem); // empty: there is none

  private:
    void check();
    void publish_settings();
    void pepper_checked(const store::CheckPeppers& flow);
    void checked(const store::Examination& flow);

    StoreLink& link_;
    const cache::Zone& zone_;
    const MainConfiguration& main_;
    const std::string& node_;
    store::Timer<&StoreCheck::check> timer_;
    bool is_pepper_wrong_ = false;
    std::map<std::string, std::string> reported_; // by check
};

} // namespace api_key::module
