// Checks that a file's pepper is the one that a store's keys were made with. The store keeps a fingerprint of each version.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/secrets/pepper.h"

namespace api_key {

using PepperFingerprints = std::map<std::uint16_t, std::string>; // by version

struct PepperVerdict {
    enum class State : std::uint8_t {
        good,     // at least one version is known, and none differs from what is known
        unproven, // the store knows no version at all
        wrong,
    };

    State state = State::unproven;
    bool signs_anew = false; // the version that signs is not known yet
    std::string problem;     // for `wrong`
};

PepperVerdict judge_peppers(const Peppers& peppers, const PepperFingerprints& known);

} // namespace api_key
