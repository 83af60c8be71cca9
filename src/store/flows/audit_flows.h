// The security log: entries that are written without a change, and the reading of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/logs/audit_chain.h"
#include "core/logs/audit_filter.h"
#include "store/flows/key_labels.h"
#include "store/step_flow.h"

namespace api_key::store {

struct StoredAuditEntry {
    std::uint64_t number = 0;
    std::string text; // JSON
    std::string mac;
};

// Reads a stream entry, `8-0` and its fields; number 0 when it is something else.
StoredAuditEntry read_audit_entry(const redisReply* reply);

struct Attempt {
    std::uint64_t account = 0; // account and key are 0 when the key is unknown
    std::uint64_t key_id = 0;
    std::string reason;
    std::string network; // of the client; see network_of()
};

// Records a failed attempt at the management API, in the log of the key's account or in that of account 0. The same attempt is recorded
// once a minute, and each log takes a hundred at once, then ten a minute.
class NoteAttempt : public StepFlow {
  public:
    NoteAttempt(const Keyspace& keyspace, Author author, Attempt attempt)
        : keyspace_(keyspace), author_(std::move(author)), attempt_(std::move(attempt)) {}
    std::uint64_t account() const { return attempt_.account; }
    std::uint64_t log_size() const { return log_size_; } // 0: nothing was written

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Author author_;
    Attempt attempt_;
    std::uint64_t log_size_ = 0;
};

// Removes all but the newest entries of a log. An entry of its own names those removed, with the signature of the last of them, so that the
// rest is still a verifiable chain.
class TrimAudit : public StepFlow {
  public:
    TrimAudit(const Keyspace& keyspace, Author author, std::uint64_t account, std::uint64_t kept)
        : keyspace_(keyspace), author_(std::move(author)), account_(account), kept_(kept) {}

  private:
    enum class Stage : std::uint8_t { start, head, entry, trim };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> trim(const redisReply* reply);

    const Keyspace& keyspace_;
    Author author_;
    std::uint64_t account_;
    std::uint64_t kept_;
    Stage stage_ = Stage::start;
};

// Lists entries with numbers below `before` (0: from the newest on), newest first, at most `limit` (1 to 1000) and about page_bytes of
// them.
class ListAudit : public StepFlow {
  public:
    ListAudit(const Keyspace& keyspace, std::uint64_t account, AuditFilter filter, std::size_t limit, std::uint64_t before)
        : keyspace_(keyspace), account_(account), filter_(std::move(filter)), limit_(limit), before_(before), labels_(keyspace, account) {}
    std::vector<std::string>& entries() { return entries_; } // JSON, as they were signed
    const NamedKeys& keys() const { return keys_; }          // that the entries are about or by
    std::uint64_t next_page() const { return next_page_; }   // `before` of the next page; 0: there is none

  private:
    enum class Stage : std::uint8_t { start, entries, labels };

    struct Candidate {
        StoredAuditEntry entry;
        std::uint64_t key_id = 0;   // 0: it concerns no key
        std::uint64_t actor_id = 0; // 0: it was no key's doing
    };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> ask();
    std::vector<Command> read_entries(const redisReply* reply);
    std::vector<Command> label_candidates();
    std::vector<Command> give_candidates();

    const Keyspace& keyspace_;
    std::uint64_t account_;
    AuditFilter filter_;
    std::size_t limit_;
    std::uint64_t before_;
    KeyLabels labels_;
    Stage stage_ = Stage::start;
    bool is_end_ = false; // the end of the log is reached
    std::vector<Candidate> candidates_;
    std::size_t examined_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t next_page_ = 0;
    std::vector<std::string> entries_;
    NamedKeys keys_;
};

// Verifies a whole log, or its newest entries: at most `most` (0: all), and the entry before them is trusted.
class VerifyAudit : public StepFlow {
  public:
    // The peppers outlive the flow.
    VerifyAudit(const Keyspace& keyspace, const Peppers& peppers, std::uint64_t account, std::uint64_t most, std::string anchor = {})
        : keyspace_(keyspace), peppers_(peppers), account_(account), most_(most), anchor_(std::move(anchor)) {}
    const AuditChain& chain() const { return *chain_; }
    std::uint64_t verified() const { return chain_->last().number - trusted_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> read_begin(const redisReply* reply);
    std::vector<Command> ask(std::uint64_t first);

    const Keyspace& keyspace_;
    const Peppers& peppers_;
    std::uint64_t account_;
    std::uint64_t most_;
    std::string anchor_;
    bool head_read_ = false;
    AuditLink head_;
    std::uint64_t trusted_ = 0;
    std::optional<AuditChain> chain_;
};

// Records which entries do not verify, and why; apart from them the chain counts as intact from then on. At most `most` of them.
class NoteAuditGaps : public StepFlow {
  public:
    static constexpr std::size_t most = 20;

    NoteAuditGaps(const Keyspace& keyspace, Author author, std::uint64_t account, std::vector<AuditGap> gaps, std::string reason)
        : keyspace_(keyspace), author_(std::move(author)), account_(account), gaps_(std::move(gaps)), why_(std::move(reason)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Author author_;
    std::uint64_t account_;
    std::vector<AuditGap> gaps_;
    std::string why_;
};

} // namespace api_key::store
