#include "store/nginx/peer.h"

#include <cstring>
#include <utility>

namespace api_key::store {

namespace {

constexpr std::size_t pool_size = 256;

Peer& self(ngx_event_t* event) {
    return *static_cast<Peer*>(static_cast<ngx_connection_t*>(event->data)->data);
}

} // namespace

Peer::Peer(Owner& owner, ngx_log_t* log) : owner_(owner), log_(log) {}

const char* Peer::open(sockaddr* address, socklen_t size, const std::string& host, const PeerTls& tls) {
    connection_log_ = *log_;
    connection_log_.log_level = NGX_LOG_EMERG; // the owner logs a failure once, instead of nginx for each attempt
    tls_ = &tls;
    host_ = host;
    ngx_peer_connection_t peer{};
    ngx_str_t name{host_.size(), reinterpret_cast<u_char*>(host_.data())};
    peer.sockaddr = address;
    peer.socklen = size;
    peer.name = &name;
    peer.get = ngx_event_get_peer;
    peer.log = &connection_log_;
    peer.log_error = NGX_ERROR_ERR;
    ngx_set_errno(0);
    const ngx_int_t result = ngx_event_connect_peer(&peer);
    if (result != NGX_OK && result != NGX_AGAIN) {
        return ngx_socket_errno != 0 ? strerror(ngx_socket_errno) : "connecting failed";
    }
    connection_ = peer.connection;
    connection_->data = this;
    connection_->pool = ngx_create_pool(pool_size, &connection_log_);
    if (connection_->pool == nullptr) {
        close();
        return "out of memory";
    }
    connection_log_.log_level = NGX_LOG_ALERT;
    set_handlers();
    connecting_ = true;
    if (address->sa_family != AF_UNIX) {
        ngx_tcp_nodelay(connection_);
    }
    if (result == NGX_OK) {
        ngx_post_event(connection_->write, &ngx_posted_events);
    }
    return nullptr;
}

void Peer::close() {
    connecting_ = false;
    if (connection_ == nullptr) {
        return;
    }
#if (NGX_SSL)
    if (connection_->ssl != nullptr) {
        connection_->ssl->no_wait_shutdown = 1;
        connection_->ssl->no_send_shutdown = 1;
        ngx_ssl_shutdown(connection_);
    }
#endif
    ngx_pool_t* pool = connection_->pool;
    ngx_close_connection(std::exchange(connection_, nullptr));
    if (pool != nullptr) {
        ngx_destroy_pool(pool);
    }
}

void Peer::set_handlers() {
    connection_->read->handler = on_read;
    connection_->write->handler = on_write;
}

void Peer::finish(const std::string& problem) {
    if (problem.empty()) {
        connecting_ = false;
        owner_.opened();
    } else {
        close();
        owner_.not_opened(problem.c_str());
    }
}

int Peer::connect_error() const {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(connection_->fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1) {
        error = ngx_socket_errno;
    }
    return error;
}

void Peer::connected() {
    if (const int error = connect_error(); error != 0) {
        return finish(strerror(error));
    }
#if (NGX_SSL)
    if (tls_->context != nullptr) {
        owner_.reached();
        return start_tls();
    }
#endif
    finish({});
}

#if (NGX_SSL)

void Peer::start_tls() {
    if (ngx_ssl_create_connection(tls_->context, connection_, NGX_SSL_CLIENT) != NGX_OK ||
        !expect_server(connection_->ssl->connection, tls_->options, host_)) {
        return finish("TLS cannot be set up");
    }
    connection_->sendfile = 0;
    if (ngx_ssl_handshake(connection_) == NGX_AGAIN) {
        connection_->ssl->handler = tls_done;
    } else {
        tls_done(connection_);
    }
}

void Peer::tls_done(ngx_connection_t* connection) {
    auto& peer = *static_cast<Peer*>(connection->data);
    if (!connection->ssl->handshaked) {
        return peer.finish(tls_problem(connection->ssl->connection));
    }
    peer.set_handlers();
    peer.finish({});
}

#endif

void Peer::on_write(ngx_event_t* event) {
    Peer& peer = self(event);
    if (peer.connecting_) {
        peer.connected();
    } else {
        peer.owner_.writable();
    }
}

void Peer::on_read(ngx_event_t* event) {
    Peer& peer = self(event);
    if (!peer.connecting_ || peer.connection_->close) {
        peer.owner_.readable();
    }
}

} // namespace api_key::store
