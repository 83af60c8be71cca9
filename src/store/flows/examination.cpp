#include "store/flows/examination.h"

#include <algorithm>

#include "store/flows/node_flows.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

// A field of the reply to INFO: `name:value` in a line of its own.
std::optional<std::string_view> info_field(std::string_view info, std::string_view name) {
    for (std::size_t at = info.find(name); at != std::string_view::npos; at = info.find(name, at + 1)) {
        const bool begins_line = at == 0 || info[at - 1] == '\n';
        if (begins_line && info.substr(at + name.size()).starts_with(':')) {
            const std::string_view rest = info.substr(at + name.size() + 1);
            return rest.substr(0, rest.find_first_of("\r\n"));
        }
    }
    return std::nullopt;
}

} // namespace

std::vector<Command> Examination::next(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {
            {"INFO"}, {"CONFIG", "GET", "save"}, {"MGET", keyspace_.epoch(), keyspace_.schema()}, {"EXISTS", keyspace_.epoch()}, {"DBSIZE"},
            {"TIME"}};
    }
    const std::string_view info = replies[0]->type == REDIS_REPLY_ERROR ? std::string_view() : text(replies[0].get());
    check_contents(replies[2].get(), replies[3].get(), replies[4].get());
    check_eviction(info);
    check_persistence(info, replies[1].get());
    check_replicas(info);
    store_now_ms_ = is_array(replies[5].get()) ? time_ms(replies[5].get()) : std::nullopt;
    outcome_ = Outcome::done;
    return {};
}

void Examination::add(std::string_view check, Finding::State state, std::string detail) {
    findings_.push_back({std::string(check), state, std::move(detail)});
}

void Examination::check_eviction(std::string_view info) {
    const std::optional<std::string_view> policy = info_field(info, "maxmemory_policy");
    if (!policy) {
        add("eviction", Finding::State::warn, "the server does not report its maxmemory-policy, which must be noeviction");
    } else if (*policy == "noeviction") {
        add("eviction", Finding::State::ok, "maxmemory-policy is noeviction");
    } else {
        add("eviction", Finding::State::fail,
            "maxmemory-policy is " + printable(*policy) + ", which deletes keys and counters when memory runs out: it must be noeviction");
    }
}

void Examination::check_persistence(std::string_view info, const redisReply* save) {
    const bool appends = info_field(info, "aof_enabled") == "1";
    const bool tells = is_array(save) && save->elements == 2;
    if (appends || (tells && !text(save->element[1]).empty())) {
        add("persistence", Finding::State::ok, appends ? "appendonly is on" : "save is on");
    } else {
        add("persistence", Finding::State::warn,
            tells ? "neither appendonly nor save is enabled: a restart loses all keys"
                  : "the server does not report whether it saves its data");
    }
}

void Examination::check_contents(const redisReply* records, const redisReply* epoch_exists, const redisReply* size) {
    if (!is_array(records) || records->elements != 2) {
        return add("contents", Finding::State::fail, "cannot read the records of the module: " + printable(text(records)));
    }
    const bool has_epoch = records->element[0]->type == REDIS_REPLY_STRING;
    if (has_epoch && text(records->element[1]) == schema_version) {
        return add("contents", Finding::State::ok, "schema " + std::string(schema_version));
    }
    if (has_epoch) {
        return add("contents", Finding::State::fail,
                   "its schema version is \"" + printable(text(records->element[1])) + "\", expected " + std::string(schema_version));
    }
    if (is_integer(epoch_exists, 1)) {
        return add("contents", Finding::State::fail,
                   "the names under this prefix belong to another program: use another prefix= in api_key_redis");
    }
    const long long count = size->type == REDIS_REPLY_INTEGER ? size->integer : 0;
    is_empty_ = count == 0;
    add("contents", Finding::State::fail,
        is_empty_ ? "it is empty (no epoch record; \"apikeyctl account create\" makes one)"
                  : "it has " + std::to_string(count) + " keys but no epoch record: wrong database, wrong prefix=, or lost data");
}

void Examination::check_replicas(std::string_view info) {
    if (info_field(info, "role").value_or("master") != "master") {
        return add("replicas", Finding::State::fail, "this server is a replica and does not accept changes");
    }
    const std::string count(info_field(info, "connected_slaves").value_or("0"));
    add("replicas", Finding::State::ok, count == "0" ? "none: acknowledged changes exist on this server only" : count + " connected");
}

} // namespace api_key::store
