#include "store/request_flows.h"

#include <algorithm>
#include <charconv>

#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::array<UsageBucket, 3> buckets{UsageBucket::minute, UsageBucket::hour, UsageBucket::day};
constexpr std::size_t most_models = 4000; // fields of one counter: names come from clients
constexpr std::size_t chunk = 500;
constexpr std::size_t most_examined = 20'000;

const Script& count_script() {
    static const Script* const script = new Script(scripts::count_requests_lua);
    return *script;
}

const Script& log_script() {
    static const Script* const script = new Script(scripts::log_requests_lua);
    return *script;
}

struct Group {
    std::uint64_t account;
    UsageGroup group;
    bool operator<(const Group& other) const { return std::pair(account, group) < std::pair(other.account, other.group); }
};

using Groups = std::map<Group, std::map<std::string, UsageCounts>>;

Groups add_up(const std::vector<std::pair<std::uint64_t, KeyUse>>& uses) {
    Groups groups;
    for (const auto& [key_id, use] : uses) {
        groups[{use.account, UsageGroup::key}][std::to_string(key_id)].add(use.counts);
        groups[{use.account, UsageGroup::category}][use.category].add(use.counts);
        for (const auto& [model, counts] : use.models) {
            groups[{use.account, UsageGroup::model}][model].add(counts);
        }
    }
    return groups;
}

std::optional<std::int64_t> optional_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? std::optional(number) : std::nullopt;
}

std::string text_of_number(const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : std::string();
}

RequestLogEntry read_request(std::uint64_t account, const redisReply* fields) {
    const auto field = [&](const char* name) { return std::string(hash_field(fields, name)); };
    const auto number = [&](const char* name) { return optional_number(hash_field(fields, name)); };
    RequestLogEntry entry;
    entry.account = account;
    entry.at_ms = number("at").value_or(0);
    entry.key_id = static_cast<std::uint64_t>(number("key").value_or(0));
    entry.method = field("method");
    entry.path = field("path");
    entry.status = static_cast<std::uint16_t>(number("status").value_or(0));
    entry.first_byte_ms = number("first_byte");
    entry.address = field("address");
    entry.cost_micro_credits = number("cost");
    entry.model = field("model");
    entry.input_tokens = number("input");
    entry.output_tokens = number("output");
    entry.request_id = field("id");
    entry.result = field("result");
    return entry;
}

} // namespace

CountRequests::CountRequests(const Keyspace& keyspace, std::string message, const std::vector<std::pair<std::uint64_t, KeyUse>>& uses,
                             std::int64_t now_ms)
    : keys_to_send_{keyspace.epoch(), keyspace.message(message)} {
    std::size_t counters = 0;
    for (const auto& [group, names] : add_up(uses)) {
        for (const UsageBucket bucket : buckets) {
            std::size_t pairs = 0;
            keys_to_send_.push_back(keyspace.counter(group.account, group.group, bucket, now_ms / width_ms(bucket)));
            arguments_to_send_.push_back(std::to_string(kept_s(bucket)));
            arguments_to_send_.push_back(std::to_string(group.group == UsageGroup::model ? most_models : 0));
            const std::size_t place = arguments_to_send_.size();
            arguments_to_send_.emplace_back();
            for (const auto& [name, counts] : names) {
                for (auto& [field, number] : counter_fields(name, counts)) {
                    arguments_to_send_.push_back(std::move(field));
                    arguments_to_send_.push_back(std::to_string(number));
                    pairs++;
                }
            }
            arguments_to_send_[place] = std::to_string(pairs);
            counters++;
        }
    }
    arguments_to_send_.insert(arguments_to_send_.begin(), std::to_string(counters));
    for (const auto& [key_id, use] : uses) {
        if (use.last_used_ms != 0) {
            keys_to_send_.push_back(keyspace.key(key_id));
            arguments_to_send_.push_back(std::to_string(use.last_used_ms));
        }
    }
}

std::vector<Command> CountRequests::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return call(count_script(), std::move(keys_to_send_), std::move(arguments_to_send_));
    }
    if (ended_by(replies[0])) {
        return {};
    }
    return word(replies[0]) == "ok" ? end(Outcome::done) : give_up("unexpected answer of count_requests");
}

LogRequests::LogRequests(const Keyspace& keyspace, std::string message, const std::vector<RequestLogEntry>& requests, const LogKeep& keep)
    : keys_to_send_{keyspace.epoch(), keyspace.message(message)}, arguments_to_send_{std::to_string(keep.count),
                                                                                     std::to_string(keep.age_ms)} {
    std::map<std::uint64_t, std::size_t> logs;
    for (const RequestLogEntry& entry : requests) {
        const auto [log, is_new] = logs.try_emplace(entry.account, logs.size() + 1);
        if (is_new) {
            keys_to_send_.push_back(keyspace.request_log(entry.account));
        }
        for (std::string value :
             {std::to_string(log->second), std::to_string(entry.at_ms), std::to_string(entry.key_id), entry.method, entry.path,
              std::to_string(entry.status), text_of_number(entry.first_byte_ms), entry.address, text_of_number(entry.cost_micro_credits),
              entry.model, text_of_number(entry.input_tokens), text_of_number(entry.output_tokens), entry.request_id, entry.result}) {
            arguments_to_send_.push_back(std::move(value));
        }
    }
}

std::vector<Command> LogRequests::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return call(log_script(), std::move(keys_to_send_), std::move(arguments_to_send_));
    }
    if (ended_by(replies[0])) {
        return {};
    }
    return word(replies[0]) == "ok" ? end(Outcome::done) : give_up("unexpected answer of log_requests");
}

std::vector<Command> ListRequests::ask() const {
    return {{"XREVRANGE", keyspace_.request_log(account_), before_.empty() ? "+" : "(" + before_, std::to_string(filter_.from_ms), "COUNT",
             std::to_string(chunk)}};
}

std::vector<Command> ListRequests::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return ask();
    }
    if (!is_array(replies[0].get())) {
        return give_up("unexpected reply to XREVRANGE");
    }
    for (std::size_t index = 0; index < replies[0]->elements; index++) {
        const redisReply* item = replies[0]->element[index];
        if (!is_array(item) || item->elements != 2 || !is_array(item->element[1])) {
            return give_up("unexpected reply to XREVRANGE");
        }
        before_ = text(item->element[0]);
        examined_++;
        RequestLogEntry entry = read_request(account_, item->element[1]);
        if (filter_.matches(entry)) {
            requests_.push_back(std::move(entry));
        }
        if (requests_.size() == limit_) {
            next_page_ = before_;
            return end(Outcome::done);
        }
    }
    if (replies[0]->elements < chunk) {
        return end(Outcome::done);
    }
    if (examined_ >= most_examined) {
        next_page_ = before_;
        return end(Outcome::done);
    }
    return ask();
}

std::vector<Command> ReadLabels::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        std::vector<Command> commands;
        for (const std::uint64_t id : ids_) {
            commands.push_back({"HMGET", keyspace_.key(id), "cat", "alias"});
        }
        return commands.empty() ? end(Outcome::done) : commands;
    }
    for (std::size_t index = 0; index < replies.size(); index++) {
        const redisReply* reply = replies[index].get();
        if (!is_array(reply) || reply->elements != 2) {
            return give_up("unexpected reply to HMGET");
        }
        labels_.push_back({ids_[index], std::string(text(reply->element[0])), std::string(text(reply->element[1]))});
    }
    return end(Outcome::done);
}

std::vector<Command> ReadSeries::step(std::span<const Reply> replies) {
    const std::vector<std::string> names = only_.empty() ? std::vector<std::string>{} : counter_names(only_);
    if (replies.empty()) {
        std::vector<Command> commands;
        for (std::int64_t number = range_.first; number <= range_.last; number++) {
            Command command{only_.empty() ? "HGETALL" : "HMGET", keyspace_.counter(account_, group_, range_.bucket, number)};
            command.insert(command.end(), names.begin(), names.end());
            commands.push_back(std::move(command));
        }
        return commands;
    }
    for (std::size_t bucket = 0; bucket < replies.size(); bucket++) {
        const redisReply* reply = replies[bucket].get();
        const std::size_t step = only_.empty() ? 2 : 1;
        if (!is_array(reply)) {
            return give_up("unexpected reply to a read of counters");
        }
        for (std::size_t index = 0; index + step <= reply->elements; index += step) {
            const std::string_view field = only_.empty() ? text(reply->element[index]) : std::string_view(names[index]);
            if (const auto number = optional_number(text(reply->element[index + step - 1]))) {
                read_counter(field, *number, series_, bucket, range_.size());
            }
        }
    }
    return end(Outcome::done);
}

} // namespace api_key::store
