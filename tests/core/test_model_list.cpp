#include "core/documents/model_list.h"

#include "lib/check.h"

namespace {

using namespace api_key;

const ModelScope minis{"gpt-4o-mini\ngemini-*\nclaude-3-5-haiku*", nullptr};

void leaves_out_what_the_scope_does_not_allow(void**) {
    const struct {
        std::string_view list;
        std::string_view allowed;
    } rows[] = {
        {R"({"object":"list","data":[{"id":"gpt-4o","object":"model"}, {"id":"gpt-4o-mini","created":1,"owned_by":"x"} ],"x":[1.50]})",
         R"({"object":"list","data":[{"id":"gpt-4o-mini","created":1,"owned_by":"x"}],"x":[1.50]})"},
        {R"({"data":[{"type":"model","id":"claude-3-5-haiku-latest","display_name":"Haiku \u00e9"},{"id":"claude-opus"}],"has_more":false,"last_id":"claude-opus"})",
         R"({"data":[{"type":"model","id":"claude-3-5-haiku-latest","display_name":"Haiku \u00e9"}],"has_more":false,"last_id":"claude-opus"})"},
        {R"({ "models": [ {"name":"models/gemini-2.5-pro","temperature":0.7} , {"name":"models/embedding-001"} ] , "nextPageToken":"t"})",
         R"({ "models": [{"name":"models/gemini-2.5-pro","temperature":0.7}] , "nextPageToken":"t"})"},
        {R"({"data":[{"id":"gpt-4o","data":[{"id":"gpt-4o-mini"}]}]})", R"({"data":[]})"},
        {R"({"data":[]})", R"({"data":[]})"},
        {R"({"data":[{"name":"gpt-4o-mini"},"gpt-4o-mini",7,null,{"id":7},[{"id":"gpt-4o-mini"}]]})",
         R"({"data":[]})"}, // no list of models
        {R"({"id":"gpt-4o","object":"model"})", R"({"id":"gpt-4o","object":"model"})"},
        {R"({"data":"gpt-4o"})", R"({"data":"gpt-4o"})"},
    };
    for (const auto& row : rows) {
        const std::optional<std::string> allowed = allowed_models(row.list, minis);
        CHECK(std::string(row.list) + " " + allowed.value_or("nothing"), allowed == row.allowed);
    }
}

void refuses_what_it_cannot_read(void**) {
    for (const std::string_view text : {"", "<html>", R"({"data":[{"id":"gpt-4o"})", R"({"data":[{"id":)", "{\"data\":[\"\xff\"]}"}) {
        CHECK(std::string(text), !allowed_models(text, minis));
    }
}

void key_and_plan_both_allow(void**) {
    const std::vector<std::string> plan{"gpt-*"};
    const ModelScope scope{"gpt-4o-mini\nclaude-*", &plan};
    assert_true(scope.is_limited() && scope.allows("gpt-4o-mini"));
    assert_false(scope.allows("claude-3") || scope.allows("gpt-4o"));
    assert_string_equal(scope.refusing_list("gpt-4o").c_str(), "gpt-4o-mini, claude-*");
    assert_string_equal(scope.refusing_list("claude-3").c_str(), "gpt-*");
    assert_string_equal(scope.refusing_list("gpt-4o-mini").c_str(), "");
    const std::vector<std::string> none;
    assert_false(ModelScope({}, &none).is_limited() || ModelScope().is_limited());
    assert_true(ModelScope({}, &none).allows("x"));
    const ModelScope many{"a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl", nullptr};
    assert_string_equal(many.refusing_list("x").c_str(), "a, b, c, d, e, f, g, h, i, j and 2 more");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(leaves_out_what_the_scope_does_not_allow),
        cmocka_unit_test(refuses_what_it_cannot_read),
        cmocka_unit_test(key_and_plan_both_allow),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
