#include "store/nginx/connection.h"

#include <array>

namespace api_key::store {

namespace {

constexpr std::size_t read_size = std::size_t{16} * 1024;

Connection& self(ngx_event_t* event) {
    return *static_cast<Connection*>(static_cast<ngx_connection_t*>(event->data)->data);
}

} // namespace

Connection::Connection(const ClientOptions& options, Owner& owner, ngx_log_t* log) : options_(options), owner_(owner), log_(log) {
    timeout_.handler = on_timeout;
    timeout_.data = this;
    timeout_.log = log;
}

Connection::~Connection() {
    close();
}

bool Connection::open() {
    connection_log_ = *log_;
    connection_log_.log_level = NGX_LOG_ALERT; // a failed attempt is told once, by whoever owns this, not for each attempt
    ngx_peer_connection_t peer{};
    ngx_str_t name = options_.address.name;
    peer.sockaddr = options_.address.sockaddr;
    peer.socklen = options_.address.socklen;
    peer.name = &name;
    peer.get = ngx_event_get_peer;
    peer.log = &connection_log_;
    peer.log_error = NGX_ERROR_ERR;
    const ngx_int_t result = ngx_event_connect_peer(&peer);
    if (result != NGX_OK && result != NGX_AGAIN) {
        return false;
    }
    reader_.reset(redisReaderCreate());
    connection_ = peer.connection;
    connection_->data = this;
    connection_->read->handler = on_read;
    connection_->write->handler = on_write;
    if (options_.location.unix_path.empty()) {
        ngx_tcp_nodelay(connection_);
    }
    generation_++;
    connecting_ = true;
    timeout_.cancelable = owner_.is_waiting() ? 0 : 1;
    ngx_add_timer(&timeout_, options_.timeout_ms);
    if (result == NGX_OK) {
        ngx_post_event(connection_->write, &ngx_posted_events);
    }
    return true;
}

void Connection::close() {
    if (timeout_.timer_set) {
        ngx_del_timer(&timeout_);
    }
    if (connection_ != nullptr) {
        ngx_close_connection(connection_);
        connection_ = nullptr;
    }
    reader_.reset();
    output_.clear();
    sent_ = 0;
    handshake_left_ = 0;
    ready_ = false;
    connecting_ = false;
}

void Connection::fail(const char* reason) {
    reason_ = reason;
    close();
    owner_.closed(reason_.c_str());
}

void Connection::send(const Command& command) {
    output_ += encode(command);
    if (connection_->write->ready && !connection_->write->posted) {
        ngx_post_event(connection_->write, &ngx_posted_events);
    }
}

void Connection::update_idle() {
    const bool waiting = owner_.is_waiting();
    if (connection_ != nullptr) {
        connection_->idle = waiting ? 0 : 1;
    }
    timeout_.cancelable = waiting ? 0 : 1;
}

void Connection::on_timeout(ngx_event_t* event) {
    static_cast<Connection*>(event->data)->fail("connecting timed out");
}

void Connection::on_write(ngx_event_t* event) {
    Connection& connection = self(event);
    if (connection.connecting_) {
        if (const int error = connection.connect_error(); error != 0) {
            connection.fail(strerror(error));
            return;
        }
        connection.connecting_ = false;
        connection.start_handshake();
    }
    connection.flush();
}

int Connection::connect_error() const {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(connection_->fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1) {
        error = ngx_socket_errno;
    }
    return error;
}

void Connection::start_handshake() {
    if (!options_.password.empty()) {
        send(options_.user.empty() ? Command{"AUTH", options_.password} : Command{"AUTH", options_.user, options_.password});
        handshake_left_++;
    }
    if (options_.location.database != 0) {
        send({"SELECT", std::to_string(options_.location.database)});
        handshake_left_++;
    }
    send({"PING"});
    handshake_left_++;
}

void Connection::handshake_reply(const redisReply* reply) {
    if (reply->type == REDIS_REPLY_ERROR) {
        const std::string reason(text(reply));
        fail(reason.c_str());
        return;
    }
    handshake_left_--;
    if (handshake_left_ == 0) {
        ngx_del_timer(&timeout_);
        ready_ = true;
        update_idle();
        owner_.connected();
    }
}

void Connection::flush() {
    while (sent_ < output_.size()) {
        const ssize_t size = connection_->send(connection_, reinterpret_cast<u_char*>(output_.data()) + sent_, output_.size() - sent_);
        if (size == NGX_AGAIN) {
            break;
        }
        if (size <= 0) {
            fail("sending failed");
            return;
        }
        sent_ += static_cast<std::size_t>(size);
    }
    if (sent_ == output_.size()) {
        output_.clear();
        sent_ = 0;
    }
    if (ngx_handle_write_event(connection_->write, 0) != NGX_OK) {
        fail("sending failed");
    }
}

void Connection::on_read(ngx_event_t* event) {
    Connection& connection = self(event);
    if (static_cast<ngx_connection_t*>(event->data)->close) {
        connection.close();
        connection.owner_.closed("");
        return;
    }
    if (!connection.connecting_) {
        connection.read();
    }
}

void Connection::read() {
    std::array<u_char, read_size> buffer;
    for (;;) {
        const ssize_t size = connection_->recv(connection_, buffer.data(), buffer.size());
        if (size == NGX_AGAIN) {
            break;
        }
        if (size <= 0) {
            fail(size == 0 ? "it closed the connection" : "reading failed");
            return;
        }
        if (redisReaderFeed(reader_.get(), reinterpret_cast<char*>(buffer.data()), static_cast<std::size_t>(size)) != REDIS_OK) {
            fail(reader_->errstr);
            return;
        }
        if (!take_replies()) {
            return;
        }
    }
    if (ngx_handle_read_event(connection_->read, 0) != NGX_OK) {
        fail("reading failed");
    }
}

// False when the connection is no longer the one it was.
bool Connection::take_replies() {
    const unsigned generation = generation_;
    for (;;) {
        void* taken = nullptr;
        if (redisReaderGetReply(reader_.get(), &taken) != REDIS_OK) {
            const std::string reason = std::string("malformed reply: ") + reader_->errstr;
            fail(reason.c_str());
            return false;
        }
        Reply reply(static_cast<redisReply*>(taken));
        if (!reply) {
            return true;
        }
        if (ready_) {
            owner_.replied(std::move(reply));
        } else {
            handshake_reply(reply.get());
        }
        if (connection_ == nullptr || generation_ != generation) {
            return false;
        }
    }
}

} // namespace api_key::store
