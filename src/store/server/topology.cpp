#include "store/server/topology.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/text/next_part.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

std::optional<Endpoint> endpoint(std::string_view host, std::string_view port) {
    const std::optional<std::uint64_t> number = whole_number(port);
    if (host.empty() || !number || *number == 0 || *number > 65535) {
        return std::nullopt;
    }
    return Endpoint{std::string(host), static_cast<std::uint16_t>(*number)};
}

Result<Endpoint> master_of_sentinel(const Location& location, const redisReply* reply) {
    if (reply->type == REDIS_REPLY_NIL) {
        return Error{"", "it knows no master \"" + location.master + "\""};
    }
    if (is_array(reply) && reply->elements == 2) {
        if (std::optional<Endpoint> master = endpoint(text(reply->element[0]), text(reply->element[1]))) {
            return *master;
        }
    }
    return Error{"", "unexpected reply to SENTINEL"};
}

bool is_ours(const redisReply* range) {
    if (!is_array(range) || range->elements < 3 || range->element[0]->type != REDIS_REPLY_INTEGER ||
        range->element[1]->type != REDIS_REPLY_INTEGER) {
        return false;
    }
    return range->element[0]->integer <= our_slot && our_slot <= range->element[1]->integer;
}

// An answer to CLUSTER SLOTS: first and last slot, then the master and its replicas as host, port, id, ….
Result<Endpoint> master_of_cluster(const redisReply* reply, const Endpoint& asked) {
    for (std::size_t index = 0; is_array(reply) && index < reply->elements; index++) {
        const redisReply* range = reply->element[index];
        if (!is_ours(range)) {
            continue;
        }
        const redisReply* server = range->element[2];
        if (!is_array(server) || server->elements < 2 || server->element[1]->type != REDIS_REPLY_INTEGER) {
            break;
        }
        const std::string_view host = text(server->element[0]);
        if (std::optional<Endpoint> master = endpoint(host.empty() ? asked.host : host, std::to_string(server->element[1]->integer))) {
            return *master;
        }
    }
    return Error{"",
                 is_array(reply) ? "no server of the cluster has slot " + std::to_string(our_slot) : "unexpected reply to CLUSTER SLOTS"};
}

// The code of an error, also of one inside a script, which older servers wrap: "ERR Error running script …: -READONLY …".
std::string_view error_code(std::string_view error) {
    if (error.starts_with("ERR Error running script")) {
        const std::size_t dash = error.find(" -");
        error = dash != std::string_view::npos ? error.substr(dash + 2) : error;
    }
    return error.substr(0, error.find(' '));
}

} // namespace

Command master_query(const Location& location) {
    return location.topology == Topology::sentinel ? Command{"SENTINEL", "get-master-addr-by-name", location.master}
                                                   : Command{"CLUSTER", "SLOTS"};
}

Result<Endpoint> master_in(const Location& location, const redisReply* reply, const Endpoint& asked) {
    if (reply->type == REDIS_REPLY_ERROR) {
        return Error{"", printable(text(reply))};
    }
    return location.topology == Topology::sentinel ? master_of_sentinel(location, reply) : master_of_cluster(reply, asked);
}

std::optional<Endpoint> switched_master(const Location& location, std::string_view message) {
    if (next_part(message, ' ') != location.master) {
        return std::nullopt;
    }
    next_part(message, ' ');
    next_part(message, ' ');
    const std::string_view host = next_part(message, ' ');
    return endpoint(host, next_part(message, ' '));
}

RetryCause retry_cause(const redisReply* reply) {
    struct Code {
        std::string_view code;
        RetryCause cause;
    };
    constexpr std::array<Code, 7> codes{{{"MOVED", RetryCause::moved},
                                         {"ASK", RetryCause::ask},
                                         {"TRYAGAIN", RetryCause::try_again},
                                         {"CLUSTERDOWN", RetryCause::try_again},
                                         {"READONLY", RetryCause::read_only},
                                         {"LOADING", RetryCause::not_usable},
                                         {"MASTERDOWN", RetryCause::not_usable}}};
    if (reply->type != REDIS_REPLY_ERROR) {
        return RetryCause::none;
    }
    const std::string_view code = error_code(text(reply));
    const auto found = std::find_if(codes.begin(), codes.end(), [&](const Code& one) { return one.code == code; });
    return found != codes.end() ? found->cause : RetryCause::none;
}

std::optional<Endpoint> target_of(const redisReply* reply, const Endpoint& from) {
    std::string_view error = text(reply);
    next_part(error, ' ');
    next_part(error, ' '); // the slot
    const std::string_view server = next_part(error, ' ');
    const std::size_t colon = server.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    return endpoint(colon == 0 ? std::string_view(from.host) : server.substr(0, colon), server.substr(colon + 1));
}

} // namespace api_key::store
