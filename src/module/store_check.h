// Looks now and then whether the store is fit for use, and tells in the error log what is not: once per change.
#pragma once

#include <map>
#include <string>

#include "module/ngx.h"
#include "store/flow.h"

namespace api_key::module {

class Worker;

// One worker of each node looks.
class StoreCheck {
  public:
    explicit StoreCheck(Worker& worker);
    ~StoreCheck();
    StoreCheck(const StoreCheck&) = delete;
    StoreCheck& operator=(const StoreCheck&) = delete;

  private:
    void look();
    static void looked(void* self, store::Flow& flow);

    Worker& worker_;
    ngx_event_t timer_{};
    std::map<std::string, std::string> told_; // by check
};

} // namespace api_key::module
