// The records of requests: the usage counters and the request log.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/logs/request_log.h"
#include "core/logs/usage_series.h"
#include "core/policy/reason.h"
#include "store/flows/key_labels.h"
#include "store/step_flow.h"

namespace api_key::store {

// The usage of one key since it was last reported.
struct KeyUse {
    std::uint64_t account = 0;
    std::string category;
    UsageCounts counts;
    std::int64_t last_used_ms = 0; // unix; 0: no request was let in
    std::int64_t uncharged = 0;    // requests that were charged to no quota, because the key had none
    std::vector<std::pair<std::string, UsageCounts>> models;
};

// Messages of a sender are numbered and sent one at a time, so that the script can drop a duplicate.
struct Message {
    std::string sender;
    std::uint64_t number = 0; // from 1 on
};

class CountRequests : public StepFlow {
  public:
    CountRequests(const Keyspace& keyspace, const Message& message, const std::vector<std::pair<std::uint64_t, KeyUse>>& uses,
                  std::int64_t now_ms);

  private:
    enum class Stage { count, charge_late };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> charge_late(const Reply& counted);

    const Keyspace& keyspace_;
    Stage stage_ = Stage::count;
    std::vector<std::uint64_t> used_keys_;
    ScriptCall to_send_{};
};

// How long an account's request log is kept.
struct LogKeep {
    std::uint64_t count = 10'000; // approximately
    std::int64_t age_ms = std::int64_t{30} * 24 * 3600 * 1000;
};

// Requests of one account, packed (core/logged_request.h).
struct PackedRequests {
    std::size_t count = 0;
    std::string packed;
};

class LogRequests : public StepFlow {
  public:
    LogRequests(const Keyspace& keyspace, const Message& message, const std::map<std::uint64_t, PackedRequests>& by_account,
                const LogKeep& keep);

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    ScriptCall to_send_{};
};

// Lists requests older than the cursor, newest first, at most `limit` (1 to 1000). Each is passed to `found`, some at a time.
class ListRequests : public StepFlow {
  public:
    using Found = std::function<void(const RequestLogEntry&)>;

    ListRequests(const Keyspace& keyspace, std::uint64_t account, RequestLogFilter filter, std::size_t limit, LogCursor before, Found found)
        : keyspace_(keyspace), account_(account), filter_(std::move(filter)), limit_(limit), cursor_(std::move(before)),
          labels_(keyspace, account), found_(std::move(found)) {}
    void read_after(std::string entry) { after_ = std::move(entry); } // only what was logged after this entry
    const std::string& next_page() const { return next_page_; }       // cursor of the next page; empty: there is none
    const std::string& newest() const { return newest_; }             // the first entry that was read; empty: there is none

  private:
    enum class Stage : std::uint8_t { start, entries, labels };

    struct Candidate {
        RequestLogEntry request;
        LogCursor cursor; // where older requests begin
    };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> ask();
    std::vector<Command> read_entries(const redisReply* reply);
    void read_entry(const redisReply* fields);
    std::vector<Command> label_candidates();
    std::vector<Command> give_candidates();

    const Keyspace& keyspace_;
    std::uint64_t account_;
    RequestLogFilter filter_;
    std::size_t limit_;
    LogCursor cursor_;
    std::string after_;
    std::string newest_;
    KeyLabels labels_;
    Found found_;
    Stage stage_ = Stage::start;
    bool is_end_ = false; // the end of the log is reached
    std::vector<Candidate> candidates_;
    std::size_t count_ = 0; // number of requests found
    std::size_t examined_ = 0;
    std::string next_page_;
};

} // namespace api_key::store
