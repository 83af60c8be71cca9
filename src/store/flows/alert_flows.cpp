#include "store/flows/alert_flows.h"

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
    const std::optional<Answer> answered = answer<Answer>(replies[0]);
    if (!answered || *answered == Answer::other) {
        return answered ? end(Outcome::done) : std::vector<Command>{};
    }
    const redisReply* list = replies[0]->elements == 2 ? replies[0]->element[1] : nullptr;
    if (!is_array(list)) {
        return give_up_on("take_alert");
    }
    if (list->elements == 0) {
        return end(Outcome::done);
    }
    const redisReply* item = list->element[0];
    if (!is_array(item) || item->elements != 2 || !is_array(item->element[1])) {
        return give_up_on("take_alert");
    }
    alert_.emplace();
    alert_->id = text(item->element[0]);
    for (std::size_t field = 0; field + 1 < item->element[1]->elements; field += 2) {
        alert_->fields.emplace(text(item->element[1]->element[field]), text(item->element[1]->element[field + 1]));
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
