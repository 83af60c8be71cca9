#include "store/flows/allowance_flows.h"

#include <algorithm>
#include <array>
#include <utility>

#include "store/flows/money_flows.h"
#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::size_t head_elements = 6;

const Script& grant_script() {
    static const Script* const script = new Script(scripts::grant_lua);
    return *script;
}

const Script& give_back_script() {
    static const Script* const script = new Script(scripts::give_back_lua);
    return *script;
}

std::string text_of(const std::optional<std::int64_t>& rate) {
    return rate ? std::to_string(*rate) : std::string();
}

void add_windows(std::vector<std::string>& keys, const Keyspace& keyspace, std::uint64_t id, std::uint64_t account) {
    keys.insert(keys.end(), {keyspace.key(id), keyspace.day(id), keyspace.hour(id), keyspace.second(account), keyspace.minute(account)});
}

std::vector<std::string> grant_keys(const Keyspace& keyspace, std::uint64_t id, std::uint64_t account) {
    std::vector<std::string> keys{keyspace.epoch()};
    add_windows(keys, keyspace, id, account);
    keys.push_back(keyspace.sequence());
    keys.push_back(keyspace.alerts());
    keys.push_back(keyspace.alert_levels());
    return keys;
}

std::vector<std::string> grant_arguments(const Keyspace& keyspace, const LimitedKey& key, std::uint32_t waiting, std::uint32_t wanted,
                                         const Unused& unused) {
    return {key.version != 0 ? std::to_string(key.version) : std::string(),
            std::to_string(waiting),
            std::to_string(wanted),
            text_of(key.rates.per_second),
            text_of(key.rates.per_minute),
            std::to_string(unused.requests),
            std::to_string(unused.charged_ms),
            std::to_string(unused.charged),
            keyspace.changes(),
            std::to_string(key.id),
            std::to_string(key.account)};
}

// How the limits stand, in what grant.lua answers; false when it is something else.
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

// As grant.lua has them, the narrowest first.
constexpr std::array<std::pair<ChargedBits, std::int64_t>, 4> bucket_widths_ms{{{1, 100}, {2, 1000}, {8, 300'000}, {16, 3'600'000}}};

} // namespace

std::int64_t bucket_begin_ms(ChargedBits charged, std::int64_t charged_ms) {
    for (const auto& [bit, width_ms] : bucket_widths_ms) {
        if ((charged & bit) != 0) {
            return charged_ms - charged_ms % width_ms;
        }
    }
    return 0;
}

std::vector<Command> Grant::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return call(grant_script(), grant_keys(keyspace_, key_.id, key_.account),
                    grant_arguments(keyspace_, key_, waiting_, wanted_, unused_));
    }
    const Reply& reply = replies[0];
    if (ended_by(reply)) {
        return {};
    }
    if (word(reply) == "changed") {
        return end(Conflict::record_changed);
    }
    granted_ = static_cast<std::uint32_t>(number(reply, 1));
    store_now_ms_ = static_cast<std::int64_t>(number(reply, 2));
    until_ms_ = static_cast<std::int64_t>(number(reply, 3));
    charged_ = static_cast<ChargedBits>(number(reply, 4));
    const std::uint64_t refusing = number(reply, 5);
    refusing_ = refusing != 0 ? std::optional(static_cast<Window>(refusing - 1)) : std::nullopt;
    const bool is_sound = refusing <= window_count && granted_ <= std::max(waiting_, wanted_) && read_states(reply, states_);
    return is_sound ? end(Outcome::done) : give_up("unexpected answer of grant");
}

std::unique_ptr<Flow> Grant::taken_back() const {
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
        return call(grant_script(), grant_keys(keyspace_, key_.id, key_.account),
                    grant_arguments(keyspace_, {key_.id, key_.account, 0, rates_of_(key_.plan)}, 0, 0, {}));
    case Stage::limits:
        break;
    }
    if (ended_by(replies[0])) {
        return {};
    }
    return read_states(replies[0], states_) ? end(Outcome::done) : give_up("unexpected answer of grant");
}

std::vector<Command> GiveBack::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        std::vector<std::string> keys{keyspace_.epoch(), keyspace_.sequence()};
        std::vector<std::string> arguments{keyspace_.changes()};
        for (const Unused& one : unused_) {
            add_windows(keys, keyspace_, one.id, one.account);
            arguments.insert(arguments.end(), {std::to_string(one.id), std::to_string(one.requests), std::to_string(one.charged_ms),
                                               std::to_string(one.charged)});
        }
        return call(give_back_script(), std::move(keys), std::move(arguments));
    }
    return ended_by(replies[0]) ? std::vector<Command>{} : end(Outcome::done);
}

} // namespace api_key::store
