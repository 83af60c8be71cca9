// nginx's timer as a member: it calls a method of its owner, and ends with it.
#pragma once

#include "store/nginx/ngx_core_headers.h"

namespace api_key::store {

// Whether a worker that shuts down goes without waiting for the timer, as nginx's `cancelable`.
enum class AtShutdown : unsigned { wait = 0, cancel = 1 };

template <auto Method>
class Timer;

template <class Owner, void (Owner::*Method)()>
class Timer<Method> {
  public:
    Timer(Owner& owner, ngx_log_t* log, AtShutdown at_shutdown) {
        event_.handler = [](ngx_event_t* event) { (static_cast<Owner*>(event->data)->*Method)(); };
        event_.data = &owner;
        event_.log = log;
        set(at_shutdown);
    }
    ~Timer() { stop(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // Of one that runs, nginx leaves a difference of up to 300 ms as it is.
    void start(ngx_msec_t ms) { ngx_add_timer(&event_, ms); }
    void restart(ngx_msec_t ms) {
        stop();
        start(ms);
    }
    void stop() {
        if (event_.timer_set) {
            ngx_del_timer(&event_);
        }
    }
    bool is_running() const { return event_.timer_set != 0; }
    void set(AtShutdown at_shutdown) { event_.cancelable = static_cast<unsigned>(at_shutdown); }

  private:
    ngx_event_t event_{};
};

} // namespace api_key::store
