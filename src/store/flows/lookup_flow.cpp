#include "store/flows/lookup_flow.h"

#include <algorithm>
#include <optional>

#include "store/flows/pepper_flows.h"
#include "store/record_hash.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

struct Owner {
    std::uint64_t id;
    std::uint64_t account;
};

// Parses the index's `id:account`.
std::optional<Owner> parse_owner(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::optional<std::uint64_t> id = whole_number(text.substr(0, colon));
    const std::optional<std::uint64_t> account = whole_number(text.substr(std::min(colon + 1, text.size())));
    return id && account ? std::optional(Owner{*id, *account}) : std::nullopt;
}

} // namespace

std::vector<Command> LookupKey::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start: {
        stage_ = Stage::index;
        std::vector<Command> commands;
        for (const Digest& digest : digests_) {
            commands.push_back({"HGET", keyspace_.digest_bucket(digest), std::string(as_bytes(digest))});
        }
        return commands;
    }
    case Stage::index:
        return read_index(replies);
    case Stage::epoch:
        return read_epoch(replies);
    case Stage::record:
        break;
    }
    return read_record_and_account(replies);
}

std::vector<Command> LookupKey::read_index(std::span<const Reply> replies) {
    for (std::size_t index = 0; index < replies.size(); index++) {
        if (replies[index]->type == REDIS_REPLY_NIL) {
            continue;
        }
        const std::optional<Owner> owner = parse_owner(text(replies[index].get()));
        if (!owner) {
            return give_up("malformed entry in the digest index");
        }
        matched_ = index;
        id_ = owner->id;
        account_ = owner->account;
        stage_ = Stage::record;
        return {{"HGETALL", keyspace_.key(id_)}, {"HGETALL", keyspace_.account(account_)}, {"TIME"}};
    }
    stage_ = Stage::epoch;
    return confirm_unknown();
}

std::vector<Command> LookupKey::confirm_unknown() const {
    return {{"EXISTS", keyspace_.epoch()}, {"HGETALL", keyspace_.peppers()}};
}

std::vector<Command> LookupKey::read_epoch(std::span<const Reply> replies) {
    if (!is_integer(replies[0].get(), 1)) {
        return give_up("Redis is empty (no epoch record)");
    }
    if (peppers_ != nullptr) {
        const PepperVerdict verdict = judge_peppers(*peppers_, read_fingerprints(replies[1].get()));
        if (verdict.state == PepperVerdict::State::wrong) {
            is_of_another_pepper_ = true;
            return give_up(verdict.problem);
        }
    }
    return end(Outcome::not_found);
}

// An index entry alone grants nothing: the record has to name the digest and, for one replaced by a rotation, until when it is valid.
bool LookupKey::confirms(const Digest& digest) {
    const KeyRecord& key = found_.key;
    if (equal_in_constant_time(as_bytes(key.digest), as_bytes(digest))) {
        return true;
    }
    if (key.previous_until_ms <= found_.store_now_ms || !equal_in_constant_time(as_bytes(key.previous_digest), as_bytes(digest))) {
        return false;
    }
    found_.secret_until_ms = key.previous_until_ms;
    return true;
}

std::vector<Command> LookupKey::read_record_and_account(std::span<const Reply> replies) {
    const redisReply* key = replies[0].get();
    const redisReply* account = replies[1].get();
    const std::optional<std::int64_t> store_now_ms = time_ms(replies[2].get());
    if (!is_array(key) || !is_array(account) || !store_now_ms) {
        return give_up("unexpected replies to a look-up");
    }
    if (key->elements == 0) {
        stage_ = Stage::epoch; // deleted in between, or the store was emptied
        return confirm_unknown();
    }
    Result<KeyRecord> record = read_record(id_, key);
    if (!record) {
        return give_up(record.error().message);
    }
    const std::string_view account_state = hash_field(account, "active");
    if (record->account != account_ || (account_state != "0" && account_state != "1")) {
        return give_up("key " + std::to_string(id_) + ": its account is missing or malformed");
    }
    found_.key = std::move(*record);
    found_.account_active = account_state == "1";
    found_.account_plan = hash_field(account, "plan");
    found_.store_now_ms = *store_now_ms;
    return end(confirms(digests_[matched_]) ? Outcome::done : Outcome::not_found);
}

} // namespace api_key::store
