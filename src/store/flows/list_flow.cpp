#include "store/flows/list_flow.h"

#include <algorithm>

#include "core/documents/key_fields.h"
#include "core/documents/key_writer.h"
#include "store/flows/stream_reader.h"
#include "store/record_hash.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::size_t max_chunk = 500;
constexpr std::size_t usual_size = 512;                             // of a record without its lists
constexpr std::size_t list_bytes_at_once = std::size_t{128} * 1024; // of records, read in one turn of a worker's event loop

} // namespace

std::vector<Command> ListKeys::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start:
        return ask_ids();
    case Stage::ids:
        return read_ids(replies);
    case Stage::sizes:
        return read_sizes(replies);
    case Stage::records:
        break;
    }
    return read_records(replies);
}

// Asks for one id more than the chunk, to learn whether there are more.
std::vector<Command> ListKeys::ask_ids() {
    stage_ = Stage::ids;
    chunk_ = std::min(std::max<std::size_t>(limit_, 100), max_chunk);
    const std::string most = before_ == 0 ? "+inf" : "(" + std::to_string(before_);
    std::vector<Command> commands{{"EXISTS", keyspace_.epoch()}, {"TIME"}};
    for (const std::string& type : filter_.types) {
        commands.push_back(
            {"ZREVRANGEBYSCORE", keyspace_.key_list(account_, type), most, "-inf", "LIMIT", "0", std::to_string(chunk_ + 1)});
    }
    return commands;
}

std::vector<Command> ListKeys::read_ids(std::span<const Reply> replies) {
    if (!is_integer(replies[0].get(), 1)) {
        return give_up("Redis is empty (no epoch record)");
    }
    const std::optional<std::int64_t> now_ms = time_ms(replies[1].get());
    if (!now_ms) {
        return give_up("unexpected reply to TIME");
    }
    store_now_ms_ = *now_ms;
    ids_.clear();
    for (const Reply& reply : replies.subspan(2)) {
        if (!is_array(reply.get())) {
            return give_up("unexpected reply to ZREVRANGEBYSCORE");
        }
        for (std::size_t index = 0; index < reply->elements; index++) {
            if (const auto id = whole_number(text(reply->element[index]))) {
                ids_.push_back(*id);
            }
        }
    }
    std::sort(ids_.begin(), ids_.end(), std::greater<>());
    more_ = ids_.size() > chunk_;
    ids_.resize(std::min(ids_.size(), chunk_));
    if (ids_.empty()) {
        return end(Outcome::done);
    }
    stage_ = Stage::sizes;
    std::vector<Command> commands;
    for (const std::uint64_t id : ids_) {
        for (const KeyField& field : key_fields()) {
            if (field.is_list) {
                commands.push_back({"HSTRLEN", keyspace_.key(id), std::string(field.hash_field)});
            }
        }
    }
    return commands;
}

// Adds the sizes of the lists that an owner has set: everything else in a record is small.
std::vector<Command> ListKeys::read_sizes(std::span<const Reply> replies) {
    sizes_.assign(ids_.size(), usual_size);
    const std::size_t lists = replies.size() / ids_.size();
    for (std::size_t index = 0; index < replies.size(); index++) {
        if (replies[index]->type == REDIS_REPLY_INTEGER) {
            sizes_[index / lists] += static_cast<std::size_t>(replies[index]->integer);
        }
    }
    end_ = 0;
    return ask_records();
}

std::vector<Command> ListKeys::ask_records() {
    stage_ = Stage::records;
    first_ = end_;
    std::vector<Command> commands;
    for (std::size_t bytes = 0; end_ < ids_.size() && bytes < list_bytes_at_once; end_++) {
        bytes += sizes_[end_];
        commands.push_back({"HGETALL", keyspace_.key(ids_[end_])});
    }
    return commands;
}

std::vector<Command> ListKeys::read_records(std::span<const Reply> replies) {
    for (std::size_t index = first_; index < end_; index++) {
        before_ = ids_[index];
        examined_++;
        read_record_of(ids_[index], replies[index - first_].get());
        if (keys_.size() == limit_ || bytes_ >= page_bytes) {
            next_ = more_ || index + 1 < ids_.size() ? before_ : 0;
            return end(Outcome::done);
        }
    }
    if (end_ < ids_.size()) {
        return ask_records();
    }
    if (more_ && examined_ < max_examined) {
        return ask_ids();
    }
    next_ = more_ ? before_ : 0;
    return end(Outcome::done);
}

void ListKeys::read_record_of(std::uint64_t id, const redisReply* reply) {
    if (is_array(reply) && reply->elements == 0) {
        return; // deleted in between
    }
    Result<KeyRecord> record = read_record(id, reply);
    if (!record) {
        malformed_ = malformed_.empty() ? record.error().message : malformed_;
    } else if (record->account == account_ && filter_.matches(*record, store_now_ms_)) {
        keys_.push_back(write_key(*record, store_now_ms_));
        bytes_ += keys_.back().size();
        if (keep_records_) {
            records_.push_back(std::move(*record));
        }
    }
}

} // namespace api_key::store
