#include "core/secrets/pepper_check.h"

namespace api_key {

namespace {

std::string versions_of(const PepperFingerprints& known) {
    std::string versions;
    for (const auto& [version, fingerprint] : known) {
        versions += (versions.empty() ? "" : ", ") + std::to_string(version);
    }
    return versions;
}

} // namespace

PepperVerdict judge_peppers(const Peppers& peppers, const PepperFingerprints& known) {
    PepperVerdict verdict;
    if (known.empty()) {
        return verdict;
    }
    verdict.state = PepperVerdict::State::wrong;
    bool knows_one = false;
    for (std::size_t index = 0; index < peppers.size(); index++) {
        const auto found = known.find(peppers.version(index));
        if (found == known.end()) {
            continue;
        }
        if (found->second != peppers.fingerprint(index)) {
            verdict.problem = "version " + std::to_string(found->first) + " of the pepper differs from the one known to Redis";
            return verdict;
        }
        knows_one = true;
    }
    if (!knows_one) {
        verdict.problem = "the pepper has none of the versions known to Redis: " + versions_of(known);
        return verdict;
    }
    verdict.state = PepperVerdict::State::good;
    verdict.signs_anew = !known.contains(peppers.version(0));
    return verdict;
}

} // namespace api_key
