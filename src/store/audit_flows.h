// The security log: what is written without a change, and how it is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/step_flow.h"

namespace api_key::store {

// A failed attempt at the management API: it stands in the log of the key's account, or in that of 0 where nobody knows the key. The same
// (key, reason and address) once a minute.
class NoteAttempt : public StepFlow {
  public:
    NoteAttempt(const Keyspace& keyspace, Author author, std::uint64_t account, std::uint64_t key_id, std::string reason)
        : keyspace_(keyspace), author_(std::move(author)), account_(account), key_id_(key_id), reason_name_(std::move(reason)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Author author_;
    std::uint64_t account_;
    std::uint64_t key_id_;
    std::string reason_name_;
};

struct AuditFilter {
    std::optional<std::uint64_t> key_id;
    std::string action;        // empty: any; `key` stands for all of `key.…`
    std::int64_t from_ms = 0;  // unix
    std::int64_t until_ms = 0; // 0: no end

    bool matches(const json_t* entry) const;
};

struct StoredAuditEntry {
    std::uint64_t number = 0;
    std::string text; // JSON
    std::string mac;
};

// The newest first, at most `limit` (1 to 1000) with numbers below `before` (0: from the newest on).
class ListAudit : public StepFlow {
  public:
    ListAudit(const Keyspace& keyspace, std::uint64_t account, AuditFilter filter, std::size_t limit, std::uint64_t before)
        : keyspace_(keyspace), account_(account), filter_(std::move(filter)), limit_(limit), before_(before) {}
    const std::vector<Json>& entries() const { return entries_; }
    std::uint64_t next_page() const { return next_page_; } // `before` of the next page; 0: there is none

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> ask() const;

    const Keyspace& keyspace_;
    std::uint64_t account_;
    AuditFilter filter_;
    std::size_t limit_;
    std::uint64_t before_;
    std::size_t examined_ = 0;
    std::uint64_t next_page_ = 0;
    std::vector<Json> entries_;
};

// Entries in their order, from the number after `after` on, and the log's head as it was just before.
class ReadAudit : public StepFlow {
  public:
    static constexpr std::size_t page = 1000;

    ReadAudit(const Keyspace& keyspace, std::uint64_t account, std::uint64_t after)
        : keyspace_(keyspace), account_(account), after_(after) {}
    const std::vector<StoredAuditEntry>& entries() const { return entries_; }
    const AuditLink& head() const { return head_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::uint64_t account_;
    std::uint64_t after_;
    AuditLink head_;
    std::vector<StoredAuditEntry> entries_;
};

} // namespace api_key::store
