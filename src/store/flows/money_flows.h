// An account's money: held for nodes, charged, topped up. All amounts are micro-credits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/documents/account_writer.h"
#include "core/policy/spend.h"
#include "store/flows/key_flows.h"
#include "store/flows/key_labels.h"

namespace api_key::store {

// A node's report on a hold, and what it asks for.
struct HoldReport {
    std::uint64_t key_id = 0;
    std::uint64_t account = 0;
    std::string node;          // the node that has the hold
    std::uint64_t hold = 0;    // a random name
    std::uint32_t number = 1;  // 1 opens it; grows with each report
    std::int64_t spent = 0;    // since it was opened
    std::int64_t needed = 0;   // the part of the grant that has to stay held
    std::int64_t first = 0;    // what the first request that waits needs …
    std::int64_t waiting = 0;  // … and all that wait; 0: none does
    std::int64_t wanted = 0;   // more than `waiting` only while there is plenty
    bool others_asked = false; // the other nodes were asked to give back what they do not need
};

enum class Shortage : std::uint8_t { none, key_spend, wallet };

// The state of a money limit.
struct MoneyState {
    Shortage shortage = Shortage::none;
    std::int64_t used = 0;     // including what is held
    std::int64_t cap = 0;      // the key's monthly limit; of the wallet, all that the account was ever given
    std::int64_t most = 0;     // what would be available if all holds came back
    std::int64_t reset_ms = 0; // 0: never by itself
};

// A message of the change channel: a key has too little, and others may hold money that they do not need.
struct Wanted {
    std::uint64_t account = 0;
    std::uint64_t key_id = 0; // 0: of all keys
};
std::optional<Wanted> read_wanted(std::string_view message);

// done: see below; not_found: there is no such key (what was spent is charged nevertheless); conflict hold_lost: the store has counted the
// whole hold as used, because it was not reported for more than a day.
class SyncHold : public StepFlow {
  public:
    SyncHold(const Keyspace& keyspace, const HoldReport& report) : keyspace_(keyspace), report_(report) {}

    std::int64_t granted() const { return granted_; }
    const MoneyState& state() const { return state_; }  // with `shortage` when less was granted than requests wait for
    bool others_asked() const { return others_asked_; } // others were just asked to give back: a retry may get more
    std::int64_t balance() const { return balance_; }   // below zero: more was used than was held

    bool has_counted() const override { return outcome_ == Outcome::done; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> read(const Reply& reply);

    const Keyspace& keyspace_;
    HoldReport report_;
    std::int64_t granted_ = 0;
    MoneyState state_;
    bool others_asked_ = false;
    std::int64_t balance_ = 0;
};

// Done once for each reference. The same reference for something else is the conflict idempotency_mismatch, more than max_balance_micro the
// conflict balance_too_large.
class ChangeAccount : public StepFlow {
  public:
    static ChangeAccount top_up(const Keyspace& keyspace, Author author, std::uint64_t account, std::int64_t amount, std::string reference);
    // An empty `plan` means no plan.
    static ChangeAccount set_plan(const Keyspace& keyspace, Author author, std::uint64_t account, std::string plan, std::string reference);

    const Wallet& wallet() const { return wallet_; }     // afterwards
    std::uint64_t sequence() const { return sequence_; } // of the change; 0: it had been made before

  private:
    ChangeAccount(const Keyspace& keyspace, Author author, std::uint64_t account, std::string kind, std::string value,
                  std::string reference)
        : keyspace_(keyspace), author_(std::move(author)), account_(account), kind_(std::move(kind)), value_(std::move(value)),
          reference_(std::move(reference)) {}

    std::vector<Command> step(std::span<const Reply> replies) override;

    AuditEvent event(std::string_view plan_before) const;

    const Keyspace& keyspace_;
    Author author_;
    std::uint64_t account_;
    bool has_plan_ = false;
    std::string kind_;
    std::string value_;
    std::string reference_;
    Wallet wallet_;
    std::uint64_t sequence_ = 0;
};

class ReadWallet : public StepFlow {
  public:
    ReadWallet(const Keyspace& keyspace, std::uint64_t account) : keyspace_(keyspace), account_(account) {}
    const Wallet& wallet() const { return wallet_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::uint64_t account_;
    Wallet wallet_;
};

// Lists transactions with ids below `before` (0: from the newest on), newest first, at most `limit` (1 to 1000).
class ListTransactions : public StepFlow {
  public:
    ListTransactions(const Keyspace& keyspace, std::uint64_t account, std::size_t limit, std::uint64_t before)
        : keyspace_(keyspace), account_(account), limit_(limit), before_(before), labels_(keyspace, account) {}
    const std::vector<Transaction>& transactions() const { return transactions_; }
    const NamedKeys& keys() const { return keys_; }        // that they are of
    std::uint64_t next_page() const { return next_page_; } // `before` of the next page; 0: there is none

  private:
    enum class Stage : std::uint8_t { start, count, entries, labels };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> ask_entries(const Reply& count);
    std::vector<Command> read_entries(const redisReply* entries);
    std::vector<Command> ask_labels();

    const Keyspace& keyspace_;
    std::uint64_t account_;
    std::size_t limit_;
    std::uint64_t before_;
    KeyLabels labels_;
    NamedKeys keys_;
    Stage stage_ = Stage::start;
    std::uint64_t newest_ = 0;
    std::uint64_t next_page_ = 0;
    std::vector<Transaction> transactions_;
};

// Parses a key's value in its account's spending at the store's time. Spending of another month counts as 0.
SpendState read_spending(std::string_view text, std::int64_t store_now_ms);

} // namespace api_key::store
