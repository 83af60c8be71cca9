#include "core/tokens/served_price.h"

#include <string>

#include "lib/check.h"

namespace {

using namespace api_key;

constexpr std::int64_t once = 1'000'000;

ModelPrice model() {
    ModelPrice price;
    price.lists[0] = PriceList{};
    price.lists[0]->prices.input = 10;
    price.lists[1] = PriceList{};
    price.lists[1]->prices.input = 20;
    price.multipliers = {{"fast", 6 * once}, {"us", 1'100'000}};
    price.fees.web_search = {10'000'000'000, 25'000'000'000, std::nullopt};
    return price;
}

Service served(std::string_view tier, std::string_view speed = {}, std::string_view region = {}, std::int64_t searches = 0,
               std::int64_t sessions = 0) {
    Service service;
    service.tier.set(tier);
    service.speed.set(speed);
    service.region.set(region);
    service.calls = {searches, 0, sessions};
    return service;
}

void costs_as_it_was_served(void**) {
    const ModelPrice price = model();
    constexpr std::int64_t none = -1;
    const struct {
        std::string_view row;
        Service service;
        std::int64_t input; // price of the list; -1: the reserved amount stays
        std::int64_t multiplier;
        std::int64_t fees;
    } rows[] = {
        {"nothing told", served(""), 10, once, 0},
        {"as usual", served("default", "standard", "global"), 10, once, 0},
        {"priority", served("priority"), 20, once, 0},
        {"Vertex's", served("ON_DEMAND_PRIORITY"), 20, once, 0},
        {"a cheaper tier without a price", served("flex"), 10, once, 0},
        {"another tier", served("express"), none, 0, 0},
        {"a long one", served("priority-and-much-more-than-that"), none, 0, 0},
        {"fast", served("standard", "fast"), 10, 6 * once, 0},
        {"faster", served("standard", "faster"), none, 0, 0},
        {"a region", served("standard", "fast", "us"), 10, 6'600'000, 0},
        {"another region", served("standard", "", "eu"), none, 0, 0},
        {"searches", served("", "", "", 3), 10, once, 75'000},
        {"a tool without a fee", served("", "", "", 0, 1), none, 0, 0},
    };
    for (const auto& row : rows) {
        const std::optional<ServedPrice> found = served_price(price, row.service, {&price.standard(), once, 0}, once);
        CHECK(row.row, found.has_value() == (row.input != none));
        CHECK(row.row, !found || (found->list->prices.input == row.input && found->multiplier_millionths == row.multiplier &&
                                  found->fees_micro_credits == row.fees));
    }
}

void is_never_cheaper_than_what_was_asked(void**) {
    const ModelPrice price = model();
    const ServedPrice asked{price.list(ServiceTier::priority), 6 * once, 50'000};
    const std::optional<ServedPrice> untold = served_price(price, {}, asked, once);
    assert_true(untold && untold->list == asked.list && untold->multiplier_millionths == 6 * once && untold->fees_micro_credits == 50'000);
    const std::optional<ServedPrice> slower = served_price(price, served("default"), asked, once);
    assert_true(slower && slower->list == &price.standard());
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(costs_as_it_was_served),
        cmocka_unit_test(is_never_cheaper_than_what_was_asked),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
