// The system's CSPRNG.
#pragma once

#include <cstdint>
#include <span>

namespace api_key::store {

bool system_random(std::span<std::uint8_t> bytes);

} // namespace api_key::store
