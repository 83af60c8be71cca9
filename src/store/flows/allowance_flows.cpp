#include "store/flows/allowance_flows.h"

#include <algorithm>
#include <utility>

#include "store/flows/money_flows.h"
#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::size_t head_elements = 6;

std::string rate_text(const std::optional<std::int64_t>& rate) {
    return rate ? std::to_string(*rate) : std::string();
}

ScriptCall call_of_grant(const Keyspace& keyspace, const LimitedKey& key, std::uint32_t waiting, std::uint32_t wanted,
                         const Unused& unused) {
    return scripts::grant::call({.epoch = keyspace.epoch(),
                                 .key = keyspace.key(key.id),
                                 .second = keyspace.second(key.account),
                                 .minute = keyspace.minute(key.account),
                                 .day = keyspace.day(key.id),
                                 .hour = keyspace.hour(key.id),
                                 .sequence = keyspace.sequence(),
                                 .alerts = keyspace.alerts(),
                                 .levels = keyspace.alert_levels()},
                                {.expected = key.version != 0 ? std::to_string(key.version) : std::string(),
                                 .waiting = waiting,
                                 .wanted = wanted,
                                 .second_rate = rate_text(key.rates.per_second),
                                 .minute_rate = rate_text(key.rates.per_minute),
                                 .given_back = unused.requests,
                                 .charged_ms = unused.charged_ms,
                                 .charged_bits = unused.charged,
                                 .made = unused.made,
                                 .channel = keyspace.changes(),
                                 .id = key.id,
                                 .account = key.account});
}

// Reads the state of the limits in grant.lua's answer; false when it is malformed.
bool read_states(const Reply& reply, WindowStates& states) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != head_elements + 3 * window_count) {
        return false;
    }
    for (std::size_t index = 1; index < reply->elements; index++) {
        if (reply->element[index]->type != REDIS_REPLY_INTEGER) {
            return false;
        }
    }
    for (std::size_t index = 0; index < window_count; index++) {
        redisReply* const* of_window = reply->element + head_elements + 3 * index;
        states[index] = {of_window[0]->integer, of_window[1]->integer, of_window[2]->integer};
    }
    return true;
}

} // namespace

std::int64_t bucket_begin_ms(ChargedBits charged, std::int64_t charged_ms) {
    std::int64_t narrowest_ms = 0;
    for (const WindowInfo& window : windows) {
        if ((charged & window.charge_bit) != 0 && is_rolling(window.window)) {
            narrowest_ms = narrowest_ms == 0 ? window.bucket_ms : std::min(narrowest_ms, window.bucket_ms);
        }
    }
    return narrowest_ms != 0 ? charged_ms - charged_ms % narrowest_ms : 0;
}

std::vector<Command> Grant::step(std::span<const Reply> replies) {
    using scripts::grant::Answer;
    if (replies.empty()) {
        return call(call_of_grant(keyspace_, key_, waiting_, wanted_, unused_));
    }
    const Reply& reply = replies[0];
    const std::optional<Answer> answered = answer<Answer>(reply);
    if (!answered || *answered == Answer::changed) {
        return answered ? end(Conflict::record_changed) : std::vector<Command>{};
    }
    granted_ = static_cast<std::uint32_t>(number(reply, 1));
    store_now_ms_ = static_cast<std::int64_t>(number(reply, 2));
    until_ms_ = static_cast<std::int64_t>(number(reply, 3));
    charged_ = static_cast<ChargedBits>(number(reply, 4));
    const std::uint64_t refusing = number(reply, 5);
    refusing_ = refusing != 0 ? std::optional(static_cast<Window>(refusing - 1)) : std::nullopt;
    const bool is_sound = refusing <= window_count && granted_ <= std::max(waiting_, wanted_) && read_states(reply, states_);
    return is_sound ? end(Outcome::done) : give_up_on("grant");
}

std::unique_ptr<Flow> Grant::undo() const {
    if (granted_ == 0) {
        return nullptr;
    }
    return std::make_unique<GiveBack>(keyspace_, std::vector<Unused>{{key_.id, key_.account, granted_, store_now_ms_, charged_}});
}

std::vector<Command> ReadUsage::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start:
        stage_ = Stage::key;
        return ask();
    case Stage::key:
        stage_ = Stage::plan;
        return take(replies) ? std::vector<Command>{{"HGET", keyspace_.account(key_.account), "plan"},
                                                    {"HGET", keyspace_.spending(key_.account), std::to_string(key_.id)}}
                             : std::vector<Command>{};
    case Stage::plan:
        stage_ = Stage::limits;
        spend_ = read_spending(text(replies[1].get()), store_now_ms());
        key_.plan = key_.plan.empty() ? std::string(text(replies[0].get())) : key_.plan;
        return call(call_of_grant(keyspace_, {key_.id, key_.account, 0, rates_of_(key_.plan)}, 0, 0, {}));
    case Stage::limits:
        break;
    }
    if (!answer<scripts::grant::Answer>(replies[0])) {
        return {};
    }
    return read_states(replies[0], states_) ? end(Outcome::done) : give_up_on("grant");
}

ReadUsages::ReadUsages(const Keyspace& keyspace, std::uint64_t account, std::vector<KeyRecord> keys)
    : keyspace_(keyspace), account_(account) {
    usages_.reserve(keys.size());
    for (KeyRecord& key : keys) {
        usages_.push_back({std::move(key), {}, {}});
    }
}

std::vector<Command> ReadUsages::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start: {
        stage_ = Stage::spending;
        Command spending{"HMGET", keyspace_.spending(account_)};
        for (const Usage& usage : usages_) {
            spending.push_back(std::to_string(usage.key.id));
        }
        return {{"TIME"}, std::move(spending)};
    }
    case Stage::spending:
        return read_spending_of_all(replies);
    case Stage::quotas:
        break;
    }
    if (!is_gone(replies[0])) { // deleted since its record was read
        if (!answer<scripts::grant::Answer>(replies[0])) {
            return {};
        }
        if (!read_states(replies[0], usages_[next_ - 1].states)) {
            return give_up_on("grant");
        }
    }
    return ask_quotas();
}

std::vector<Command> ReadUsages::read_spending_of_all(std::span<const Reply> replies) {
    stage_ = Stage::quotas;
    const std::optional<std::int64_t> now_ms = time_ms(replies[0].get());
    if (!now_ms || !is_array(replies[1].get()) || replies[1]->elements != usages_.size()) {
        return give_up("unexpected reply to HMGET");
    }
    store_now_ms_ = *now_ms;
    for (std::size_t index = 0; index < usages_.size(); index++) {
        usages_[index].spend = read_spending(text(replies[1]->element[index]), store_now_ms_);
    }
    return ask_quotas();
}

std::vector<Command> ReadUsages::ask_quotas() {
    while (next_ < usages_.size()) {
        const KeyRecord& key = usages_[next_++].key;
        if (key.quotas != Quotas{}) {
            return call(call_of_grant(keyspace_, {key.id, account_, 0, {}}, 0, 0, {}));
        }
    }
    return end(Outcome::done);
}

std::vector<Command> GiveBack::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        scripts::give_back::Keys keys{.epoch = keyspace_.epoch(), .sequence = keyspace_.sequence(), .each = {}};
        scripts::give_back::Arguments arguments{.channel = keyspace_.changes(), .each = {}};
        for (const Unused& one : unused_) {
            keys.each.push_back({.key = keyspace_.key(one.id),
                                 .second = keyspace_.second(one.account),
                                 .minute = keyspace_.minute(one.account),
                                 .day = keyspace_.day(one.id),
                                 .hour = keyspace_.hour(one.id)});
            arguments.each.push_back({.id = one.id, .requests = one.requests, .charged_ms = one.charged_ms, .bits = one.charged});
        }
        return call(scripts::give_back::call(std::move(keys), std::move(arguments)));
    }
    return end_if_ok<scripts::give_back::Answer>(replies[0]);
}

} // namespace api_key::store
