// SHA-256 and HMAC-SHA-256 through OpenSSL, with the algorithm fetched once.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace api_key {

using Digest = std::array<std::uint8_t, 32>;

// SHA-256 of `text`. Not thread-safe (one reused context per process; nginx workers and the tool have one thread).
// Empty only when OpenSSL failed.
std::optional<Digest> sha256(std::string_view text);
std::optional<Digest> hmac_sha256(std::string_view key, std::string_view message);

// For unordered containers: a digest is as random as any hash of it.
struct DigestHash {
    std::size_t operator()(const Digest& digest) const {
        std::size_t hash = 0;
        std::memcpy(&hash, digest.data(), sizeof hash);
        return hash;
    }
};

std::string_view as_bytes(const Digest& digest);               // a view of the 32 raw bytes
std::optional<Digest> digest_from_bytes(std::string_view raw); // exactly 32 bytes

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex); // even length, either case

bool equal_in_constant_time(std::string_view a, std::string_view b); // lengths are not secret

} // namespace api_key
