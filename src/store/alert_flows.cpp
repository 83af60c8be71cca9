#include "store/alert_flows.h"

#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

const Script& take_script() {
    static const Script* const script = new Script(scripts::take_alerts_lua);
    return *script;
}

} // namespace

std::vector<Command> TakeAlerts::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return call(take_script(), {keyspace_.epoch(), keyspace_.alerts_lease(), keyspace_.alerts(), keyspace_.expiring()},
                    {worker_, std::to_string(lease_ms), std::to_string(most_)});
    }
    if (ended_by(replies[0])) {
        return {};
    }
    is_leader_ = word(replies[0]) == "ok";
    if (!is_leader_) {
        return word(replies[0]) == "other" ? end(Outcome::done) : give_up("unexpected answer of take_alerts");
    }
    const redisReply* list = replies[0]->elements == 2 ? replies[0]->element[1] : nullptr;
    for (std::size_t index = 0; is_array(list) && index < list->elements; index++) {
        const redisReply* item = list->element[index];
        if (!is_array(item) || item->elements != 2 || !is_array(item->element[1])) {
            return give_up("unexpected answer of take_alerts");
        }
        StoredAlert alert;
        alert.id = text(item->element[0]);
        for (std::size_t field = 0; field + 1 < item->element[1]->elements; field += 2) {
            alert.fields.emplace(text(item->element[1]->element[field]), text(item->element[1]->element[field + 1]));
        }
        alerts_.push_back(std::move(alert));
    }
    return end(Outcome::done);
}

std::vector<Command> DropAlert::step(std::span<const Reply> replies) {
    return replies.empty() ? std::vector<Command>{{"XDEL", keyspace_.alerts(), id_}} : end(Outcome::done);
}

} // namespace api_key::store
