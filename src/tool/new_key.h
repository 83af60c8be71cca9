// Creates keys and accounts for the tool's commands.
#pragma once

#include <cstdint>
#include <string>

#include "core/policy/record.h"
#include "tool/session.h"

namespace api_key::tool {

// Ends the program when there are no random bytes.
KeySecret make_secret(const Peppers& peppers, const std::string& prefix);

struct NewKey {
    std::uint64_t id = 0;
    std::string text; // shown this once
};

// `draft` has everything but the secret. `cloned_from`: the id of the key that it is a clone of, or 0.
NewKey create_key(Session& session, KeyRecord draft, const std::string& prefix, std::uint64_t cloned_from = 0);

std::uint64_t create_account(Session& session, const std::string& name, const std::string& plan);

} // namespace api_key::tool
