#include "store/flows/series_flow.h"

#include <algorithm>

#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::size_t values_at_once = 1000; // in one turn of a worker's event loop

} // namespace

std::string ReadSeries::counter(std::size_t bucket) const {
    return keyspace_.counter(account_, query_.group, query_.range.bucket, query_.range.first + static_cast<std::int64_t>(bucket));
}

std::vector<Command> ReadSeries::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start:
        if (query_.only.empty()) {
            return ask_sizes();
        }
        sizes_.assign(query_.range.size(), 1);
        for (const std::string& name : query_.only) {
            add_series(name, (std::uint32_t{1} << counter_kinds) - 1);
        }
        return ask_points();
    case Stage::sizes:
        return read_sizes(replies);
    case Stage::names:
        return read_names(replies);
    case Stage::labels:
        return read_labels(replies);
    case Stage::points:
        return read_points(replies);
    case Stage::keys:
        break;
    }
    return labels_.read(replies) ? name_keys() : give_up("unexpected label of a key");
}

std::vector<Command> ReadSeries::ask_sizes() {
    stage_ = Stage::sizes;
    std::vector<Command> commands;
    for (std::size_t bucket = 0; bucket < query_.range.size(); bucket++) {
        commands.push_back({"HLEN", counter(bucket)});
    }
    return commands;
}

std::vector<Command> ReadSeries::read_sizes(std::span<const Reply> replies) {
    std::size_t counters = 0;
    for (const Reply& reply : replies) {
        sizes_.push_back(reply->type == REDIS_REPLY_INTEGER ? static_cast<std::size_t>(reply->integer) : 0);
        counters += sizes_.back();
    }
    return counters <= max_counters ? ask_names() : end(Conflict::too_much);
}

// Asks for as many buckets as have about so many fields together, or for a part of a larger one.
std::vector<Command> ReadSeries::ask_names() {
    stage_ = Stage::names;
    std::size_t fields = 0;
    for (const Scan& scan : scans_) {
        fields += sizes_[scan.bucket];
    }
    for (; next_bucket_ < sizes_.size() && fields < values_at_once; next_bucket_++) {
        if (sizes_[next_bucket_] != 0) {
            scans_.push_back({next_bucket_, "0"});
            fields += sizes_[next_bucket_];
        }
    }
    std::vector<Command> commands;
    for (const Scan& scan : scans_) {
        commands.push_back({"HSCAN", counter(scan.bucket), scan.cursor, "COUNT", std::to_string(values_at_once)});
    }
    return commands.empty() ? choose() : commands;
}

std::vector<Command> ReadSeries::read_names(std::span<const Reply> replies) {
    std::vector<Scan> unfinished;
    for (std::size_t index = 0; index < scans_.size(); index++) {
        const redisReply* reply = replies[index].get();
        if (!is_array(reply) || reply->elements != 2 || !is_array(reply->element[1])) {
            return give_up("unexpected reply to HSCAN");
        }
        read_scan(scans_[index], reply->element[1]);
        if (const std::string_view cursor = text(reply->element[0]); cursor != "0") {
            unfinished.push_back({scans_[index].bucket, std::string(cursor)});
        }
    }
    scans_ = std::move(unfinished);
    return ranking_.size() <= max_names ? ask_names() : end(Conflict::too_much);
}

void ReadSeries::read_scan(const Scan& scan, const redisReply* fields) {
    for (std::size_t index = 0; index + 1 < fields->elements; index += 2) {
        const std::optional<CounterField> field = parse_counter_field(text(fields->element[index]));
        const std::optional<std::int64_t> number = signed_number(text(fields->element[index + 1]));
        if (field && number && (query_.group != UsageGroup::key || whole_number(field->name))) {
            ranking_.add(*field, *number, scan.bucket);
        }
    }
}

std::vector<Command> ReadSeries::choose() {
    if (!query_.label.takes_all() && query_.group == UsageGroup::key) {
        return ask_labels();
    }
    while (series_.size() < query_.most) {
        const std::optional<UsageRanking::Ranked> one = ranking_.next();
        if (!one) {
            break;
        }
        add_series(one->name, one->kinds);
    }
    return ask_points();
}

// Reads labels of the busiest keys first, until enough keys match the query.
std::vector<Command> ReadSeries::ask_labels() {
    stage_ = Stage::labels;
    candidates_.clear();
    std::vector<std::uint64_t> ids;
    while (series_.size() < query_.most && candidates_.size() < KeyLabels::at_once) {
        std::optional<UsageRanking::Ranked> one = ranking_.next();
        if (!one) {
            break;
        }
        ids.push_back(whole_number(one->name).value_or(0));
        candidates_.push_back(std::move(*one));
    }
    return candidates_.empty() ? ask_points() : labels_.ask(ids);
}

std::vector<Command> ReadSeries::read_labels(std::span<const Reply> replies) {
    if (!labels_.read(replies)) {
        return give_up("unexpected label of a key");
    }
    for (const UsageRanking::Ranked& one : candidates_) {
        if (series_.size() < query_.most && query_.label.matches(labels_.find(whole_number(one.name).value_or(0)))) {
            add_series(one.name, one.kinds);
        }
    }
    return ask_labels();
}

void ReadSeries::add_series(const std::string& name, std::uint32_t kinds) {
    series_.push_back({name, {}, {}});
    kinds_.emplace_back();
    for (std::size_t kind = 0; kind < counter_kinds; kind++) {
        if ((kinds >> kind & 1U) != 0) {
            kinds_.back().push_back(kind);
        }
    }
}

std::vector<Command> ReadSeries::ask_points() {
    if (stage_ != Stage::points) {
        stage_ = Stage::points;
        next_bucket_ = 0;
    }
    parts_.clear();
    std::vector<Command> commands;
    std::size_t values = 0;
    for (; !series_.empty() && next_bucket_ < sizes_.size() && values < values_at_once; next_bucket_++, next_series_ = 0) {
        if (sizes_[next_bucket_] == 0) {
            continue;
        }
        Command command{"HMGET", counter(next_bucket_)};
        const std::size_t first = next_series_;
        for (; next_series_ < series_.size() && values < values_at_once; next_series_++) {
            for (const std::size_t kind : kinds_[next_series_]) {
                command.push_back(std::string(counter_kind_name(kind)) + ':' + series_[next_series_].name);
            }
            values += kinds_[next_series_].size();
        }
        parts_.push_back({next_bucket_, first, next_series_});
        commands.push_back(std::move(command));
        if (next_series_ < series_.size()) {
            break;
        }
    }
    return commands.empty() ? name_keys() : commands;
}

std::vector<Command> ReadSeries::name_keys() {
    if (query_.group != UsageGroup::key) {
        return end(Outcome::done);
    }
    stage_ = Stage::keys;
    std::vector<std::uint64_t> ids;
    for (const NamedSeries& one : series_) {
        ids.push_back(whole_number(one.name).value_or(0));
    }
    std::vector<Command> commands = labels_.ask(ids);
    if (!commands.empty()) {
        return commands;
    }
    for (const std::uint64_t id : ids) {
        labels_.name(id, keys_);
    }
    return end(Outcome::done);
}

std::vector<Command> ReadSeries::read_points(std::span<const Reply> replies) {
    for (std::size_t index = 0; index < parts_.size(); index++) {
        const Part& part = parts_[index];
        const redisReply* reply = replies[index].get();
        std::size_t element = 0;
        for (std::size_t series = part.first; series < part.end; series++) {
            if (!is_array(reply) || reply->elements < element + kinds_[series].size()) {
                return give_up("unexpected reply to HMGET");
            }
            UsageCounts counts;
            for (const std::size_t kind : kinds_[series]) {
                counter_of(counts, kind) = signed_number(text(reply->element[element++])).value_or(0);
            }
            if (query_.every_bucket || !counts.is_empty()) {
                series_[series].add_point(query_.range.begin_ms(part.bucket), counts);
            }
        }
    }
    return ask_points();
}

} // namespace api_key::store
