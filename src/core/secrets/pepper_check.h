// Is the pepper of a file the one that a store's keys are made under? The store keeps a fingerprint of each version.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/secrets/pepper.h"

namespace api_key {

using PepperFingerprints = std::map<std::uint16_t, std::string>; // by version

struct PepperVerdict {
    enum class State : std::uint8_t {
        good,     // a version is known, and none is another than the one that is known
        unproven, // the store knows no version at all
        wrong,
    };

    State state = State::unproven;
    bool signs_anew = false; // the version that signs is not known yet
    std::string problem;     // of `wrong`
};

PepperVerdict judge_peppers(const Peppers& peppers, const PepperFingerprints& known);

} // namespace api_key
