// The names of everything in Redis. docs/store.md lists each with its type, its fields, its writers and its lifetime;
// tests/scenarios/store_document.js compares that list with a store in use. All names carry one hash tag, so that a change to a key, its
// index and its account is one script in one slot: a write is never half done, on a single server or in a cluster.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/logs/usage_series.h"
#include "core/secrets/digest.h"

namespace api_key::store {

class Keyspace {
  public:
    explicit Keyspace(std::string_view prefix); // `ak:` by default; the tag {k} is added here

    const std::string& base() const { return base_; } // what all names begin with
    std::string epoch() const;
    std::string schema() const;
    std::string restoring() const;
    std::string next_account() const;
    std::string next_key() const;
    std::string accounts() const;
    std::string account(std::uint64_t account) const;
    std::string key(std::uint64_t id) const;
    std::string digest_bucket(const Digest& digest) const;
    std::string key_list(std::uint64_t account, std::string_view type) const;
    std::string types(std::uint64_t account) const;
    std::string aliases(std::uint64_t account) const;
    std::string deleted(std::uint64_t account) const;
    std::string idempotency(std::uint64_t account, const Digest& idempotency_key) const;
    std::string day(std::uint64_t id) const;
    std::string hour(std::uint64_t id) const;
    std::string second(std::uint64_t account) const;
    std::string minute(std::uint64_t account) const;
    std::string wallet(std::uint64_t account) const;
    std::string ledger(std::uint64_t account) const;
    std::string references(std::uint64_t account) const;
    std::string spending(std::uint64_t account) const;
    std::string holds(std::uint64_t account) const;
    std::string deadlines(std::uint64_t account) const;
    std::string audit(std::uint64_t account) const;
    std::string audit_head(std::uint64_t account) const;
    std::string attempt(const Digest& what) const;
    std::string attempts(std::uint64_t account) const;
    std::string pace_of_changes(std::uint64_t account) const;
    std::string pace_of_sign_ins(std::uint64_t account) const;
    std::string session(const Digest& token) const;
    std::string sessions_pattern() const; // of SCAN
    std::string request_log_sizes() const;
    std::string request_log(std::uint64_t account) const;
    std::string request_log_counts(std::uint64_t account) const; // of each of its entries
    std::string counter(std::uint64_t account, UsageGroup group, UsageBucket bucket, std::int64_t number) const;
    std::string sender(std::string_view name) const;
    std::string alerts() const;
    std::string alert_levels() const;
    std::string alerts_lease() const;
    std::string expiring() const;
    std::string failed(std::string_view network) const;
    std::string blocks() const;
    std::string blocks_version() const;
    std::string nodes() const;
    std::string node_settings() const;
    std::string peppers() const;
    std::string sequence() const;
    std::string changes() const;

  private:
    std::string base_;
};

// A pattern of SCAN that means this text.
std::string literal_pattern(std::string_view text);

} // namespace api_key::store
