#include "store/blocking_runner.h"

#include <vector>

namespace api_key::store {

Result<BlockingRunner> BlockingRunner::connect(const Location& location, const Login& login, unsigned long timeout_ms) {
    const timeval timeout{static_cast<time_t>(timeout_ms / 1000), static_cast<suseconds_t>(timeout_ms % 1000 * 1000)};
    BlockingRunner runner;
    runner.context_.reset(location.unix_path.empty() ? redisConnectWithTimeout(location.host.c_str(), location.port, timeout)
                                                     : redisConnectUnixWithTimeout(location.unix_path.c_str(), timeout));
    if (!runner.context_ || runner.context_->err != 0) {
        return Error{"", runner.context_ ? runner.context_->errstr : "no memory"};
    }
    redisSetTimeout(runner.context_.get(), timeout);
    std::vector<Command> handshake;
    if (!login.password.empty()) {
        handshake.push_back(login.user.empty() ? Command{"AUTH", login.password} : Command{"AUTH", login.user, login.password});
    }
    if (location.database != 0) {
        handshake.push_back({"SELECT", std::to_string(location.database)});
    }
    handshake.push_back({"PING"});
    for (const Command& command : handshake) {
        const Reply reply = runner.command(command);
        if (!reply || reply->type == REDIS_REPLY_ERROR) {
            return Error{"", reply ? std::string(text(reply.get())) : std::string(runner.context_->errstr)};
        }
    }
    return runner;
}

Reply BlockingRunner::command(const Command& command) {
    const std::string bytes = encode(command);
    void* reply = nullptr;
    if (redisAppendFormattedCommand(context_.get(), bytes.data(), bytes.size()) != REDIS_OK ||
        redisGetReply(context_.get(), &reply) != REDIS_OK) {
        return nullptr;
    }
    return Reply(static_cast<redisReply*>(reply));
}

void BlockingRunner::run(Flow& flow) {
    std::vector<Reply> replies;
    for (;;) {
        const std::vector<Command> commands = flow.next(replies);
        if (commands.empty()) {
            return;
        }
        replies.clear();
        for (const Command& one : commands) {
            const std::string bytes = encode(one);
            redisAppendFormattedCommand(context_.get(), bytes.data(), bytes.size());
        }
        for (std::size_t index = 0; index < commands.size(); index++) {
            void* reply = nullptr;
            if (redisGetReply(context_.get(), &reply) != REDIS_OK) {
                return flow.fail(context_->errstr);
            }
            replies.emplace_back(static_cast<redisReply*>(reply));
        }
    }
}

} // namespace api_key::store
