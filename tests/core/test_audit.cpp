#include "core/logs/audit.h"

#include "lib/author.h"
#include "lib/check.h"

namespace {

using namespace api_key;

Json parsed(std::string_view text) {
    return Json(json_loadb(text.data(), text.size(), 0, nullptr));
}

void an_entry_says_who_did_what(void**) {
    AuditEvent event;
    event.action = "key.rename";
    event.account = 3;
    event.key_id = 7;
    event.before = parsed(R"({"name":"a"})");
    event.after = parsed(R"({"name":"b"})");
    Author author = test::author();
    author.key_id = 1;
    author.address = "203.0.113.7";
    author.request_id = "0011";
    CHECK_TEXT("by a key", write_audit_entry(event, author, 8),
               R"({"number":8,"at":"2027-01-15T08:00:00Z","action":"key.rename","actor":{"type":"key","keyId":1},"address":"203.0.113.7",)"
               R"("requestId":"0011","keyId":7,"before":{"name":"a"},"after":{"name":"b"}})");
    author = test::author();
    const Json by_operator = parsed(write_audit_entry(event, author, 8));
    CHECK_TEXT("by the operator", text_of(json_object_get(json_object_get(by_operator.get(), "actor"), "name")), "test");
    author.name.clear();
    const Json by_nobody = parsed(write_audit_entry(event, author, 8));
    CHECK_TEXT("by nobody known", text_of(json_object_get(json_object_get(by_nobody.get(), "actor"), "type")), "unknown");
}

void a_signature_holds_for_one_place_alone(void**) {
    const AuditLink before{7, "1:aa"};
    const std::string mac = sign_audit_entry(test::peppers(), 3, before, "entry");
    CHECK("as signed", verify_audit_entry(test::peppers(), 3, before, "entry", mac));
    CHECK("another text", !verify_audit_entry(test::peppers(), 3, before, "entrx", mac));
    CHECK("another account", !verify_audit_entry(test::peppers(), 4, before, "entry", mac));
    CHECK("another number", !verify_audit_entry(test::peppers(), 3, {8, "1:aa"}, "entry", mac));
    CHECK("after another entry", !verify_audit_entry(test::peppers(), 3, {7, "1:ab"}, "entry", mac));
    CHECK("another pepper", !verify_audit_entry(*Peppers::parse("1:ff0102030405060708090a0b0c0d0e0f"), 3, before, "entry", mac));
    CHECK("a pepper that came later",
          verify_audit_entry(*Peppers::parse("2:ff0102030405060708090a0b0c0d0e0f\n1:000102030405060708090a0b0c0d0e0f"), 3, before, "entry",
                             mac));
    CHECK("none", !verify_audit_entry(test::peppers(), 3, before, "entry", ""));
}

void a_change_is_called_by_what_differs(void**) {
    const struct {
        std::string_view before;
        std::string_view after;
        std::string_view action;
        std::string_view left;
    } rows[] = {
        {R"({"id":1,"name":"a"})", R"({"id":1,"name":"b"})", "key.rename", R"({"name":"b"})"},
        {R"({"active":true})", R"({"active":false})", "key.disable", R"({"active":false})"},
        {R"({"active":false,"x":1})", R"({"active":true,"x":1})", "key.enable", R"({"active":true})"},
        {R"({"name":"a","active":true})", R"({"name":"b","active":false})", "key.update", R"({"name":"b","active":false})"},
        {R"({"alias":"a"})", "{}", "key.update", "{}"},
        {R"({"quotas":{"daily":1}})", R"({"quotas":{"daily":2}})", "key.update", R"({"quotas":{"daily":2}})"},
    };
    for (const auto& row : rows) {
        const Json before = parsed(row.before);
        const Json after = parsed(row.after);
        keep_differences(before.get(), after.get());
        CHECK_TEXT(row.after, dump(after), row.left);
        CHECK_TEXT(row.after, action_of_change(after.get()), row.action);
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_says_who_did_what),
        cmocka_unit_test(a_signature_holds_for_one_place_alone),
        cmocka_unit_test(a_change_is_called_by_what_differs),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
