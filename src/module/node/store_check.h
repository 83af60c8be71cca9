// Looks now and then whether the store is fit for use, and tells in the error log what is not: once per change.
#pragma once

#include <map>
#include <string>

#include "module/ngx/ngx.h"
#include "store/flow.h"

namespace api_key::module {

class Worker;

// One worker of each node looks, and tells what the node is configured with; each looks whether its pepper is the one that the store knows.
class StoreCheck {
  public:
    explicit StoreCheck(Worker& worker);
    ~StoreCheck();
    StoreCheck(const StoreCheck&) = delete;
    StoreCheck& operator=(const StoreCheck&) = delete;

    // With another pepper no key can be said to be unknown.
    bool is_pepper_wrong() const { return is_pepper_wrong_; }
    void tell_pepper(const std::string& problem); // empty: there is none

  private:
    void look();
    void tell_settings();
    static void looked_at_pepper(void* self, store::Flow& flow);
    static void looked(void* self, store::Flow& flow);

    Worker& worker_;
    ngx_event_t timer_{};
    bool is_pepper_wrong_ = false;
    std::map<std::string, std::string> told_; // by check
};

} // namespace api_key::module
