#include "core/secrets/pepper.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "core/text/ascii.h"

namespace api_key {

namespace {

constexpr std::size_t min_secret_length = 16;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t version_size = 2;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* unsigned_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

Result<Peppers> Peppers::parse(std::string_view text) {
    Peppers peppers;
    peppers.memory_ = PrivateMemory(max_versions * sizeof(Secret));
    peppers.secrets_ = static_cast<Secret*>(peppers.memory_.data());
    if (peppers.secrets_ == nullptr) {
        return Error{"", "out of memory"};
    }
    std::size_t line_number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end), " \t\r");
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string where = "line " + std::to_string(++line_number);
        if (line.empty() || line.front() == '#') {
            continue;
        }
        unsigned version = 0;
        const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), version);
        if (error != std::errc{} || rest == line.data() + line.size() || *rest != ':' || version == 0 || version > 0xffff) {
            return Error{where, "expected version:hex with a version of 1 to 65535"};
        }
        if (peppers.find(static_cast<std::uint16_t>(version)) != nullptr) {
            return Error{where, "this version stands twice"};
        }
        if (peppers.size_ == max_versions) {
            return Error{where, "more than 8 versions"};
        }
        std::optional<std::string> secret = from_hex(line.substr(static_cast<std::size_t>(rest - line.data()) + 1));
        if (!secret || secret->size() < min_secret_length || secret->size() > max_secret) {
            return Error{where, "expected 16 to 256 bytes in hex"};
        }
        Secret& added = peppers.secrets_[peppers.size_++];
        added.version = static_cast<std::uint16_t>(version);
        added.size = static_cast<std::uint16_t>(secret->size());
        std::copy(secret->begin(), secret->end(), added.bytes.begin());
        OPENSSL_cleanse(secret->data(), secret->size());
    }
    if (peppers.size_ == 0) {
        return Error{"", "no pepper in it"};
    }
    return peppers;
}

const Peppers::Secret* Peppers::find(std::uint16_t version) const {
    const Secret* begin = secrets_;
    const Secret* end = begin + size_;
    const Secret* found = std::find_if(begin, end, [&](const Secret& secret) { return secret.version == version; });
    return found != end ? found : nullptr;
}

std::optional<Digest> Peppers::digest(std::size_t index, const Digest& key_sha256) const {
    return hmac_sha256(secrets_[index].view(), as_bytes(key_sha256));
}

std::vector<Digest> Peppers::digests(const Digest& key_sha256) const {
    std::vector<Digest> digests;
    for (std::size_t index = 0; index < size_; index++) {
        if (const auto one = digest(index, key_sha256)) {
            digests.push_back(*one);
        }
    }
    return digests;
}

std::string Peppers::fingerprint(std::size_t index) const {
    constexpr std::size_t enough = 16;
    const std::optional<Digest> mac = hmac_sha256(secrets_[index].view(), "fingerprint");
    return mac ? to_hex(as_bytes(*mac).substr(0, enough)) : std::string();
}

std::optional<Digest> Peppers::audit_mac(std::uint16_t version, std::string_view text) const {
    const Secret* secret = find(version);
    const std::optional<Digest> key = secret != nullptr ? hmac_sha256(secret->view(), "audit log") : std::nullopt;
    return key ? hmac_sha256(as_bytes(*key), text) : std::nullopt;
}

std::optional<Digest> Peppers::sealing_key(const Secret& secret, std::string_view context) const {
    return hmac_sha256(secret.view(), "seal:" + std::string(context));
}

std::string Peppers::seal(std::string_view plain, std::string_view context, RandomSource random) const {
    const Secret& secret = secrets_[0];
    const std::optional<Digest> key = sealing_key(secret, context);
    std::array<std::uint8_t, nonce_size> nonce{};
    const CipherContext cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    std::array<unsigned char, tag_size> tag{};
    std::string cipher_text(plain.size(), '\0');
    int size = 0;
    if (!key || !random(nonce) || EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key->data(), nonce.data(), nullptr) != 1 ||
        EVP_EncryptUpdate(cipher.get(), reinterpret_cast<unsigned char*>(cipher_text.data()), &size, unsigned_bytes(plain),
                          static_cast<int>(plain.size())) != 1 ||
        EVP_EncryptFinal_ex(cipher.get(), nullptr, &size) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag.data()) != 1) {
        return {};
    }
    std::string sealed;
    sealed += static_cast<char>(secret.version >> 8U);
    sealed += static_cast<char>(secret.version & 0xffU);
    sealed.append(nonce.begin(), nonce.end());
    sealed.append(tag.begin(), tag.end());
    return sealed + cipher_text;
}

std::optional<std::string> Peppers::open(std::string_view sealed, std::string_view context) const {
    if (sealed.size() < version_size + nonce_size + tag_size) {
        return std::nullopt;
    }
    const unsigned version = static_cast<unsigned char>(sealed[0]) * 256U + static_cast<unsigned char>(sealed[1]);
    const Secret* secret = find(static_cast<std::uint16_t>(version));
    const std::optional<Digest> key = secret != nullptr ? sealing_key(*secret, context) : std::nullopt;
    const std::string_view nonce = sealed.substr(version_size, nonce_size);
    std::string tag(sealed.substr(version_size + nonce_size, tag_size));
    const std::string_view cipher_text = sealed.substr(version_size + nonce_size + tag_size);
    const CipherContext cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    std::string plain(cipher_text.size(), '\0');
    int size = 0;
    if (!key || EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key->data(), unsigned_bytes(nonce), nullptr) != 1 ||
        EVP_DecryptUpdate(cipher.get(), reinterpret_cast<unsigned char*>(plain.data()), &size, unsigned_bytes(cipher_text),
                          static_cast<int>(cipher_text.size())) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) != 1 ||
        EVP_DecryptFinal_ex(cipher.get(), nullptr, &size) != 1) {
        return std::nullopt;
    }
    return plain;
}

std::optional<KeySecret> make_key_secret(const Peppers& peppers, std::string_view prefix, RandomSource random) {
    std::optional<std::string> text = make_key_text(prefix, random);
    const std::optional<Digest> sha = text ? sha256(*text) : std::nullopt;
    const std::optional<Digest> digest = sha ? peppers.digest(0, *sha) : std::nullopt;
    if (!digest) {
        return std::nullopt;
    }
    std::string shown(shown_prefix(*text));
    return KeySecret{std::move(*text), *digest, peppers.version(0), std::move(shown)};
}

} // namespace api_key
