#include "store/flows/request_flows.h"

#include <algorithm>
#include <charconv>

#include "core/logs/logged_request.h"
#include "store/flows/stream_reader.h"
#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::array<UsageBucket, 3> buckets{UsageBucket::minute, UsageBucket::hour, UsageBucket::day};
constexpr std::size_t most_names = 99; // of one counter, and "(others)": they come from clients
constexpr std::size_t most_entries = 500;
constexpr std::size_t bytes_at_once = std::size_t{32} * 1024; // of the log, between two turns of a worker's event loop
constexpr std::size_t most_examined = 20'000;

const Script& count_script() {
    static const Script* const script = new Script(scripts::count_requests_lua);
    return *script;
}

const Script& late_script() {
    static const Script* const script = new Script(scripts::charge_late_lua);
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

} // namespace

CountRequests::CountRequests(const Keyspace& keyspace, const Message& message, const std::vector<std::pair<std::uint64_t, KeyUse>>& uses,
                             std::int64_t now_ms)
    : keyspace_(keyspace), keys_to_send_{keyspace.epoch(), keyspace.sender(message.sender)} {
    std::size_t counters = 0;
    for (const auto& [group, names] : add_up(uses)) {
        for (const UsageBucket bucket : buckets) {
            keys_to_send_.push_back(keyspace.counter(group.account, group.group, bucket, now_ms / width_ms(bucket)));
            arguments_to_send_.push_back(std::to_string(kept_s(bucket)));
            arguments_to_send_.push_back(std::to_string(group.group != UsageGroup::key ? most_names : 0));
            arguments_to_send_.push_back(std::to_string(names.size()));
            for (const auto& [name, counts] : names) {
                std::vector<std::pair<std::string_view, std::int64_t>> numbers = counters_of(counts);
                arguments_to_send_.push_back(name);
                arguments_to_send_.push_back(std::to_string(numbers.size()));
                for (const auto& [what, number] : numbers) {
                    arguments_to_send_.emplace_back(what);
                    arguments_to_send_.push_back(std::to_string(number));
                }
            }
            counters++;
        }
    }
    arguments_to_send_.insert(arguments_to_send_.begin(), {std::to_string(message.number), std::to_string(counters)});
    for (const auto& [key_id, use] : uses) {
        if (use.last_used_ms != 0) {
            used_keys_.push_back(key_id);
            keys_to_send_.push_back(keyspace.key(key_id));
            arguments_to_send_.push_back(std::to_string(use.last_used_ms));
            arguments_to_send_.push_back(std::to_string(use.uncharged));
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
    if (word(replies[0]) != "ok") {
        return give_up("unexpected answer of count_requests");
    }
    return stage_ == Stage::count ? charge_late(replies[0]) : end(Outcome::done);
}

std::vector<Command> CountRequests::charge_late(const Reply& counted) {
    stage_ = Stage::charge_late;
    std::vector<std::string> keys{keyspace_.epoch()};
    std::vector<std::string> arguments;
    for (std::size_t index = 1; index + 1 < counted->elements; index += 2) {
        const std::uint64_t place = number(counted, index);
        if (place == 0 || place > used_keys_.size()) {
            return give_up("unexpected answer of count_requests");
        }
        const std::uint64_t key_id = used_keys_[place - 1];
        keys.insert(keys.end(), {keyspace_.key(key_id), keyspace_.day(key_id), keyspace_.hour(key_id)});
        arguments.emplace_back(word(counted, index + 1));
    }
    return arguments.empty() ? end(Outcome::done) : call(late_script(), std::move(keys), std::move(arguments));
}

LogRequests::LogRequests(const Keyspace& keyspace, const Message& message, const std::map<std::uint64_t, PackedRequests>& by_account,
                         const LogKeep& keep)
    : keys_to_send_{keyspace.epoch(), keyspace.sender(message.sender), keyspace.request_log_sizes()} {
    arguments_to_send_ = {std::to_string(message.number), std::to_string(keep.count), std::to_string(keep.age_ms)};
    for (const auto& [account, requests] : by_account) {
        keys_to_send_.push_back(keyspace.request_log(account));
        arguments_to_send_.push_back(std::to_string(account));
        arguments_to_send_.push_back(std::to_string(requests.count));
        arguments_to_send_.push_back(requests.packed);
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

std::optional<LogCursor> LogCursor::parse(std::string_view text) {
    const std::size_t last = text.rfind('-');
    const std::string_view entry = text.substr(0, std::min(last, text.size()));
    const std::size_t dash = entry.find('-');
    if (dash == std::string_view::npos || !whole_number(entry.substr(0, dash)) || !whole_number(entry.substr(dash + 1))) {
        return std::nullopt;
    }
    const std::optional<std::uint64_t> index = whole_number(text.substr(last + 1));
    return index ? std::optional(LogCursor{std::string(entry), *index}) : std::nullopt;
}

std::vector<Command> ListRequests::ask() {
    stage_ = Stage::entries;
    const std::string from = cursor_.entry.empty() ? "+" : (cursor_.index == 1 ? "(" : "") + cursor_.entry;
    const std::size_t most = examined_ == 0 ? std::min(limit_, most_entries) : most_entries;
    return call(stream_script(), {keyspace_.request_log(account_)},
                stream_arguments(StreamOrder::newest_first, {from, std::to_string(filter_.from_ms), most, bytes_at_once}));
}

// From the newest of its requests, or the cursor, to the oldest.
void ListRequests::read_entry(const redisReply* fields) {
    std::string_view packed = hash_field(fields, "r");
    std::vector<RequestLogEntry> requests;
    while (!packed.empty()) {
        std::optional<RequestLogEntry> request = unpack_request(packed);
        if (request) {
            requests.push_back(std::move(*request));
        }
    }
    std::size_t index = cursor_.index != 0 ? std::min(cursor_.index - 1, requests.size()) : requests.size();
    while (index > 0) {
        index--;
        examined_++;
        if (filter_.matches(requests[index])) {
            candidates_.push_back({std::move(requests[index]), {cursor_.entry, index + 1}});
        }
    }
    cursor_.index = 1; // all were looked at
}

std::vector<Command> ListRequests::read_entries(const redisReply* reply) {
    const redisReply* entries = stream_entries(reply);
    if (entries == nullptr) {
        return give_up("unexpected answer of read_stream");
    }
    for (const redisReply* item : std::span(entries->element, entries->elements)) {
        if (!is_array(item) || item->elements != 2 || !is_array(item->element[1])) {
            return give_up("unexpected answer of read_stream");
        }
        if (cursor_.entry != text(item->element[0])) {
            cursor_ = {std::string(text(item->element[0])), 0};
        }
        read_entry(item->element[1]);
    }
    is_end_ = is_stream_end(reply);
    return label_candidates();
}

std::vector<Command> ListRequests::label_candidates() {
    stage_ = Stage::labels;
    std::vector<std::uint64_t> ids;
    for (const Candidate& candidate : candidates_) {
        ids.push_back(candidate.request.key_id);
    }
    std::vector<Command> commands = labels_.ask(ids);
    return commands.empty() ? give_candidates() : commands;
}

std::vector<Command> ListRequests::give_candidates() {
    for (Candidate& candidate : candidates_) {
        const KeyLabel* label = labels_.find(candidate.request.key_id);
        if (!filter_.label.matches(label)) {
            continue;
        }
        if (label != nullptr) {
            candidate.request.key_name = label->name;
            candidate.request.key_alias = label->alias;
        }
        found_(candidate.request);
        if (++count_ == limit_) {
            next_page_ = candidate.cursor.text();
            return end(Outcome::done);
        }
    }
    candidates_.clear();
    if (is_end_) {
        return end(Outcome::done);
    }
    if (examined_ >= most_examined) {
        next_page_ = cursor_.text();
        return end(Outcome::done);
    }
    return ask();
}

std::vector<Command> ListRequests::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start:
        return ask();
    case Stage::entries:
        return read_entries(replies[0].get());
    case Stage::labels:
        break;
    }
    return labels_.read(replies) ? label_candidates() : give_up("unexpected label of a key");
}

} // namespace api_key::store
