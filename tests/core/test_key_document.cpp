#include "core/documents/key_document.h"
#include "core/documents/key_writer.h"

#include <string>

#include "core/text/json.h"
#include "lib/check.h"

namespace {

using namespace api_key;

constexpr std::int64_t now_ms = 1'705'312'800'000; // 2024-01-15T10:00:00Z
constexpr std::int64_t max_quota = 9'007'199'254'740'991;

KeyChange change_of(const std::string& json, DocumentKind kind = DocumentKind::update) {
    Result<KeyDocument> document = read_key_document(json, kind, now_ms);
    if (!document) {
        test::name_row(json);
        test::name_row(document.error().message);
        fail();
    }
    return document->change;
}

void check_refused(const std::string& json, std::string_view field, std::string_view part_of_message,
                   DocumentKind kind = DocumentKind::update) {
    const Result<KeyDocument> document = read_key_document(json, kind, now_ms);
    const std::string row = json.substr(0, 200);
    CHECK(row, !document);
    CHECK_TEXT(row, document.error().field, field);
    if (document.error().message.find(part_of_message) == std::string::npos) {
        CHECK_TEXT(row, document.error().message, part_of_message);
    }
}

std::string repeated(std::size_t count, std::string_view text) {
    std::string all;
    for (std::size_t index = 0; index < count; index++) {
        all += text;
    }
    return all;
}

std::string list_of(const std::string& name, std::size_t count, std::string_view item) {
    std::string all = "{\"" + name + "\":[";
    for (std::size_t index = 0; index < count; index++) {
        all += (index != 0 ? ",\"" : "\"") + std::string(item) + "\"";
    }
    return all + "]}";
}

void a_number_beyond_floating_point_names_its_field(void**) {
    check_refused(R"({"quotas":{"daily":1e400}})", "daily", "out of range");
    check_refused(R"({"monthly_limit" : 1e999})", "monthly_limit", "out of range");
    check_refused("[1e400]", "", "out of range");
}

// ---- whole documents ------------------------------------------------------------------------------------------------

void every_field_of_a_new_key(void**) {
    const Result<KeyDocument> document = read_key_document(
        R"({"name":"Büro","alias":"a","category":"c","type":"proxy","active":false,"expires_at":"2030-01-01T00:00:00+01:00",
            "models":["gpt-4o*","claude-?"],"quotas":{"total":1,"daily":2,"weekly":3,"monthly":9007199254740991},
            "monthly_limit":"12.5","allowed_ips":["10.0.0.0/8","::1"]})",
        DocumentKind::create, now_ms);
    assert_true(static_cast<bool>(document));
    const KeyChange& change = document->change;
    assert_true(document->type == "proxy");
    assert_true(change.name == "Büro" && change.alias == "a" && change.category == "c");
    assert_true(change.active == false);
    assert_true(change.expires_ms == std::int64_t{1'893'452'400'000});
    assert_true(change.models == (std::vector<std::string>{"gpt-4o*", "claude-?"}));
    assert_true(change.allowed_ips == (std::vector<std::string>{"10.0.0.0/8", "::1"}));
    assert_true(**change.total == 1 && **change.daily == 2 && **change.weekly == 3 && **change.monthly == max_quota);
    assert_true(**change.monthly_limit_micro_credits == 12'500'000);
}

void both_spellings_are_read(void**) {
    for (const std::string json : {R"({"expires_at":"2030-01-01T00:00:00Z","monthly_limit":1,"allowed_ips":["::1"]})",
                                   R"({"expiresAt":"2030-01-01T00:00:00Z","monthlyLimit":1,"allowedIps":["::1"]})"}) {
        const KeyChange change = change_of(json);
        CHECK(json, change.expires_ms && change.monthly_limit_micro_credits && change.allowed_ips);
    }
    check_refused(R"({"expires_at":null,"expiresAt":null})", "expiresAt", "named twice");
    check_refused(R"({"monthlyLimit":1,"monthly_limit":1})", "monthly_limit", "named twice");
    check_refused(R"({"allowed_ips":[],"allowedIps":[]})", "allowedIps", "named twice");
}

void only_the_named_fields_change(void**) {
    const KeyChange change = change_of(R"({"alias":"a"})");
    assert_true(change.alias == "a");
    assert_false(change.name || change.category || change.active || change.expires_ms || change.models || change.allowed_ips ||
                 change.total || change.daily || change.weekly || change.monthly || change.monthly_limit_micro_credits);
    const KeyChange daily = change_of(R"({"quotas":{"daily":5}})");
    assert_true(**daily.daily == 5);
    assert_false(daily.total || daily.weekly || daily.monthly);
}

void a_new_key_is_called_by_its_alias_if_it_has_no_name(void**) {
    const KeyChange change = change_of(R"({"alias":"a"})", DocumentKind::create);
    assert_true(change.name == "a" && change.alias == "a");
}

void null_clears(void**) {
    const KeyChange change = change_of(
        R"({"alias":null,"category":null,"expires_at":null,"models":null,"quotas":null,"monthly_limit":null,"allowed_ips":null})");
    assert_true(change.alias == "" && change.category == "");
    assert_true(change.expires_ms == std::int64_t{0});
    assert_true(change.models && change.models->empty() && change.allowed_ips && change.allowed_ips->empty());
    for (const auto& limit : {change.total, change.daily, change.weekly, change.monthly, change.monthly_limit_micro_credits}) {
        assert_true(limit.has_value() && !limit->has_value());
    }
    const KeyChange empty = change_of(R"({"alias":"","category":"","models":[],"allowed_ips":[],"quotas":{"daily":null}})");
    assert_true(empty.alias == "" && empty.category == "" && empty.models->empty() && empty.allowed_ips->empty());
    assert_true(empty.daily.has_value() && !empty.daily->has_value() && !empty.total);
}

void what_each_kind_needs(void**) {
    using enum DocumentKind;
    check_refused("{}", "name", "is required", create);
    check_refused(R"({"alias":""})", "name", "is required", create);
    check_refused("{}", "", "nothing to change", update);
    check_refused("{}", "alias", "is required", clone);
    check_refused("", "alias", "is required", clone);
    check_refused(" \r\n\t", "alias", "is required", clone);
    check_refused(R"({"name":"n"})", "alias", "is required", clone);
    check_refused(R"({"alias":""})", "alias", "is required", clone);
    check_refused(R"({"alias":null})", "alias", "is required", clone);
    check_refused("", "", "not valid JSON", create);
    check_refused("", "", "not valid JSON", update);
    assert_true(change_of(R"({"name":"n"})", create).name == "n");
    assert_true(change_of(R"({"alias":"a"})", clone).alias == "a");
    assert_true(change_of(R"({"alias":"a","name":"n"})", clone).name == "n");
    assert_true(change_of(R"({"name":"n","active":false})", create).active == false);
}

void what_each_kind_does_not_know(void**) {
    using enum DocumentKind;
    check_refused(R"({"type":"proxy"})", "type", "unknown field", update);
    for (const std::string field : {"type", "category", "active", "expires_at", "models", "quotas", "monthly_limit", "allowed_ips"}) {
        check_refused(R"({"alias":"a",")" + field + R"(":null})", field, "unknown field", clone);
    }
    for (const std::string field : {"id", "key", "prefix", "createdAt", "created_at", "lastUsedAt", "plan", "account", "digest", "Name",
                                    "NAME", "name ", "", "nam", "names", "expires_At", "__proto__"}) {
        for (const DocumentKind kind : {create, update, clone}) {
            check_refused(R"({")" + field + R"(":1})", field, "unknown field", kind);
        }
    }
}

void what_is_no_object(void**) {
    for (const std::string json : {"[]", "[1]"}) {
        check_refused(json, "", "must be a JSON object");
    }
    for (const std::string& json : {std::string("null"),
                                    std::string("1"),
                                    std::string("\"a\""),
                                    std::string("{"),
                                    std::string("{]"),
                                    std::string("{\"name\""),
                                    std::string("{\"name\":}"),
                                    std::string("{\"name\":\"n\"} x"),
                                    std::string("{\"name\":\"n\"}{}"),
                                    std::string("{'name':'n'}"),
                                    std::string("{\"name\":\"n\",}"),
                                    std::string("{name:\"n\"}"),
                                    std::string("\xef\xbb\xbf{}"),
                                    std::string("{\"name\":NaN}"),
                                    std::string("{\"name\":\"\xff\"}"),
                                    std::string("{\"name\":\"\xed\xa0\x80\"}"),
                                    std::string(R"({"name":"\ud800"})"),
                                    std::string(R"({"name":"a\u0000b"})"),
                                    std::string(R"({"na\u0000me":"a"})"),
                                    std::string("{\"name\":\"a\0b\"}", 14),
                                    std::string("{\"name\":\"a\nb\"}"),
                                    std::string("{}\0", 3)}) {
        check_refused(json, "", "not valid JSON");
    }
}

void deep_nesting_is_an_error(void**) {
    for (const std::size_t depth : {3'000U, 1'000'000U}) {
        check_refused(repeated(depth, "["), "", "not valid JSON");
        check_refused(repeated(depth, "{\"name\":"), "", "not valid JSON");
        check_refused("{\"models\":" + repeated(depth, "["), "", "not valid JSON");
    }
    check_refused("{\"models\":" + repeated(100, "[") + repeated(100, "]") + "}", "models[0]", "expected");
}

void members_that_stand_twice(void**) {
    check_refused(R"({"name":"a","name":"b"})", "name", "named twice");
    check_refused(R"({"name":"a","n\u0061me":"b"})", "n\\u0061me", "named twice");
    check_refused(R"({"quotas":{"daily":1,"daily":2}})", "daily", "named twice");
}

// The message must not echo what a client sent by mistake, such as a key.
void the_body_is_not_quoted(void**) {
    for (const std::string json : {R"({"name":ms-secret})", R"({"name":"ms-secret)", R"({"name":"n"} ms-secret)", R"(ms-secret)"}) {
        const Result<KeyDocument> document = read_key_document(json, DocumentKind::update, now_ms);
        CHECK(json, !document);
        CHECK(document.error().message, document.error().message.find("secret") == std::string::npos);
    }
}

// ---- one field at a time --------------------------------------------------------------------------------------------

void texts(void**) {
    const std::string max_name_length(255, 'n');
    const std::string max_category_length(64, 'c');
    assert_true(change_of(R"({"name":")" + max_name_length + R"("})").name == max_name_length);
    assert_true(change_of(R"({"alias":")" + max_name_length + R"("})").alias == max_name_length);
    assert_true(change_of(R"({"category":")" + max_category_length + R"("})").category == max_category_length);
    assert_true(change_of(R"({"name":" n "})").name == " n ");
    assert_true(change_of(R"({"name":"\ud83d\ude00 \u00e4"})").name == "😀 ä");
    assert_true(change_of(R"({"name":"\"\\/<script>"})").name == "\"\\/<script>");
    check_refused(R"({"name":")" + max_name_length + R"(n"})", "name", "1 to 255 bytes");
    check_refused(R"({"name":")" + repeated(128, "ä") + R"("})", "name", "1 to 255 bytes");
    check_refused(R"({"alias":")" + max_name_length + R"(n"})", "alias", "at most 255 bytes");
    check_refused(R"({"category":")" + max_category_length + R"(c"})", "category", "at most 64 bytes");
    for (const std::string value : {R"("")", R"(" ")", R"("   ")", "null", "1", "true", "[]", "{}", R"("a\nb")", R"("a\tb")", R"("\u007f")",
                                    R"("\u0080")", R"("\u009f")", R"("\u001b[0m")"}) {
        check_refused("{\"name\":" + value + "}", "name", "1 to 255 bytes");
    }
    for (const std::string field : {"alias", "category"}) {
        for (const std::string value : {R"(" ")", "1", "false", "[]", "{}", R"("a\nb")"}) {
            check_refused("{\"" + field + "\":" + value + "}", field, "at most");
        }
    }
}

void the_type_of_a_new_key(void**) {
    const std::string longest(32, 't');
    const Result<KeyDocument> document = read_key_document(R"({"name":"n","type":")" + longest + R"("})", DocumentKind::create, now_ms);
    assert_true(static_cast<bool>(document) && document->type == longest);
    for (const std::string value : {R"("")", "null", "1", R"("a\nb")"}) {
        check_refused(R"({"name":"n","type":)" + value + "}", "type", "expected", DocumentKind::create);
    }
    check_refused(R"({"name":"n","type":"t)" + longest + R"("})", "type", "1 to 32 bytes", DocumentKind::create);
}

void whether_a_key_is_active(void**) {
    assert_true(change_of(R"({"active":true})").active == true);
    assert_true(change_of(R"({"active":false})").active == false);
    for (const std::string value : {"null", "0", "1", R"("true")", R"("")", "[]", "{}"}) {
        check_refused("{\"active\":" + value + "}", "active", "true or false");
    }
}

void when_a_key_expires(void**) {
    assert_true(change_of(R"({"expires_at":"2024-01-15T10:00:00.001Z"})").expires_ms == now_ms + 1);
    assert_true(change_of(R"({"expires_at":"2024-01-15T11:30:00+01:00"})").expires_ms == now_ms + 1'800'000);
    for (const std::string value :
         {"2024-01-15T10:00:00Z", "2024-01-15T09:59:59.999Z", "2024-01-15T11:00:00+01:00", "1970-01-01T00:00:00Z"}) {
        check_refused(R"({"expires_at":")" + value + R"("})", "expires_at", "has passed");
    }
    for (const std::string value : {R"("")", R"("never")", R"("2030-02-30T00:00:00Z")", R"("2030-01-01")", R"("2030-01-01T00:00:00")",
                                    R"("1969-01-01T00:00:00Z")", "0", "1900000000", "1.5", "true", "[]", "{}"}) {
        check_refused("{\"expiresAt\":" + value + "}", "expiresAt", "RFC 3339");
    }
}

void models(void**) {
    const std::string longest(200, 'm');
    assert_true(change_of(list_of("models", 1, longest)).models->front() == longest);
    assert_int_equal(change_of(list_of("models", 100, "*")).models->size(), 100);
    assert_true(change_of(R"({"models":["ft:gpt-4o:ä/x","[a-z]*"]})").models->size() == 2);
    check_refused(list_of("models", 101, "*"), "models", "at most 100");
    check_refused(R"({"models":["a",")" + longest + R"(m"]})", "models[1]", "expected");
    for (const std::string value : {R"("")", R"("a b")", R"("a\nb")", R"("a\tb")", R"(" ")", "null", "1", "[]", "{}", "true"}) {
        check_refused(R"({"models":["ok",)" + value + "]}", "models[1]", "expected");
    }
    for (const std::string value : {R"("gpt-4o")", "1", "{}", "true"}) {
        check_refused("{\"models\":" + value + "}", "models", "expected");
    }
}

void addresses(void**) {
    assert_int_equal(change_of(list_of("allowed_ips", 100, "10.0.0.0/8")).allowed_ips->size(), 100);
    assert_true(change_of(R"({"allowed_ips":["2001:DB8::/32"]})").allowed_ips->front() == "2001:DB8::/32");
    check_refused(list_of("allowed_ips", 101, "::1"), "allowed_ips", "at most 100");
    for (const std::string value :
         {R"("")", R"("10.0.0.1/8")", R"("10.0.0.0/33")", R"("localhost")", R"("10.0.0.1\n10.0.0.2")", "null", "1"}) {
        check_refused(R"({"allowedIps":["::1","::2",)" + value + "]}", "allowedIps[2]", "CIDR");
    }
    for (const std::string value : {R"("::1")", "1", "{}", "true"}) {
        check_refused("{\"allowed_ips\":" + value + "}", "allowed_ips", "CIDR");
    }
}

void quotas(void**) {
    for (const std::string window : {"total", "daily", "weekly", "monthly"}) {
        for (const std::string value : {"0", "-1", "1.5", "9007199254740992", "9223372036854775807", "9223372036854775808",
                                        "-9223372036854775809", "99999999999999999999999999", "1e300", R"("1")", "true", "[]", "{}"}) {
            check_refused("{\"quotas\":{\"" + window + "\":" + value + "}}", "quotas." + window, "whole number");
        }
        check_refused(R"({"quotas":{"monthly":7,"total":8,")" + window + R"(ly":1}})", "quotas." + window + "ly", "unknown field");
    }
    assert_true(**change_of(R"({"quotas":{"daily":1}})").daily == 1);
    assert_true(**change_of(R"({"quotas":{"daily":9007199254740991}})").daily == max_quota);
    assert_true(**change_of(R"({"quotas":{"daily":9007199254740990}})").daily == max_quota - 1);
    for (const std::string value : {"1", R"("1")", "[]", "true", "1e30", "99999999999999999999"}) {
        check_refused("{\"quotas\":" + value + "}", "quotas", "expected an object");
    }
    assert_false(change_of(R"({"quotas":{}})").daily.has_value());
}

void money(void**) {
    const struct {
        std::string value;
        std::int64_t micro;
    } rows[] = {
        {"0", 0},
        {"0.0", 0},
        {"25", 25'000'000},
        {"25.5", 25'500'000},
        {"0.1", 100'000},
        {"0.000001", 1},
        {"0.3", 300'000},
        {"1.1", 1'100'000},
        {"123456789.123457", 123'456'789'123'457},
        {"999999999.999999", 999'999'999'999'999},
        {"1000000000", 1'000'000'000'000'000},
        {"1e3", 1'000'000'000},
        {"2.5e-3", 2'500},
        {R"("25.00")", 25'000'000},
        {R"("0.000001")", 1},
        {R"("999999999.999999")", 999'999'999'999'999},
    };
    for (const auto& row : rows) {
        CHECK(row.value, **change_of("{\"monthly_limit\":" + row.value + "}").monthly_limit_micro_credits == row.micro);
    }
    for (const std::string value : {"-1",
                                    "-0.5",
                                    "0.0000001",
                                    "1e-7",
                                    "1.0000005",
                                    "1000000001",
                                    "1000000000.1",
                                    "1e10",
                                    "1e300",
                                    "99999999999999999999",
                                    "9223372036854775808",
                                    R"("")",
                                    R"("-1")",
                                    R"("1e3")",
                                    R"("0.0000001")",
                                    R"("25 ")",
                                    R"("1,5")",
                                    "true",
                                    "[]",
                                    "{}"}) {
        check_refused("{\"monthlyLimit\":" + value + "}", "monthlyLimit", "at most six decimals");
    }
}

// JSON carries numbers as binary floating point; every millionth must come out as it was written.
void decimal_numbers_are_exact(void**) {
    for (std::int64_t micro = 1; micro < 1'000'000'000'000'000; micro = micro * 7 + 3) {
        const std::string fraction = std::to_string(1'000'000 + micro % 1'000'000).substr(1);
        const std::string text = std::to_string(micro / 1'000'000) + "." + fraction;
        CHECK(text, **change_of("{\"monthly_limit\":" + text + "}").monthly_limit_micro_credits == micro);
    }
}

// A number too large for 64 bits is an error of its field, not a syntax error.
void numbers_beyond_64_bits_name_their_field(void**) {
    const std::string large = "99999999999999999999";
    for (const std::string field :
         {"name", "alias", "category", "active", "expires_at", "models", "quotas", "monthly_limit", "allowed_ips"}) {
        check_refused("{\"" + field + "\":" + large + "}", field, field + ": expected");
        check_refused("{\"" + field + "\":-" + large + "}", field, field + ": expected");
    }
    check_refused("{\"other\":" + large + "}", "other", "unknown field");
    check_refused("{\"models\":[" + large + "]}", "models[0]", "expected");
    check_refused(R"({"quotas":{"daily":5,"total":)" + large + "}}", "quotas.total", "whole number");
    check_refused(R"({"name":"99999999999999999999","quotas":{"daily":)" + large + "}}", "quotas.daily", "whole number");
}

void rotate_documents(void**) {
    const struct {
        std::string json;
        std::int64_t seconds;
    } rows[] = {
        {"", 0},
        {" \r\n\t", 0},
        {"{}", 0},
        {R"({"overlap":0})", 0},
        {R"({"overlap":1})", 1},
        {R"({"overlap":2592000})", 2'592'000},
        {R"({"overlap":null})", 0},
    };
    for (const auto& row : rows) {
        const Result<std::int64_t> overlap = read_rotate_document(row.json);
        CHECK(row.json, static_cast<bool>(overlap));
        CHECK(row.json, *overlap == row.seconds);
    }
    for (const std::string value : {"-1", "2592001", "1.5", R"("1")", "true", "[]", "{}", "99999999999999999999", "1e300"}) {
        const Result<std::int64_t> overlap = read_rotate_document("{\"overlap\":" + value + "}");
        CHECK(value, !overlap);
        CHECK_TEXT(value, overlap.error().field, "overlap");
    }
    for (const std::string json : {"[]", "null", "{", "x", R"({"overlap":1,"overlap":2})", R"({"Overlap":1})", R"({"overlap":1,"x":2})"}) {
        CHECK(json, !read_rotate_document(json));
    }
    assert_string_equal(read_rotate_document(R"({"x":2})").error().field.c_str(), "x");
}

// ---- applying and writing -------------------------------------------------------------------------------------------

KeyRecord some_record() {
    KeyRecord record;
    record.id = 7;
    record.account = 3;
    record.version = 5;
    record.name = "n";
    record.alias = "a";
    record.category = "c";
    record.type = "proxy";
    record.prefix = "ms-abcde";
    record.plan = "pro";
    record.created_ms = now_ms - 1'000;
    record.expires_ms = now_ms + 1'000;
    record.last_used_ms = now_ms - 500;
    record.models = {"m"};
    record.quotas = {1, 2, 3, 4};
    record.monthly_limit_micro_credits = 5;
    record.allowed_ips = {"::1"};
    return record;
}

void a_change_is_applied(void**) {
    const KeyRecord before = some_record();
    assert_true(apply(before, KeyChange{}) == before);

    KeyRecord expected = before;
    expected.name = "new";
    expected.quotas.daily = 20;
    expected.quotas.weekly.reset();
    expected.active = false;
    assert_true(apply(before, change_of(R"({"name":"new","active":false,"quotas":{"daily":20,"weekly":null}})")) == expected);

    const KeyRecord cleared = apply(
        before,
        change_of(R"({"alias":"","category":"","expires_at":null,"models":[],"quotas":null,"monthly_limit":null,"allowed_ips":null})"));
    expected = before;
    expected.alias = expected.category = "";
    expected.expires_ms = 0;
    expected.models.clear();
    expected.allowed_ips.clear();
    expected.quotas = {};
    expected.monthly_limit_micro_credits.reset();
    assert_true(cleared == expected);

    const KeyRecord nothing_left = apply(before, change_of(R"({"monthly_limit":0})"));
    assert_true(nothing_left.monthly_limit_micro_credits == std::int64_t{0});
}

void a_whole_key_is_written(void**) {
    assert_string_equal(
        write_key(some_record(), now_ms).c_str(),
        R"({"id":7,"name":"n","alias":"a","category":"c","type":"proxy","prefix":"ms-abcde","active":true,"createdAt":"2024-01-15T09:59:59Z",)"
        R"("expiresAt":"2024-01-15T10:00:01Z","lastUsedAt":"2024-01-15T09:59:59.500Z","models":["m"],)"
        R"("quotas":{"total":1,"daily":2,"weekly":3,"monthly":4},"monthlyLimit":"0.000005","allowedIps":["::1"],"plan":"pro"})");
}

void a_bare_key_is_written(void**) {
    KeyRecord record;
    record.id = 1;
    record.name = "n";
    record.type = "t";
    record.prefix = "p";
    record.quotas.weekly = 9;
    assert_string_equal(
        write_key(record, now_ms).c_str(),
        R"({"id":1,"name":"n","type":"t","prefix":"p","active":true,"createdAt":"1970-01-01T00:00:00Z","models":[],"quotas":{"weekly":9},"allowedIps":[]})");
}

void active_reads_false_once_expired(void**) {
    const struct {
        std::string_view row;
        bool active;
        std::int64_t expires_ms;
        bool shown;
    } rows[] = {
        {"never expires", true, 0, true},    {"later", true, now_ms + 1, true}, {"now", true, now_ms, false},
        {"before", true, now_ms - 1, false}, {"off", false, 0, false},          {"off, later", false, now_ms + 1, false},
    };
    for (const auto& row : rows) {
        KeyRecord record = some_record();
        record.active = row.active;
        record.expires_ms = row.expires_ms;
        const std::string text = write_key(record, now_ms);
        CHECK(row.row, (text.find("\"active\":true") != std::string::npos) == row.shown);
        CHECK(row.row, (text.find("\"active\":false") != std::string::npos) == !row.shown);
        CHECK(row.row, (text.find("\"expiresAt\"") != std::string::npos) == (row.expires_ms != 0));
    }
}

void nothing_secret_is_written(void**) {
    KeyRecord record = some_record();
    record.digest.fill(0x41);
    record.previous_digest.fill(0x42);
    record.previous_until_ms = now_ms;
    record.pepper_version = 12'345;
    const std::string text = write_key(record, now_ms);
    for (const std::string word : {"AAAA", "BBBB", "4141", "4242", "12345", "digest", "pepper", "account", "version"}) {
        CHECK(word, text.find(word) == std::string::npos);
    }
}

void lists_and_secrets(void**) {
    const auto written = [](std::vector<std::string> items, std::string_view next) {
        std::string text;
        for (const std::string& piece : write_list("keys", std::move(items), next)) {
            text += piece;
        }
        return text;
    };
    CHECK_TEXT("none", written({}, ""), R"({"keys":[]})");
    CHECK_TEXT("none here", written({}, "c1"), R"({"keys":[],"next":"c1"})");
    CHECK_TEXT("one", written({"{}"}, ""), R"({"keys":[{}]})");
    CHECK_TEXT("two", written({"{}", "7"}, "6"), R"({"keys":[{},7],"next":"6"})");
    assert_string_equal(write_secret(7, "ms-abc").c_str(), R"({"id":7,"key":"ms-abc"})");
}

void odd_texts_are_written_as_json(void**) {
    KeyRecord record = some_record();
    record.name = "\"\\\n\xff";
    record.models = {"\""};
    const std::string text = write_key(record, now_ms);
    const Json parsed(json_loadb(text.data(), text.size(), 0, nullptr));
    assert_non_null(parsed.get());
    assert_true(text_of(json_object_get(parsed.get(), "name")) == "\"\\\n\xef\xbf\xbd");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_number_beyond_floating_point_names_its_field),
        cmocka_unit_test(every_field_of_a_new_key),
        cmocka_unit_test(both_spellings_are_read),
        cmocka_unit_test(only_the_named_fields_change),
        cmocka_unit_test(a_new_key_is_called_by_its_alias_if_it_has_no_name),
        cmocka_unit_test(null_clears),
        cmocka_unit_test(what_each_kind_needs),
        cmocka_unit_test(what_each_kind_does_not_know),
        cmocka_unit_test(what_is_no_object),
        cmocka_unit_test(deep_nesting_is_an_error),
        cmocka_unit_test(members_that_stand_twice),
        cmocka_unit_test(the_body_is_not_quoted),
        cmocka_unit_test(texts),
        cmocka_unit_test(the_type_of_a_new_key),
        cmocka_unit_test(whether_a_key_is_active),
        cmocka_unit_test(when_a_key_expires),
        cmocka_unit_test(models),
        cmocka_unit_test(addresses),
        cmocka_unit_test(quotas),
        cmocka_unit_test(money),
        cmocka_unit_test(decimal_numbers_are_exact),
        cmocka_unit_test(numbers_beyond_64_bits_name_their_field),
        cmocka_unit_test(rotate_documents),
        cmocka_unit_test(a_change_is_applied),
        cmocka_unit_test(a_whole_key_is_written),
        cmocka_unit_test(a_bare_key_is_written),
        cmocka_unit_test(active_reads_false_once_expired),
        cmocka_unit_test(nothing_secret_is_written),
        cmocka_unit_test(lists_and_secrets),
        cmocka_unit_test(odd_texts_are_written_as_json),
    };
    return cmocka_run_group_tests_name("key_document", tests, nullptr, nullptr);
}
