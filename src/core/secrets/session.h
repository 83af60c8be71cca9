// A session of the dashboard: a cookie that stands for a key. The store has HMAC(pepper, SHA-256 of the token), and the key's SHA-256
// sealed so that it can only be opened with the token and the pepper.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/secrets/digest.h"
#include "core/secrets/key_text.h"
#include "core/secrets/pepper.h"
#include "core/text/result.h"

namespace api_key {

inline constexpr std::string_view session_cookie = "api_key_session";

struct TextRange {
    std::size_t begin;
    std::size_t end;
};

// The range of the next value of the cookie `name` in a Cookie header, from `from` on (0, or the end of the one before).
std::optional<TextRange> find_cookie(std::string_view header, std::string_view name, std::size_t from = 0);

// 256 random bits as 64 hexadecimal digits; nothing when the random source failed.
std::optional<std::string> make_session_token(RandomSource random);
bool is_session_token(std::string_view text);

// The value of Set-Cookie. `path` is escaped where it needs to be; an empty token deletes the cookie.
std::string set_session_cookie(std::string_view token, std::string_view path, bool secure);

// The key that a session stands for.
struct SessionKey {
    Digest digest{};  // SHA-256 of the key
    std::string type; // by its prefix
};
std::string seal_session_key(const Peppers& peppers, const SessionKey& key, const Digest& token, RandomSource random);
std::optional<SessionKey> open_session_key(const Peppers& peppers, std::string_view sealed, const Digest& token);

// `{"key": "mk-…"}`
Result<std::string> read_sign_in_document(std::string_view json);

} // namespace api_key
