// The usage of keys, what they have left, and the plan that they share, as the management API shows it.
#include <unordered_map>

#include "core/documents/account_writer.h"
#include "core/documents/key_writer.h"
#include "module/manage/resources.h"
#include "store/flows/allowance_flows.h"
#include "store/flows/series_flow.h"

namespace api_key::module {

namespace {

// Bounds how many series of one account this worker reads or sends at a time: each may have ten megabytes, and a client may read slowly, or
// be gone before they are read.
std::shared_ptr<const void> take_turn(std::uint64_t account) {
    constexpr unsigned most = 8;
    static auto* const running = new std::unordered_map<std::uint64_t, unsigned>;
    if (const auto found = running->find(account); found != running->end() && found->second >= most) {
        return nullptr;
    }
    (*running)[account]++;
    return std::shared_ptr<const std::uint64_t>(new std::uint64_t(account), [](const std::uint64_t* turn) {
        if (--(*running)[*turn] == 0) {
            running->erase(*turn);
        }
        delete turn;
    });
}

const Plan* find_plan(const std::optional<Plans>& plans, std::string_view name) {
    return plans ? plans->find(name) : nullptr;
}

class KeyUsageCall : public ManageCall {
  public:
    using ManageCall::ManageCall;

  private:
    void begin(Action action) override;
    void begin_series();
    void show_series(store::ReadSeries& read);
    void begin_key();
    void read_series_of_key(const store::ReadUsage& read);
    void show_key(store::ReadSeries& read);
    void show_own(const store::ReadUsage& read);
    void show_subscription(const store::ReadUsage& read);

    std::function<Rates(std::string_view)> rates_by_plan() const;

    SeriesQuery series_query_;
    Json used_; // the usage of one key, without its series
};

void KeyUsageCall::begin(Action action) {
    const store::KeyScope whole_account{account(), {}};
    switch (action) {
    case Action::read:
        return begin_key();
    case Action::read_own:
        return run<&KeyUsageCall::show_own>(whole_account, caller_id(), rates_by_plan());
    case Action::subscription:
        return run<&KeyUsageCall::show_subscription>(whole_account, caller_id(), rates_by_plan());
    case Action::list:
        return begin_series();
    case Action::create:
    case Action::update:
    case Action::remove:
    case Action::rotate:
    case Action::clone:
    case Action::balance:
    case Action::transactions:
        break;
    }
    refuse_unknown_action();
}

void KeyUsageCall::begin_series() {
    Result<SeriesQuery> query = read_series_query(arguments(), now_ms());
    if (!query) {
        return refuse_invalid(query.error());
    }
    series_query_ = std::move(*query);
    series_query_.label.types = shown_types();
    series_query_.turn = take_turn(account());
    if (!series_query_.turn) {
        add_response_header(request(), "Retry-After", "1");
        return refuse(NGX_HTTP_TOO_MANY_REQUESTS, "This account asks for too many series at once: try again in 1 s", "too_many_requests");
    }
    run<&KeyUsageCall::show_series>(account(), series_query_);
}

void KeyUsageCall::show_series(store::ReadSeries& read) {
    std::vector<std::string> pieces = write_series(std::move(read.series()), series_query_.range, series_query_.group);
    if (series_query_.names && series_query_.group == UsageGroup::key) {
        add_member(pieces, "keys", write_named_keys(read.keys()));
    }
    send_pieces(NGX_HTTP_OK, std::move(pieces));
}

void KeyUsageCall::begin_key() {
    Result<SeriesQuery> query = read_series_query(arguments(), now_ms());
    if (!query) {
        return refuse_invalid(query.error());
    }
    series_query_ = std::move(*query);
    run<&KeyUsageCall::read_series_of_key>(store::KeyScope{account(), route_types()}, *target().id, rates_by_plan());
}

void KeyUsageCall::read_series_of_key(const store::ReadUsage& read) {
    used_ = key_usage_object(read.key(), used_states(read.key().id, read.states()), read.spend());
    json_object_set_new(used_.get(), "key", key_object(read.key(), read.store_now_ms()).release());
    json_object_set_new(used_.get(), "bucket", json_text(name_of(series_query_.range.bucket)).release());
    series_query_.group = UsageGroup::key;
    series_query_.only = {std::to_string(*target().id)};
    series_query_.every_bucket = true;
    run<&KeyUsageCall::show_key>(account(), series_query_);
}

void KeyUsageCall::show_key(store::ReadSeries& read) {
    std::string used = dump(used_);
    used.pop_back(); // the closing brace
    send_pieces(NGX_HTTP_OK, {used + ",\"series\":[", std::move(read.series().at(0).points), "]}"});
}

void KeyUsageCall::show_own(const store::ReadUsage& read) {
    send(NGX_HTTP_OK, write_key_with_usage(read.key(), used_states(read.key().id, read.states()), read.spend(), read.store_now_ms()));
}

void KeyUsageCall::show_subscription(const store::ReadUsage& read) {
    send(NGX_HTTP_OK,
         dump(subscription_object(find_plan(configuration().plans, read.key().plan), used_states(read.key().id, read.states()))));
}

std::function<Rates(std::string_view)> KeyUsageCall::rates_by_plan() const {
    return [&plans = configuration().plans](std::string_view name) {
        const Plan* plan = find_plan(plans, name);
        return plan != nullptr ? plan->rates : Rates{};
    };
}

} // namespace

ManageCall* make_key_usage_call(const CallStart& start) {
    return make_in_pool<KeyUsageCall>(start.request->pool, start);
}

} // namespace api_key::module
