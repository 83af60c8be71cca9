#include "core/secrets/digest.h"

#include <algorithm>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "core/text/hex.h"

namespace api_key {

namespace {

// Fetched once and never freed: OpenSSL cleans up at exit.
const EVP_MD* sha256_algorithm() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}

EVP_MD_CTX* digest_context() {
    static EVP_MD_CTX* const context = EVP_MD_CTX_new();
    return context;
}

EVP_MAC_CTX* mac_context() {
    static EVP_MAC_CTX* const context = []() -> EVP_MAC_CTX* {
        EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        EVP_MAC_CTX* fresh = algorithm != nullptr ? EVP_MAC_CTX_new(algorithm) : nullptr;
        char name[] = "SHA256";
        const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), OSSL_PARAM_construct_end()};
        return fresh != nullptr && EVP_MAC_CTX_set_params(fresh, parameters) == 1 ? fresh : nullptr;
    }();
    return context;
}

// The context keeps a copy of its key, in memory that core dumps include, until it is given another one. A null key would mean the same key
// again, so an empty key is passed as "".
bool set_key(EVP_MAC_CTX* context, std::string_view key) {
    const char* const bytes = key.empty() ? "" : key.data();
    return EVP_MAC_init(context, reinterpret_cast<const unsigned char*>(bytes), key.size(), nullptr) == 1;
}

} // namespace

std::optional<Digest> sha256(std::string_view text) {
    Digest digest{};
    EVP_MD_CTX* context = digest_context();
    if (context == nullptr || EVP_DigestInit_ex2(context, sha256_algorithm(), nullptr) != 1 ||
        EVP_DigestUpdate(context, text.data(), text.size()) != 1 || EVP_DigestFinal_ex(context, digest.data(), nullptr) != 1) {
        return std::nullopt;
    }
    return digest;
}

std::optional<Digest> hmac_sha256(std::string_view key, std::string_view message) {
    Digest digest{};
    EVP_MAC_CTX* context = mac_context();
    std::size_t size = 0;
    const bool is_done = context != nullptr && set_key(context, key) &&
                         EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1 &&
                         EVP_MAC_final(context, digest.data(), &size, digest.size()) == 1 && size == digest.size();
    if (context == nullptr || !set_key(context, {}) || !is_done) {
        return std::nullopt;
    }
    return digest;
}

std::string_view as_bytes(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::optional<Digest> digest_from_bytes(std::string_view raw) {
    Digest digest{};
    if (raw.size() != digest.size()) {
        return std::nullopt;
    }
    std::copy(raw.begin(), raw.end(), digest.begin());
    return digest;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += hex[byte >> 4U];
        text += hex[byte & 15U];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view hex) {
    if (hex.size() % 2 != 0) {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(hex.size() / 2);
    for (std::size_t index = 0; index < hex.size(); index += 2) {
        const int high = hex_value(hex[index]);
        const int low = hex_value(hex[index + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace api_key
