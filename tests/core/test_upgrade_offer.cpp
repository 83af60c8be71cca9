#include "core/policy/upgrade_offer.h"

#include <string>

#include "lib/check.h"

namespace {

using namespace api_key;

void knows_what_is_not_http(void**) {
    const struct {
        std::string_view offer;
        bool only_http;
    } rows[] = {
        {"", true},
        {"h2c", true},
        {"H2C", true},
        {" h2c , HTTP/2.0", true},
        {",, h2c,", true},
        {"websocket", false},
        {"WebSocket", false},
        {"h2c, websocket", false},
        {"websocket, h2c", false},
        {"h2c websocket", false},
        {"h2cc", false},
        {"h2", false},
        {"http", false},
        {"TLS/1.0, HTTP/1.1", false},
        {"h2c\tfoo", false},
    };
    for (const auto& row : rows) {
        CHECK(std::string(row.offer), offers_only_http(row.offer) == row.only_http);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_is_not_http),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
