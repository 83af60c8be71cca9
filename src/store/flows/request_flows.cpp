#include "store/flows/request_flows.h"

#include <algorithm>
#include <charconv>

#include "core/logs/logged_request.h"
#include "store/flows/stream_reader.h"
#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::array<UsageBucket, 3> usage_buckets{UsageBucket::minute, UsageBucket::hour, UsageBucket::day};
constexpr std::size_t max_names = 99; // of one counter, beside "(others)"; bounded because clients choose them
constexpr std::size_t max_entries = 500;
constexpr std::size_t log_bytes_at_once = std::size_t{32} * 1024; // of the log, read in one turn of a worker's event loop
constexpr std::size_t max_examined_requests = 20'000;

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
    : keyspace_(keyspace) {
    std::size_t counters = 0;
    std::vector<std::string> places;
    std::vector<std::string> values;
    for (const auto& [group, names] : add_up(uses)) {
        for (const UsageBucket bucket : usage_buckets) {
            places.push_back(keyspace.counter(group.account, group.group, bucket, now_ms / width_ms(bucket)));
            values.push_back(std::to_string(kept_s(bucket)));
            values.push_back(std::to_string(group.group != UsageGroup::key ? max_names : 0));
            values.push_back(std::to_string(names.size()));
            for (const auto& [name, counts] : names) {
                std::vector<std::pair<std::string_view, std::int64_t>> numbers = counters_of(counts);
                values.push_back(name);
                values.push_back(std::to_string(numbers.size()));
                for (const auto& [what, number] : numbers) {
                    values.emplace_back(what);
                    values.push_back(std::to_string(number));
                }
            }
            counters++;
        }
    }
    for (const auto& [key_id, use] : uses) {
        if (use.last_used_ms != 0) {
            used_keys_.push_back(key_id);
            places.push_back(keyspace.key(key_id));
            values.push_back(std::to_string(use.last_used_ms));
            values.push_back(std::to_string(use.uncharged));
        }
    }
    to_send_ =
        scripts::count_requests::call({.epoch = keyspace.epoch(), .sender = keyspace.sender(message.sender), .places = std::move(places)},
                                      {.number = message.number, .counter_count = counters, .values = std::move(values)});
}

std::vector<Command> CountRequests::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return call(std::move(to_send_));
    }
    if (stage_ == Stage::charge_late) {
        return end_if_ok<scripts::charge_late::Answer>(replies[0]);
    }
    return answer<scripts::count_requests::Answer>(replies[0]) ? charge_late(replies[0]) : std::vector<Command>{};
}

std::vector<Command> CountRequests::charge_late(const Reply& counted) {
    stage_ = Stage::charge_late;
    std::vector<scripts::charge_late::Keys::Each> keys;
    std::vector<scripts::charge_late::Arguments::Each> arguments;
    for (std::size_t index = 1; index + 1 < counted->elements; index += 2) {
        const std::uint64_t place = number(counted, index);
        if (place == 0 || place > used_keys_.size()) {
            return give_up_on("count_requests");
        }
        const std::uint64_t key_id = used_keys_[place - 1];
        keys.push_back({.key = keyspace_.key(key_id), .day = keyspace_.day(key_id), .hour = keyspace_.hour(key_id)});
        arguments.push_back({.requests = word(counted, index + 1)});
    }
    return keys.empty()
               ? end(Outcome::done)
               : call(scripts::charge_late::call({.epoch = keyspace_.epoch(), .each = std::move(keys)}, {.each = std::move(arguments)}));
}

LogRequests::LogRequests(const Keyspace& keyspace, const Message& message, const std::map<std::uint64_t, PackedRequests>& by_account,
                         const LogKeep& keep) {
    std::vector<scripts::log_requests::Keys::Each> logs;
    std::vector<scripts::log_requests::Arguments::Each> all;
    for (const auto& [account, requests] : by_account) {
        logs.push_back({.log = keyspace.request_log(account), .counts = keyspace.request_log_counts(account)});
        all.push_back({.account = account, .count = requests.count, .packed = requests.packed});
    }
    to_send_ = scripts::log_requests::call({.epoch = keyspace.epoch(),
                                            .sender = keyspace.sender(message.sender),
                                            .sizes = keyspace.request_log_sizes(),
                                            .each = std::move(logs)},
                                           {.number = message.number, .kept = keep.count, .kept_ms = keep.age_ms, .each = std::move(all)});
}

std::vector<Command> LogRequests::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return call(std::move(to_send_));
    }
    return end_if_ok<scripts::log_requests::Answer>(replies[0]);
}

std::vector<Command> ListRequests::ask() {
    stage_ = Stage::entries;
    const std::string from = cursor_.entry.empty() ? "+" : (cursor_.index == 1 ? "(" : "") + cursor_.entry;
    const std::string to = after_.empty() ? std::to_string(filter_.from_ms) : "(" + after_;
    const std::size_t most = examined_ == 0 ? std::min(limit_, max_entries) : max_entries;
    return call(read_stream(keyspace_.request_log(account_), StreamOrder::newest_first, {from, to, most, log_bytes_at_once}));
}

// Goes from the newest of the entry's requests, or the cursor, to the oldest.
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
    cursor_.index = 1; // all of this entry were examined
}

std::vector<Command> ListRequests::read_entries(const redisReply* reply) {
    const redisReply* entries = stream_entries(reply);
    if (entries == nullptr) {
        return give_up("unexpected result of script read_stream");
    }
    for (const redisReply* item : std::span(entries->element, entries->elements)) {
        if (!is_array(item) || item->elements != 2 || !is_array(item->element[1])) {
            return give_up("unexpected result of script read_stream");
        }
        if (cursor_.entry != text(item->element[0])) {
            cursor_ = {std::string(text(item->element[0])), 0};
            newest_ = newest_.empty() ? cursor_.entry : newest_;
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
            candidate.request.key_type = label->type;
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
    if (examined_ >= max_examined_requests) {
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
