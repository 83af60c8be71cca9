#include "store/keyspace.h"

namespace api_key::store {

Keyspace::Keyspace(std::string_view prefix) : base_(std::string(prefix) + "{k}:") {}

std::string Keyspace::epoch() const {
    return base_ + "epoch";
}

std::string Keyspace::schema() const {
    return base_ + "schema";
}

std::string Keyspace::restoring() const {
    return base_ + "restoring";
}

std::string Keyspace::next_account() const {
    return base_ + "next:account";
}

std::string Keyspace::next_key() const {
    return base_ + "next:key";
}

std::string Keyspace::accounts() const {
    return base_ + "accounts";
}

std::string Keyspace::account(std::uint64_t account) const {
    return base_ + "account:" + std::to_string(account);
}

std::string Keyspace::key(std::uint64_t id) const {
    return base_ + std::to_string(id);
}

std::string Keyspace::digest_bucket(const Digest& digest) const {
    return base_ + "d:" + to_hex(as_bytes(digest).substr(0, 2));
}

std::string Keyspace::key_list(std::uint64_t account, std::string_view type) const {
    return base_ + "keys:" + std::to_string(account) + ":" + std::string(type);
}

std::string Keyspace::types(std::uint64_t account) const {
    return base_ + "types:" + std::to_string(account);
}

std::string Keyspace::aliases(std::uint64_t account) const {
    return base_ + "alias:" + std::to_string(account);
}

std::string Keyspace::deleted(std::uint64_t account) const {
    return base_ + "deleted:" + std::to_string(account);
}

std::string Keyspace::idempotency(std::uint64_t account, const Digest& idempotency_key) const {
    return base_ + "once:" + std::to_string(account) + ":" + to_hex(as_bytes(idempotency_key));
}

std::string Keyspace::day(std::uint64_t id) const {
    return base_ + "day:" + std::to_string(id);
}

std::string Keyspace::hour(std::uint64_t id) const {
    return base_ + "hour:" + std::to_string(id);
}

std::string Keyspace::second(std::uint64_t account) const {
    return base_ + "second:" + std::to_string(account);
}

std::string Keyspace::minute(std::uint64_t account) const {
    return base_ + "minute:" + std::to_string(account);
}

std::string Keyspace::wallet(std::uint64_t account) const {
    return base_ + "wallet:" + std::to_string(account);
}

std::string Keyspace::ledger(std::uint64_t account) const {
    return base_ + "ledger:" + std::to_string(account);
}

std::string Keyspace::references(std::uint64_t account) const {
    return base_ + "references:" + std::to_string(account);
}

std::string Keyspace::spending(std::uint64_t account) const {
    return base_ + "spending:" + std::to_string(account);
}

std::string Keyspace::holds(std::uint64_t account) const {
    return base_ + "holds:" + std::to_string(account);
}

std::string Keyspace::deadlines(std::uint64_t account) const {
    return base_ + "deadlines:" + std::to_string(account);
}

std::string Keyspace::audit(std::uint64_t account) const {
    return base_ + "audit:" + std::to_string(account);
}

std::string Keyspace::audit_head(std::uint64_t account) const {
    return base_ + "audit:head:" + std::to_string(account);
}

std::string Keyspace::attempts(std::uint64_t account) const {
    return base_ + "attempts:" + std::to_string(account);
}

std::string Keyspace::pace_of_changes(std::uint64_t account) const {
    return base_ + "pace:" + std::to_string(account);
}

std::string Keyspace::pace_of_sign_ins(std::uint64_t account) const {
    return pace_of_changes(account) + ":sessions";
}

std::string Keyspace::attempt(const Digest& what) const {
    return base_ + "attempt:" + to_hex(as_bytes(what));
}

std::string Keyspace::sessions_pattern() const {
    return literal_pattern(base_ + "session:") + "*";
}

std::string Keyspace::session(const Digest& token) const {
    return base_ + "session:" + to_hex(as_bytes(token));
}

std::string Keyspace::request_log_sizes() const {
    return base_ + "log:sizes";
}

std::string Keyspace::request_log(std::uint64_t account) const {
    return base_ + "log:" + std::to_string(account);
}

std::string Keyspace::request_log_counts(std::uint64_t account) const {
    return base_ + "log:counts:" + std::to_string(account);
}

std::string Keyspace::counter(std::uint64_t account, UsageGroup group, UsageBucket bucket, std::int64_t number) const {
    return base_ + "use:" + std::to_string(account) + ":" + std::string(name_of(group)) + ":" + std::string(name_of(bucket)) + ":" +
           std::to_string(number);
}

std::string Keyspace::sender(std::string_view name) const {
    return base_ + "sender:" + std::string(name);
}

std::string Keyspace::alerts() const {
    return base_ + "alerts";
}

std::string Keyspace::alert_levels() const {
    return base_ + "alerts:levels";
}

std::string Keyspace::alerts_lease() const {
    return base_ + "alerts:lease";
}

std::string Keyspace::expiring() const {
    return base_ + "expiring";
}

std::string Keyspace::failed(std::string_view network) const {
    return base_ + "failed:" + std::string(network);
}

std::string Keyspace::blocks() const {
    return base_ + "blocks";
}

std::string Keyspace::blocks_version() const {
    return base_ + "blocks:version";
}

std::string Keyspace::nodes() const {
    return base_ + "nodes";
}

std::string Keyspace::node_settings() const {
    return base_ + "nodes:settings";
}

std::string Keyspace::peppers() const {
    return base_ + "peppers";
}

std::string Keyspace::sequence() const {
    return base_ + "sequence";
}

std::string Keyspace::changes() const {
    return base_ + "changes";
}

std::string literal_pattern(std::string_view text) {
    std::string pattern;
    for (const char c : text) {
        if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') {
            pattern += '\\';
        }
        pattern += c;
    }
    return pattern;
}

} // namespace api_key::store
