#include "store/flows/key_labels.h"

#include <algorithm>

#include "core/text/json.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::size_t max_known = 2000;

std::string member(const json_t* object, const char* name) {
    const json_t* value = json_object_get(object, name);
    return json_is_string(value) ? std::string(text_of(value)) : std::string();
}

std::optional<KeyLabel> live_label(const redisReply* fields) {
    const auto field = [&](std::size_t index) { return std::string(text(fields->element[index])); };
    return field(0).empty() ? std::nullopt : std::optional(KeyLabel{field(0), field(1), field(2), field(3)});
}

std::optional<KeyLabel> label_of_deleted(const redisReply* members) {
    if (members->elements == 0) {
        return std::nullopt;
    }
    const std::string_view written = text(members->element[0]);
    const Json object(json_loadb(written.data(), written.size(), 0, nullptr));
    return KeyLabel{member(object.get(), "type"), member(object.get(), "name"), member(object.get(), "alias"),
                    member(object.get(), "category")};
}

} // namespace

std::vector<Command> KeyLabels::ask(std::span<const std::uint64_t> ids) {
    if (known_.size() > max_known && asked_.empty()) {
        known_.clear();
    }
    asked_.clear();
    std::vector<Command> commands;
    for (const std::uint64_t id : ids) {
        if (asked_.size() == at_once) {
            break;
        }
        if (known_.try_emplace(id).second) {
            asked_.push_back(id);
            const std::string number = std::to_string(id);
            commands.push_back({"HMGET", keyspace_.key(id), "type", "name", "alias", "cat"});
            commands.push_back({"ZRANGEBYSCORE", keyspace_.deleted(account_), number, number, "LIMIT", "0", "1"});
        }
    }
    return commands;
}

bool KeyLabels::read(std::span<const Reply> replies) {
    for (std::size_t index = 0; index < asked_.size(); index++) {
        const redisReply* fields = replies[2 * index].get();
        const redisReply* deleted = replies[2 * index + 1].get();
        if (!is_array(fields) || fields->elements != 4 || !is_array(deleted)) {
            return false;
        }
        std::optional<KeyLabel> label = live_label(fields);
        known_[asked_[index]] = label ? std::move(label) : label_of_deleted(deleted);
    }
    return true;
}

const KeyLabel* KeyLabels::find(std::uint64_t id) const {
    const auto found = known_.find(id);
    return found != known_.end() && found->second ? &*found->second : nullptr;
}

void KeyLabels::name(std::uint64_t id, NamedKeys& named) const {
    if (const KeyLabel* label = find(id)) {
        named.try_emplace(id, *label);
    }
}

std::string deleted_label(const KeyRecord& key) {
    const Json object(json_object());
    json_object_set_new(object.get(), "id", json_integer(static_cast<json_int_t>(key.id)));
    set_unless_empty(object.get(), "type", key.type);
    set_unless_empty(object.get(), "name", key.name);
    set_unless_empty(object.get(), "alias", key.alias);
    set_unless_empty(object.get(), "category", key.category);
    return dump(object);
}

} // namespace api_key::store
