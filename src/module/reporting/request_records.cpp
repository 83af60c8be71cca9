#include "module/reporting/request_records.h"

#include <algorithm>

#include "module/credentials/variable_guard.h"
#include "module/ngx/client_address.h"
#include "module/request/response.h"
#include "store/random_source.h"

namespace api_key::module {

namespace {

constexpr std::size_t numbers_at_once = 300; // of counters, in one message: a script blocks the store while it adds them up
constexpr std::size_t few = 16;              // requests of a batch
constexpr std::size_t usual_size = 192;      // of one, packed
constexpr std::size_t max_logs = 64;         // of accounts, in one message
constexpr std::uint64_t stuck_for_ms = 1000;
constexpr std::uint64_t dropped_every_ms = 10'000;

ngx_uint_t answer_status(const ngx_http_request_t* r) {
    return r->err_status != 0 ? r->err_status : r->headers_out.status;
}

std::string_view path_of(const ngx_http_request_t* r) {
    const std::string_view uri = view(r->unparsed_uri);
    return uri.substr(0, uri.find('?'));
}

constexpr std::string_view other_models = "(others)";
constexpr std::size_t max_model_length = 64;

// Clients choose the names, so a model gets its own counter only for a successful answer of an upstream, which knows it.
std::string_view counted_model(const RequestContext& context) {
    const ngx_http_request_t* r = context.request;
    const auto is_good = [](ngx_uint_t status) { return status >= NGX_HTTP_OK && status < NGX_HTTP_SPECIAL_RESPONSE; };
    const bool upstream_is_good = r->upstream == nullptr || is_good(r->upstream->headers_in.status_n);
    return upstream_is_good && is_good(answer_status(r)) && context.model.len <= max_model_length ? view(context.model) : other_models;
}

UsageCounts& counts_of(std::vector<std::pair<std::string, UsageCounts>>& models, std::string_view name) {
    const auto find = [&](std::string_view what) {
        return std::find_if(models.begin(), models.end(), [&](const auto& pair) { return pair.first == what; });
    };
    auto one = find(name);
    if (one == models.end() && models.size() >= RequestRecords::max_models) {
        name = other_models;
        one = find(name);
    }
    return one != models.end() ? one->second : models.emplace_back(std::string(name), UsageCounts{}).second;
}

// The most numbers that a message has for a key: by key, by category and by model, in minutes, hours and days.
std::size_t numbers_of(const store::KeyUse& use) {
    const std::size_t by_key = counters_of(use.counts).size();
    return 3 * (2 * by_key + 4 * use.models.size());
}

TokenUsage usage_of(const RequestContext& context) {
    return context.meter != nullptr ? context.meter->usage() : TokenUsage{};
}

} // namespace

RequestRecords::RequestRecords(StoreLink& link, cache::Zone& zone, cache::Metrics& metrics, const store::LogKeep& keep)
    : link_(link), metrics_(metrics), keep_(keep), ring_(zone), timer_(*this, ngx_cycle->log, store::AtShutdown::cancel) {
    const std::string sender = store::random_hex(8);
    uses_message_.sender = sender + ":uses";
    batch_message_.sender = sender + ":log";
    timer_.start(interval_ms);
}

void RequestRecords::note(const RequestContext& context) {
    if (!context.has_record || context.progress != Progress::decided) {
        return;
    }
    if (context.cell != nullptr && context.cell->key_id == context.record->id) {
        context.cell->uses.fetch_add(1, std::memory_order_relaxed);
    }
    count(context);
    if (location_configuration(context.request).log != 0) {
        log(context);
    }
}

// Remembers the last key, as a busy one comes again and again.
store::KeyUse* RequestRecords::use_of(const RecordView& record) {
    if (record.id == last_key_ && last_use_ != nullptr) {
        return last_use_;
    }
    const auto found = uses_.find(record.id);
    if (found == uses_.end() && uses_.size() >= max_keys) {
        ring_.count_dropped(1);
        return nullptr;
    }
    store::KeyUse& use = found != uses_.end() ? found->second : uses_[record.id];
    if (found == uses_.end()) {
        use.account = record.account;
        use.category = record.category;
    }
    last_key_ = record.id;
    last_use_ = &use;
    return last_use_;
}

void RequestRecords::count(const RequestContext& context) {
    store::KeyUse* const use = use_of(*context.record);
    if (use == nullptr) {
        return;
    }
    if (context.reason != Reason::none) {
        use->counts.refused[static_cast<std::size_t>(context.reason)]++;
        return;
    }
    use->last_used_ms = std::max(use->last_used_ms, begin_ms(context.request));
    if (location_configuration(context.request).manages) {
        return;
    }
    const std::int64_t cost = context.cost_micro_credits.value_or(0);
    const TokenUsage usage = usage_of(context);
    const auto add = [&](UsageCounts& counts) {
        counts.requests++;
        counts.input_tokens += usage.all_input();
        counts.output_tokens += usage.output;
        counts.cost_micro_credits += cost;
    };
    add(use->counts);
    use->uncharged += context.record->has_quotas ? 0 : 1;
    if (context.model.len == 0) {
        return;
    }
    add(counts_of(use->models, without_keys(context.request, counted_model(context))));
}

void RequestRecords::log(const RequestContext& context) {
    ngx_http_request_t* r = context.request;
    const bool written = ring_.push([&](LoggedRequest& request) {
        const TokenUsage usage = usage_of(context);
        request.account = context.record->account;
        request.key_id = context.record->id;
        request.at_ms = begin_ms(r);
        request.cost = context.cost_micro_credits.value_or(-1);
        request.input_tokens = usage.known ? usage.all_input() : -1;
        request.output_tokens = usage.known ? usage.output : -1;
        request.first_byte_ms = context.first_byte_ms;
        request.status = static_cast<std::uint16_t>(answer_status(r));
        request.result = static_cast<std::uint8_t>(context.reason);
        request.unused = 0;
        request.address = client_address(r).value_or(Address{});
        set_texts(request, {view(r->method_name), request_id(r), without_keys(r, view(context.model)), without_keys(r, path_of(r))});
    });
    if (written && is_log_due()) {
        send_log();
    }
}

void RequestRecords::tick() {
    timer_.start(interval_ms);
    send_counts();
    log_to_send_ = ring_.size();
    send_log();
    free_stuck();
    report_dropped();
}

void RequestRecords::flush_counts_of(std::uint64_t key_id) {
    if (uses_.contains(key_id)) {
        send_counts();
    }
}

bool RequestRecords::take_counts() {
    if (sent_uses_.empty()) {
        last_use_ = nullptr;
        for (std::size_t numbers = 0; !uses_.empty();) {
            numbers += numbers_of(uses_.begin()->second);
            if (numbers > numbers_at_once && !sent_uses_.empty()) {
                break;
            }
            auto node = uses_.extract(uses_.begin());
            sent_uses_.emplace_back(node.key(), std::move(node.mapped()));
            uses_to_send_ -= std::min<std::size_t>(uses_to_send_, 1);
        }
        uses_message_.number++;
    }
    return !sent_uses_.empty();
}

bool RequestRecords::take_log() {
    if (batch_.empty()) {
        store::PackedRequests* last = nullptr; // of the account before, which is most often the same
        std::uint64_t last_account = 0;
        const auto take = [&](const LoggedRequest& request) {
            if (last == nullptr || request.account != last_account) {
                last = &batch_[request.account];
                last_account = request.account;
            }
            store::PackedRequests& requests = *last;
            if (requests.packed.empty() && ring_.size() > few) {
                requests.packed.reserve(usual_size * std::min<std::size_t>(ring_.size(), batch_size));
            }
            pack(request, requests.packed);
            requests.count++;
            batch_count_++;
        };
        while (batch_count_ < batch_size && batch_.size() < max_logs && ring_.pop(take)) {}
        log_to_send_ -= std::min(log_to_send_, batch_count_);
        batch_message_.number++;
    }
    return !batch_.empty();
}

void RequestRecords::clear_batch() {
    metrics_.add(cache::Counter::log_records, batch_count_);
    batch_.clear();
    batch_count_ = 0;
}

// A batch that could not be sent is sent again under the same number, so that the store can drop a duplicate.
void RequestRecords::send_counts() {
    uses_to_send_ = uses_.size();
    send_next_counts();
}

void RequestRecords::send_next_counts() {
    if (uses_running_ || (uses_to_send_ == 0 && sent_uses_.empty())) {
        return;
    }
    if (take_counts()) {
        uses_running_ = link_.run<store::CountRequests>(Lane::requests, done<&RequestRecords::counts_sent>, this, uses_message_, sent_uses_,
                                                        unix_ms()) != nullptr;
    }
}

void RequestRecords::counts_sent(const store::CountRequests& flow) {
    uses_running_ = false;
    log_problem(flow);
    if (flow.outcome() == store::Outcome::done) {
        sent_uses_.clear();
        send_next_counts();
    }
}

// The client logs outages, so they are not logged again here.
void RequestRecords::log_problem(const store::Flow& flow) {
    const bool done = flow.outcome() == store::Outcome::done;
    if (const std::string problem = done || !link_.is_up() ? std::string() : flow.reason(); problem != problem_) {
        problem_ = problem;
        if (!problem.empty()) {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0, "api_key: request records cannot be stored and are kept: %s", problem.c_str());
        }
    }
}

// Due early, before the interval ends, so that the ring does not fill up.
bool RequestRecords::is_log_due() const {
    return !batch_running_ && ring_.size() >= std::min(batch_size, ring_.capacity() / 4);
}

void RequestRecords::send_log() {
    if (!batch_running_ && take_log()) {
        batch_running_ =
            link_.run<store::LogRequests>(Lane::requests, done<&RequestRecords::log_sent>, this, batch_message_, batch_, keep_) != nullptr;
    }
}

void RequestRecords::log_sent(const store::LogRequests& flow) {
    batch_running_ = false;
    log_problem(flow);
    if (flow.outcome() == store::Outcome::done) {
        clear_batch();
        if (is_log_due() || log_to_send_ > 0) {
            send_log();
        }
    }
}

void RequestRecords::free_stuck() {
    const std::optional<cache::RequestRing::Stuck> stuck = ring_.find_stuck();
    if (!stuck || stuck != stuck_) {
        stuck_ = stuck;
        stuck_since_ms_ = ngx_current_msec;
    } else if (ngx_current_msec - stuck_since_ms_ >= stuck_for_ms) {
        ring_.free_stuck(*stuck);
        stuck_.reset();
    }
}

void RequestRecords::report_dropped() {
    const std::uint64_t dropped = ring_.dropped();
    if (dropped > dropped_logged_ && (dropped_logged_ms_ == 0 || ngx_current_msec - dropped_logged_ms_ >= dropped_every_ms)) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "api_key: %uL requests were not logged so far: the buffer of the request log was full", dropped);
        dropped_logged_ = dropped;
        dropped_logged_ms_ = ngx_current_msec;
    }
}

void RequestRecords::flush() {
    if (sent_uses_.empty() && uses_.empty() && batch_.empty() && ring_.size() == 0) {
        return;
    }
    while (link_.can_run_at_shutdown() && take_counts()) {
        store::CountRequests flow(link_.keyspace(), uses_message_, sent_uses_, unix_ms());
        link_.run_at_shutdown(flow);
        if (flow.outcome() != store::Outcome::done) {
            return;
        }
        sent_uses_.clear();
    }
    while (link_.can_run_at_shutdown() && take_log()) { // requests that cannot be sent stay in the ring for other workers
        store::LogRequests flow(link_.keyspace(), batch_message_, batch_, keep_);
        link_.run_at_shutdown(flow);
        if (flow.outcome() != store::Outcome::done) {
            return;
        }
        clear_batch();
    }
}

} // namespace api_key::module
