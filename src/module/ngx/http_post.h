// A POST on nginx's event loop, of whose answer only the status is used. Supports http and https (the system's certificate authorities, the
// name verified).
#pragma once

#include <string>

#include "module/ngx/ngx.h"
#include "store/nginx/peer.h"
#include "store/nginx/timer.h"

namespace api_key::module {

// The target; made at configuration time, lives as long as the cycle.
struct PostTarget {
    ngx_addr_t address{};
    std::string host; // with the port if it is not the scheme's default
    std::string name; // of the host
    std::string path;
    store::PeerTls tls;
};

class HttpPost final : private store::Peer::Owner {
  public:
    // `status` 0: there was no answer; `problem` says why then. Called from the event loop, never from inside start().
    using Done = void (*)(void* context, unsigned status, const char* problem);

    HttpPost(const PostTarget& target, ngx_msec_t timeout_ms, Done done, void* context);
    ~HttpPost(); // aborts the request; `done` is not called
    HttpPost(const HttpPost&) = delete;
    HttpPost& operator=(const HttpPost&) = delete;

    void start(const std::string& headers, const std::string& body); // headers: whole lines; one request at a time
    bool is_running() const { return running_; }

  private:
    void opened() override { send(); }
    void not_opened(const char* problem) override { end(0, problem); }
    void readable() override;
    void writable() override { send(); }

    void send();
    void receive();
    void close();
    void timed_out();
    void end(unsigned status, const char* problem);

    const PostTarget& target_;
    ngx_msec_t timeout_ms_;
    Done done_;
    void* context_;
    store::Peer peer_;
    store::Timer<&HttpPost::timed_out> timeout_;
    const char* failed_ = nullptr; // in start(); reported from the event loop
    std::string output_;
    std::string input_;
    bool running_ = false;
};

} // namespace api_key::module
