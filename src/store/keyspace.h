// The names of everything in Redis. All of it carries one hash tag, so that a change to a key, its index and its account is
// one script in one slot: a write is never half, on a single server or on a cluster.
//
//   ak:{k}:epoch            string   random; made with the first account. Missing = the store was emptied
//   ak:{k}:schema           string   layout version of all this: 1
//   ak:{k}:next:account     string   counter
//   ak:{k}:next:key         string   counter; key ids are unique over all accounts
//   ak:{k}:peppers          hash     version of the pepper -> its fingerprint
//   ak:{k}:accounts         zset     account id, score = id
//   ak:{k}:account:1        hash     name, active (0|1), plan, created (ms), version
//   ak:{k}:7                hash     one key: the fields of `key_fields`
//   ak:{k}:d:a1b2           hash     digest index, one of 65,536 buckets (first two bytes of the digest in hex): raw digest -> key id
//   ak:{k}:keys:1:proxy     zset     the ids of account 1's keys of one type, score = id
//   ak:{k}:types:1          set      the types that account 1 has keys of
//   ak:{k}:alias:1          hash     alias -> key id, unique in an account
//   ak:{k}:deleted:1        zset     keys of account 1 that were deleted, the 10,000 with the largest ids, score = id: JSON, their label
//   ak:{k}:once:1:<hex>     string   what an Idempotency-Key answered (sealed), kept for a day
//   ak:{k}:day:7            string   requests of key 7 in 5-minute buckets; see scripts/shared/windows.lua
//   ak:{k}:hour:7           string   the same in buckets of an hour
//   ak:{k}:second:1         string   requests of account 1 in buckets of 100 ms
//   ak:{k}:minute:1         string   the same in buckets of a second
//   ak:{k}:wallet:1         hash     money of account 1: balance, held, added, entries (micro-credits; see scripts/shared/wallet.lua);
//                                    asked: when nodes were last asked to give back (ms)
//   ak:{k}:ledger:1         hash     its entries: number from 1 on -> type, time, amount, key, time of the last charge, reference, plan
//   ak:{k}:references:1     hash     reference -> what was done by it
//   ak:{k}:spending:1       hash     key id -> month, spent in it, held, its day and ledger entry of that
//   ak:{k}:holds:1          hash     money that nodes hold; see scripts/shared/holds.lua
//   ak:{k}:deadlines:1      zset     name of the hold -> when it counts as used, and then when it is forgotten (ms)
//   ak:{k}:audit:1          stream   the security log of account 1, numbered from 1 on: entry, mac; that of 0 has what nobody knows the
//                                    account of
//   ak:{k}:audit:head:1     hash     number and mac of its last entry; trimmed: the number of that which took the oldest out
//   ak:{k}:attempt:<hex>    string   a failed attempt at the management API that the log has; for a minute
//   ak:{k}:attempts:1       string   how often the log takes them; see scripts/shared/pace.lua
//   ak:{k}:pace:1           string   how often account 1 may change its keys
//   ak:{k}:pace:1:sessions  string   and sign in
//   ak:{k}:session:<hex>    hash     a session of the dashboard, by HMAC of its token: account, key, until (ms), sealed: the digest and
//   type of
//                                    its key; expires when it is not used
//   ak:{k}:log:1            stream   the requests of account 1, some in each entry: n how many, r these (core/logged_request.h)
//   ak:{k}:log:sizes        hash     account -> how many requests its log has
//   ak:{k}:use:1:key:hour:9 hash     what the keys of account 1 did in the hour number 9 since 1970: <what>:<key id> -> number; also by
//                                    category and model, and in minutes and days; expires
//   ak:{k}:sender:<name>    string   number of the last message of a worker, so that none is counted twice; for a day
//   ak:{k}:alerts           stream   what the operator is still to be told: type, account, key, at, …
//   ak:{k}:alerts:levels    hash     what has been crossed: <type>:<key>:<window> -> 80 or 100
//   ak:{k}:alerts:lease     string   the worker that sends them
//   ak:{k}:expiring         zset     <account>:<key> of keys that expire and of which nobody has been told, score = when (ms)
//   ak:{k}:failed:<network> zset     failed attempts from an address: digest of what was sent, minute -> time (ms); expires with its window
//   ak:{k}:blocks           zset     blocked addresses: network -> until (ms)
//   ak:{k}:blocks:version   string   counter: grows with every change of the blocks
//   ak:{k}:nodes            hash     nodes that hold keys in a cache; see scripts/shared/nodes.lua
//   ak:{k}:nodes:settings   hash     what nodes are configured with: name -> their types and plans (core/node_settings.h)
//   ak:{k}:sequence         string   number of the last change: every script that commits one takes the next and puts it into its message,
//                                    so that a node knows when it missed one (and a heartbeat that reads it proves that a cache is
//                                    complete)
//   ak:{k}:changes          channel  one message per committed change; see ChangeLog::message
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

    std::string epoch() const;
    std::string schema() const;
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
    std::string request_log_sizes() const;
    std::string request_log(std::uint64_t account) const;
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

} // namespace api_key::store
