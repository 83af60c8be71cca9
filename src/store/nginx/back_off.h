// Back-off between attempts: 50 ms to 1 s, doubled each time, with jitter, so that the workers of many nodes do not reconnect all at once.
#pragma once

#include <algorithm>

#include "store/nginx/ngx_core_headers.h"

namespace api_key::store {

class BackOff {
  public:
    ngx_msec_t next_ms() {
        const ngx_msec_t delay = current_ms_ / 2 + static_cast<ngx_msec_t>(ngx_random()) % (current_ms_ / 2);
        current_ms_ = std::min(current_ms_ * 2, max_ms);
        return delay;
    }
    void reset() { current_ms_ = min_ms; }

  private:
    static constexpr ngx_msec_t min_ms = 100;
    static constexpr ngx_msec_t max_ms = 1000;
    ngx_msec_t current_ms_ = min_ms;
};

} // namespace api_key::store
