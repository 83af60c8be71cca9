#include "store/flows/transfer_flow.h"

#include <algorithm>
#include <array>

#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr const char* names_per_turn = "500";
constexpr const char* members_per_turn = "1000";
constexpr const char* entries_per_turn = "20"; // one of the request log has up to 512 requests
constexpr std::size_t values_per_turn = 100;

// Names, or their beginnings, that stay where they are. ExportStore says why.
constexpr std::array<std::string_view, 18> not_exported{
    "epoch",   "restoring", "once:",          "session:", "pace:",        "nodes", "nodes:settings", "sender:",    "attempt:", "attempts:",
    "failed:", "blocks",    "blocks:version", "alerts",   "alerts:lease", "d:",    "peppers",        "log:counts:"};

bool is_or_begins_with(std::string_view name, std::string_view one) {
    return one.ends_with(':') ? name.starts_with(one) : name == one;
}

bool is_key_name(std::string_view name) {
    return whole_number(name).has_value();
}

} // namespace

bool ExportStore::is_exported(std::string_view name) const {
    return std::none_of(not_exported.begin(), not_exported.end(), [&](std::string_view one) { return is_or_begins_with(name, one); }) &&
           (with_logs_ || !name.starts_with("log:"));
}

std::vector<Command> ExportStore::give_up(std::string reason) {
    fail(std::move(reason));
    return {};
}

std::vector<Command> ExportStore::scan() {
    stage_ = Stage::names;
    return {{"SCAN", cursor_, "MATCH", literal_pattern(keyspace_.base()) + "*", "COUNT", names_per_turn}};
}

std::vector<Command> ExportStore::next(std::span<const Reply> replies) {
    for (const Reply& reply : replies) {
        if (reply->type == REDIS_REPLY_ERROR) {
            return give_up(printable(text(reply.get())));
        }
    }
    switch (stage_) {
    case Stage::start:
        stage_ = Stage::epoch;
        return {{"EXISTS", keyspace_.epoch()}};
    case Stage::epoch:
        return is_integer(replies[0].get(), 1) ? scan() : give_up("the store is empty (no epoch record)");
    case Stage::names:
        return take_names(replies[0].get());
    case Stage::types:
        return take_types(replies);
    case Stage::values:
        break;
    }
    for (std::size_t index = 0; index < replies.size(); index++) {
        take_value(names_[asked_[index]], replies[index].get());
    }
    return ask_values();
}

std::vector<Command> ExportStore::take_names(const redisReply* reply) {
    if (!is_array(reply) || reply->elements != 2 || !is_array(reply->element[1])) {
        return give_up("unexpected reply to SCAN");
    }
    cursor_ = text(reply->element[0]);
    names_.clear();
    const redisReply* found = reply->element[1];
    std::vector<Command> commands{{"TIME"}};
    for (std::size_t index = 0; index < found->elements; index++) {
        const std::string_view name = text(found->element[index]).substr(keyspace_.base().size());
        if (is_exported(name)) {
            names_.emplace_back().part.name = name;
            commands.push_back({"TYPE", std::string(text(found->element[index]))});
            commands.push_back({"PTTL", std::string(text(found->element[index]))});
        }
    }
    stage_ = Stage::types;
    return commands;
}

std::vector<Command> ExportStore::take_types(std::span<const Reply> replies) {
    const std::int64_t now_ms = time_ms(replies[0].get()).value_or(0);
    for (std::size_t index = 0; index < names_.size(); index++) {
        Name& name = names_[index];
        name.part.type = text(replies[index * 2 + 1].get());
        const long long left_ms = replies[index * 2 + 2]->integer;
        name.part.expires_ms = left_ms > 0 ? now_ms + left_ms : 0;
        name.is_read = name.part.type == "none";
        name.cursor = name.part.type == "stream" ? "-" : "0";
    }
    return ask_values();
}

std::vector<Command> ExportStore::ask_values() {
    stage_ = Stage::values;
    asked_.clear();
    std::vector<Command> commands;
    for (std::size_t index = 0; index < names_.size() && asked_.size() < values_per_turn; index++) {
        if (!names_[index].is_read) {
            asked_.push_back(index);
            commands.push_back(ask_value(names_[index]));
        }
    }
    if (!commands.empty()) {
        return commands;
    }
    if (cursor_ != "0") {
        return scan();
    }
    outcome_ = Outcome::done;
    return {};
}

Command ExportStore::ask_value(const Name& name) const {
    const std::string whole = keyspace_.base() + name.part.name;
    if (name.part.type == "string") {
        return {"GET", whole};
    }
    if (name.part.type == "stream") {
        return {"XRANGE", whole, name.cursor, "+", "COUNT", entries_per_turn};
    }
    const char* command = name.part.type == "hash" ? "HSCAN" : name.part.type == "set" ? "SSCAN" : "ZSCAN";
    return {command, whole, name.cursor, "COUNT", members_per_turn};
}

void ExportStore::take_value(Name& name, const redisReply* reply) {
    StoredPart part = name.part;
    if (name.part.type == "string") {
        name.is_read = true;
        if (reply->type != REDIS_REPLY_STRING) {
            return; // it has expired
        }
        part.values.emplace_back(text(reply));
        return take_(std::move(part));
    }
    if (name.part.type == "stream") {
        return take_entries(name, reply);
    }
    if (!is_array(reply) || reply->elements != 2 || !is_array(reply->element[1])) {
        name.is_read = true;
        return;
    }
    name.cursor = text(reply->element[0]);
    name.is_read = name.cursor == "0";
    const redisReply* members = reply->element[1];
    for (std::size_t index = 0; index < members->elements; index++) {
        part.values.emplace_back(text(members->element[index]));
    }
    if (!part.values.empty()) {
        take_(std::move(part));
    }
}

void ExportStore::take_entries(Name& name, const redisReply* entries) {
    name.is_read = !is_array(entries) || entries->elements == 0;
    for (std::size_t index = 0; !name.is_read && index < entries->elements; index++) {
        const redisReply* entry = entries->element[index];
        if (!is_array(entry) || entry->elements != 2 || !is_array(entry->element[1])) {
            continue;
        }
        StoredPart part = name.part;
        part.values.emplace_back(text(entry->element[0]));
        for (std::size_t place = 0; place < entry->element[1]->elements; place++) {
            part.values.emplace_back(text(entry->element[1]->element[place]));
        }
        name.cursor = "(" + part.values.front();
        take_(std::move(part));
    }
}

std::vector<Command> ExamineTarget::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {{"EXISTS", keyspace_.epoch()}, {"EXISTS", keyspace_.accounts()}, {"GET", keyspace_.restoring()}};
    }
    is_in_use_ = is_integer(replies[0].get(), 1);
    has_accounts_ = is_integer(replies[1].get(), 1);
    restoring_ = text(replies[2].get());
    return end(Outcome::done);
}

std::vector<Command> RestoreParts::next(std::span<const Reply> replies) {
    for (const Reply& reply : replies) {
        // an entry of a stream that is there already
        if (reply->type == REDIS_REPLY_ERROR && text(reply.get()).find("equal or smaller") == std::string_view::npos) {
            fail(printable(text(reply.get())));
            return {};
        }
    }
    if (!replies.empty()) {
        outcome_ = Outcome::done;
        return {};
    }
    std::vector<Command> commands{{"SET", keyspace_.restoring(), id_}};
    for (const StoredPart& part : parts_) {
        add_commands(part, commands);
    }
    return commands;
}

void RestoreParts::add_commands(const StoredPart& part, std::vector<Command>& commands) const {
    const std::string whole = keyspace_.base() + part.name;
    Command command{part.type == "string" ? "SET"
                    : part.type == "hash" ? "HSET"
                    : part.type == "set"  ? "SADD"
                    : part.type == "zset" ? "ZADD"
                                          : "XADD",
                    whole};
    if (part.type == "zset") {
        for (std::size_t index = 0; index + 1 < part.values.size(); index += 2) {
            command.push_back(part.values[index + 1]);
            command.push_back(part.values[index]);
        }
    } else {
        command.insert(command.end(), part.values.begin(), part.values.end());
    }
    commands.push_back(std::move(command));
    if (part.expires_ms != 0) {
        commands.push_back({"PEXPIREAT", whole, std::to_string(part.expires_ms)});
    }
    if (part.type == "hash" && is_key_name(part.name)) {
        add_index(part, commands);
    }
}

// The places of a key's secrets in the digest index.
void RestoreParts::add_index(const StoredPart& part, std::vector<Command>& commands) const {
    std::string account;
    std::vector<Digest> digests;
    for (std::size_t index = 0; index + 1 < part.values.size(); index += 2) {
        const std::string& field = part.values[index];
        if (field == "account") {
            account = part.values[index + 1];
        } else if (const std::optional<Digest> digest = digest_from_bytes(part.values[index + 1]);
                   digest && (field == "digest" || field == "prev")) {
            digests.push_back(*digest);
        }
    }
    for (const Digest& digest : digests) {
        commands.push_back({"HSET", keyspace_.digest_bucket(digest), std::string(as_bytes(digest)), part.name + ":" + account});
    }
}

std::vector<Command> FinishRestore::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        Command peppers{"HSET", keyspace_.peppers()};
        for (const auto& [version, fingerprint] : peppers_) {
            peppers.push_back(std::to_string(version));
            peppers.push_back(fingerprint);
        }
        return {{"MULTI"}, {"SET", keyspace_.epoch(), epoch_}, std::move(peppers), {"DEL", keyspace_.restoring()}, {"EXEC"}};
    }
    if (!is_noted_) {
        is_noted_ = true;
        AuditEvent event;
        event.action = "store.import";
        event.after.reset(json_object());
        set(event.after.get(), "export", id_);
        return call_audited(scripts::note_in_audit::call({.epoch = keyspace_.epoch()}), keyspace_, author_, std::move(event));
    }
    return end_if_ok<scripts::note_in_audit::Answer>(replies[0]);
}

} // namespace api_key::store
