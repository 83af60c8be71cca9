#include "module/metrics_page.h"

#include <algorithm>

#include "cache/addresses.h"
#include "cache/purses.h"
#include "core/documents/prometheus.h"
#include "core/text/money.h"
#include "core/text/version.h"
#include "module/request/response.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

using cache::Counter;
using cache::Histogram;

void counters(PrometheusText& page, const cache::Metrics& metrics, Counter counter, std::string_view label,
              std::span<const std::string_view> kinds) {
    for (std::size_t kind = 0; kind < kinds.size(); kind++) {
        page.sample(metrics.sum(counter, kind), label, kinds[kind]);
    }
}

void histogram(PrometheusText& page, const cache::Metrics& metrics, Histogram which) {
    const cache::HistogramCounts counts = metrics.sum(which);
    page.histogram(cache::histogram_bounds_ns, counts.buckets, counts.sum_ns);
}

void requests(PrometheusText& page, const cache::Metrics& metrics) {
    page.metric("api_key_requests_total", "counter", "Requests by result of the key check.");
    for (std::size_t index = 0; index < reason_count; index++) {
        page.sample(metrics.sum(Counter::results, index), "result", info(static_cast<Reason>(index)).name);
    }
    page.metric("api_key_decision_seconds", "histogram", "Time spent on the decision in the access phase.");
    histogram(page, metrics, Histogram::decision);
    page.metric("api_key_cache_results_total", "counter", "Key cache lookups by result.");
    counters(page, metrics, Counter::cache_results, "result", std::span(cache::cache_words).subspan(1));
}

void store(PrometheusText& page, const Worker& worker) {
    page.metric("api_key_store_up", "gauge", "Whether Redis has responded to this node within the last three seconds.");
    page.sample(worker.link.is_up() ? 1 : 0);
    page.metric("api_key_store_operations_total", "counter", "Redis operations by outcome.");
    counters(page, worker.metrics, Counter::store_outcomes, "outcome", cache::outcome_words);
    page.metric("api_key_store_operation_seconds", "histogram", "Duration of Redis operations.");
    histogram(page, worker.metrics, Histogram::store);
    page.metric("api_key_grants_total", "counter", "Grants of requests in advance by Redis.");
    page.sample(worker.metrics.sum(Counter::grants));
    page.metric("api_key_granted_requests_total", "counter", "Requests granted in advance by Redis.");
    page.sample(worker.metrics.sum(Counter::granted_requests));
}

void changes(PrometheusText& page, const Worker& worker) {
    page.metric("api_key_change_channel_up", "gauge", "Whether changes of keys reach this node, and none is missing.");
    page.sample(worker.is_channel_up() ? 1 : 0);
    page.metric("api_key_unconfirmed_changes_total", "counter", "Changes made at this node that some node had not confirmed in time.");
    page.sample(worker.metrics.sum(Counter::unconfirmed_changes));
    page.metric("api_key_change_confirm_seconds", "histogram", "Time until all nodes confirmed a change made at this node.");
    histogram(page, worker.metrics, Histogram::change_confirm);
}

void node(PrometheusText& page, const Worker& worker) {
    page.metric("api_key_build_info", "gauge", "The version of the module.");
    page.sample(std::uint64_t{1}, "version", version);
    page.metric("api_key_node_info", "gauge", "The name of this node, as in the answers to changes.");
    page.sample(std::uint64_t{1}, "node", worker.node.name);
}

void zone(PrometheusText& page, const cache::Zone& zone) {
    page.metric("api_key_zone_bytes", "gauge", "Size of the shared memory zone in bytes.");
    page.sample(zone.header().zone_bytes);
    page.metric("api_key_zone_entries", "gauge", "Keys in the cache, estimated for a large zone.");
    page.sample(zone.count());
    page.metric("api_key_zone_capacity", "gauge", "Maximum number of keys in the cache.");
    page.sample(zone.capacity());
    page.metric("api_key_blocked_addresses", "gauge", "Blocked IP addresses.");
    page.sample(cache::Addresses(zone).count(ngx_current_msec));
    std::uint64_t held = 0;
    std::uint64_t open = 0;
    for (const cache::Purse& purse : zone.purses()) {
        const bool is_open = purse.hold.load(std::memory_order_relaxed) != 0;
        open += is_open ? 1 : 0;
        held += is_open ? static_cast<std::uint64_t>(std::max<std::int64_t>(purse.available.load() + purse.reserved.load(), 0)) : 0;
    }
    page.metric("api_key_purses", "gauge", "Keys that workers have credits reserved for.");
    page.sample(open);
    page.metric("api_key_purses_capacity", "gauge", "Maximum number of keys that workers can have credits reserved for.");
    page.sample(zone.purses().size());
    page.metric("api_key_held_credits", "gauge", "Credits reserved in the wallets by the workers of this node.");
    page.sample_decimal(format_micro_credits(static_cast<std::int64_t>(held)));
}

void money(PrometheusText& page, const cache::Metrics& metrics) {
    page.metric("api_key_input_tokens_total", "counter", "Input tokens of metered responses.");
    counters(page, metrics, Counter::input_tokens, "provider", std::span(cache::provider_words).first(3));
    page.metric("api_key_output_tokens_total", "counter", "Output tokens of metered responses.");
    counters(page, metrics, Counter::output_tokens, "provider", std::span(cache::provider_words).first(3));
    page.metric("api_key_credits_total", "counter", "Credits charged.");
    for (std::size_t kind = 0; kind < cache::provider_words.size(); kind++) {
        const auto micro = static_cast<std::int64_t>(metrics.sum(Counter::micro_credits, kind));
        page.sample_decimal(format_micro_credits(micro), "provider", cache::provider_words[kind]);
    }
    page.metric("api_key_unmetered_total", "counter", "Responses whose token usage is unknown, by reason.");
    counters(page, metrics, Counter::unmetered, "reason", cache::unmetered_words);
}

void records(PrometheusText& page, const Worker& worker) {
    const cache::RequestRing ring(worker.zone);
    page.metric("api_key_log_records_total", "counter", "Requests written to the request log.");
    page.sample(worker.metrics.sum(Counter::log_records));
    page.metric("api_key_log_records_dropped_total", "counter", "Requests missing in the request log because its buffer was full.");
    page.sample(ring.dropped());
    page.metric("api_key_log_records_waiting", "gauge", "Requests waiting to be written to the request log.");
    page.sample(ring.size());
    page.metric("api_key_alerts_total", "counter", "Alert deliveries by result.");
    page.sample(worker.metrics.sum(Counter::alerts_sent), "result", "sent");
    page.sample(worker.metrics.sum(Counter::alerts_failed), "result", "failed");
}

// The cached keys with the most requests since they were cached.
void busiest(PrometheusText& page, const cache::Zone& zone, std::size_t count) {
    page.metric("api_key_key_requests_total", "counter", "Requests of the busiest keys on this node since they were cached.");
    for (const cache::Zone::KeyUses& key : zone.busiest(count)) {
        page.sample(key.uses, "key", std::to_string(key.key_id));
    }
}

} // namespace

ngx_int_t metrics_handler(ngx_http_request_t* r) {
    Worker* const the_worker = worker();
    if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) {
        return NGX_HTTP_NOT_ALLOWED;
    }
    if (const ngx_int_t result = ngx_http_discard_request_body(r); result != NGX_OK) {
        return result;
    }
    if (the_worker == nullptr) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }
    PrometheusText page;
    requests(page, the_worker->metrics);
    store(page, *the_worker);
    changes(page, *the_worker);
    node(page, *the_worker);
    zone(page, the_worker->zone);
    money(page, the_worker->metrics);
    records(page, *the_worker);
    if (location_configuration(r).metrics_top != 0) {
        busiest(page, the_worker->zone, location_configuration(r).metrics_top);
    }
    return send_body(r, NGX_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", page.text());
}

} // namespace api_key::module
