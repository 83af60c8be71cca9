// Any bytes as a Cookie header, and as where a request comes from.
#include <cstdint>
#include <string>

#include "check.h"
#include "core/policy/cross_site.h"
#include "core/secrets/session.h"

namespace {

using namespace api_key;

constexpr std::string_view name = session_cookie;

// Overwrites the values in place, as the module does; gives how many there were.
std::size_t mask(std::string& header) {
    std::size_t count = 0;
    std::size_t last_end = 0;
    for (auto range = find_cookie(header, name); range; range = find_cookie(header, name, range->end)) {
        MUST_HOLD(range->begin <= range->end && range->end <= header.size());
        MUST_HOLD(range->begin >= last_end + name.size() + 1);
        MUST_HOLD(header.compare(range->begin - name.size() - 1, name.size() + 1, std::string(name) + "=") == 0);
        MUST_HOLD(header.find(';', range->begin) >= range->end);
        header.replace(range->begin, range->end - range->begin, range->end - range->begin, '*');
        last_end = range->end;
        count++;
    }
    return count;
}

void check_cookie(std::string_view text) {
    std::string header(text);
    const std::size_t count = mask(header);
    MUST_HOLD(header.size() == text.size());
    std::string again = header;
    MUST_HOLD(mask(again) == count && again == header);
    // one more is found wherever it stands
    std::string with_one = std::string(text) + "; " + std::string(name) + "=" + std::string(64, 'a') + ";" + std::string(text);
    MUST_HOLD(mask(with_one) >= count + 1);
    MUST_HOLD(with_one.find(std::string(64, 'a')) == std::string::npos || text.find(std::string(64, 'a')) != std::string_view::npos);
}

void check_set_cookie(std::string_view path) {
    const std::string cookie = set_session_cookie("token", path, true);
    MUST_HOLD(cookie.find_first_of("\r\n\"") == std::string::npos);
    MUST_HOLD(cookie.ends_with("; Secure; HttpOnly; SameSite=Strict"));
    std::size_t attributes = 0;
    for (const char c : cookie) {
        attributes += c == ';' ? 1 : 0;
    }
    MUST_HOLD(attributes == 4);
}

void check_source(std::string_view text) {
    MUST_HOLD(is_same_origin({text, "https://a", "a"}) == (text.empty() || text == "same-origin"));
    if (is_same_origin({"", text, "host.example"}) && !text.empty()) {
        MUST_HOLD(text.find("://") != std::string_view::npos && text.size() >= 15);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_cookie(text);
    check_set_cookie(text);
    check_source(text);
    (void)is_json_type(text);
    (void)read_sign_in_document(text);
    return 0;
}
