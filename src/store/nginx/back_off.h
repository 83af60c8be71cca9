// How long to wait before the next attempt: 50 ms to 1 s, doubled each time, with jitter, so that the workers of many nodes do not
// come back all at once.
#pragma once

#include <algorithm>

#include "store/nginx/ngx_core_headers.h"

namespace api_key::store {

class BackOff {
  public:
    ngx_msec_t next_ms() {
        const ngx_msec_t delay = current_ms_ / 2 + static_cast<ngx_msec_t>(ngx_random()) % (current_ms_ / 2);
        current_ms_ = std::min(current_ms_ * 2, most_ms);
        return delay;
    }
    void reset() { current_ms_ = least_ms; }

  private:
    static constexpr ngx_msec_t least_ms = 100;
    static constexpr ngx_msec_t most_ms = 1000;
    ngx_msec_t current_ms_ = least_ms;
};

} // namespace api_key::store
