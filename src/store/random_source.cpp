#include "store/random_source.h"

#include <vector>

#include <openssl/rand.h>

#include "core/secrets/digest.h"

namespace api_key::store {

bool system_random(std::span<std::uint8_t> bytes) {
    return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
}

std::string random_hex(std::size_t bytes) {
    std::vector<std::uint8_t> random(bytes);
    return system_random(random) ? to_hex({reinterpret_cast<const char*>(random.data()), random.size()}) : std::string();
}

std::uint64_t random_word() {
    std::uint64_t word = 0;
    system_random({reinterpret_cast<std::uint8_t*>(&word), sizeof word});
    return word | 1U;
}

} // namespace api_key::store
