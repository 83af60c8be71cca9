// The pepper: versioned secrets for the HMAC under which keys are stored.
// File: one `version:hex` per line (version 1 to 65535, 16 to 256 bytes of hex); blank lines and `#` comments are skipped;
// the first signs, all verify.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/secrets/digest.h"
#include "core/secrets/key_text.h"
#include "core/secrets/private_memory.h"
#include "core/text/result.h"

namespace api_key {

class Peppers {
  public:
    static constexpr std::size_t max_versions = 8;

    // Error.field is "line N" where a line is at fault. An empty file, a repeated version and more than 8 versions are refused.
    static Result<Peppers> parse(std::string_view text);

    Peppers() = default;
    std::size_t size() const { return size_; }
    std::uint16_t version(std::size_t index) const { return secrets_[index].version; }

    // HMAC-SHA-256(secret number `index`, SHA-256 of the key); index 0 signs.
    std::optional<Digest> digest(std::size_t index, const Digest& key_sha256) const;

    // The same for each secret; digests that OpenSSL could not make are left out.
    std::vector<Digest> digests(const Digest& key_sha256) const;

    // Distinguishes two secrets of one version without revealing them. Empty when OpenSSL failed.
    std::string fingerprint(std::size_t index) const;

    // Signs the security log; nothing for an unknown version.
    std::optional<Digest> audit_mac(std::uint16_t version, std::string_view text) const;

    // Seals `plain` (AES-256-GCM) so that it can only be opened with `context` and this pepper: `version || nonce || tag || cipher text`.
    // Used for the answer that is repeated for an Idempotency-Key. Empty when OpenSSL or `random` failed.
    std::string seal(std::string_view plain, std::string_view context, RandomSource random) const;
    std::optional<std::string> open(std::string_view sealed, std::string_view context) const;

  private:
    static constexpr std::size_t max_secret = 256;

    struct Secret {
        std::uint16_t version;
        std::uint16_t size;
        std::array<char, max_secret> bytes;
        std::string_view view() const { return {bytes.data(), size}; }
    };

    const Secret* find(std::uint16_t version) const;
    std::optional<Digest> sealing_key(const Secret& secret, std::string_view context) const;

    PrivateMemory memory_; // max_versions secrets
    Secret* secrets_ = nullptr;
    std::size_t size_ = 0;
};

// A new key's text, which is shown once, and what is stored of it.
struct KeySecret {
    std::string text;
    Digest digest{};
    std::uint16_t pepper_version = 0;
    std::string shown_prefix;
};

// Signed by the newest pepper; nothing when there are no random bytes, or OpenSSL failed.
std::optional<KeySecret> make_key_secret(const Peppers& peppers, std::string_view prefix, RandomSource random);

} // namespace api_key
