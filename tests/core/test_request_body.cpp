#include "core/tokens/request_body.h"

#include "lib/check.h"

namespace {

using namespace api_key;

constexpr MeterDialect openai = MeterDialect::openai;
constexpr MeterDialect anthropic = MeterDialect::anthropic;
constexpr MeterDialect gemini = MeterDialect::gemini;

Result<RequestFacts> chat(std::string_view body) {
    return read_json_body(openai, Api::chat_completions, body);
}

void an_api_is_known_by_the_end_of_its_path(void**) {
    const struct {
        MeterDialect dialect;
        std::string_view path;
        Api api;
    } rows[] = {
        {openai, "/v1/chat/completions", Api::chat_completions},
        {openai, "/v1/chat/completions/", Api::chat_completions},
        {openai, "/openai/deployments/x/chat/completions", Api::chat_completions},
        {openai, "/v1/completions", Api::completions},
        {openai, "/v1/responses", Api::responses},
        {openai, "/v1/embeddings", Api::embeddings},
        {openai, "/v1/messages", Api::other},
        {openai, "/v1/responses/compact", Api::other},
        {openai, "/v1/mycompletions", Api::other},
        {openai, "", Api::other},
        {anthropic, "/v1/messages", Api::messages},
        {anthropic, "/v1/complete", Api::text_completion},
        {anthropic, "/v1/messages/batches", Api::other},
        {gemini, "/v1beta/models/x:generateContent", Api::generate_content},
        {gemini, "/v1beta/models/x:streamGenerateContent", Api::generate_content},
        {gemini, "/v1beta/models/x:batchEmbedContents", Api::embed_content},
        {gemini, "/v1beta/models/x:predict", Api::other},
    };
    for (const auto& row : rows) {
        CHECK(row.path, api_of(row.dialect, row.path) == row.api);
    }
}

void reads_what_the_apis_say(void**) {
    const struct {
        std::string_view body;
        std::string_view model;
        std::int64_t max_output_tokens; // 0: none
        std::int64_t answers;
        bool streams;
        bool asks_for_usage;
    } rows[] = {
        {R"({"model":"gpt-4o"})", "gpt-4o", 0, 1, false, false},
        {R"({"model":"gpt-4o","max_tokens":10,"n":3,"stream":true,"stream_options":{"include_usage":true}})", "gpt-4o", 10, 3, true, true},
        {R"({"max_completion_tokens":20,"max_tokens":10,"model":"o1"})", "o1", 20, 1, false, false},
        {R"({"model":"o1","max_tokens":null,"stream":false,"stream_options":null})", "o1", 0, 1, false, false},
        {R"({"mod\u0065l":"gpt-4o"})", "gpt-4o", 0, 1, false, false},
        {R"({"messages":[{"model":"o1"}],"metadata":{"model":"x","model":"y"}})", "", 0, 1, false, false},
        {R"({"model":"a","n":2,"best_of":20})", "a", 0, 20, false, false},
        {R"({"model":"a","\u0073tream":true})", "a", 0, 1, true, false},
        {" \n{\"model\"\t:\"a\"}\n", "a", 0, 1, false, false},
        {"{}", "", 0, 1, false, false},
    };
    for (const auto& row : rows) {
        const Result<RequestFacts> facts = chat(row.body);
        CHECK(row.body, static_cast<bool>(facts));
        CHECK_TEXT(row.body, facts->model, row.model);
        CHECK(row.body, facts->max_output_tokens.value_or(0) == row.max_output_tokens && facts->answers == row.answers);
        CHECK(row.body, facts->streams == row.streams && facts->asks_for_usage == row.asks_for_usage);
    }
}

void only_the_limits_of_its_api_count(void**) {
    const struct {
        MeterDialect dialect;
        Api api;
        std::string_view body;
        std::int64_t max_output_tokens; // 0: none
        std::int64_t answers;
    } rows[] = {
        {openai, Api::chat_completions, R"({"max_output_tokens":1,"generationConfig":{"maxOutputTokens":1}})", 0, 1},
        {openai, Api::chat_completions, R"({"max_output_tokens":"1"})", 0, 1},
        {openai, Api::responses, R"({"max_tokens":1,"max_completion_tokens":1})", 0, 1},
        {openai, Api::responses, R"({"max_tokens":1,"max_output_tokens":9})", 9, 1},
        {openai, Api::completions, R"({"max_completion_tokens":1})", 0, 1},
        {openai, Api::completions, R"({"max_tokens":7,"prompt":["a","b","c"],"n":2})", 7, 6},
        {openai, Api::completions, R"({"prompt":[[1,2],[3]],"best_of":4})", 0, 8},
        {openai, Api::completions, R"({"prompt":[1,2,3]})", 0, 1},
        {openai, Api::completions, R"({"prompt":[]})", 0, 1},
        {openai, Api::other, R"({"max_tokens":1,"max_output_tokens":1,"max_completion_tokens":1})", 0, 1},
        {anthropic, Api::messages, R"({"max_tokens":5,"max_output_tokens":1})", 5, 1},
        {anthropic, Api::messages, R"({"max_tokens_to_sample":1})", 0, 1},
        {anthropic, Api::text_completion, R"({"max_tokens_to_sample":3,"max_tokens":1})", 3, 1},
        {gemini, Api::generate_content, R"({"max_tokens":1,"max_output_tokens":1})", 0, 1},
        {gemini, Api::generate_content, R"({"generationConfig":{"maxOutputTokens":5,"candidateCount":2}})", 5, 2},
        {gemini, Api::generate_content, R"({"generation_config":{"max_output_tokens":5,"candidate_count":2}})", 5, 2},
    };
    for (const auto& row : rows) {
        const Result<RequestFacts> facts = read_json_body(row.dialect, row.api, row.body);
        CHECK(row.body, facts && facts->max_output_tokens.value_or(0) == row.max_output_tokens && facts->answers == row.answers);
    }
}

void only_plain_text_is_as_large_as_it_is(void**) {
    const struct {
        MeterDialect dialect;
        std::string_view body;
        bool elsewhere;
    } rows[] = {
        {openai, R"({"messages":[{"role":"user","content":"https://example.com"}],"temperature":1,"stop":["x"],"user":"u"})", false},
        {openai, R"({"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}],"new_flag":true,"new_number":7})", false},
        {openai,
         R"({"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"x"}]})",
         false},
        {openai,
         R"({"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"url":{"type":"string"}}}}}]})",
         false},
        {openai,
         R"({"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"x"}]},{"type":"function_call_output","call_id":"1","output":"x"}],"instructions":"x"})",
         false},
        {openai, R"({"input":["a","b"]})", false},
        {openai, R"({"previous_response_id":"resp_1","input":"x"})", true},
        {openai, R"({"previous_response_id":null,"input":"x"})", false},
        {openai, R"({"prompt":{"id":"pmpt_1"}})", true},
        {openai, R"({"conversation":"conv_1"})", true},
        {openai, R"({"messages":[{"content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]})", true},
        {openai, R"({"messages":[{"content":[{"image_url":"https://example.com/a.png"}]}]})", true},
        {openai,
         R"({"messages":[{"content":[{"type":"text","type":"file","text":"x","file":{"file_data":"data:application/pdf;base64,AA=="}}]}]})",
         true},
        {openai, R"({"messages":[{"content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]}]})", true},
        {openai, R"({"messages":[{"role":"assistant","audio":{"id":"audio_1"}}]})", true},
        {openai, R"({"input":[{"type":"item_reference","id":"rs_1"}]})", true},
        {openai, R"({"input":[{"type":"reasoning","id":"rs_1","summary":[]}]})", true},
        {openai, R"({"input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"x"}]})", false},
        {openai, R"({"tools":[{"type":"mcp","server_url":"https://example.com"}]})", true},
        {openai, R"({"tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]})", true},
        {openai, R"({"Messages":[{"role":"user","content":"x"}]})", true},
        {openai, R"({"something_new":"x"})", true},
        {anthropic,
         R"({"system":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"x"}]})",
         false},
        {anthropic,
         R"({"messages":[{"content":[{"type":"tool_use","id":"1","name":"f","input":{"type":"image","url":"x"}},{"type":"tool_result","tool_use_id":"1","content":"x"}]}]})",
         false},
        {anthropic, R"({"messages":[{"content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"}}]}]})",
         false},
        {anthropic,
         R"({"messages":[{"content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AA=="}}]}]})",
         true},
        {anthropic, R"({"messages":[{"content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]}]})",
         true},
        {anthropic, R"({"messages":[{"content":[{"type":"document","source":{"type":"file","file_id":"f"}}]}]})", true},
        {anthropic, R"({"container":"c","messages":[]})", true},
        {anthropic, R"({"mcp_servers":[{"type":"url","url":"https://example.com","name":"x"}]})", true},
        {anthropic, R"({"tools":[{"name":"f","input_schema":{"type":"object"}},{"type":"bash_20250124","name":"bash"}]})", false},
        {anthropic, R"({"tools":[{"type":"web_fetch_20250910","name":"web_fetch"}]})", true},
        {gemini,
         R"({"contents":[{"role":"user","parts":[{"text":"x"}]}],"systemInstruction":{"parts":[{"text":"x"}]},"generationConfig":{"responseMimeType":"x"}})",
         false},
        {gemini,
         R"({"contents":[{"parts":[{"functionCall":{"name":"f","args":{"fileUri":"x"}}},{"functionResponse":{"name":"f","response":{"url":"x"}}}]}]})",
         false},
        {gemini, R"({"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT"}}]}]})", false},
        {gemini, R"({"contents":[{"parts":[{"fileData":{"fileUri":"gs://a/b"}}]}]})", true},
        {gemini, R"({"contents":[{"parts":[{"file_data":{"file_uri":"gs://a/b"}}]}]})", true},
        {gemini, R"({"contents":[{"parts":[{"inlineData":{"mimeType":"application/pdf","data":"AA=="}}]}]})", true},
        {gemini, R"({"cachedContent":"cachedContents/1"})", true},
        {gemini, R"({"cached_content":"cachedContents/1"})", true},
        {gemini, R"({"tools":[{"urlContext":{}}]})", true},
        {gemini, R"({"tools":[{"urlContext":null}]})", false},
    };
    for (const auto& row : rows) {
        const Api api = row.dialect == openai ? Api::responses : row.dialect == anthropic ? Api::messages : Api::generate_content;
        const Result<RequestFacts> facts = read_json_body(row.dialect, api, row.body);
        CHECK(row.body, facts && facts->input_elsewhere == row.elsewhere);
    }
}

// `field=value` of each option, for tools with the calls.
std::string options_of(const RequestFacts& facts) {
    std::string text;
    for (const AskedOption& option : facts.options) {
        text += (text.empty() ? "" : " ") + option.field + "=" + option.value;
        text += option.calls != 0 ? "*" + std::to_string(option.calls) : "";
    }
    return text;
}

void knows_what_may_have_another_price(void**) {
    const struct {
        MeterDialect dialect;
        Api api;
        std::string_view body;
        std::string_view options;
    } rows[] = {
        {openai, Api::chat_completions, R"({"service_tier":"auto"})", ""},
        {openai, Api::chat_completions, R"({"service_tier":"default"})", ""},
        {openai, Api::chat_completions, R"({"service_tier":null})", ""},
        {openai, Api::chat_completions, R"({"service_tier":"priority"})", "service_tier=priority"},
        {openai, Api::chat_completions, R"({"service_tier":"Priority"})", "service_tier=Priority"},
        {openai, Api::responses, R"({"service_tier":"flex"})", "service_tier=flex"},
        {openai, Api::chat_completions, R"({"web_search_options":{}})", "web_search_options={}*1"},
        {openai, Api::chat_completions, R"({"modalities":["text","audio"]})", "modalities=audio"},
        {openai, Api::chat_completions, R"({"modalities":["text"]})", ""},
        {openai, Api::chat_completions, R"({"messages":[{"content":[{"type":"input_audio","input_audio":{"data":"x"}}]}]})",
         "input_audio=audio"},
        {openai, Api::responses, R"({"tools":[{"type":"web_search_preview_2025_03_11"}]})", "tools.type=web_search_preview_2025_03_11*10"},
        {openai, Api::responses, R"({"tools":[{"type":"web_search"},{"type":"file_search"}],"max_tool_calls":3})",
         "tools.type=web_search*3 tools.type=file_search*3"},
        {openai, Api::responses, R"({"tools":[{"type":"code_interpreter","container":{"type":"auto"}}]})",
         "tools.type=code_interpreter*10"},
        {openai, Api::responses, R"({"tools":[{"type":"image_generation"},{"type":"mcp"},{"type":"function"}]})",
         "tools.type=image_generation*10"},
        {openai, Api::other, R"({})", "model="},
        {anthropic, Api::messages, R"({"service_tier":"standard_only","speed":"standard","inference_geo":"global"})", ""},
        {anthropic, Api::messages, R"({"speed":"fast","inference_geo":"us"})", "speed=fast inference_geo=us"},
        {anthropic, Api::messages, R"({"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":2}]})",
         "tools.type=web_search_20250305*2"},
        {anthropic, Api::messages, R"({"system":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"1h"}}]})",
         "cache_control.ttl=1h"},
        {anthropic, Api::messages, R"({"system":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"5m"}}]})", ""},
        {gemini, Api::generate_content, R"({"generationConfig":{"responseModalities":["TEXT"]}})", ""},
        {gemini, Api::generate_content, R"({"generationConfig":{"response_modalities":["IMAGE"]}})", "response_modalities=IMAGE model="},
        {gemini, Api::generate_content, R"({"tools":[{"google_search":{}}],"generationConfig":{"responseModalities":["TEXT"]}})",
         "tools=google_search*10"},
        {gemini, Api::generate_content, R"({"serviceTier":"flex","generationConfig":{"responseModalities":["TEXT"]}})", "serviceTier=flex"},
    };
    for (const auto& row : rows) {
        const Result<RequestFacts> facts = read_json_body(row.dialect, row.api, row.body);
        CHECK(row.body, static_cast<bool>(facts));
        CHECK_TEXT(row.body, options_of(*facts), row.options);
    }
}

void refuses_what_is_not_certain(void**) {
    const struct {
        std::string_view body;
        std::string_view field;
    } rows[] = {
        {"", ""},
        {"[]", ""},
        {"\"model\"", ""},
        {R"({"model":"a")", ""},
        {R"({"model":"a"}})", ""},
        {R"({"model":"a"} {"model":"b"})", ""},
        {"{\"model\":\"\xff\"}", ""},
        {"\xef\xbb\xbf{\"model\":\"a\"", ""},
        {R"({"model":"a","model":"a"})", "model"},
        {R"({"model":"a","\u006dodel":"b"})", "model"},
        {R"({"model":"a","Model":"b"})", "model"},
        {R"({"MODEL":"b"})", "model"},
        {R"({"model":"a","model\u0000":"b"})", "model"},
        {R"({"model":"a","max_tokens":1,"MAX_TOKENS":2})", "max_tokens"},
        {R"({"max_to\u212Aens":2})", "max_tokens"},
        {"{\"max_token\u017f\":2}", "max_tokens"},
        {R"({"max_completion_tokens":1,"Max_Completion_Tokens":2})", "max_completion_tokens"},
        {R"({"N":8})", "n"},
        {R"({"\u017ftream":true})", "stream"},
        {R"({"stream_options":{"Include_Usage":true}})", "include_usage"},
        {R"({"Service_Tier":"priority"})", "service_tier"},
        {R"({"Tools":[{"type":"web_search"}]})", "tools"},
        {R"({"tools":[{"Type":"web_search"}]})", "type"},
        {R"({"tools":[{"type":"function","type":"web_search"}]})", "type"},
        {R"({"tools":[7]})", "tools"},
        {R"({"models":["a","b"]})", "models"},
        {R"({"service_tier":["priority"]})", "service_tier"},
        {R"({"model":1})", "model"},
        {R"({"model":null})", "model"},
        {R"({"model":["a"]})", "model"},
        {R"({"model":""})", "model"},
        {R"({"model":"a\u0000b"})", "model"},
        {R"({"max_tokens":1,"max_tokens":2})", "max_tokens"},
        {R"({"max_tokens":-1})", "max_tokens"},
        {R"({"max_tokens":1.5})", "max_tokens"},
        {R"({"max_completion_tokens":"10"})", "max_completion_tokens"},
        {R"({"n":0})", "n"},
        {R"({"n":100000})", "n"},
        {R"({"best_of":"20"})", "best_of"},
        {R"({"stream":"yes"})", "stream"},
        {R"({"stream_options":[]})", "stream_options"},
        {R"({"stream_options":{"include_usage":1}})", "include_usage"},
        {R"({"generationConfig":{"candidateCount":0}})", "candidateCount"},
        {R"({"generationConfig":{},"generation_config":{}})", "generationConfig"},
        {R"({"generationConfig":{"candidateCount":1,"candidate_count":8}})", "candidateCount"},
        {R"({"generationConfig":{"CandidateCount":8}})", "candidateCount"},
    };
    for (const auto& row : rows) {
        const Result<RequestFacts> facts = chat(row.body);
        CHECK(row.body, !facts);
        CHECK_TEXT(row.body, facts.error().field, row.field);
    }
    CHECK("a long name", !chat("{\"model\":\"" + std::string(257, 'a') + "\"}"));
    CHECK("deep nesting", !chat("{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}"));
}

void without_a_price_the_model_is_all_that_matters(void**) {
    const Result<RequestFacts> facts = read_json_body(std::nullopt, Api::other, R"({"model":"a","N":0,"service_tier":"priority"})");
    assert_true(facts && facts->model == "a" && facts->options.empty());
    CHECK("another case", !read_json_body(std::nullopt, Api::other, R"({"model":"a","Model":"b"})"));
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_api_is_known_by_the_end_of_its_path),
        cmocka_unit_test(reads_what_the_apis_say),
        cmocka_unit_test(only_the_limits_of_its_api_count),
        cmocka_unit_test(only_plain_text_is_as_large_as_it_is),
        cmocka_unit_test(knows_what_may_have_another_price),
        cmocka_unit_test(refuses_what_is_not_certain),
        cmocka_unit_test(without_a_price_the_model_is_all_that_matters),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
