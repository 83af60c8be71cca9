#include "module/ngx/http_post.h"

#include <array>
#include <utility>

namespace api_key::module {

namespace {

constexpr std::size_t status_line_size = 12; // HTTP/1.1 200

} // namespace

HttpPost::HttpPost(const PostTarget& target, ngx_msec_t timeout_ms, Done done, void* context)
    : target_(target), timeout_ms_(timeout_ms), done_(done), context_(context), peer_(*this, ngx_cycle->log),
      timeout_(*this, ngx_cycle->log, store::AtShutdown::cancel) {}

HttpPost::~HttpPost() {
    close();
}

void HttpPost::start(const std::string& headers, const std::string& body) {
    running_ = true;
    input_.clear();
    output_ = "POST " + target_.path + " HTTP/1.1\r\nHost: " + target_.host +
              "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
    failed_ = peer_.open(target_.address.sockaddr, target_.address.socklen, target_.name, target_.tls);
    if (failed_ == nullptr) {
        peer_.connection()->idle = 1;
    }
    timeout_.start(failed_ != nullptr ? 1 : timeout_ms_);
}

void HttpPost::close() {
    timeout_.stop();
    peer_.close();
}

void HttpPost::end(unsigned status, const char* problem) {
    close();
    running_ = false;
    done_(context_, status, problem);
}

void HttpPost::timed_out() {
    end(0, failed_ != nullptr ? failed_ : "timed out");
}

void HttpPost::send() {
    ngx_connection_t* connection = peer_.connection();
    while (!output_.empty()) {
        const ssize_t sent = connection->send(connection, bytes(output_), output_.size());
        if (sent == NGX_AGAIN) {
            if (ngx_handle_write_event(connection->write, 0) != NGX_OK) {
                end(0, "send() failed");
            }
            return;
        }
        if (sent <= 0) {
            return end(0, "send() failed");
        }
        output_.erase(0, static_cast<std::size_t>(sent));
    }
    if (ngx_handle_read_event(connection->read, 0) != NGX_OK) {
        return end(0, "receiving failed");
    }
    if (connection->read->ready) {
        receive();
    }
}

void HttpPost::readable() {
    if (output_.empty()) {
        receive();
    }
}

void HttpPost::receive() {
    ngx_connection_t* connection = peer_.connection();
    std::array<u_char, 512> buffer{};
    while (input_.size() < status_line_size) {
        const ssize_t size = connection->recv(connection, buffer.data(), buffer.size());
        if (size == NGX_AGAIN) {
            if (ngx_handle_read_event(connection->read, 0) != NGX_OK) {
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
