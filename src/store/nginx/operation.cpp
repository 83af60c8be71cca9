#include "store/nginx/operation.h"

#include <numeric>

#include "store/replies.h"

namespace api_key::store {

void Operation::ask_all() {
    replies.clear();
    replies.resize(commands.size());
    asked.resize(commands.size());
    std::iota(asked.begin(), asked.end(), 0);
    received = 0;
}

void Operation::ask_again(std::vector<std::size_t> which) {
    asked = std::move(which);
    received = 0;
}

std::string Operation::encoded(bool redirected) const {
    std::string bytes;
    for (const std::size_t index : asked) {
        if (redirected) {
            bytes += encode({"ASKING"});
        }
        if (bytes.empty()) {
            bytes = encode(commands[index]);
        } else {
            bytes += encode(commands[index]);
        }
    }
    return bytes;
}

bool Operation::take(Reply reply) {
    replies[asked[received++]] = std::move(reply);
    return received == asked.size();
}

Retry retry_of(const Operation& operation, const Endpoint& from) {
    Retry retry;
    for (std::size_t index = 0; index < operation.replies.size(); index++) {
        const redisReply* reply = operation.replies[index].get();
        const RetryCause cause = retry_cause(reply);
        if (cause == RetryCause::none) {
            continue;
        }
        if (retry.again.empty()) {
            retry.cause = cause;
            retry.target = target_of(reply, from);
            retry.error = printable(text(reply));
        }
        retry.again.push_back(index);
    }
    return retry;
}

} // namespace api_key::store
