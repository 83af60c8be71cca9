#include "core/tokens/typed_body.h"

#include "lib/check.h"

namespace {

using namespace api_key;

void a_body_is_read_by_its_type(void**) {
    const std::string json = R"({"model":"a","x":"y"})";
    const std::string both = R"({"model":"a","x":"&model=b&"})";
    const std::string form = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\na\r\n--b--\r\n";
    const struct {
        std::string_view type;
        const std::string& body;
        bool is_read;
    } rows[] = {
        {"application/json", json, true},
        {"", json, true},
        {"m", json, true},
        {"application/json; charset=utf-8", json, true},
        {"application/json; charset=\"UTF-8\"", json, true},
        {"application/json;", json, true},
        {"application/json; charset=utf-7", json, false},
        {"application/json; Charset=\"utf-16\"", json, false},
        {"application/json; charset*=utf-8''utf-7", json, false},
        {"application/json; x=y; charset", json, false},
        {"application/x-www-form-urlencoded", json, true},
        {"application/x-www-form-urlencoded", both, false},
        {"application/json", both, true},
        {"multipart/form-data; boundary=b", form, true},
        {"Multipart/Form-Data ; boundary=b", form, true},
        {"multipart/mixed; boundary=b", form, false},
        {"multipart/form-datax; boundary=b", json, false},
    };
    for (const auto& row : rows) {
        const Result<RequestFacts> facts = read_typed_body(MeterDialect::openai, Api::chat_completions, row.type, row.body);
        CHECK(row.type, static_cast<bool>(facts) == row.is_read && (!facts || facts->model == "a"));
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(a_body_is_read_by_its_type)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
