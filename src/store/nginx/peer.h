// A connection on nginx's event loop from the first packet to the end of the TLS handshake. Its owner handles the data that follows.
#pragma once

#include <string>

#include "store/nginx/ngx_core_headers.h"
#include "store/server/tls.h"

namespace api_key::store {

// Made at configuration time, lives as long as the cycle. Without `context` there is no TLS.
struct PeerTls {
    TlsOptions options;
#if (NGX_SSL)
    ngx_ssl_t* context = nullptr;
#endif
};

class Peer {
  public:
    struct Owner {
        virtual void reached() {}                         // connected; TLS comes next
        virtual void opened() = 0;                        // ready for data; `connection()` is set
        virtual void not_opened(const char* problem) = 0; // the attempt has failed
        virtual void readable() = 0;
        virtual void writable() = 0;

      protected:
        ~Owner() = default;
    };

    Peer(Owner& owner, ngx_log_t* log);
    ~Peer() { close(); }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    // Null when the attempt is in progress, else why it could not be started; the owner is not called then. `host` is for TLS.
    const char* open(sockaddr* address, socklen_t size, const std::string& host, const PeerTls& tls);
    void close();

    bool is_open() const { return connection_ != nullptr; }
    bool is_connecting() const { return connecting_; } // or in the TLS handshake
    ngx_connection_t* connection() const { return connection_; }

  private:
    static void on_write(ngx_event_t* event);
    static void on_read(ngx_event_t* event);
    static void tls_done(ngx_connection_t* connection);

    int connect_error() const;
    void connected();
    void start_tls();
    void set_handlers();
    void finish(const std::string& problem);

    Owner& owner_;
    ngx_log_t* log_;
    ngx_log_t connection_log_{};
    ngx_connection_t* connection_ = nullptr;
    const PeerTls* tls_ = nullptr;
    std::string host_;
    bool connecting_ = false;
};

} // namespace api_key::store
