#include "store/step_flow.h"

#include <utility>

#include "store/replies.h"

namespace api_key::store {

std::vector<Command> StepFlow::next(std::span<const Reply> replies) {
    const Script* script = std::exchange(script_, nullptr);
    if (script != nullptr && replies.size() == 1 && is_error(replies[0].get(), "NOSCRIPT")) {
        return {script->by_source(keys_, arguments_)};
    }
    for (const Reply& reply : replies) {
        if (reply->type == REDIS_REPLY_ERROR) {
            return give_up(printable(text(reply.get())));
        }
    }
    return step(replies);
}

std::vector<Command> StepFlow::call(const Script& script, std::vector<std::string> keys, std::vector<std::string> arguments) {
    script_ = &script;
    keys_ = std::move(keys);
    arguments_ = std::move(arguments);
    return {script.by_digest(keys_, arguments_)};
}

std::vector<Command> StepFlow::end(Outcome outcome) {
    outcome_ = outcome;
    return {};
}

std::vector<Command> StepFlow::end(Conflict conflict) {
    conflict_ = conflict;
    return end(Outcome::conflict);
}

std::vector<Command> StepFlow::give_up(std::string reason) {
    fail(std::move(reason));
    return {};
}

std::string_view StepFlow::word(const Reply& reply, std::size_t index) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements <= index) {
        return {};
    }
    return text(reply->element[index]);
}

std::uint64_t StepFlow::number(const Reply& reply, std::size_t index) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements <= index || reply->element[index]->type != REDIS_REPLY_INTEGER) {
        return 0;
    }
    return static_cast<std::uint64_t>(reply->element[index]->integer);
}

bool StepFlow::ended_by(const Reply& reply) {
    const std::string_view said = word(reply);
    if (said == "empty") {
        fail("the store is empty (no epoch record)");
    } else if (said == "gone") {
        end(Outcome::not_found);
    } else {
        return false;
    }
    return true;
}

} // namespace api_key::store
