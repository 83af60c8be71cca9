#include "core/policy/cross_site.h"

#include <string>

#include "lib/check.h"

namespace {

using namespace api_key;

void who_may_ask(void**) {
    const struct {
        RequestSource source;
        bool same;
    } rows[] = {
        {{"same-origin", "", "example.com"}, true},
        {{"same-origin", "https://other.example", "example.com"}, true}, // the browser itself has compared
        {{"same-site", "", "example.com"}, false},
        {{"cross-site", "", "example.com"}, false},
        {{"none", "", "example.com"}, false},
        {{"Same-Origin", "", "example.com"}, false},
        {{"same-site", "https://example.com", "example.com"}, false},
        {{"", "", "example.com"}, true},
        {{"", "", ""}, true},
        {{"", "https://example.com", "example.com"}, true},
        {{"", "https://example.com", "example.com:443"}, true},
        {{"", "https://example.com:443", "example.com"}, true},
        {{"", "http://example.com", "example.com:80"}, true},
        {{"", "HTTPS://Example.COM", "example.com"}, true},
        {{"", "http://localhost:8080", "localhost:8080"}, true},
        {{"", "http://[::1]:8080", "[::1]:8080"}, true},
        {{"", "http://localhost:8081", "localhost:8080"}, false},
        {{"", "http://localhost", "localhost:8080"}, false},
        {{"", "https://example.com:80", "example.com"}, false},
        {{"", "http://example.com:443", "example.com"}, false},
        {{"", "https://example.com.evil.example", "example.com"}, false},
        {{"", "https://evil.example/example.com", "example.com"}, false},
        {{"", "https://user@example.com", "example.com"}, false},
        {{"", "null", "example.com"}, false},
        {{"", "example.com", "example.com"}, false},
        {{"", "https://", ""}, false},
    };
    for (const auto& row : rows) {
        CHECK(std::string(row.source.fetch_site) + "|" + std::string(row.source.origin) + "|" + std::string(row.source.host),
              is_same_origin(row.source) == row.same);
    }
}

void what_json_is(void**) {
    for (const std::string_view type : {"application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;x"}) {
        CHECK(type, is_json_type(type));
    }
    for (const std::string_view type :
         {"", "text/plain", "application/json5", "application/jso", "application/problem+json", " application/json",
          "application/x-www-form-urlencoded", "text/plain; application/json", ";application/json"}) {
        CHECK(type, !is_json_type(type));
    }
}

void what_this_machine_is(void**) {
    for (const std::string_view host : {"localhost", "LOCALHOST", "127.0.0.1", "[::1]"}) {
        CHECK(host, is_local_host(host));
    }
    for (const std::string_view host : {"", "localhost.example", "127.0.0.2", "::1", "[::2]", "example.com", "localhost:80"}) {
        CHECK(host, !is_local_host(host));
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(who_may_ask),
        cmocka_unit_test(what_json_is),
        cmocka_unit_test(what_this_machine_is),
    };
    return cmocka_run_group_tests_name("cross_site", tests, nullptr, nullptr);
}
