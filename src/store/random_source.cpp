#include "store/random_source.h"

#include <openssl/rand.h>

namespace api_key::store {

bool system_random(std::span<std::uint8_t> bytes) {
    return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
}

} // namespace api_key::store
