// Reads the usage of an account's keys over time: first which were the busiest, then their series. Reads a bounded part at a time.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/logs/usage_series.h"
#include "store/flows/key_labels.h"
#include "store/keyspace.h"
#include "store/step_flow.h"

namespace api_key::store {

// conflict too_much: the range has more counters than are read for one answer.
class ReadSeries : public StepFlow {
  public:
    static constexpr std::size_t max_counters = 2'000'000;
    static constexpr std::size_t max_names = 50'000;

    ReadSeries(const Keyspace& keyspace, std::uint64_t account, SeriesQuery query)
        : keyspace_(keyspace), account_(account), query_(std::move(query)), ranking_(query_.order), labels_(keyspace, account) {}
    std::vector<NamedSeries>& series() { return series_; } // in the query's order
    const NamedKeys& keys() const { return keys_; }        // that the series are of

  private:
    enum class Stage : std::uint8_t { start, sizes, names, labels, points, keys };

    // A part of a bucket's series that is read at once.
    struct Part {
        std::size_t bucket;
        std::size_t first;
        std::size_t end;
    };
    struct Scan {
        std::size_t bucket;
        std::string cursor;
    };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> ask_sizes();
    std::vector<Command> read_sizes(std::span<const Reply> replies);
    std::vector<Command> ask_names();
    std::vector<Command> read_names(std::span<const Reply> replies);
    std::vector<Command> ask_labels();
    std::vector<Command> read_labels(std::span<const Reply> replies);
    std::vector<Command> choose();
    std::vector<Command> ask_points();
    std::vector<Command> read_points(std::span<const Reply> replies);
    std::vector<Command> name_keys();
    void add_series(const std::string& name, std::uint32_t kinds);
    void read_scan(const Scan& scan, const redisReply* fields);
    std::string counter(std::size_t bucket) const;

    const Keyspace& keyspace_;
    std::uint64_t account_;
    SeriesQuery query_;
    Stage stage_ = Stage::start;
    std::vector<std::size_t> sizes_; // fields of each bucket
    std::size_t next_bucket_ = 0;
    std::vector<Scan> scans_; // that were asked for
    UsageRanking ranking_;
    KeyLabels labels_;
    NamedKeys keys_;
    std::vector<UsageRanking::Ranked> candidates_; // their labels were asked for
    std::vector<NamedSeries> series_;
    std::vector<std::vector<std::size_t>> kinds_; // of the counters of each series
    std::size_t next_series_ = 0;
    std::vector<Part> parts_; // that were asked for
};

} // namespace api_key::store
