#include "core/tokens/asked_tools.h"

#include <array>

#include "core/text/json_members.h"
#include "core/text/utf8.h"

namespace api_key {

namespace {

using json_members::element;
using json_members::Member;
using json_members::object;
using json_members::Problem;

enum class Tool : std::uint8_t {
    of_client,          // its results come with the next request
    of_client_by_image, // … as pictures
    without_fee,        // run by the upstream: its results are input
    web_search,
    file_search,
    code_interpreter,
    unknown,
};

struct KnownTool {
    MeterDialect dialect;
    std::string_view name; // Gemini: a member; the others: a type, which may end with its version (`web_search_20250305`)
    Tool tool;
};

constexpr auto tools = std::to_array<KnownTool>({
    {MeterDialect::openai, "function", Tool::of_client},
    {MeterDialect::openai, "custom", Tool::of_client},
    {MeterDialect::openai, "local_shell", Tool::of_client},
    {MeterDialect::openai, "apply_patch", Tool::of_client},
    {MeterDialect::openai, "computer_use_preview", Tool::of_client_by_image},
    {MeterDialect::openai, "computer", Tool::of_client_by_image},
    {MeterDialect::openai, "mcp", Tool::without_fee},
    {MeterDialect::openai, "tool_search", Tool::without_fee},
    {MeterDialect::openai, "web_search", Tool::web_search},
    {MeterDialect::openai, "web_search_preview", Tool::web_search},
    {MeterDialect::openai, "file_search", Tool::file_search},
    {MeterDialect::openai, "code_interpreter", Tool::code_interpreter},
    {MeterDialect::anthropic, "custom", Tool::of_client},
    {MeterDialect::anthropic, "bash", Tool::of_client},
    {MeterDialect::anthropic, "text_editor", Tool::of_client},
    {MeterDialect::anthropic, "memory", Tool::of_client},
    {MeterDialect::anthropic, "computer", Tool::of_client_by_image},
    {MeterDialect::anthropic, "web_search", Tool::web_search},
    {MeterDialect::anthropic, "web_fetch", Tool::without_fee},
    {MeterDialect::anthropic, "tool_search_tool_regex", Tool::without_fee},
    {MeterDialect::anthropic, "tool_search_tool_bm25", Tool::without_fee},
    {MeterDialect::anthropic, "mcp_toolset", Tool::without_fee},
    {MeterDialect::anthropic, "code_execution", Tool::code_interpreter},
    {MeterDialect::gemini, "functiondeclarations", Tool::of_client},
    {MeterDialect::gemini, "computeruse", Tool::of_client_by_image},
    {MeterDialect::gemini, "googlesearch", Tool::web_search},
    {MeterDialect::gemini, "googlesearchretrieval", Tool::web_search},
    {MeterDialect::gemini, "codeexecution", Tool::without_fee},
    {MeterDialect::gemini, "urlcontext", Tool::without_fee},
    {MeterDialect::gemini, "filesearch", Tool::without_fee},
});

// The name without its version: `_20250305`, `_2025_03_11`.
std::string_view without_version(std::string_view name) {
    const std::size_t end = name.find_last_not_of("0123456789_");
    const std::string_view rest = name.substr(std::min(end + 1, name.size()));
    return rest.size() > 1 && rest.front() == '_' ? name.substr(0, end + 1) : name;
}

Tool find_tool(MeterDialect dialect, std::string_view name) {
    const auto found =
        std::find_if(tools.begin(), tools.end(), [&](const KnownTool& one) { return one.dialect == dialect && one.name == name; });
    return found != tools.end() ? found->tool : Tool::unknown;
}

std::optional<AskedFor> fee_of(Tool tool) {
    switch (tool) {
    case Tool::web_search:
        return AskedFor::web_search;
    case Tool::file_search:
        return AskedFor::file_search;
    case Tool::code_interpreter:
        return AskedFor::code_interpreter;
    case Tool::unknown:
        return AskedFor::unknown;
    case Tool::of_client:
    case Tool::of_client_by_image:
    case Tool::without_fee:
        break;
    }
    return std::nullopt;
}

void add_tool(Tool tool, AskedOption option, RequestFacts& facts) {
    facts.input_elsewhere = facts.input_elsewhere || tool != Tool::of_client;
    if (tool == Tool::of_client || tool == Tool::of_client_by_image) {
        return;
    }
    option.calls = option.calls != 0 ? option.calls : max_tool_calls;
    facts.tool_calls += option.calls;
    if (const std::optional<AskedFor> fee = fee_of(tool)) {
        option.what = *fee;
        facts.options.push_back(std::move(option));
    }
}

// ---- a tool of OpenAI or Anthropic ---------------------------------------------------------------------------------------------

struct TypedTool {
    std::string type;
    std::int64_t max_uses = 0;
    bool has_own_container = false; // of a size with another price
};

Problem read_type(std::string_view, const element& value, TypedTool& tool) {
    std::string_view type;
    if (value.get(type) != simdjson::SUCCESS) {
        return wrong("tools.type", "expected a text");
    }
    tool.type = type;
    return std::nullopt;
}

Problem read_most_uses(std::string_view, const element& value, TypedTool& tool) {
    if (!value.is_null() && (value.get(tool.max_uses) != simdjson::SUCCESS || tool.max_uses < 1 || tool.max_uses > max_uses)) {
        return wrong("tools.max_uses", "expected a whole number from 1 to 1000");
    }
    return std::nullopt;
}

Problem read_container(std::string_view, const element& value, TypedTool& tool) {
    std::string_view size;
    object container;
    if (value.get(container) == simdjson::SUCCESS) {
        const auto error = container["memory_limit"].get(size);
        tool.has_own_container = error != simdjson::NO_SUCH_FIELD && size != "1g";
    }
    return std::nullopt;
}

constexpr auto typed_members = std::to_array<Member<TypedTool>>({
    {"type", {}, read_type},
    {"max_uses", {}, read_most_uses},
    {"container", {}, read_container},
});

Problem read_typed_tool(MeterDialect dialect, const object& from, RequestFacts& facts) {
    TypedTool tool;
    if (Problem problem = json_members::read_members<TypedTool>(from, typed_members, tool)) {
        return problem;
    }
    const std::string type = tool.type.empty() ? dialect == MeterDialect::anthropic ? "custom" : "function" : tool.type;
    Tool known = find_tool(dialect, without_version(type));
    if (known == Tool::code_interpreter && tool.has_own_container) {
        known = Tool::unknown;
    }
    const std::int64_t calls = dialect == MeterDialect::anthropic ? tool.max_uses : 0; // OpenAI knows no `max_uses`
    AskedOption option{AskedFor::unknown, "tools.type", type, calls};
    if (!is_plain_text(type) || type.size() > max_value_length) {
        option.value = "a tool";
    }
    add_tool(known, std::move(option), facts);
    return std::nullopt;
}

// ---- of Gemini -----------------------------------------------------------------------------------------------------------------

// Every member is a tool: `{"googleSearch": {}, "codeExecution": {}}`.
Problem read_gemini_tool(const object& from, RequestFacts& facts) {
    for (const auto& field : from) {
        if (field.value.is_null()) {
            continue;
        }
        std::string name = folded_name(field.key);
        name.erase(std::remove(name.begin(), name.end(), '_'), name.end());
        const bool is_shown = is_plain_text(field.key) && field.key.size() <= max_value_length;
        add_tool(find_tool(MeterDialect::gemini, name),
                 {AskedFor::unknown, "tools", is_shown ? std::string(field.key) : std::string("a tool"), 0}, facts);
    }
    return std::nullopt;
}

Problem read_tool(MeterDialect dialect, const element& value, RequestFacts& facts) {
    object tool;
    if (value.get(tool) != simdjson::SUCCESS) {
        return wrong("tools", "expected a list of objects");
    }
    return dialect == MeterDialect::gemini ? read_gemini_tool(tool, facts) : read_typed_tool(dialect, tool, facts);
}

} // namespace

Problem read_tools(MeterDialect dialect, const element& value, RequestFacts& facts) {
    simdjson::dom::array list;
    if (value.is_null()) {
        return std::nullopt;
    }
    if (value.get(list) != simdjson::SUCCESS) {
        return read_tool(dialect, value, facts);
    }
    for (const element& one : list) {
        if (Problem problem = read_tool(dialect, one, facts)) {
            return problem;
        }
    }
    return std::nullopt;
}

Problem read_web_search_options(const element& value, RequestFacts& facts) {
    if (!value.is_null()) {
        add_tool(Tool::web_search, {AskedFor::web_search, "web_search_options", shown_value(value), 1}, facts);
    }
    return std::nullopt;
}

std::string shown_value(const element& value) {
    std::string_view text;
    const std::string shown = value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
    return is_plain_text(shown) && shown.size() <= max_value_length ? shown : "this value";
}

} // namespace api_key
