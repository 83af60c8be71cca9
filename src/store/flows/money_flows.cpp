#include "store/flows/money_flows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "core/text/money.h"
#include "core/text/next_part.h"
#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

// Parses an entry as shared/wallet.lua writes it; nothing when it is something else.
std::optional<Transaction> read_transaction(std::uint64_t id, std::string_view text) {
    Transaction transaction;
    transaction.id = id;
    transaction.type = next_part(text, '\n');
    const std::optional<std::int64_t> created_ms = signed_number(next_part(text, '\n'));
    const std::optional<std::int64_t> moved = signed_number(next_part(text, '\n'));
    const std::optional<std::uint64_t> key_id = whole_number(next_part(text, '\n'));
    const std::optional<std::int64_t> updated_ms = signed_number(next_part(text, '\n'));
    transaction.reference = next_part(text, '\n');
    transaction.plan = text;
    if (!created_ms || !moved || !key_id || !updated_ms) {
        return std::nullopt;
    }
    transaction.created_ms = *created_ms;
    transaction.amount = *moved;
    transaction.key_id = *key_id;
    transaction.updated_ms = *updated_ms;
    return transaction;
}

bool read_amount(const redisReply* reply, std::int64_t& number) {
    if (reply->type == REDIS_REPLY_NIL) {
        number = 0;
        return true;
    }
    const std::optional<std::int64_t> read = signed_number(text(reply));
    number = read.value_or(0);
    return read.has_value();
}

std::int64_t month_of(std::int64_t unix_ms) {
    const auto day =
        std::chrono::floor<std::chrono::days>(std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(unix_ms)));
    const std::chrono::year_month_day date(day);
    return std::int64_t{static_cast<int>(date.year())} * 12 + static_cast<unsigned>(date.month()) - 1;
}

} // namespace

std::vector<Command> SyncHold::step(std::span<const Reply> replies) {
    using scripts::sync_hold::Answer;
    const auto amount = [](std::int64_t number) { return std::to_string(std::clamp<std::int64_t>(number, 0, max_balance_micro)); };
    if (replies.empty()) {
        const std::uint64_t account = report_.account;
        return call(scripts::sync_hold::call({.epoch = keyspace_.epoch(),
                                              .key = keyspace_.key(report_.key_id),
                                              .wallet_key = keyspace_.wallet(account),
                                              .spending_key = keyspace_.spending(account),
                                              .holds = keyspace_.holds(account),
                                              .deadlines = keyspace_.deadlines(account),
                                              .ledger = keyspace_.ledger(account),
                                              .alerts = keyspace_.alerts(),
                                              .levels = keyspace_.alert_levels(),
                                              .nodes = keyspace_.nodes()},
                                             {.id = report_.key_id,
                                              .name = report_.hold,
                                              .number = report_.number,
                                              .spent = amount(report_.spent),
                                              .needed = amount(report_.needed),
                                              .first = amount(report_.first),
                                              .waiting = amount(report_.waiting),
                                              .wanted = amount(report_.wanted),
                                              .account = account,
                                              .node = report_.node,
                                              .channel = keyspace_.changes(),
                                              .asked = report_.others_asked ? "1" : "0"}));
    }
    const Reply& reply = replies[0];
    const std::optional<Answer> answered = answer<Answer>(reply);
    if (!answered) {
        return {};
    }
    switch (*answered) {
    case Answer::lost:
        return end(Conflict::hold_lost);
    case Answer::late:
        return give_up("a later report of this hold has come before");
    case Answer::ok:
        break;
    }
    return read(reply);
}

std::vector<Command> SyncHold::read(const Reply& reply) {
    constexpr std::size_t elements = 9;
    granted_ = static_cast<std::int64_t>(number(reply, 1));
    const std::uint64_t shortage = number(reply, 2);
    if (reply->elements != elements || shortage > 2 || granted_ < 0 || granted_ > std::max(report_.waiting, report_.wanted)) {
        return give_up_on("sync_hold");
    }
    state_.shortage = static_cast<Shortage>(shortage);
    state_.reset_ms = state_.shortage == Shortage::key_spend ? month_begin_ms(static_cast<std::int64_t>(number(reply, 3)) + 1) : 0;
    state_.used = static_cast<std::int64_t>(number(reply, 4));
    state_.cap = static_cast<std::int64_t>(number(reply, 5));
    state_.most = static_cast<std::int64_t>(number(reply, 6));
    others_asked_ = number(reply, 7) != 0;
    balance_ = static_cast<std::int64_t>(number(reply, 8));
    return end(Outcome::done);
}

std::optional<Wanted> read_wanted(std::string_view message) {
    if (next_part(message, ' ') != "wanted") {
        return std::nullopt;
    }
    const std::optional<std::uint64_t> account = whole_number(next_part(message, ' '));
    const std::optional<std::uint64_t> key_id = whole_number(message);
    return account && key_id ? std::optional(Wanted{*account, *key_id}) : std::nullopt;
}

ChangeAccount ChangeAccount::top_up(const Keyspace& keyspace, Author author, std::uint64_t account, std::int64_t amount,
                                    std::string reference) {
    return {keyspace, std::move(author), account, "topup", std::to_string(amount), std::move(reference)};
}

ChangeAccount ChangeAccount::set_plan(const Keyspace& keyspace, Author author, std::uint64_t account, std::string plan,
                                      std::string reference) {
    return {keyspace, std::move(author), account, "plan", std::move(plan), std::move(reference)};
}

std::vector<Command> ChangeAccount::step(std::span<const Reply> replies) {
    using scripts::change_account::Answer;
    if (replies.empty()) {
        return {{"HGET", keyspace_.account(account_), "plan"}};
    }
    if (!has_plan_) {
        has_plan_ = true;
        return call_audited(scripts::change_account::call(
                                {.epoch = keyspace_.epoch(),
                                 .account = keyspace_.account(account_),
                                 .wallet_key = keyspace_.wallet(account_),
                                 .ledger = keyspace_.ledger(account_),
                                 .references = keyspace_.references(account_),
                                 .sequence = keyspace_.sequence()},
                                {.channel = keyspace_.changes(), .id = account_, .kind = kind_, .value = value_, .reference = reference_}),
                            keyspace_, author_, event(text(replies[0].get())));
    }
    const Reply& reply = replies[0];
    const std::optional<Answer> answered = answer<Answer>(reply);
    if (!answered) {
        return {};
    }
    switch (*answered) {
    case Answer::mismatch:
        return end(Conflict::idempotency_mismatch);
    case Answer::too_much:
        return end(Conflict::balance_too_large);
    case Answer::ok:
        break;
    }
    const std::optional<std::int64_t> balance = signed_number(word(reply, 1));
    const std::optional<std::int64_t> held = signed_number(word(reply, 2));
    if (!balance || !held) {
        return give_up_on("change_account");
    }
    wallet_ = {*balance, *held};
    sequence_ = number(reply, 3);
    return end(Outcome::done);
}

AuditEvent ChangeAccount::event(std::string_view plan_before) const {
    AuditEvent event;
    event.action = "account." + kind_;
    event.account = account_;
    event.after.reset(json_object());
    if (kind_ == "plan") {
        event.before.reset(json_object());
        json_object_set_new(event.before.get(), "plan", json_text(plan_before).release());
        json_object_set_new(event.after.get(), "plan", json_text(value_).release());
    } else {
        json_object_set_new(event.after.get(), "amount", json_text(format_micro_credits(signed_number(value_).value_or(0))).release());
    }
    if (!reference_.empty()) {
        json_object_set_new(event.after.get(), "reference", json_text(reference_).release());
    }
    return event;
}

std::vector<Command> ReadWallet::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return {{"EXISTS", keyspace_.account(account_)}, {"HMGET", keyspace_.wallet(account_), "balance", "held"}};
    }
    if (!is_integer(replies[0].get(), 1)) {
        return end(Outcome::not_found);
    }
    const redisReply* fields = replies[1].get();
    if (!is_array(fields) || fields->elements != 2 || !read_amount(fields->element[0], wallet_.balance) ||
        !read_amount(fields->element[1], wallet_.held)) {
        return give_up("the wallet of account " + std::to_string(account_) + " is malformed");
    }
    return end(Outcome::done);
}

std::vector<Command> ListTransactions::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start:
        stage_ = Stage::count;
        return {{"HGET", keyspace_.wallet(account_), "entries"}};
    case Stage::count:
        return ask_entries(replies[0]);
    case Stage::entries:
        return read_entries(replies[0].get());
    case Stage::labels:
        break;
    }
    return labels_.read(replies) ? ask_labels() : give_up("unexpected label of a key");
}

std::vector<Command> ListTransactions::ask_entries(const Reply& count) {
    stage_ = Stage::entries;
    newest_ = whole_number(text(count.get())).value_or(0);
    newest_ = before_ != 0 ? std::min(newest_, before_ - 1) : newest_;
    const std::uint64_t oldest = newest_ > limit_ ? newest_ - limit_ + 1 : 1;
    if (newest_ == 0) {
        return end(Outcome::done);
    }
    next_page_ = oldest > 1 ? oldest : 0;
    Command command{"HMGET", keyspace_.ledger(account_)};
    for (std::uint64_t id = newest_; id >= oldest; id--) {
        command.push_back(std::to_string(id));
    }
    return {std::move(command)};
}

std::vector<Command> ListTransactions::read_entries(const redisReply* entries) {
    for (std::size_t index = 0; is_array(entries) && index < entries->elements; index++) {
        std::optional<Transaction> transaction = read_transaction(newest_ - index, text(entries->element[index]));
        if (!transaction) {
            return give_up("the ledger of account " + std::to_string(account_) + " is malformed");
        }
        transactions_.push_back(std::move(*transaction));
    }
    return ask_labels();
}

std::vector<Command> ListTransactions::ask_labels() {
    stage_ = Stage::labels;
    std::vector<std::uint64_t> ids;
    for (const Transaction& transaction : transactions_) {
        if (transaction.key_id != 0) {
            ids.push_back(transaction.key_id);
        }
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

SpendState read_spending(std::string_view text, std::int64_t store_now_ms) {
    SpendState spend;
    spend.month = month_of(store_now_ms);
    const std::optional<std::int64_t> month = signed_number(next_part(text, ' '));
    const std::int64_t used = signed_number(next_part(text, ' ')).value_or(0);
    if (month && *month >= spend.month) { // so that a clock that goes back does not begin a month twice
        spend.month = *month;
        spend.used = used;
    }
    spend.held = signed_number(next_part(text, ' ')).value_or(0);
    return spend;
}

} // namespace api_key::store
