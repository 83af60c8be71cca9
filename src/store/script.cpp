#include "store/script.h"

#include <array>

#include <openssl/evp.h>

#include "core/secrets/digest.h"

namespace api_key::store {

namespace {

Command call(const char* command, std::string script, const std::vector<std::string>& keys, const std::vector<std::string>& arguments) {
    Command call;
    call.reserve(3 + keys.size() + arguments.size());
    call.emplace_back(command);
    call.push_back(std::move(script));
    call.push_back(std::to_string(keys.size()));
    call.insert(call.end(), keys.begin(), keys.end());
    call.insert(call.end(), arguments.begin(), arguments.end());
    return call;
}

} // namespace

Script::Script(std::initializer_list<std::string_view> pieces) {
    for (const std::string_view piece : pieces) {
        source_ += piece;
    }
    std::array<char, EVP_MAX_MD_SIZE> digest{};
    std::size_t size = 0;
    EVP_Q_digest(nullptr, "SHA1", nullptr, source_.data(), source_.size(), reinterpret_cast<unsigned char*>(digest.data()), &size);
    sha1_ = to_hex({digest.data(), size});
}

Command Script::by_digest(const std::vector<std::string>& keys, const std::vector<std::string>& arguments) const {
    return call("EVALSHA", sha1_, keys, arguments);
}

Command Script::by_source(const std::vector<std::string>& keys, const std::vector<std::string>& arguments) const {
    return call("EVAL", source_, keys, arguments);
}

} // namespace api_key::store
