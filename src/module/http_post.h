// One HTTP request on nginx's event loop: a POST whose answer's status alone matters. http and https (the system's certificate authorities,
// the name verified).
#pragma once

#include <string>

#include "module/ngx.h"

namespace api_key::module {

// Where to: made at configuration time, lives as long as the cycle.
struct PostTarget {
    ngx_addr_t address{};
    std::string host; // with the port where it is not the scheme's
    std::string name; // of the certificate
    std::string path;
    bool tls = false;
#if (NGX_SSL)
    ngx_ssl_t* ssl = nullptr;
#endif
};

class HttpPost {
  public:
    // `status` 0: there was no answer; `problem` says why then. Called from the event loop, never from inside start().
    using Done = void (*)(void* context, unsigned status, const char* problem);

    HttpPost(const PostTarget& target, ngx_msec_t timeout_ms, Done done, void* context);
    ~HttpPost(); // ends it; `done` is not called
    HttpPost(const HttpPost&) = delete;
    HttpPost& operator=(const HttpPost&) = delete;

    void start(const std::string& headers, const std::string& body); // headers: whole lines; one request at a time
    bool is_running() const { return running_; }

  private:
    static void on_write(ngx_event_t* event);
    static void on_read(ngx_event_t* event);
    static void on_timeout(ngx_event_t* event);

    const char* connect();
    void start_tls();
    static void tls_done(ngx_connection_t* connection);
    void send();
    void receive();
    void close();
    void end(unsigned status, const char* problem);

    const PostTarget& target_;
    ngx_msec_t timeout_ms_;
    Done done_;
    void* context_;
    ngx_log_t log_{};
    ngx_connection_t* connection_ = nullptr;
    ngx_event_t timeout_{};
    const char* failed_ = nullptr; // before anything could be waited for
    std::string output_;
    std::string input_;
    bool running_ = false;
};

} // namespace api_key::module
