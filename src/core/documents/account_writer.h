// An account's money and plan as the management API and apikeyctl write them (JSON by jansson).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/limits.h"
#include "core/policy/plans.h"
#include "core/text/json.h"

namespace api_key {

// Micro-credits.
struct Wallet {
    std::int64_t balance = 0; // the sum of its ledger
    std::int64_t held = 0;    // of that, reserved for requests that are not settled yet
};

struct Transaction {
    std::uint64_t id = 0; // 1, 2, 3 … in each account
    std::string type;     // topup, usage, plan
    std::int64_t created_ms = 0;
    std::int64_t updated_ms = 0; // usage: the last charge that it includes; 0 otherwise
    std::int64_t amount = 0;     // micro-credits; below 0: charged
    std::uint64_t key_id = 0;    // of usage
    std::string reference;
    std::string plan;
};

// {"balance":"25.000000","held":"0.000000","available":"25.000000"}
Json wallet_object(const Wallet& wallet);

// {"transactions":[…],"next"?}, in the order given
Json transactions_object(const std::vector<Transaction>& transactions, std::string_view next);

// {"plan"?,"models":[…],"multiplier":"1.250000","rates":{"second":{"used","limit","remaining","resets"?}}}; `plan` null: none
Json subscription_object(const Plan* plan, const WindowStates& states);

} // namespace api_key
