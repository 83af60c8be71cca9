// Which keys of a list a filter matches.
#include "core/policy/key_filter.h"

#include "lib/check.h"

namespace {

using namespace api_key;

constexpr std::int64_t now_ms = 1'800'000'000'000;

KeyRecord record() {
    KeyRecord key;
    key.id = 7;
    key.name = "Nightly Batch";
    key.alias = "cron-1";
    key.category = "jobs";
    return key;
}

void matches_by_category_state_and_text(void**) {
    const KeyRecord active = record();
    KeyRecord disabled = record();
    disabled.active = false;
    KeyRecord expired = record();
    expired.expires_ms = now_ms;
    KeyRecord expiring = record();
    expiring.expires_ms = now_ms + 1;
    constexpr std::nullopt_t any = std::nullopt;
    KeyRecord without_category = record();
    without_category.category.clear();
    const struct {
        std::string_view row;
        std::optional<std::string> category;
        std::optional<bool> active;
        std::string_view text;
        const KeyRecord& key;
        bool is_match;
    } rows[] = {
        {"no condition", any, {}, "", active, true},
        {"its category", "jobs", {}, "", active, true},
        {"another category", "web", {}, "", active, false},
        {"a category in another case", "Jobs", {}, "", active, false},
        {"no category", "", {}, "", without_category, true},
        {"no category, but it has one", "", {}, "", active, false},
        {"active", any, true, "", active, true},
        {"active, before its expiry", any, true, "", expiring, true},
        {"inactive by its expiry", any, false, "", expired, true},
        {"... not active", any, true, "", expired, false},
        {"disabled", any, false, "", disabled, true},
        {"... not active", any, true, "", disabled, false},
        {"part of the name, in any case", any, {}, "BATCH", active, true},
        {"part of the alias", any, {}, "ron-", active, true},
        {"name and alias are searched apart", any, {}, "Batchcron", active, false},
        {"text of the category only", any, {}, "jobs", active, false},
        {"all conditions", "jobs", true, "night", active, true},
        {"all but one", "jobs", false, "night", active, false},
    };
    for (const auto& row : rows) {
        KeyFilter filter;
        filter.category = row.category;
        filter.active = row.active;
        filter.text = row.text;
        CHECK(row.row, filter.matches(row.key, now_ms) == row.is_match);
    }
}

KeyRecord checkout_key() {
    KeyRecord key;
    key.id = 22;
    key.name = "Checkout web";
    key.alias = "shop";
    key.category = "production";
    key.prefix = "ms-UD6wW";
    return key;
}

void text_is_of_the_name_the_alias_the_prefix_or_the_id(void**) {
    const auto finds = [](const char* text) {
        KeyFilter filter;
        filter.text = text;
        return filter.matches(checkout_key(), now_ms);
    };
    for (const char* text : {"", "checkout", "OUT W", "hop", "ms-UD6", "ms-UD6wW", "ms-UD6wWleaked", "22"}) {
        CHECK(text, finds(text));
    }
    for (const char* text : {"2", "222", "UD6", "ms-ud6", "ms-UD6xW", "production"}) {
        CHECK(text, !finds(text));
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(matches_by_category_state_and_text),
        cmocka_unit_test(text_is_of_the_name_the_alias_the_prefix_or_the_id),
    };
    return cmocka_run_group_tests_name("key_filter", tests, nullptr, nullptr);
}
