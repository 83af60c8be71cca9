#include "core/policy/reason.h"

#include <set>

#include "lib/check.h"

namespace {

using api_key::Reason;

struct Row {
    Reason reason;
    std::string_view name;
    int status;
    std::string_view message;
    std::string_view code;
};

constexpr Row rows[] = {
    {Reason::none, "ok", 200, "", ""},
    {Reason::missing_key, "missing_key", 401, "Missing API Key", "missing_key"},
    {Reason::multiple_keys, "multiple_keys", 400, "More than one API key was sent", "multiple_keys"},
    {Reason::invalid_key, "invalid_key", 401, "Invalid API Key", "invalid_api_key"},
    {Reason::inactive_key, "inactive_key", 403, "Inactive API Key", "inactive_key"},
    {Reason::expired_key, "expired_key", 401, "Expired API Key", "expired_key"},
    {Reason::wrong_key_type, "wrong_key_type", 403, "This kind of API key cannot be used here", "wrong_key_type"},
    {Reason::ip_not_allowed, "ip_not_allowed", 403, "This API key cannot be used from this address", "ip_not_allowed"},
    {Reason::model_not_allowed, "model_not_allowed", 403, "Model not allowed for this API key", "model_not_allowed"},
    {Reason::rate_limited, "rate_limited", 429, "You exceeded the per-second rate limit on your subscription", "rate_limited"},
    {Reason::quota_exceeded, "quota_exceeded", 429, "Rate limit exceeded: quota daily", "quota_exceeded"},
    {Reason::key_spend_exceeded, "key_spend_exceeded", 402, "api_key_quota_exceeded", "api_key_quota_exceeded"},
    {Reason::wallet_empty, "wallet_empty", 402, "billing_shortfall", "billing_shortfall"},
    {Reason::ip_blocked, "ip_blocked", 403, "IP temporarily blocked", "ip_blocked"},
    {Reason::request_invalid, "request_invalid", 400, "The request body could not be read", "request_invalid"},
    {Reason::request_too_large, "request_too_large", 413, "The request body is too large", "request_too_large"},
    {Reason::store_unavailable, "store_unavailable", 503, "API key service unavailable", "store_unavailable"},
    {Reason::session_ended, "session_ended", 401, "The session has ended: sign in again", "session_ended"},
    {Reason::model_unpriced, "model_unpriced", 404, "This model is not available here", "model_unpriced"},
    {Reason::option_unpriced, "option_unpriced", 403, "An option of this request is not available here", "option_unpriced"},
    {Reason::upgrade_refused, "upgrade_refused", 426, "Connections cannot be upgraded here", "upgrade_refused"},
};

void every_reason_is_as_the_contract_says(void**) {
    assert_int_equal(std::size(rows), api_key::reason_count);
    for (const Row& row : rows) {
        const api_key::ReasonInfo& info = api_key::info(row.reason);
        CHECK_TEXT(row.name, info.name, row.name);
        CHECK(row.name, info.status == row.status);
        CHECK_TEXT(row.name, info.message, row.message);
        CHECK_TEXT(row.name, info.code, row.code);
    }
}

void a_name_finds_its_reason(void**) {
    for (const Row& row : rows) {
        const auto found = api_key::reason_from_name(row.name);
        if (row.reason == Reason::none) {
            CHECK(row.name, !found);
        } else {
            CHECK(row.name, found == row.reason);
        }
    }
    for (const std::string_view name : {"", "none", "missing", "missing_key ", "Missing_Key", "invalid_api_key", "missing_keys"}) {
        CHECK(name, !api_key::reason_from_name(name));
    }
}

void names_and_codes_are_unique(void**) {
    std::set<std::string_view> names;
    std::set<std::string_view> codes;
    for (const Row& row : rows) {
        CHECK(row.name, names.insert(api_key::info(row.reason).name).second);
        CHECK(row.name, codes.insert(api_key::info(row.reason).code).second);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_is_as_the_contract_says),
        cmocka_unit_test(a_name_finds_its_reason),
        cmocka_unit_test(names_and_codes_are_unique),
    };
    return cmocka_run_group_tests_name("reason", tests, nullptr, nullptr);
}
