#include "store/flows/alert_flows.h"

#include <array>

#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

std::int64_t StoredAlert::at_ms() const {
    const auto at = fields.find("at");
    return at != fields.end() ? static_cast<std::int64_t>(whole_number(at->second).value_or(0)) : 0;
}

const std::string& StoredAlert::name() const {
    const auto first = fields.find("id");
    return first != fields.end() ? first->second : id;
}

std::vector<Command> TakeAlert::step(std::span<const Reply> replies) {
    using scripts::take_alert::Answer;
    if (replies.empty()) {
        return call(scripts::take_alert::call(
            {.epoch = keyspace_.epoch(), .lease = keyspace_.alerts_lease(), .alerts = keyspace_.alerts(), .expiring = keyspace_.expiring()},
            {.name = worker_, .lease_ms = lease_ms}));
    }
    if (alert_) {
        return take_names(replies);
    }
    const std::optional<Answer> answered = answer<Answer>(replies[0]);
    if (!answered || *answered == Answer::other) {
        return answered ? end(Outcome::done) : std::vector<Command>{};
    }
    const redisReply* list = replies[0]->elements == 2 ? replies[0]->element[1] : nullptr;
    if (list == nullptr || !is_array(list)) {
        return give_up_on("take_alert");
    }
    if (list->elements == 0) {
        return end(Outcome::done);
    }
    if (!read_alert(list->element[0])) {
        return give_up_on("take_alert");
    }
    return ask_names();
}

bool TakeAlert::read_alert(const redisReply* item) {
    if (!is_array(item) || item->elements != 2 || !is_array(item->element[1])) {
        return false;
    }
    alert_.emplace();
    alert_->id = text(item->element[0]);
    for (std::size_t field = 0; field + 1 < item->element[1]->elements; field += 2) {
        alert_->fields.emplace(text(item->element[1]->element[field]), text(item->element[1]->element[field + 1]));
    }
    return true;
}

std::vector<Command> TakeAlert::ask_names() const {
    const auto id = [&](const char* field) {
        const auto found = alert_->fields.find(field);
        return found != alert_->fields.end() ? whole_number(found->second).value_or(0) : 0;
    };
    return {{"HGET", keyspace_.account(id("account")), "name"}, {"HGET", keyspace_.key(id("key")), "name"}};
}

// Those of what has been deleted since are left out.
std::vector<Command> TakeAlert::take_names(std::span<const Reply> replies) {
    constexpr std::array<const char*, 2> fields{"accountName", "keyName"};
    for (std::size_t index = 0; index < fields.size() && index < replies.size(); index++) {
        if (const std::string_view name = text(replies[index].get()); !name.empty()) {
            alert_->fields.emplace(fields[index], name);
        }
    }
    return end(Outcome::done);
}

std::vector<Command> PutBackAlert::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return call(scripts::put_back_alert::call({.epoch = keyspace_.epoch(), .alerts = keyspace_.alerts()}, {.place = id_, .id = name_}));
    }
    return end_if_ok<scripts::put_back_alert::Answer>(replies[0]);
}

std::vector<Command> DropAlert::step(std::span<const Reply> replies) {
    return replies.empty() ? std::vector<Command>{{"XDEL", keyspace_.alerts(), id_}} : end(Outcome::done);
}

} // namespace api_key::store
