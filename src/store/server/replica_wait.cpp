#include "store/server/replica_wait.h"

#include "store/replies.h"

namespace api_key::store {

namespace {

// A server that reports another role than master may be about to discard the change.
bool is_demoted(std::string_view replication) {
    constexpr std::string_view role = "role:";
    const std::size_t at = replication.find(role);
    return at != std::string_view::npos && !replication.substr(at + role.size()).starts_with("master");
}

} // namespace

std::vector<Command> ReplicaWait::next(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::begin:
        stage_ = Stage::counting;
        return {{"INFO", "replication"}};
    case Stage::counting:
        return count(replies[0].get());
    case Stage::waiting:
        break;
    }
    if (replies[0]->type == REDIS_REPLY_INTEGER && replies[0]->integer > 0) {
        outcome_ = Outcome::done;
    } else {
        fail("no replica has confirmed the change");
    }
    return {};
}

// Looks for "slave0:ip=…,port=…,state=online,…". Without the permission for INFO, or from a server that has none, we assume that there are
// no replicas.
std::vector<Command> ReplicaWait::count(const redisReply* reply) {
    if (reply->type == REDIS_REPLY_ERROR && !is_error(reply, "NOPERM") && !is_error(reply, "ERR")) {
        fail(printable(text(reply)));
        return {};
    }
    if (is_demoted(text(reply))) {
        fail("the server is no longer the master");
        return {};
    }
    if (text(reply).find("state=online") == std::string_view::npos) {
        outcome_ = Outcome::done;
        return {};
    }
    stage_ = Stage::waiting;
    return {{"WAIT", "1", std::to_string(max_ms)}};
}

} // namespace api_key::store
