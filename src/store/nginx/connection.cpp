#include "store/nginx/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::size_t read_size = std::size_t{16} * 1024;
constexpr unsigned max_reads = 16; // in one turn of the event loop, so that other connections get theirs
constexpr std::uint64_t max_discarded = 4 * ReplyFrame::max_size;
constexpr const char* too_large = "malformed reply: too large";
constexpr std::string_view too_large_reply = "-ERR the reply is too large\r\n"; // delivered in place of the reply
constexpr const char* unasked_reply = "unexpected reply";

} // namespace

Connection::Connection(const ClientOptions& options, Owner& owner, ngx_log_t* log, Greeting greeting)
    : options_(options), owner_(owner), greeting_(greeting), peer_(*this, log), timeout_(*this, log, AtShutdown::wait) {}

Connection::~Connection() {
    close();
}

const char* Connection::open(const Server& server) {
    Server to = server;
    server_ = server.endpoint;
    if (!create_reader()) {
        return "out of memory";
    }
    if (const char* problem = peer_.open(&to.address.sockaddr, to.size, server_.host, options_.tls)) {
        close();
        return problem;
    }
    generation_++;
    expect_in_time();
    update_idle();
    return nullptr;
}

// Connecting, TLS and the login have a timeout each, so that a step that was late because this process was busy does not fail the next one.
void Connection::expect_in_time() {
    timeout_.restart(options_.timeout_ms);
}

bool Connection::create_reader() {
    reader_.reset(redisReaderCreate());
    return reader_ != nullptr;
}

void Connection::close() {
    timeout_.stop();
    peer_.close();
    reader_.reset();
    frame_ = {};
    left_ = 0;
    discards_ = false;
    output_.clear();
    handshake_.clear();
    ready_ = false;
}

void Connection::fail(const std::string& reason) {
    close();
    owner_.closed(reason.c_str());
}

void Connection::send(std::string bytes) {
    if (output_.empty()) {
        output_ = std::move(bytes);
    } else {
        output_ += bytes;
    }
    if (ngx_connection_t* connection = peer_.connection(); connection->write->ready) {
        ngx_post_event(connection->write, &ngx_posted_events);
    }
}

void Connection::update_idle() {
    const bool waiting = owner_.is_waiting();
    if (ngx_connection_t* connection = peer_.connection()) {
        connection->idle = waiting ? 0 : 1;
    }
    timeout_.set(waiting ? AtShutdown::wait : AtShutdown::cancel);
}

void Connection::timed_out() {
    fail(peer_.is_connecting() ? "connecting timed out" : "the handshake timed out");
}

void Connection::opened() {
    expect_in_time();
    start_handshake();
    if (ngx_connection_t* connection = peer_.connection(); connection->read->ready) {
        ngx_post_event(connection->read, &ngx_posted_events);
    }
    flush();
}

void Connection::not_opened(const char* problem) {
    fail(problem);
}

void Connection::start_handshake() {
    const Access& access = options_.access;
    if (!access.password.empty() && greeting_ == Greeting::login) {
        send(encode(access.user.empty() ? Command{"AUTH", access.password} : Command{"AUTH", access.user, access.password}));
        handshake_.emplace_back("AUTH");
    }
    if (access.location.database != 0 && greeting_ == Greeting::login) {
        send(encode({"SELECT", std::to_string(access.location.database)}));
        handshake_.emplace_back("SELECT");
    }
    send(encode({"PING"}));
    handshake_.emplace_back("PING");
}

void Connection::handshake_reply(const redisReply* reply) {
    if (handshake_.empty()) {
        fail(unasked_reply);
        return;
    }
    const std::string_view command = handshake_.front();
    if (reply->type != REDIS_REPLY_STATUS || text(reply) != (command == "PING" ? "PONG" : "OK")) {
        fail(handshake_error(command, reply));
        return;
    }
    handshake_.erase(handshake_.begin());
    if (handshake_.empty() && left_ != 0) {
        fail(unasked_reply); // it would be taken for the reply to the first command
    } else if (handshake_.empty()) {
        timeout_.stop();
        ready_ = true;
        owner_.connected();
    }
}

// A server that does not know AUTH quotes its arguments in the error: the password must not get into a log.
std::string Connection::handshake_error(std::string_view command, const redisReply* reply) const {
    std::string reason(command);
    std::string_view said = text(reply);
    if (reply->type != REDIS_REPLY_ERROR) {
        return reason + " was answered with something else than expected";
    }
    if (command == "AUTH") {
        said = said.substr(0, said.find_first_of("`'\""));
        if (said.find(options_.access.password.substr(0, 8)) != std::string_view::npos) {
            return reason + " was refused";
        }
    }
    return reason + " was refused: " + printable(said);
}

void Connection::flush() {
    ngx_connection_t* connection = peer_.connection();
    std::size_t sent = 0;
    while (sent < output_.size()) {
        const ssize_t size = connection->send(connection, reinterpret_cast<u_char*>(output_.data()) + sent, output_.size() - sent);
        if (size == NGX_AGAIN) {
            break;
        }
        if (size <= 0) {
            return; // the peer has closed: what it sent before is read next, or the timeout ends it
        }
        sent += static_cast<std::size_t>(size);
    }
    output_.erase(0, sent);
    if (ngx_handle_write_event(connection->write, 0) != NGX_OK) {
        fail("send() failed");
    }
}

void Connection::readable() {
    if (peer_.connection()->close) {
        fail("");
        return;
    }
    read();
}

void Connection::read() {
    ngx_connection_t* connection = peer_.connection();
    std::array<u_char, read_size> buffer;
    for (unsigned reads = 0; reads < max_reads; reads++) {
        const ssize_t size = connection->recv(connection, buffer.data(), buffer.size());
        if (size == NGX_AGAIN) {
            if (ngx_handle_read_event(connection->read, 0) != NGX_OK) {
                fail("recv() failed");
            }
            return;
        }
        if (size <= 0) {
            fail(size == 0 ? "it closed the connection" : strerror(ngx_socket_errno));
            return;
        }
        received_ += static_cast<std::uint64_t>(size);
        if (!take({reinterpret_cast<char*>(buffer.data()), static_cast<std::size_t>(size)})) {
            return;
        }
    }
    ngx_post_event(connection->read, &ngx_posted_next_events);
}

// These return false when the connection is no longer the one that they were called for.
bool Connection::take(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, frame_.take(bytes));
        bytes.remove_prefix(part.size());
        left_ = bytes.size();
        if (!take_part(part)) {
            return false;
        }
    }
    return true;
}

bool Connection::take_part(std::string_view part) {
    if (discards_ || frame_.is_too_large()) {
        return discard();
    }
    Reply reply;
    if (!feed(part, reply)) {
        return false;
    }
    if (frame_.is_malformed() || frame_.is_whole() != (reply != nullptr)) {
        fail("malformed reply");
        return false;
    }
    if (!reply) {
        return true;
    }
    frame_ = {};
    return deliver(std::move(reply));
}

// Tells the owner at once. The rest of the reply is skipped so that those behind it can be read, unless it is too long.
bool Connection::discard() {
    if (frame_.is_malformed() || frame_.min_size() > max_discarded) {
        fail(too_large);
        return false;
    }
    const bool is_new = !std::exchange(discards_, true);
    if (frame_.is_whole()) {
        frame_ = {};
        discards_ = false;
    }
    if (!is_new) {
        return true;
    }
    Reply error;
    if (!create_reader()) {
        fail("out of memory");
        return false;
    }
    return feed(too_large_reply, error) && deliver(std::move(error));
}

// Feeds hiredis piece by piece; the last piece completes the reply.
bool Connection::feed(std::string_view bytes, Reply& reply) {
    void* taken = nullptr;
    if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK || redisReaderGetReply(reader_.get(), &taken) != REDIS_OK) {
        fail(std::string("malformed reply: ") + reader_->errstr);
        return false;
    }
    reply.reset(static_cast<redisReply*>(taken));
    return true;
}

bool Connection::deliver(Reply reply) {
    const unsigned generation = generation_;
    if (ready_) {
        owner_.replied(std::move(reply));
    } else {
        handshake_reply(reply.get());
    }
    return peer_.is_open() && generation_ == generation;
}

} // namespace api_key::store
