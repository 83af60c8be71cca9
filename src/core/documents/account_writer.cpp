#include "core/documents/account_writer.h"

#include "core/documents/key_writer.h"
#include "core/text/money.h"
#include "core/text/time_text.h"

namespace api_key {

namespace {

Json transaction_object(const Transaction& transaction) {
    Json object(json_object());
    set_number(object.get(), "id", transaction.id);
    set(object.get(), "type", transaction.type);
    set(object.get(), "amount", format_micro_credits(transaction.amount));
    if (transaction.key_id != 0) {
        set_number(object.get(), "keyId", transaction.key_id);
    }
    if (!transaction.plan.empty()) {
        set(object.get(), "plan", transaction.plan);
    }
    if (!transaction.reference.empty()) {
        set(object.get(), "reference", transaction.reference);
    }
    set(object.get(), "createdAt", format_rfc3339(transaction.created_ms));
    if (transaction.updated_ms != 0) {
        set(object.get(), "updatedAt", format_rfc3339(transaction.updated_ms));
    }
    return object;
}

} // namespace

Json wallet_object(const Wallet& wallet) {
    Json object(json_object());
    set(object.get(), "balance", format_micro_credits(wallet.balance));
    set(object.get(), "held", format_micro_credits(wallet.held));
    set(object.get(), "available", format_micro_credits(wallet.balance - wallet.held));
    return object;
}

Json transactions_object(const std::vector<Transaction>& transactions, std::string_view next) {
    Json object(json_object());
    json_t* list = json_array();
    for (const Transaction& transaction : transactions) {
        json_array_append_new(list, transaction_object(transaction).release());
    }
    json_object_set_new(object.get(), "transactions", list);
    if (!next.empty()) {
        set(object.get(), "next", next);
    }
    return object;
}

Json subscription_object(const Plan* plan, const WindowStates& states) {
    Json object(json_object());
    json_t* models = json_array();
    if (plan != nullptr) {
        set(object.get(), "plan", plan->name);
        for (const std::string& model : plan->models) {
            json_array_append_new(models, json_text(model).release());
        }
    }
    json_object_set_new(object.get(), "models", models);
    set(object.get(), "multiplier", format_micro_credits(plan != nullptr ? plan->multiplier_millionths : 1'000'000));
    const Json usage = usage_object(states);
    json_object_set(object.get(), "rates", json_object_get(usage.get(), "rates"));
    return object;
}

} // namespace api_key
