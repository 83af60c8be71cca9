#include "store/flows/account_flows.h"

#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr unsigned max_account_attempts = 10;

bool read_account(const redisReply* reply, Account& account) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0) {
        return false;
    }
    account.name = hash_field(reply, "name");
    account.plan = hash_field(reply, "plan");
    account.active = hash_field(reply, "active") == "1";
    account.version = whole_number(hash_field(reply, "ver")).value_or(0);
    account.created_ms = static_cast<std::int64_t>(whole_number(hash_field(reply, "created")).value_or(0));
    return true;
}

} // namespace

std::vector<Command> CreateAccount::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {{"INCR", keyspace_.next_account()}};
    }
    if (id_ == 0) {
        id_ = static_cast<std::uint64_t>(replies[0]->integer);
        AuditEvent event;
        event.action = "account.create";
        event.account = id_;
        event.after.reset(json_object());
        json_object_set_new(event.after.get(), "name", json_text(name_).release());
        json_object_set_new(event.after.get(), "plan", json_text(plan_).release());
        return call_audited(scripts::create_account::call({.epoch = keyspace_.epoch(),
                                                           .schema = keyspace_.schema(),
                                                           .accounts = keyspace_.accounts(),
                                                           .account = keyspace_.account(id_),
                                                           .peppers = keyspace_.peppers()},
                                                          {.id = id_,
                                                           .name = name_,
                                                           .plan = plan_,
                                                           .random = random_,
                                                           .version = author_.peppers->version(0),
                                                           .fingerprint = author_.peppers->fingerprint(0)}),
                            keyspace_, author_, std::move(event));
    }
    return end_if_ok<scripts::create_account::Answer>(replies[0]);
}

std::vector<Command> UpdateAccount::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start:
        return read();
    case Stage::read:
        return change(replies[0]);
    case Stage::change:
        break;
    }
    return finish(replies[0]);
}

std::vector<Command> UpdateAccount::read() {
    stage_ = Stage::read;
    attempts_++;
    return {{"HGETALL", keyspace_.account(before_.id)}};
}

std::vector<Command> UpdateAccount::change(const Reply& account) {
    if (!read_account(account.get(), before_)) {
        return end(Outcome::not_found);
    }
    Account after = before_;
    after.name = change_.name.value_or(before_.name);
    after.active = change_.active.value_or(before_.active);
    if (after.name == before_.name && after.active == before_.active) {
        return end(Outcome::done);
    }
    stage_ = Stage::change;
    return call_audited(scripts::update_account::call(
                            {.epoch = keyspace_.epoch(), .account = keyspace_.account(before_.id), .sequence = keyspace_.sequence()},
                            {.channel = keyspace_.changes(),
                             .id = before_.id,
                             .expected = before_.version,
                             .name = after.name,
                             .active = after.active ? "1" : "0"}),
                        keyspace_, author_, event(after));
}

std::vector<Command> UpdateAccount::finish(const Reply& reply) {
    using scripts::update_account::Answer;
    const std::optional<Answer> answered = answer<Answer>(reply);
    if (!answered) {
        return {};
    }
    if (*answered == Answer::changed) {
        return attempts_ < max_account_attempts ? read()
                                                : give_up("account " + std::to_string(before_.id) + " changes faster than it can be read");
    }
    sequence_ = number(reply, 1);
    return end(Outcome::done);
}

AuditEvent UpdateAccount::event(const Account& after) const {
    AuditEvent event;
    event.account = before_.id;
    event.before.reset(json_object());
    event.after.reset(json_object());
    if (after.name != before_.name) {
        set(event.before.get(), "name", before_.name);
        set(event.after.get(), "name", after.name);
        event.action = "account.rename";
    }
    if (after.active != before_.active) {
        json_object_set_new(event.before.get(), "active", json_boolean(before_.active));
        json_object_set_new(event.after.get(), "active", json_boolean(after.active));
        event.action = !event.action.empty() ? "account.update" : after.active ? "account.enable" : "account.disable";
    }
    return event;
}

std::vector<Command> ReadAccount::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {{"HGETALL", keyspace_.account(account_.id)}, {"SMEMBERS", keyspace_.types(account_.id)}};
    }
    if (!read_account(replies[0].get(), account_)) {
        return end(Outcome::not_found);
    }
    for (std::size_t index = 0; index < replies[1]->elements; index++) {
        account_.key_types.emplace_back(text(replies[1]->element[index]));
    }
    return end(Outcome::done);
}

std::vector<Command> ListAccounts::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {{"ZRANGEBYSCORE", keyspace_.accounts(), "(" + std::to_string(after_), "+inf", "LIMIT", "0", std::to_string(limit_)}};
    }
    if (!has_ids_) {
        has_ids_ = true;
        std::vector<Command> commands;
        for (std::size_t index = 0; index < replies[0]->elements; index++) {
            Account account;
            account.id = whole_number(text(replies[0]->element[index])).value_or(0);
            commands.push_back({"HGETALL", keyspace_.account(account.id)});
            accounts_.push_back(std::move(account));
        }
        return commands.empty() ? end(Outcome::done) : commands;
    }
    for (std::size_t index = 0; index < accounts_.size(); index++) {
        read_account(replies[index].get(), accounts_[index]);
    }
    return end(Outcome::done);
}

} // namespace api_key::store
