// An nginx timer as a member: it calls a method of its owner, and is deleted with it.
#pragma once

#include "store/nginx/ngx_core_headers.h"

namespace api_key::store {

// Whether a worker that shuts down waits for the timer; nginx's `cancelable`.
enum class AtShutdown : unsigned { wait = 0, cancel = 1 };

template <auto Method>
class Timer;

template <class Owner, void (Owner::*Method)()>
class Timer<Method> {
  public:
    Timer(Owner& owner, ngx_log_t* log, AtShutdown at_shutdown) {
        identity_.data = &owner;
        identity_.fd = static_cast<ngx_socket_t>(-1);
        event_.handler = [](ngx_event_t* event) { (static_cast<Owner*>(static_cast<ngx_connection_t*>(event->data)->data)->*Method)(); };
        event_.data = &identity_;
        event_.log = log;
        set(at_shutdown);
    }
    ~Timer() { stop(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // nginx does not move a running timer when the difference is less than 300 ms.
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
    ngx_connection_t identity_{}; // nginx's debug log takes the data of a timer for a connection, and shows its descriptor
    ngx_event_t event_{};
};

} // namespace api_key::store
