#include "core/secrets/session.h"

#include <algorithm>
#include <array>

#include "core/text/json_reader.h"

namespace api_key {

namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::string_view blanks = " \t";

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// Characters that need no escape in a path: RFC 3986's unreserved characters and the slash.
bool is_plain_in_path(char c) {
    return is_base62(c) || std::string_view("-._~/").find(c) != std::string_view::npos;
}

std::string escaped_path(std::string_view path) {
    std::string escaped;
    for (std::size_t index = 0; index < path.size(); index++) {
        if (is_plain_in_path(path[index])) {
            escaped += path[index];
        } else {
            escaped += '%';
            escaped += to_hex(path.substr(index, 1));
        }
    }
    return escaped;
}

std::string sealing_context(const Digest& token) {
    return "session:" + std::string(as_bytes(token));
}

} // namespace

std::optional<TextRange> find_cookie(std::string_view header, std::string_view name, std::size_t from) {
    for (std::size_t at = from; at < header.size();) {
        const std::size_t end = std::min(header.find(';', at), header.size());
        std::string_view pair = header.substr(at, end - at);
        const std::size_t skipped = std::min(pair.find_first_not_of(blanks), pair.size());
        pair.remove_prefix(skipped);
        pair.remove_suffix(pair.size() - (pair.find_last_not_of(blanks) + 1));
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
            return TextRange{at + skipped + name.size() + 1, at + skipped + pair.size()};
        }
        at = end + 1;
    }
    return std::nullopt;
}

std::optional<std::string> make_session_token(RandomSource random) {
    std::array<std::uint8_t, token_bytes> bytes{};
    if (!random(bytes)) {
        return std::nullopt;
    }
    return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool is_session_token(std::string_view text) {
    return text.size() == 2 * token_bytes && std::all_of(text.begin(), text.end(), is_hex_digit);
}

std::string set_session_cookie(std::string_view token, std::string_view path, bool secure) {
    std::string cookie(session_cookie);
    cookie += '=';
    cookie += token;
    cookie += "; Path=" + escaped_path(path);
    cookie += token.empty() ? "; Max-Age=0" : "";
    cookie += secure ? "; Secure" : "";
    return cookie + "; HttpOnly; SameSite=Strict";
}

std::string seal_session_key(const Peppers& peppers, const SessionKey& key, const Digest& token, RandomSource random) {
    return peppers.seal(std::string(as_bytes(key.digest)) + key.type, sealing_context(token), random);
}

std::optional<SessionKey> open_session_key(const Peppers& peppers, std::string_view sealed, const Digest& token) {
    const std::optional<std::string> plain = peppers.open(sealed, sealing_context(token));
    const std::optional<Digest> digest = plain ? digest_from_bytes(plain->substr(0, Digest().size())) : std::nullopt;
    if (!digest) {
        return std::nullopt;
    }
    return SessionKey{*digest, plain->substr(digest->size())};
}

Result<std::string> read_sign_in_document(std::string_view json) {
    constexpr std::size_t longest = 2 * (key_prefix_max_length + key_body_length);
    const Result<Json> document = read_object("The request body", json);
    if (!document) {
        return document.error();
    }
    const char* name = nullptr;
    json_t* value = nullptr;
    const json_t* key = nullptr;
    json_object_foreach(document->get(), name, value) {
        if (std::string_view(name) != "key") {
            return wrong(name, "unknown field");
        }
        key = value;
    }
    if (key == nullptr) {
        return wrong("key", "is required");
    }
    if (!json_is_string(key) || json_string_length(key) == 0 || json_string_length(key) > longest) {
        return wrong("key", "expected a text of 1 to " + std::to_string(longest) + " bytes");
    }
    return std::string(text_of(key));
}

} // namespace api_key
