#include "store/flows/account_flows.h"

#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

bool read_account(const redisReply* reply, Account& account) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0) {
        return false;
    }
    account.name = hash_field(reply, "name");
    account.plan = hash_field(reply, "plan");
    account.active = hash_field(reply, "active") == "1";
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
