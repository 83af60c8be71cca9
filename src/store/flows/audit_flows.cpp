#include "store/flows/audit_flows.h"

#include <algorithm>

#include "store/flows/stream_reader.h"
#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr Pace pace_of_attempts{6000, 100};
constexpr std::size_t max_examined_entries = 10'000;
constexpr std::size_t entries_at_once = 250; // limits for one turn of a worker's event loop
constexpr std::size_t audit_bytes_at_once = std::size_t{128} * 1024;

std::uint64_t id_of(const json_t* object) {
    return static_cast<std::uint64_t>(json_integer_value(json_object_get(object, "keyId")));
}

} // namespace

StoredAuditEntry read_audit_entry(const redisReply* reply) {
    StoredAuditEntry entry;
    if (!is_array(reply) || reply->elements != 2 || !is_array(reply->element[1])) {
        return entry;
    }
    const std::string_view id = text(reply->element[0]);
    entry.number = whole_number(id.substr(0, id.find('-'))).value_or(0);
    entry.text = hash_field(reply->element[1], "entry");
    entry.mac = hash_field(reply->element[1], "mac");
    return entry;
}

std::vector<Command> NoteAttempt::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        const std::optional<Digest> what = sha256(attempt_.reason + '\n' + attempt_.network + '\n' + std::to_string(attempt_.key_id));
        if (!what) {
            return give_up("SHA-256 is not available");
        }
        AuditEvent event;
        event.action = "access.denied";
        event.account = attempt_.account;
        event.key_id = attempt_.key_id;
        event.after.reset(json_object());
        set(event.after.get(), "reason", attempt_.reason);
        std::vector<Command> commands = call_audited(
            scripts::note_attempt::call(
                {.epoch = keyspace_.epoch(), .attempt = keyspace_.attempt(*what), .pace_key = keyspace_.attempts(attempt_.account)},
                {.interval_ms = pace_of_attempts.interval_ms, .burst = pace_of_attempts.burst}),
            keyspace_, author_, std::move(event));
        need_not_replicate();
        return commands;
    }
    if (!answer<scripts::note_attempt::Answer>(replies[0])) {
        return {};
    }
    log_size_ = number(replies[0], 1);
    return end(Outcome::done);
}

std::vector<Command> TrimAudit::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start:
        stage_ = Stage::head;
        return {{"HGET", keyspace_.audit_head(account_), "number"}};
    case Stage::head: {
        const std::uint64_t last = whole_number(text(replies[0].get())).value_or(0);
        if (last <= kept_) {
            return end(Outcome::done);
        }
        stage_ = Stage::entry;
        const std::string id = std::to_string(last - kept_);
        return {{"XRANGE", keyspace_.audit(account_), id, id}};
    }
    case Stage::entry:
        return trim(replies[0].get());
    case Stage::trim:
        break;
    }
    return end_if_ok<scripts::trim_audit::Answer>(replies[0]);
}

std::vector<Command> TrimAudit::trim(const redisReply* reply) {
    const StoredAuditEntry last = is_array(reply) && reply->elements == 1 ? read_audit_entry(reply->element[0]) : StoredAuditEntry{};
    if (last.number == 0) {
        return end(Outcome::done); // it was removed before
    }
    stage_ = Stage::trim;
    AuditEvent event;
    event.action = "log.trim";
    event.account = account_;
    event.after.reset(json_object());
    set(event.after.get(), "head", head_text({last.number, last.mac}));
    std::vector<Command> commands = call_audited(scripts::trim_audit::call({.epoch = keyspace_.epoch()}, {.first = last.number + 1}),
                                                 keyspace_, author_, std::move(event));
    need_not_replicate();
    return commands;
}

std::vector<Command> ListAudit::ask() {
    stage_ = Stage::entries;
    const std::string newest = before_ != 0 ? std::to_string(before_ - 1) : "+";
    const std::size_t most = examined_ == 0 ? std::min(limit_, entries_at_once) : entries_at_once;
    return call(read_stream(keyspace_.audit(account_), StreamOrder::newest_first, {newest, "-", most, audit_bytes_at_once}));
}

std::vector<Command> ListAudit::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start:
        return before_ == 1 ? end(Outcome::done) : ask();
    case Stage::entries:
        return read_entries(replies[0].get());
    case Stage::labels:
        break;
    }
    return labels_.read(replies) ? label_candidates() : give_up("unexpected label of a key");
}

std::vector<Command> ListAudit::read_entries(const redisReply* reply) {
    const redisReply* list = stream_entries(reply);
    if (list == nullptr) {
        return give_up("unexpected result of script read_stream");
    }
    for (const redisReply* one : std::span(list->element, list->elements)) {
        StoredAuditEntry stored = read_audit_entry(one);
        const Json entry(json_loadb(stored.text.data(), stored.text.size(), 0, nullptr));
        before_ = stored.number;
        examined_++;
        if (entry && filter_.matches(entry.get())) {
            candidates_.push_back({std::move(stored), id_of(entry.get()), id_of(json_object_get(entry.get(), "actor"))});
        }
    }
    is_end_ = is_stream_end(reply) || before_ <= 1;
    return label_candidates();
}

std::vector<Command> ListAudit::label_candidates() {
    stage_ = Stage::labels;
    std::vector<std::uint64_t> ids;
    for (const Candidate& candidate : candidates_) {
        for (const std::uint64_t id : {candidate.key_id, candidate.actor_id}) {
            if (id != 0) {
                ids.push_back(id);
            }
        }
    }
    std::vector<Command> commands = labels_.ask(ids);
    return commands.empty() ? give_candidates() : commands;
}

std::vector<Command> ListAudit::give_candidates() {
    for (Candidate& candidate : candidates_) {
        if (candidate.key_id != 0 && !filter_.label.matches(labels_.find(candidate.key_id))) {
            continue;
        }
        labels_.name(candidate.key_id, keys_);
        labels_.name(candidate.actor_id, keys_);
        bytes_ += candidate.entry.text.size();
        entries_.push_back(std::move(candidate.entry.text));
        if (entries_.size() == limit_ || bytes_ >= page_bytes) {
            next_page_ = candidate.entry.number > 1 ? candidate.entry.number : 0;
            return end(Outcome::done);
        }
    }
    candidates_.clear();
    if (is_end_) {
        return end(Outcome::done);
    }
    if (examined_ >= max_examined_entries) {
        next_page_ = before_;
        return end(Outcome::done);
    }
    return ask();
}

std::vector<Command> VerifyAudit::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {{"HMGET", keyspace_.audit_head(account_), "number", "mac", "trimmed"}};
    }
    const redisReply* reply = replies[0].get();
    if (!chain_) {
        return read_begin(reply);
    }
    const redisReply* list = stream_entries(reply);
    if (list == nullptr) {
        return give_up("unexpected result of script read_stream");
    }
    for (const redisReply* one : std::span(list->element, list->elements)) {
        const StoredAuditEntry entry = read_audit_entry(one);
        const AuditLink link{entry.number, entry.mac};
        if (trusted_ != 0 && link.number == trusted_) {
            chain_->trust(link);
        } else if (!chain_->follow(link, entry.text)) {
            chain_->end(head_);
            return end(Outcome::done);
        }
    }
    if (!is_stream_end(reply)) {
        return ask(chain_->last().number + 1);
    }
    chain_->end(head_);
    return end(Outcome::done);
}

// Reads the head and, where the oldest entries were removed, the entry that records it. That entry is verified like all others, and names
// the signature that the first remaining entry follows.
std::vector<Command> VerifyAudit::read_begin(const redisReply* reply) {
    if (!is_array(reply) || (head_read_ ? reply->elements > 1 : reply->elements != 3)) {
        return give_up("unexpected reply to a read of the security log");
    }
    AuditLink trimmed;
    if (!head_read_) {
        head_read_ = true;
        head_ = {whole_number(text(reply->element[0])).value_or(0), std::string(text(reply->element[1]))};
        if (const std::string id(text(reply->element[2])); whole_number(id)) {
            return {{"XRANGE", keyspace_.audit(account_), id, id}};
        }
    } else if (reply->elements == 1) {
        const StoredAuditEntry entry = read_audit_entry(reply->element[0]);
        const AuditLink named = trimmed_by(entry.text);
        trimmed = named.number < entry.number ? named : AuditLink{};
    }
    trusted_ = most_ != 0 && head_.number > most_ ? head_.number - most_ : 0;
    const bool begins_there = trusted_ < trimmed.number + 2;
    const std::uint64_t from = begins_there ? trimmed.number : trusted_ - 1;
    chain_.emplace(peppers_, account_, from, std::move(anchor_));
    if (begins_there) {
        trusted_ = trimmed.number;
        chain_->trust(trimmed);
    }
    return ask(from + 1);
}

std::vector<Command> VerifyAudit::ask(std::uint64_t first) {
    return call(read_stream(keyspace_.audit(account_), StreamOrder::oldest_first,
                            {std::to_string(first), "+", entries_at_once, audit_bytes_at_once}));
}

std::vector<Command> NoteAuditGaps::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        AuditEvent event;
        event.action = AuditChain::repair_action;
        event.account = account_;
        event.after = note_of_gaps(gaps_);
        set(event.after.get(), "reason", why_);
        return call_audited(scripts::note_in_audit::call({.epoch = keyspace_.epoch()}), keyspace_, author_, std::move(event));
    }
    return end_if_ok<scripts::note_in_audit::Answer>(replies[0]);
}

} // namespace api_key::store
