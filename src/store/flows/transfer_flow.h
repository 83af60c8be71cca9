// Reads everything that a store has for `apikeyctl export`, and writes it into another one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/secrets/pepper_check.h"
#include "store/flow.h"
#include "store/keyspace.h"
#include "store/step_flow.h"

namespace api_key::store {

// A value under a name, or a part of it: as many members, or entries of a stream, as were read at once.
struct StoredPart {
    std::string name;            // without the prefix and the hash tag
    std::string type;            // as TYPE calls it: string, hash, set, zset, stream
    std::int64_t expires_ms = 0; // unix; 0: never
    std::vector<std::string>
        values; // the text; field, value, …; members; member, score, …; of a stream the id and field, value, … of an entry
};

// Walks the names of the store with SCAN. What changes in between may be read before or after the change: it is no snapshot. Left out is
// what another store has no use for: sessions and answers to an Idempotency-Key, nodes, leases, paces, and the digest index, which follows
// from the keys.
class ExportStore : public Flow {
  public:
    ExportStore(const Keyspace& keyspace, bool with_logs, std::function<void(StoredPart)> take)
        : keyspace_(keyspace), with_logs_(with_logs), take_(std::move(take)) {}
    std::vector<Command> next(std::span<const Reply> replies) override;

  private:
    enum class Stage : std::uint8_t { start, epoch, names, types, values };

    struct Name {
        StoredPart part;
        std::string cursor = "0"; // of the next page; of a stream the id after which it begins
        bool is_read = false;
    };

    bool is_exported(std::string_view name) const;
    std::vector<Command> scan();
    std::vector<Command> take_names(const redisReply* reply);
    std::vector<Command> take_types(std::span<const Reply> replies);
    std::vector<Command> ask_values();
    Command ask_value(const Name& name) const;
    void take_value(Name& name, const redisReply* reply);
    void take_entries(Name& name, const redisReply* entries);
    std::vector<Command> give_up(std::string reason);

    const Keyspace& keyspace_;
    bool with_logs_;
    std::function<void(StoredPart)> take_;
    Stage stage_ = Stage::start;
    std::string cursor_ = "0";
    std::vector<Name> names_;        // of this page of names
    std::vector<std::size_t> asked_; // indexes of those whose values were asked for
};

// What a store says before anything is written into it.
class ExamineTarget : public StepFlow {
  public:
    explicit ExamineTarget(const Keyspace& keyspace) : keyspace_(keyspace) {}
    bool is_in_use() const { return is_in_use_; }               // it has an epoch record
    bool has_accounts() const { return has_accounts_; }         // without one: a restore that was broken off, or a loss
    const std::string& restoring() const { return restoring_; } // the id of the export of that restore

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    bool is_in_use_ = false;
    bool has_accounts_ = false;
    std::string restoring_;
};

// Writes parts of an export with the id `id`. It may be done again with the same ones.
class RestoreParts : public Flow {
  public:
    RestoreParts(const Keyspace& keyspace, std::string id, std::vector<StoredPart> parts)
        : keyspace_(keyspace), id_(std::move(id)), parts_(std::move(parts)) {}
    std::vector<Command> next(std::span<const Reply> replies) override;

  private:
    void add_commands(const StoredPart& part, std::vector<Command>& commands) const;
    void add_index(const StoredPart& part, std::vector<Command>& commands) const;

    const Keyspace& keyspace_;
    std::string id_;
    std::vector<StoredPart> parts_;
};

// Ends a restore: from then on the store is in use. It is noted in the security log of no account.
class FinishRestore : public StepFlow {
  public:
    // `peppers`: what the store of the export knew of the pepper, which the author has.
    FinishRestore(const Keyspace& keyspace, Author author, PepperFingerprints peppers, std::string epoch, std::string id)
        : keyspace_(keyspace), author_(std::move(author)), peppers_(std::move(peppers)), epoch_(std::move(epoch)), id_(std::move(id)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Author author_;
    PepperFingerprints peppers_;
    std::string epoch_;
    std::string id_;
    bool is_noted_ = false;
};

} // namespace api_key::store
