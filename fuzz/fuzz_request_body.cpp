// Any bytes as the body of a request to an AI API, JSON and form; and as a glob and a name.
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/model_glob.h"
#include "core/request_body.h"
#include "core/utf8.h"

using namespace api_key;

namespace {

void check_facts(const Result<RequestFacts>& facts) {
    if (!facts) {
        MUST_HOLD(!facts.error().message.empty());
        return;
    }
    MUST_HOLD(facts->model.size() <= 256 && is_plain_text(facts->model));
    MUST_HOLD(facts->choices >= 1 && facts->max_output_tokens.value_or(1) >= 1);
}

// matches[i]: the glob so far matches the first i characters.
bool matches_slowly(std::string_view glob, std::string_view model) {
    std::vector<bool> matches(model.size() + 1, false);
    matches[0] = true;
    for (const char c : glob) {
        if (c == '*') {
            for (std::size_t index = 1; index <= model.size(); index++) {
                matches[index] = matches[index] || matches[index - 1];
            }
            continue;
        }
        for (std::size_t index = model.size(); index > 0; index--) {
            matches[index] = matches[index - 1] && model[index - 1] == c;
        }
        matches[0] = false;
    }
    return matches[model.size()];
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_facts(read_json_body(text));
    const std::size_t line = std::min(text.find('\n'), text.size());
    const std::string_view first = text.substr(0, line);
    const std::string_view rest = text.substr(std::min(line + 1, text.size()));
    check_facts(read_multipart_body(first, rest));
    check_facts(read_multipart_body("multipart/form-data; boundary=b", text));
    if (size <= 200) {
        MUST_HOLD(matches_model(first, rest) == matches_slowly(first, rest));
    }
    return 0;
}
