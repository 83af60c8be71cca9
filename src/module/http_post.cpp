#include "module/http_post.h"

#include <array>
#include <utility>

namespace api_key::module {

namespace {

constexpr std::size_t status_line_size = 12; // HTTP/1.1 200

HttpPost& self(ngx_event_t* event) {
    return *static_cast<HttpPost*>(static_cast<ngx_connection_t*>(event->data)->data);
}

} // namespace

HttpPost::HttpPost(const PostTarget& target, ngx_msec_t timeout_ms, Done done, void* context)
    : target_(target), timeout_ms_(timeout_ms), done_(done), context_(context) {
    timeout_.handler = on_timeout;
    timeout_.data = this;
    timeout_.log = ngx_cycle->log;
    timeout_.cancelable = 1;
}

HttpPost::~HttpPost() {
    close();
}

void HttpPost::start(const std::string& headers, const std::string& body) {
    running_ = true;
    input_.clear();
    output_ = "POST " + target_.path + " HTTP/1.1\r\nHost: " + target_.host +
              "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
    failed_ = connect();
    ngx_add_timer(&timeout_, failed_ != nullptr ? 1 : timeout_ms_);
}

const char* HttpPost::connect() {
    log_ = *ngx_cycle->log;
    log_.log_level = NGX_LOG_ALERT; // who asked says what failed
    ngx_peer_connection_t peer{};
    ngx_str_t name = target_.address.name;
    peer.sockaddr = target_.address.sockaddr;
    peer.socklen = target_.address.socklen;
    peer.name = &name;
    peer.get = ngx_event_get_peer;
    peer.log = &log_;
    peer.log_error = NGX_ERROR_ERR;
    const ngx_int_t result = ngx_event_connect_peer(&peer);
    if (result != NGX_OK && result != NGX_AGAIN) {
        return "connecting failed";
    }
    connection_ = peer.connection;
    connection_->data = this;
    connection_->idle = 1;
    connection_->read->handler = on_read;
    connection_->write->handler = on_write;
    connection_->pool = ngx_create_pool(1024, &log_);
    if (connection_->pool == nullptr) {
        return "no memory";
    }
    if (result == NGX_OK) {
        ngx_post_event(connection_->write, &ngx_posted_events);
    }
    return nullptr;
}

void HttpPost::close() {
    if (timeout_.timer_set) {
        ngx_del_timer(&timeout_);
    }
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

void HttpPost::end(unsigned status, const char* problem) {
    close();
    running_ = false;
    done_(context_, status, problem);
}

void HttpPost::on_timeout(ngx_event_t* event) {
    auto& post = *static_cast<HttpPost*>(event->data);
    post.end(0, post.failed_ != nullptr ? post.failed_ : "timed out");
}

void HttpPost::on_write(ngx_event_t* event) {
    HttpPost& post = self(event);
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(post.connection_->fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1 || error != 0) {
        return post.end(0, "connecting failed");
    }
#if (NGX_SSL)
    if (post.target_.tls && post.connection_->ssl == nullptr) {
        return post.start_tls();
    }
#endif
    post.send();
}

#if (NGX_SSL)

void HttpPost::start_tls() {
    if (ngx_ssl_create_connection(target_.ssl, connection_, NGX_SSL_BUFFER | NGX_SSL_CLIENT) != NGX_OK ||
        SSL_set_tlsext_host_name(connection_->ssl->connection, target_.name.c_str()) != 1 ||
        SSL_set1_host(connection_->ssl->connection, target_.name.c_str()) != 1) {
        return end(0, "TLS cannot be set up");
    }
    connection_->sendfile = 0;
    const ngx_int_t result = ngx_ssl_handshake(connection_);
    if (result == NGX_AGAIN) {
        connection_->ssl->handler = tls_done;
        return;
    }
    tls_done(connection_);
}

void HttpPost::tls_done(ngx_connection_t* connection) {
    auto& post = *static_cast<HttpPost*>(connection->data);
    if (!connection->ssl->handshaked) {
        return post.end(0, "the TLS handshake failed");
    }
    if (SSL_get_verify_result(connection->ssl->connection) != X509_V_OK) {
        return post.end(0, "the certificate is not good");
    }
    connection->read->handler = on_read;
    connection->write->handler = on_write;
    post.send();
}

#endif

void HttpPost::send() {
    while (!output_.empty()) {
        const ssize_t sent = connection_->send(connection_, bytes(output_), output_.size());
        if (sent == NGX_AGAIN) {
            if (ngx_handle_write_event(connection_->write, 0) != NGX_OK) {
                end(0, "sending failed");
            }
            return;
        }
        if (sent <= 0) {
            return end(0, "sending failed");
        }
        output_.erase(0, static_cast<std::size_t>(sent));
    }
    if (ngx_handle_read_event(connection_->read, 0) != NGX_OK) {
        return end(0, "receiving failed");
    }
    if (connection_->read->ready) {
        receive();
    }
}

void HttpPost::on_read(ngx_event_t* event) {
    HttpPost& post = self(event);
    if (post.output_.empty()) {
        post.receive();
    }
}

void HttpPost::receive() {
    std::array<u_char, 512> buffer{};
    while (input_.size() < status_line_size) {
        const ssize_t size = connection_->recv(connection_, buffer.data(), buffer.size());
        if (size == NGX_AGAIN) {
            if (ngx_handle_read_event(connection_->read, 0) != NGX_OK) {
                end(0, "receiving failed");
            }
            return;
        }
        if (size <= 0) {
            return end(0, "the connection was closed without an answer");
        }
        input_.append(reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(size));
    }
    const ngx_int_t status = input_.starts_with("HTTP/1.") ? ngx_atoi(bytes(input_) + 9, 3) : NGX_ERROR;
    return status >= 100 ? end(static_cast<unsigned>(status), nullptr) : end(0, "an answer that is not HTTP");
}

} // namespace api_key::module
