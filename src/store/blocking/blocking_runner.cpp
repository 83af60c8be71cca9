#include "store/blocking/blocking_runner.h"

#include <chrono>
#include <thread>

#include "store/server/replica_wait.h"
#include "store/server/topology.h"

namespace api_key::store {

namespace {

constexpr std::chrono::milliseconds pause(50);

using Clock = std::chrono::steady_clock;

} // namespace

Result<BlockingRunner> BlockingRunner::connect(const Access& access, unsigned long timeout_ms) {
    BlockingRunner runner(access, timeout_ms);
    if (std::optional<Error> error = runner.open()) {
        return *error;
    }
    return runner;
}

// Sentinels have neither our user nor databases.
Result<std::unique_ptr<BlockingConnection>> BlockingRunner::log_in(const Endpoint& endpoint, bool to_sentinel) {
    Result<std::unique_ptr<BlockingConnection>> connection = BlockingConnection::open(access_, endpoint, timeout_ms_);
    if (!connection) {
        return connection;
    }
    std::vector<Command> handshake;
    if (!access_.password.empty() && !to_sentinel) {
        handshake.push_back(access_.user.empty() ? Command{"AUTH", access_.password} : Command{"AUTH", access_.user, access_.password});
    }
    if (access_.location.database != 0 && !to_sentinel) {
        handshake.push_back({"SELECT", std::to_string(access_.location.database)});
    }
    handshake.push_back({"PING"});
    for (const Command& command : handshake) {
        const Reply reply = (*connection)->send(encode(command)) ? (*connection)->receive() : nullptr;
        if (!reply || reply->type == REDIS_REPLY_ERROR) {
            return Error{"", reply ? std::string(text(reply.get())) : (*connection)->problem()};
        }
    }
    return connection;
}

std::optional<Error> BlockingRunner::find_server() {
    const Location& location = access_.location;
    if (location.topology == Topology::standalone) {
        server_ = location.endpoints.empty() ? Endpoint{} : location.endpoints.front();
        return std::nullopt;
    }
    const bool of_sentinel = location.topology == Topology::sentinel;
    Error error;
    for (const Endpoint& endpoint : location.endpoints) {
        Result<std::unique_ptr<BlockingConnection>> connection = log_in(endpoint, of_sentinel);
        const Reply reply = connection && (*connection)->send(encode(master_query(location))) ? (*connection)->receive() : nullptr;
        if (!reply) {
            error = {"", endpoint.text() + ": " + (connection ? (*connection)->problem() : connection.error().message)};
            continue;
        }
        if (Result<Endpoint> master = master_in(location, reply.get(), endpoint)) {
            server_ = std::move(*master);
            return std::nullopt;
        } else {
            error = {"", endpoint.text() + ": " + master.error().message};
        }
    }
    return error;
}

std::optional<Error> BlockingRunner::open() {
    connection_.reset();
    if (std::optional<Error> error = find_server()) {
        return error;
    }
    Result<std::unique_ptr<BlockingConnection>> connection = log_in(server_, false);
    if (!connection) {
        return connection.error();
    }
    connection_ = std::move(*connection);
    return std::nullopt;
}

bool BlockingRunner::exchange(std::span<const Command> commands, std::vector<Reply>& replies) {
    if (!connection_) {
        return false;
    }
    std::string bytes;
    for (const Command& one : commands) {
        bytes += encode(one);
    }
    replies.clear();
    bool good = connection_->send(bytes);
    for (std::size_t index = 0; good && index < commands.size(); index++) {
        replies.push_back(connection_->receive());
        good = replies.back() != nullptr;
    }
    if (!good) {
        problem_ = connection_->problem();
        connection_.reset(); // late replies would be taken for those to other commands
    }
    return good;
}

Reply BlockingRunner::command(const Command& command) {
    std::vector<Reply> replies;
    return exchange(std::span(&command, 1), replies) ? std::move(replies[0]) : nullptr;
}

// Follows a redirect: connects to its target, or waits a little.
std::optional<Error> BlockingRunner::follow(const redisReply* reply) {
    if (retry_cause(reply) == RetryCause::moved) {
        if (std::optional<Endpoint> target = target_of(reply, server_)) {
            server_ = std::move(*target);
            Result<std::unique_ptr<BlockingConnection>> connection = log_in(server_, false);
            if (!connection) {
                return connection.error();
            }
            connection_ = std::move(*connection);
            return std::nullopt;
        }
    }
    std::this_thread::sleep_for(pause);
    return retry_cause(reply) == RetryCause::read_only ? open() : std::nullopt;
}

void BlockingRunner::run(Flow& flow) {
    run_steps(flow);
    if (flow.must_replicate()) {
        ReplicaWait wait;
        run_steps(wait);
        if (wait.outcome() != Outcome::done) {
            flow.fail(wait.reason());
        }
    }
}

void BlockingRunner::run_steps(Flow& flow) {
    const Clock::time_point end = Clock::now() + std::chrono::milliseconds(timeout_ms_);
    std::vector<Reply> replies;
    std::vector<Command> commands = flow.next(replies);
    while (!commands.empty()) {
        if (!exchange(commands, replies)) {
            return flow.fail(problem_.empty() ? "not connected" : problem_);
        }
        // a slot in migration arrives soon: waiting on one connection is enough
        for (std::size_t index = 0; index < commands.size() && Clock::now() < end; index++) {
            while (retry_cause(replies[index].get()) != RetryCause::none && Clock::now() < end) {
                if (std::optional<Error> error = follow(replies[index].get())) {
                    return flow.fail(error->message);
                }
                replies[index] = command(commands[index]);
                if (!replies[index]) {
                    return flow.fail(problem_);
                }
            }
        }
        commands = flow.next(replies);
    }
}

} // namespace api_key::store
