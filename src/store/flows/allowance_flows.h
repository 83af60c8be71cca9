// Requests that are charged to a key's limits in advance: granted to a node, and given back if unused.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/policy/limits.h"
#include "core/policy/spend.h"
#include "store/flows/key_flows.h"

namespace api_key::store {

struct LimitedKey {
    std::uint64_t id = 0;
    std::uint64_t account = 0;
    std::uint64_t version = 0; // of the record that the caller knows; 0: any
    Rates rates;               // of the account's plan
};

// Which limits a grant was charged to, as needed to give it back: opaque bits that the scripts set and read.
using ChargedBits = std::uint32_t;

struct Unused {
    std::uint64_t id = 0;
    std::uint64_t account = 0;
    std::uint32_t requests = 0;
    std::int64_t charged_ms = 0; // the store's clock when they were granted
    ChargedBits charged = 0;
    std::uint32_t made = 0; // more requests of the same grant, made since in an outage: they count from now on
};

// Asks for `wanted` requests, of which `waiting` are needed at once. Grants as many as fit every limit, but more than `waiting` only while
// there is plenty. done: see below; not_found: there is no such key; conflict record_changed: the record has another version.
class Grant : public StepFlow {
  public:
    // `unused`, of the same key, is given back first.
    Grant(const Keyspace& keyspace, const LimitedKey& key, std::uint32_t waiting, std::uint32_t wanted, const Unused& unused = {})
        : keyspace_(keyspace), key_(key), waiting_(waiting), wanted_(wanted), unused_(unused) {}

    std::uint32_t granted() const { return granted_; }
    std::int64_t store_now_ms() const { return store_now_ms_; }
    std::int64_t until_ms() const { return until_ms_; } // the store's clock: what is not used by then has to be given back
    ChargedBits charged() const { return charged_; }
    std::optional<Window> refusing() const { return refusing_; } // the first limit that let fewer than `waiting` through
    const WindowStates& states() const { return states_; }       // after the grant

    bool has_counted() const override { return granted_ != 0; }
    std::unique_ptr<Flow> undo() const override;

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    LimitedKey key_;
    std::uint32_t waiting_;
    std::uint32_t wanted_;
    Unused unused_;
    std::uint32_t granted_ = 0;
    std::int64_t store_now_ms_ = 0;
    std::int64_t until_ms_ = 0;
    ChargedBits charged_ = 0;
    std::optional<Window> refusing_;
    WindowStates states_{};
};

// The earliest time (the store's clock) at which a charge goes to the same buckets as one at `charged_ms`. 0: any time.
std::int64_t bucket_begin_ms(ChargedBits charged, std::int64_t charged_ms);

// Reads the state of a key's limits. `rates_of` returns the rates of a plan by its name; a key's plan is its own, else its account's.
class ReadUsage : public KeyFlow {
  public:
    ReadUsage(const Keyspace& keyspace, KeyScope scope, std::uint64_t id, std::function<Rates(std::string_view)> rates_of)
        : KeyFlow(keyspace, std::move(scope), id), rates_of_(std::move(rates_of)) {}
    const WindowStates& states() const { return states_; }
    const SpendState& spend() const { return spend_; }

  private:
    enum class Stage { start, key, plan, limits };

    std::vector<Command> step(std::span<const Reply> replies) override;

    std::function<Rates(std::string_view)> rates_of_;
    Stage stage_ = Stage::start;
    WindowStates states_{};
    SpendState spend_;
};

// Reads what several keys of an account have used of their quotas and have spent. `keys` are records that were just read.
class ReadUsages : public StepFlow {
  public:
    struct Usage {
        KeyRecord key;
        WindowStates states{};
        SpendState spend;
    };

    ReadUsages(const Keyspace& keyspace, std::uint64_t account, std::vector<KeyRecord> keys);
    const std::vector<Usage>& usages() const { return usages_; }
    std::int64_t store_now_ms() const { return store_now_ms_; }

  private:
    enum class Stage : std::uint8_t { start, spending, quotas };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> read_spending_of_all(std::span<const Reply> replies);
    std::vector<Command> ask_quotas();

    const Keyspace& keyspace_;
    std::uint64_t account_;
    std::vector<Usage> usages_;
    Stage stage_ = Stage::start;
    std::size_t next_ = 0; // whose quotas are asked for next
    std::int64_t store_now_ms_ = 0;
};

// Gives back at most 100 at a time. Never retried when the outcome is unknown: requests not given back count as used.
class GiveBack : public StepFlow {
  public:
    static constexpr std::size_t max_keys = 100;

    GiveBack(const Keyspace& keyspace, std::vector<Unused> unused) : keyspace_(keyspace), unused_(std::move(unused)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::vector<Unused> unused_;
};

} // namespace api_key::store
