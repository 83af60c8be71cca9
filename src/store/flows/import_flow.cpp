#include "store/flows/import_flow.h"

#include <algorithm>

#include "store/generated_scripts.h"
#include "store/record_hash.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr unsigned max_import_attempts = 10;

} // namespace

std::size_t ImportKeys::count() const {
    return static_cast<std::size_t>(
        std::count_if(keys_.begin(), keys_.end(), [](const ImportedKey& key) { return key.state == ImportState::created; }));
}

std::vector<Command> ImportKeys::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return look();
    }
    switch (stage_) {
    case Stage::look:
        return take_states(replies);
    case Stage::number:
        stage_ = Stage::create;
        return create(static_cast<std::uint64_t>(replies[0]->integer));
    case Stage::create:
        break;
    }
    return take_answer(replies[0]);
}

std::vector<Command> ImportKeys::look() {
    stage_ = Stage::look;
    if (++attempts_ > max_import_attempts) {
        return give_up("keys of this account change faster than they can be read");
    }
    const std::uint64_t account = keys_.front().draft.account;
    std::vector<Command> commands{{"EXISTS", keyspace_.epoch()}, {"HGET", keyspace_.account(account), "active"}};
    for (const ImportedKey& key : keys_) {
        for (const Digest& digest : key.digests) {
            commands.push_back({"HGET", keyspace_.digest_bucket(digest), std::string(as_bytes(digest))});
        }
        if (!key.draft.alias.empty()) {
            commands.push_back({"HEXISTS", keyspace_.aliases(account), key.draft.alias});
        }
    }
    return commands;
}

std::vector<Command> ImportKeys::take_states(std::span<const Reply> replies) {
    if (!is_integer(replies[0].get(), 1)) {
        return give_up("the store is empty (no epoch record)");
    }
    if (replies[1]->type == REDIS_REPLY_NIL) {
        return end(Outcome::not_found);
    }
    if (text(replies[1].get()) != "1") {
        return end(Conflict::account_inactive);
    }
    std::size_t next = 2;
    for (ImportedKey& key : keys_) {
        bool is_present = false;
        for (std::size_t index = 0; index < key.digests.size(); index++) {
            is_present = replies[next++]->type != REDIS_REPLY_NIL || is_present;
        }
        const bool is_taken = !key.draft.alias.empty() && is_integer(replies[next++].get(), 1);
        key.state = is_present ? ImportState::present : is_taken ? ImportState::alias_taken : ImportState::created;
    }
    if (only_look_ || count() == 0) {
        return end(Outcome::done);
    }
    stage_ = Stage::number;
    return {{"INCRBY", keyspace_.next_key(), std::to_string(count())}};
}

std::vector<Command> ImportKeys::create(std::uint64_t last_id) {
    std::vector<std::string> names;
    std::vector<std::string> records;
    std::uint64_t id = last_id - count();
    for (ImportedKey& key : keys_) {
        if (key.state != ImportState::created) {
            continue;
        }
        KeyRecord& draft = key.draft;
        draft.id = ++id;
        names.push_back(keyspace_.key(id));
        names.push_back(keyspace_.digest_bucket(draft.digest));
        std::vector<std::string> fields = new_fields(draft);
        records.insert(records.end(),
                       {std::to_string(id), std::string(as_bytes(draft.digest)), draft.alias,
                        draft.expires_ms != 0 ? std::to_string(draft.expires_ms) : std::string(), std::to_string(fields.size())});
        std::move(fields.begin(), fields.end(), std::back_inserter(records));
    }
    const KeyRecord& first = keys_.front().draft;
    return call_audited(scripts::import_keys::call({.epoch = keyspace_.epoch(),
                                                    .account = keyspace_.account(first.account),
                                                    .list = keyspace_.key_list(first.account, first.type),
                                                    .types = keyspace_.types(first.account),
                                                    .aliases = keyspace_.aliases(first.account),
                                                    .expiring = keyspace_.expiring(),
                                                    .names = std::move(names)},
                                                   {.account_id = first.account, .type = first.type, .records = std::move(records)}),
                        keyspace_, author_, event(last_id));
}

AuditEvent ImportKeys::event(std::uint64_t last_id) const {
    AuditEvent event;
    event.action = "key.import";
    event.account = keys_.front().draft.account;
    event.after.reset(json_object());
    set(event.after.get(), "source", source_);
    set(event.after.get(), "type", keys_.front().draft.type);
    set_number(event.after.get(), "keys", static_cast<std::int64_t>(count()));
    set_number(event.after.get(), "firstId", static_cast<std::int64_t>(last_id - count() + 1));
    set_number(event.after.get(), "lastId", static_cast<std::int64_t>(last_id));
    return event;
}

std::vector<Command> ImportKeys::take_answer(const Reply& reply) {
    using scripts::import_keys::Answer;
    const std::optional<Answer> answered = answer<Answer>(reply);
    if (!answered) {
        return {};
    }
    switch (*answered) {
    case Answer::changed:
        return look();
    case Answer::account_inactive:
        return end(Conflict::account_inactive);
    case Answer::ok:
        break;
    }
    return end(Outcome::done);
}

} // namespace api_key::store
