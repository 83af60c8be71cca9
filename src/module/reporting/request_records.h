// The request log and the usage counters, reported to the store in batches. A worker that is killed loses what it has counted within the
// last `interval_ms` and the batch that it had taken out of the ring.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cache/request_ring.h"
#include "module/node/store_link.h"
#include "module/request/request.h"
#include "store/flows/request_flows.h"
#include "store/nginx/timer.h"

namespace api_key::module {

class RequestRecords {
  public:
    static constexpr ngx_msec_t interval_ms = 500;
    static constexpr std::size_t batch_size = 512;
    static constexpr std::size_t max_keys = 50'000; // counted at a time while the store is down
    static constexpr std::size_t max_models = 50;   // of one key at a time

    RequestRecords(StoreLink& link, cache::Zone& zone, cache::Metrics& metrics, const store::LogKeep& keep);
    RequestRecords(const RequestRecords&) = delete;
    RequestRecords& operator=(const RequestRecords&) = delete;

    // Records a request that is over.
    void note(const RequestContext& context);

    // The key has changed: reports its usage soon, because its new limits count it.
    void flush_counts_of(std::uint64_t key_id);

    // Reports everything at once, for a worker that shuts down.
    void flush();

  private:
    void count(const RequestContext& context);
    store::KeyUse* use_of(const RecordView& record);
    void clear_batch();
    void log(const RequestContext& context);
    void tick();
    void send_counts();
    void send_next_counts();
    void send_log();
    bool is_log_due() const;
    void log_problem(const store::Flow& flow);
    void free_stuck();
    void report_dropped();
    bool take_counts();
    bool take_log();
    void counts_sent(const store::CountRequests& flow);
    void log_sent(const store::LogRequests& flow);

    StoreLink& link_;
    cache::Metrics& metrics_;
    const store::LogKeep& keep_;
    cache::RequestRing ring_;
    store::Timer<&RequestRecords::tick> timer_;

    std::unordered_map<std::uint64_t, store::KeyUse> uses_; // by key
    std::uint64_t last_key_ = 0;                            // counted last …
    store::KeyUse* last_use_ = nullptr;                     // … and where; null: look it up
    std::vector<std::pair<std::uint64_t, store::KeyUse>> sent_uses_;
    store::Message uses_message_;
    std::size_t uses_to_send_ = 0; // of `uses_`: how many there were when the interval ended
    bool uses_running_ = false;

    std::map<std::uint64_t, store::PackedRequests> batch_; // by account: taken out of the ring and not in the store yet
    std::size_t batch_count_ = 0;
    store::Message batch_message_;
    std::size_t log_to_send_ = 0; // of the ring: how many there were when the interval ended
    bool batch_running_ = false;

    std::optional<cache::RequestRing::Stuck> stuck_;
    std::uint64_t stuck_since_ms_ = 0;
    std::uint64_t dropped_logged_ = 0;
    std::uint64_t dropped_logged_ms_ = 0;
    std::string problem_; // last reported
};

} // namespace api_key::module
