#include "core/text/event_stream.h"

#include <algorithm>
#include <cstring>

namespace api_key {

namespace {

const char* find(const char* begin, std::size_t size, std::string_view what) {
    return static_cast<const char*>(memmem(begin, size, what.data(), what.size()));
}

// The end of the last empty line.
std::size_t end_of_whole_events(std::string_view bytes) {
    std::size_t size = bytes.size();
    while (size > 1) {
        const void* last = memrchr(bytes.data() + 1, '\n', size - 1);
        if (last == nullptr) {
            return 0;
        }
        const auto at = static_cast<std::size_t>(static_cast<const char*>(last) - bytes.data());
        if (bytes[at - 1] == '\n' || (at > 1 && bytes[at - 1] == '\r' && bytes[at - 2] == '\n')) {
            return at + 1;
        }
        size = at;
    }
    return 0;
}

// A name may be spelled with escapes: `\u0075sage`.
std::size_t find_hidden_name(std::string_view bytes) {
    const void* backslash = std::memchr(bytes.data(), '\\', bytes.size());
    return backslash != nullptr ? bytes.find("\\u", static_cast<std::size_t>(static_cast<const char*>(backslash) - bytes.data()))
                                : std::string_view::npos;
}

std::size_t find_usage(std::string_view bytes) {
    constexpr std::string_view name = "usage";
    constexpr std::string_view none = "usage\":null";
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    while ((at = find(at, static_cast<std::size_t>(end - at), name)) != nullptr) {
        if (!std::string_view(at, static_cast<std::size_t>(end - at)).starts_with(none)) {
            return static_cast<std::size_t>(at - bytes.data());
        }
        at += none.size();
    }
    return std::string_view::npos;
}

// OpenAI's streams end with this mark.
std::size_t find_end_mark(std::string_view bytes) {
    const char* mark = find(bytes.data(), bytes.size(), "[DONE]");
    return mark != nullptr ? static_cast<std::size_t>(mark - bytes.data()) : std::string_view::npos;
}

} // namespace

std::size_t find_either(std::string_view bytes, char one, char other, std::size_t from) {
    if (from >= bytes.size()) {
        return std::string_view::npos;
    }
    const char* const begin = bytes.data() + from;
    const void* first = std::memchr(begin, one, bytes.size() - from);
    const std::size_t size = first != nullptr ? static_cast<std::size_t>(static_cast<const char*>(first) - begin) : bytes.size() - from;
    if (const void* earlier = size != 0 ? std::memchr(begin, other, size) : nullptr) {
        first = earlier;
    }
    return first != nullptr ? static_cast<std::size_t>(static_cast<const char*>(first) - bytes.data()) : std::string_view::npos;
}

std::size_t uneventful_size(std::string_view bytes) {
    const std::string_view whole = bytes.substr(0, end_of_whole_events(bytes));
    const std::size_t telling = std::min({find_usage(whole), find_hidden_name(whole), find_end_mark(whole)});
    return telling == std::string_view::npos ? whole.size() : end_of_whole_events(whole.substr(0, telling));
}

} // namespace api_key
