#include "core/policy/model_name.h"

#include "lib/check.h"

namespace {

using namespace api_key;

void the_path_names_one_model(void**) {
    const struct {
        std::string_view path;
        std::string_view model; // `!`: refused
    } rows[] = {
        {"/v1beta/models/gemini-2.5-flash:generateContent", "gemini-2.5-flash"},
        {"/v1beta/models/gemini-2.5-flash:generateContent/", "gemini-2.5-flash"},
        {"/v1beta/models/gemini-2.5-flash", "gemini-2.5-flash"},
        {"/v1beta/models/llama3:8b:generateContent", "llama3:8b"},
        {"/v1/projects/p/locations/l/publishers/google/models/x:streamGenerateContent", "x"},
        {"/v1beta/models", ""},
        {"/v1beta/models/", ""},
        {"/v1beta/models/x/operations/1", "x"},
        {"/v1beta/files", ""},
        {"/v1beta/batches/1:cancel", ""},
        {"/", ""},
        {"", ""},
        {"/v1beta/tunedModels/mine:generateContent", "tunedModels/mine"},
        {"/v1beta/dynamic/mine:generateContent", "dynamic/mine"},
        {"/v1/projects/p/locations/l/endpoints/7:generateContent", "endpoints/7"},
        {"/v1beta/others/mine:generateContent", "others/mine"},
        {"/v1beta/models/allowed/models/other:generateContent", "!"},
        {"/v1beta/models/allowed/tunedModels/other:generateContent", "!"},
        {"/v1beta/models/allowed/other:generateContent", "!"},
        {"/v1beta/models/allowed:generateContent/other:generateContent", "!"},
        {"/v1beta/Models/other:generateContent", "!"},
        {"/v1beta/tunedmodels/mine:generateContent", "tunedmodels/mine"},
    };
    for (const auto& row : rows) {
        const Result<std::string_view> model = model_in_path(row.path);
        CHECK(row.path, static_cast<bool>(model) == (row.model != "!"));
        if (model) {
            CHECK_TEXT(row.path, *model, row.model);
        }
    }
}

void a_path_and_a_query_may_name_a_model_too(void**) {
    CHECK_TEXT("Azure", deployment_in_path("/openai/deployments/gpt-4o/chat/completions"), "gpt-4o");
    CHECK_TEXT("OpenAI's old API", deployment_in_path("/v1/engines/davinci/completions"), "davinci");
    CHECK_TEXT("none", deployment_in_path("/v1/chat/completions"), "");
    const struct {
        std::string_view query;
        bool another; // than `a b`
    } rows[] = {
        {"", false},         {"x=1&model=a%20b", false}, {"model=c", true},      {"model=a%20b&model=c", true}, {"x=1;model=c", true},
        {"mod%65l=c", true}, {"Model=c", true},          {"deployment=c", true}, {"model[]=c", true},           {"model", true},
        {"models=c", false}, {"xmodel=c", false},
    };
    for (const auto& row : rows) {
        CHECK(row.query, names_another_model(row.query, "a b") == row.another);
    }
    CHECK("a long name", names_another_model("model=" + std::string(5000, 'a'), "a"));
    CHECK("no model at all", !names_another_model("model=", ""));
}

void dots_are_seen_however_they_are_spelled(void**) {
    for (const std::string_view path : {"/a/../b", "/a/./b", "/..", "/a/%2e%2E/b", "/a/.%2e?x", "/a/."}) {
        CHECK(path, has_dot_segments(path));
    }
    for (const std::string_view path : {"/", "", "/a.b/c..d/...", "/a?x=/../b", "/v1beta/models/gemini-2.5-flash:generateContent"}) {
        CHECK(path, !has_dot_segments(path));
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_path_names_one_model),
        cmocka_unit_test(a_path_and_a_query_may_name_a_model_too),
        cmocka_unit_test(dots_are_seen_however_they_are_spelled),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
