#include "core/documents/alert.h"

#include "lib/check.h"

namespace {

using namespace api_key;

void says_what_was_crossed(void**) {
    using Fields = std::map<std::string, std::string>;
    const struct {
        Fields fields;
        std::string_view text;
    } rows[] = {
        {{{"type", "key.quota"},
          {"account", "1"},
          {"key", "7"},
          {"at", "1800000000000"},
          {"accountName", "acme"},
          {"keyName", "shop"},
          {"window", "daily"},
          {"threshold", "80"},
          {"used", "81"},
          {"limit", "100"}},
         R"x({"id":"5-0","type":"key.quota","at":"2027-01-15T08:00:00Z","text":"API key 7 (shop) of account 1 (acme) has used 81 of 100 requests (daily quota)","account":1,"accountName":"acme","keyId":7,"keyName":"shop","window":"daily","threshold":80,"used":81,"limit":100,"url":"https://x/d/#/keys/7"})x"},
        {{{"type", "key.spend"},
          {"account", "1"},
          {"key", "7"},
          {"at", "1800000000000"},
          {"window", "month"},
          {"threshold", "80"},
          {"used", "16000000"},
          {"limit", "20000000"}},
         R"({"id":"5-0","type":"key.spend","at":"2027-01-15T08:00:00Z","text":"API key 7 of account 1 has spent 16.000000 of 20.000000 credits of its monthly limit","account":1,"keyId":7,"window":"month","threshold":80,"used":"16.000000","limit":"20.000000","url":"https://x/d/#/keys/7"})"},
        {{{"type", "wallet"},
          {"account", "1"},
          {"key", "0"},
          {"at", "1800000000000"},
          {"window", ""},
          {"threshold", "100"},
          {"used", "25000000"},
          {"limit", "25000000"}},
         R"({"id":"5-0","type":"wallet","at":"2027-01-15T08:00:00Z","text":"account 1 has spent 25.000000 of 25.000000 credits of its balance after the last top-up","account":1,"threshold":100,"used":"25.000000","limit":"25.000000","url":"https://x/d/"})"},
        {{{"type", "key.expiring"}, {"account", "1"}, {"key", "7"}, {"at", "1800000000000"}, {"expires", "1800000001000"}},
         R"({"id":"5-0","type":"key.expiring","at":"2027-01-15T08:00:00Z","text":"API key 7 of account 1 expires at 2027-01-15T08:00:01Z","account":1,"keyId":7,"expiresAt":"2027-01-15T08:00:01Z","url":"https://x/d/#/keys/7"})"},
        {{{"type", "store.down"}, {"at", "1800000000000"}, {"node", "a"}},
         R"({"id":"5-0","type":"store.down","at":"2027-01-15T08:00:00Z","text":"Node a cannot reach Redis","node":"a"})"},
        {{{"type", "store.up"}, {"at", "1800000000000"}, {"node", "a"}},
         R"({"id":"5-0","type":"store.up","at":"2027-01-15T08:00:00Z","text":"Node a reaches Redis again","node":"a"})"},
    };
    for (const auto& row : rows) {
        CHECK_TEXT(row.text, write_alert("5-0", row.fields, "https://x/d/"), row.text);
    }
    const std::string unlinked = write_alert("5-0", rows[0].fields, "");
    CHECK(unlinked, unlinked.find("\"url\"") == std::string::npos);
}

// printf '1800000000.{}' | openssl dgst -sha256 -hmac secret
void is_signed(void**) {
    CHECK_TEXT("signature", alert_signature("secret", 1'800'000'000, "{}"),
               "t=1800000000,v1=bb7079132825ac793cea8c013c1dd24d926b9b02132245b10588d9e5c0df70d7");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(says_what_was_crossed),
        cmocka_unit_test(is_signed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
