// The Idempotency-Key of a request that makes a secret: the sealed answer is kept under it and sent again when the request is repeated.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "module/settings/configuration.h"
#include "store/flows/key_flows.h"

namespace api_key::module {

class IdempotencyKey {
  public:
    static constexpr std::size_t max_length = 255;

    IdempotencyKey() = default;
    IdempotencyKey(std::string_view value, const Peppers& peppers) : value_(value), peppers_(&peppers) {}

    // The means to recognize a repetition of the request; nothing without a key. The secret must be set by the time that the answer is
    // sealed.
    std::optional<store::Once> once(ngx_http_request_t* r, const std::string& body, const std::shared_ptr<std::string>& secret) const;

    // The answer of an earlier request; empty when it cannot be read.
    std::string open(const std::string& sealed) const;

  private:
    std::string value_;
    const Peppers* peppers_ = nullptr; // of the configuration
};

} // namespace api_key::module
