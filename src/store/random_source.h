// The system's CSPRNG.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace api_key::store {

bool system_random(std::span<std::uint8_t> bytes);

// The hexadecimal digits of that many random bytes; empty when OpenSSL has none.
std::string random_hex(std::size_t bytes);

// A name that nobody else draws; never 0.
std::uint64_t random_word();

} // namespace api_key::store
