#include "store/flows/key_flows.h"

#include <algorithm>

#include "core/documents/key_writer.h"
#include "store/flows/key_labels.h"
#include "store/generated_scripts.h"
#include "store/record_hash.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr unsigned max_attempts = 10;

std::string bytes(const Digest& digest) {
    return std::string(as_bytes(digest));
}

// The digest of the secret before the last rotation; empty when there is none.
std::string previous_bytes(const KeyRecord& key) {
    return key.previous_until_ms != 0 ? bytes(key.previous_digest) : std::string();
}

std::string once_key(const Keyspace& keyspace, std::uint64_t account, const std::optional<Once>& once) {
    return once ? keyspace.idempotency(account, once->key) : keyspace.epoch();
}

// The security log's event of a change, with the members that differ.
AuditEvent event_of(std::string action, const KeyRecord& before, const KeyRecord& after, std::int64_t now_ms) {
    AuditEvent event;
    event.action = std::move(action);
    event.account = before.account;
    event.key_id = before.id;
    event.before = key_object(before, now_ms);
    event.after = key_object(after, now_ms);
    keep_differences(event.before.get(), event.after.get());
    return event;
}

} // namespace

bool KeyScope::covers(const KeyRecord& key) const {
    return (account == 0 || key.account == account) && (types.empty() || std::find(types.begin(), types.end(), key.type) != types.end());
}

std::vector<Command> KeyFlow::ask() const {
    return {{"HGETALL", keyspace_.key(id_)}, {"EXISTS", keyspace_.epoch()}, {"TIME"}};
}

bool KeyFlow::take(std::span<const Reply> replies) {
    if (!is_integer(replies[1].get(), 1)) {
        fail("Redis is empty (no epoch record)");
        return false;
    }
    const std::optional<std::int64_t> now_ms = time_ms(replies[2].get());
    if (!is_array(replies[0].get()) || !now_ms) {
        fail("unexpected replies to a look-up");
        return false;
    }
    if (replies[0]->elements == 0) {
        end(Outcome::not_found);
        return false;
    }
    Result<KeyRecord> record = read_record(id_, replies[0].get());
    if (!record) {
        fail(record.error().message);
        return false;
    }
    if (!scope_.covers(*record)) {
        end(Outcome::not_found);
        return false;
    }
    key_ = std::move(*record);
    store_now_ms_ = *now_ms;
    return true;
}

std::vector<Command> ReadKey::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return ask();
    }
    return take(replies) ? end(Outcome::done) : std::vector<Command>{};
}

std::vector<Command> CreateKey::step(std::span<const Reply> replies) {
    using scripts::create_key::Answer;
    if (replies.empty()) {
        return {{"INCR", keyspace_.next_key()}};
    }
    const Reply& reply = replies[0];
    if (draft_.id == 0) {
        draft_.id = static_cast<std::uint64_t>(reply->integer);
        return create();
    }
    const std::optional<Answer> answered = answer<Answer>(reply);
    if (!answered) {
        return {};
    }
    switch (*answered) {
    case Answer::account_inactive:
        return end(Conflict::account_inactive);
    case Answer::alias_taken:
        return end(Conflict::alias_taken);
    case Answer::mismatch:
        return end(Conflict::idempotency_mismatch);
    case Answer::repeat:
        repeated_ = word(reply, 1);
        break;
    case Answer::ok:
        break;
    }
    return end(Outcome::done);
}

std::vector<Command> CreateKey::create() {
    std::vector<std::string> lists;
    for (const std::string& type : count_.types) {
        lists.push_back(keyspace_.key_list(draft_.account, type));
    }
    return call_audited(scripts::create_key::call({.epoch = keyspace_.epoch(),
                                                   .account = keyspace_.account(draft_.account),
                                                   .key = keyspace_.key(draft_.id),
                                                   .bucket = keyspace_.digest_bucket(draft_.digest),
                                                   .list = keyspace_.key_list(draft_.account, draft_.type),
                                                   .types = keyspace_.types(draft_.account),
                                                   .aliases = keyspace_.aliases(draft_.account),
                                                   .once = once_key(keyspace_, draft_.account, once_),
                                                   .expiring = keyspace_.expiring(),
                                                   .pace_key = keyspace_.pace_of_changes(draft_.account),
                                                   .lists = std::move(lists)},
                                                  {.interval_ms = author_.pace.interval_ms,
                                                   .burst = author_.pace.burst,
                                                   .most = count_.most,
                                                   .id = draft_.id,
                                                   .account_id = draft_.account,
                                                   .type = draft_.type,
                                                   .digest = bytes(draft_.digest),
                                                   .alias = draft_.alias,
                                                   .body = once_ ? bytes(once_->body) : std::string(),
                                                   .sealed = once_ ? once_->seal(draft_.id) : std::string(),
                                                   .fields = new_fields(draft_)}),
                        keyspace_, author_, event());
}

AuditEvent CreateKey::event() const {
    AuditEvent event;
    event.action = cloned_from_ != 0 ? "key.clone" : "key.create";
    event.account = draft_.account;
    event.key_id = draft_.id;
    event.after = key_object(draft_, author_.now_ms);
    leave_out_empty(event.after.get());
    json_object_del(event.after.get(), "createdAt");
    if (cloned_from_ != 0) {
        json_object_set_new(event.after.get(), "clonedFrom", json_integer(static_cast<json_int_t>(cloned_from_)));
    }
    return event;
}

std::vector<Command> ChangeFlow::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start:
        stage_ = Stage::read;
        attempts_++;
        return ask();
    case Stage::read:
        if (!take(replies)) {
            return {};
        }
        stage_ = Stage::prepare;
        if (std::vector<Command> commands = prepare(); !commands.empty()) {
            return commands;
        }
        stage_ = Stage::change;
        return change();
    case Stage::prepare:
        stage_ = Stage::change;
        prepared(replies);
        return change();
    case Stage::change:
        break;
    }
    return finish(replies[0]);
}

std::vector<Command> ChangeFlow::send(AuditedCall call, AuditEvent event) {
    return call_audited(std::move(call), keyspace_, author_, std::move(event));
}

std::vector<Command> ChangeFlow::read_again() {
    stage_ = Stage::start;
    return attempts_ < max_attempts ? step({}) : give_up("key " + std::to_string(id_) + " changes faster than it can be read");
}

std::vector<Command> ChangeFlow::end_changed(const Reply& reply) {
    sequence_ = number(reply, 2);
    return end(Outcome::done);
}

std::vector<Command> UpdateKey::prepare() {
    after_ = apply(key_, change_);
    history_.emplace(keyspace_, key_, after_, store_now_ms());
    return history_->is_needed() ? history_->ask() : std::vector<Command>{};
}

void UpdateKey::prepared(std::span<const Reply> replies) {
    history_->take(replies);
}

std::vector<Command> UpdateKey::change() {
    std::vector<std::string> fields = changed_fields(key_, after_);
    if (fields.empty()) {
        return end(Outcome::done);
    }
    AuditEvent event = event_of({}, key_, after_, store_now_ms());
    event.action = action_of_change(event.after.get());
    // Disabling a key is exempt from the pace of changes: a change that is counted has to enable it again.
    const Pace paced = event.action == "key.disable" ? Pace{} : pace();
    return send(scripts::update_key::call({.epoch = keyspace_.epoch(),
                                           .key = keyspace_.key(id_),
                                           .aliases = keyspace_.aliases(key_.account),
                                           .sequence = keyspace_.sequence(),
                                           .expiring = keyspace_.expiring(),
                                           .counter = history_->guard(),
                                           .day = keyspace_.day(id_),
                                           .hour = keyspace_.hour(id_),
                                           .pace_key = keyspace_.pace_of_changes(key_.account)},
                                          {.interval_ms = paced.interval_ms,
                                           .burst = paced.burst,
                                           .channel = keyspace_.changes(),
                                           .id = id_,
                                           .expected = key_.version,
                                           .old_alias = key_.alias,
                                           .new_alias = after_.alias,
                                           .account_id = key_.account,
                                           .counted_today = history_->counted_today(),
                                           .total = history_->total(),
                                           .day_history = history_->days(),
                                           .hour_history = history_->hours(),
                                           .fields = std::move(fields)}),
                std::move(event));
}

std::vector<Command> UpdateKey::finish(const Reply& reply) {
    using scripts::update_key::Answer;
    const std::optional<Answer> answered = answer<Answer>(reply);
    if (!answered) {
        return {};
    }
    switch (*answered) {
    case Answer::changed:
        return read_again();
    case Answer::alias_taken:
        return end(Conflict::alias_taken);
    case Answer::ok:
        break;
    }
    after_.version = key_.version + 1;
    key_ = after_;
    return end_changed(reply);
}

std::vector<Command> DeleteKey::change() {
    AuditEvent event;
    event.action = "key.delete";
    event.account = key_.account;
    event.key_id = id_;
    event.before = key_object(key_, store_now_ms());
    leave_out_empty(event.before.get());
    return send(scripts::delete_key::call({.epoch = keyspace_.epoch(),
                                           .key = keyspace_.key(id_),
                                           .bucket = keyspace_.digest_bucket(key_.digest),
                                           .older_bucket = keyspace_.digest_bucket(key_.previous_digest),
                                           .list = keyspace_.key_list(key_.account, key_.type),
                                           .aliases = keyspace_.aliases(key_.account),
                                           .sequence = keyspace_.sequence(),
                                           .day = keyspace_.day(id_),
                                           .hour = keyspace_.hour(id_),
                                           .expiring = keyspace_.expiring(),
                                           .spending_key = keyspace_.spending(key_.account),
                                           .levels = keyspace_.alert_levels(),
                                           .deleted = keyspace_.deleted(key_.account)},
                                          {.channel = keyspace_.changes(),
                                           .id = id_,
                                           .expected = key_.version,
                                           .digest = bytes(key_.digest),
                                           .older_digest = previous_bytes(key_),
                                           .alias = key_.alias,
                                           .account_id = key_.account,
                                           .only_unused = only_unused_ ? "1" : "0",
                                           .label = deleted_label(key_)}),
                std::move(event));
}

std::vector<Command> DeleteKey::finish(const Reply& reply) {
    using scripts::delete_key::Answer;
    const std::optional<Answer> answered = answer<Answer>(reply);
    if (!answered) {
        return {};
    }
    switch (*answered) {
    case Answer::changed:
        return read_again();
    case Answer::used:
        return end(Conflict::key_was_used);
    case Answer::ok:
        break;
    }
    return end_changed(reply);
}

std::vector<Command> RotateKey::change() {
    if (!secret_) {
        secret_.emplace();
        if (!make_(key_, *secret_)) {
            return give_up("no random bytes available");
        }
    }
    KeyRecord after = key_;
    after.prefix = secret_->shown_prefix;
    AuditEvent event = event_of("key.rotate", key_, after, store_now_ms());
    json_object_set_new(event.after.get(), "overlapSeconds", json_integer(overlap_s_));
    return send(scripts::rotate_key::call({.epoch = keyspace_.epoch(),
                                           .key = keyspace_.key(id_),
                                           .new_bucket = keyspace_.digest_bucket(secret_->digest),
                                           .old_bucket = keyspace_.digest_bucket(key_.digest),
                                           .older_bucket = keyspace_.digest_bucket(key_.previous_digest),
                                           .sequence = keyspace_.sequence(),
                                           .once = once_key(keyspace_, key_.account, once_),
                                           .pace_key = keyspace_.pace_of_changes(key_.account)},
                                          {.interval_ms = pace().interval_ms,
                                           .burst = pace().burst,
                                           .channel = keyspace_.changes(),
                                           .id = id_,
                                           .account_id = key_.account,
                                           .expected = key_.version,
                                           .new_digest = bytes(secret_->digest),
                                           .old_digest = bytes(key_.digest),
                                           .older_digest = previous_bytes(key_),
                                           .pepper = secret_->pepper_version,
                                           .prefix = secret_->shown_prefix,
                                           .overlap_ms = overlap_s_ * 1000,
                                           .body = once_ ? bytes(once_->body) : std::string(),
                                           .sealed = once_ ? once_->seal(id_) : std::string()}),
                std::move(event));
}

std::vector<Command> RotateKey::finish(const Reply& reply) {
    using scripts::rotate_key::Answer;
    const std::optional<Answer> answered = answer<Answer>(reply);
    if (!answered) {
        return {};
    }
    switch (*answered) {
    case Answer::changed:
        return read_again();
    case Answer::mismatch:
        return end(Conflict::idempotency_mismatch);
    case Answer::repeat:
        repeated_ = word(reply, 1);
        return end(Outcome::done);
    case Answer::ok:
        break;
    }
    return end_changed(reply);
}

std::vector<Command> TouchKey::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return call(scripts::touch_key::call({.epoch = keyspace_.epoch(), .key = keyspace_.key(id_)},
                                             {.field = event_ == KeyEvent::use ? "used" : "refused"}));
    }
    return end_if_ok<scripts::touch_key::Answer>(replies[0]);
}

} // namespace api_key::store
