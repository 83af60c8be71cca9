// Lists an account's keys, newest first, page by page; reads a bounded number of them at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/policy/key_filter.h"
#include "store/keyspace.h"
#include "store/step_flow.h"

namespace api_key::store {

class ListKeys : public StepFlow {
  public:
    static constexpr std::size_t max_examined = 5000;

    // `before`: only keys with smaller ids; 0: from the newest on. `limit` is 1 to 1000; a page ends with page_bytes of keys too.
    ListKeys(const Keyspace& keyspace, std::uint64_t account, KeyFilter filter, std::size_t limit, std::uint64_t before,
             bool keep_records = false)
        : keyspace_(keyspace), account_(account), filter_(std::move(filter)), limit_(limit), before_(before), keep_records_(keep_records) {}

    std::vector<std::string>& keys() { return keys_; }     // as the management API writes them
    std::vector<KeyRecord>& records() { return records_; } // the same keys, if they were to be kept
    std::uint64_t next_page() const {
        return next_;
    } // the `before` of the next page; 0: this was the last. A page may be short and not the last.
    std::int64_t store_now_ms() const { return store_now_ms_; }
    const std::string& malformed() const { return malformed_; } // the first record that had to be left out, and why; empty: none

  private:
    enum class Stage : std::uint8_t { start, ids, sizes, records };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> ask_ids();
    std::vector<Command> read_ids(std::span<const Reply> replies);
    std::vector<Command> read_sizes(std::span<const Reply> replies);
    std::vector<Command> ask_records();
    std::vector<Command> read_records(std::span<const Reply> replies);
    void read_record_of(std::uint64_t id, const redisReply* reply);

    const Keyspace& keyspace_;
    std::uint64_t account_;
    KeyFilter filter_;
    std::size_t limit_;
    std::uint64_t before_;
    bool keep_records_;
    Stage stage_ = Stage::start;
    std::size_t chunk_ = 0;
    std::size_t examined_ = 0;
    bool more_ = false; // there are ids beyond this chunk
    std::vector<std::uint64_t> ids_;
    std::vector<std::size_t> sizes_; // approximate sizes of their records
    std::size_t first_ = 0;          // first and end of those asked for
    std::size_t end_ = 0;
    std::vector<std::string> keys_;
    std::vector<KeyRecord> records_;
    std::size_t bytes_ = 0;
    std::uint64_t next_ = 0;
    std::int64_t store_now_ms_ = 0;
    std::string malformed_;
};

} // namespace api_key::store
