// Any bytes as a key, and as a line of a log in which no key may stay.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "check.h"
#include "core/secrets/key_text.h"
#include "core/secrets/redact.h"

namespace {

using namespace api_key;

constexpr std::array<std::string_view, 4> prefixes{"ms-", "mk-", "sk", "live_long-prefix_"};
constexpr std::string_view key = "ms-abcdefghijklmnopqrstuvwxyzABCDEF4bDutw";
const std::string hidden(key.size() - key_shown_length, '*');

void check_key(std::string_view text) {
    for (const std::string_view prefix : prefixes) {
        if (!is_key_text(text, prefix)) {
            continue;
        }
        MUST_HOLD(text.size() == prefix.size() + key_body_length && text.starts_with(prefix));
        MUST_HOLD(std::all_of(text.begin() + static_cast<std::ptrdiff_t>(prefix.size()), text.end(), is_base62));
        std::string changed(text);
        changed.back() = changed.back() == '0' ? '1' : '0';
        MUST_HOLD(!is_key_text(changed, prefix));
    }
    MUST_HOLD(!is_key_prefix(text) || (!text.empty() && text.size() <= key_prefix_max_length));
    MUST_HOLD(lies_within(shown_prefix(text), text) && shown_prefix(text).size() <= key_shown_length);
}

std::string redacted(const std::string& text, bool truncated) {
    std::string result = text;
    const std::size_t count = redact_keys(result, prefixes, truncated);
    MUST_HOLD(result.size() == text.size());
    for (std::size_t index = 0; index < text.size(); index++) {
        MUST_HOLD(result[index] == text[index] || result[index] == '*');
    }
    MUST_HOLD(count != 0 || result == text);
    return result;
}

// No prefix is followed by 12 characters of a key any more, and a second pass finds nothing left to hide.
void check_redaction(const std::string& text, bool truncated) {
    const std::string result = redacted(text, truncated);
    MUST_HOLD(redacted(result, truncated) == result);
    for (const std::string_view prefix : prefixes) {
        for (std::size_t at = result.find(prefix); at != std::string::npos; at = result.find(prefix, at + 1)) {
            const auto body = result.begin() + static_cast<std::ptrdiff_t>(at + prefix.size());
            MUST_HOLD(std::find_if_not(body, result.end(), is_base62) - body < 12);
        }
    }
}

std::uint64_t state = 0;

bool random_bytes(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) {
        state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
        byte = static_cast<std::uint8_t>(state >> 56U);
    }
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const bool truncated = (data[0] & 1U) != 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    check_key(text);
    check_redaction(text, truncated);

    // wherever a key stands in a text, it is hidden
    const std::size_t middle = data[0] % size;
    const std::string with_key = text.substr(0, middle) + std::string(key) + text.substr(middle);
    check_redaction(with_key, truncated);
    const std::string result = redacted(with_key, truncated);
    MUST_HOLD(result.substr(middle + key_shown_length, hidden.size()) == hidden);
    const std::string cut = text + std::string(key.substr(0, 3 + data[0] % key_body_length));
    const std::string cut_result = redacted(cut, true);
    MUST_HOLD(cut_result.find_first_not_of('*', std::min(text.size() + key_shown_length, cut.size())) == std::string::npos);

    state = size + data[0];
    for (const std::string_view prefix : prefixes) {
        const std::optional<std::string> made = make_key_text(prefix, random_bytes);
        MUST_HOLD(made && is_key_text(*made, prefix));
    }
    return 0;
}
