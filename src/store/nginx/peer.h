// A connection on nginx's event loop from its first packet to the end of the TLS handshake. What goes over it then is its owner's business.
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
        virtual void reached() {}                         // the server is there; TLS comes next
        virtual void opened() = 0;                        // bytes may go; `connection()` is there
        virtual void not_opened(const char* problem) = 0; // nor will it be
        virtual void readable() = 0;
        virtual void writable() = 0;

      protected:
        ~Owner() = default;
    };

    Peer(Owner& owner, ngx_log_t* log);
    ~Peer() { close(); }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    // Null when the attempt is on its way, else why not even that could be done; the owner is not called then. `host` is for TLS.
    const char* open(sockaddr* address, socklen_t size, const std::string& host, const PeerTls& tls);
    void close();

    bool is_open() const { return connection_ != nullptr; }
    bool is_connecting() const { return connecting_; } // or shaking hands
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
