// Keys and accounts as the tool makes them.
#pragma once

#include <cstdint>
#include <string>

#include "core/policy/record.h"
#include "tool/session.h"

namespace api_key::tool {

// The text of a new secret and, in `digest`, what is stored of it. Ends the program when there are no random bytes.
std::string make_secret(const Peppers& peppers, const std::string& prefix, Digest& digest);

struct NewKey {
    std::uint64_t id = 0;
    std::string text; // shown this once
};

// `draft` says all but the secret.
NewKey create_key(Session& session, KeyRecord draft, const std::string& prefix);

std::uint64_t create_account(Session& session, const std::string& name, const std::string& plan);

} // namespace api_key::tool
