#include "store/blocking/blocking_connection.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

namespace api_key::store {

namespace {

constexpr std::size_t read_size = std::size_t{16} * 1024;

std::string last_error() {
    return errno == EAGAIN || errno == EWOULDBLOCK ? "it did not answer in time" : strerror(errno);
}

} // namespace

Result<std::unique_ptr<BlockingConnection>> BlockingConnection::open(const Access& access, const Endpoint& endpoint,
                                                                     unsigned long timeout_ms) {
    const timeval timeout{static_cast<time_t>(timeout_ms / 1000), static_cast<suseconds_t>(timeout_ms % 1000 * 1000)};
    auto connection = std::make_unique<BlockingConnection>();
    connection->context_.reset(endpoint.host.empty() ? redisConnectUnixWithTimeout(access.location.unix_path.c_str(), timeout)
                                                     : redisConnectWithTimeout(endpoint.host.c_str(), endpoint.port, timeout));
    const redisContext* context = connection->context_.get();
    if (context == nullptr || context->err != 0) {
        return Error{"", context != nullptr ? context->errstr : "out of memory"};
    }
    redisSetTimeout(connection->context_.get(), timeout);
    if (access.location.tls) {
        if (std::optional<Error> error = connection->start_tls(access, endpoint.host)) {
            return *error;
        }
    }
    return connection;
}

std::optional<Error> BlockingConnection::start_tls(const Access& access, const std::string& host) {
    Result<TlsContext> context = make_tls_context(access.tls);
    if (!context) {
        return Error{context.error().field, context.error().field + ": " + context.error().message};
    }
    tls_context_ = std::move(*context);
    tls_.reset(SSL_new(tls_context_.get()));
    if (!tls_ || SSL_set_fd(tls_.get(), context_->fd) != 1 || !expect_server(tls_.get(), access.tls, host)) {
        return Error{"", "out of memory"};
    }
    if (SSL_connect(tls_.get()) != 1) {
        return Error{"", tls_problem(tls_.get())};
    }
    return std::nullopt;
}

bool BlockingConnection::fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
}

bool BlockingConnection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const long sent = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1U << 20U)))
                               : ::send(context_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return fail(last_error());
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

Reply BlockingConnection::receive() {
    std::array<char, read_size> buffer;
    for (;;) {
        void* reply = nullptr;
        if (redisReaderGetReply(context_->reader, &reply) != REDIS_OK) {
            fail(context_->reader->errstr);
            return nullptr;
        }
        if (reply != nullptr) {
            return Reply(static_cast<redisReply*>(reply));
        }
        errno = 0;
        const long size = tls_ ? SSL_read(tls_.get(), buffer.data(), buffer.size()) : recv(context_->fd, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            fail(errno != 0 ? last_error() : "it closed the connection");
            return nullptr;
        }
        redisReaderFeed(context_->reader, buffer.data(), static_cast<std::size_t>(size));
    }
}

} // namespace api_key::store
