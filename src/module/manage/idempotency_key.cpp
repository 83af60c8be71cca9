#include "module/manage/idempotency_key.h"

#include "core/documents/key_writer.h"
#include "store/random_source.h"

namespace api_key::module {

std::optional<store::Once> IdempotencyKey::once(ngx_http_request_t* r, const std::string& body,
                                                const std::shared_ptr<std::string>& secret) const {
    if (value_.empty()) {
        return std::nullopt;
    }
    std::string name = value_; // scoped to the key types of this location: a secret of another one must not be repeated here
    for (const std::string& type : location_configuration(r).managed_names) {
        name += '\n' + type;
    }
    const std::optional<Digest> key_digest = sha256(name);
    const std::optional<Digest> body_digest = sha256(std::string(view(r->uri)) + '\n' + body);
    if (!key_digest || !body_digest) {
        return std::nullopt;
    }
    const auto seal = [&peppers = *peppers_, secret, context = value_](std::uint64_t id) {
        return peppers.seal(write_secret(id, *secret), context, store::system_random);
    };
    return store::Once{*key_digest, *body_digest, seal};
}

std::string IdempotencyKey::open(const std::string& sealed) const {
    return peppers_->open(sealed, value_).value_or(std::string());
}

} // namespace api_key::module
