// The fingerprints of the peppers that a store's keys are made under.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/secrets/pepper_check.h"
#include "store/step_flow.h"

namespace api_key::store {

// Is this the pepper that the store's keys are made under? A store that knows no version yet, because it was made before it kept them, is
// asked for the oldest and the newest entry of its first security log: what verifies one of them is the right one, and becomes known.
class CheckPeppers : public StepFlow {
  public:
    // The peppers outlive the flow.
    CheckPeppers(const Keyspace& keyspace, const Peppers& peppers) : keyspace_(keyspace), peppers_(peppers) {}
    const PepperVerdict& verdict() const { return verdict_; }
    const PepperFingerprints& known() const { return known_; }
    bool is_empty() const { return account_ == 0; } // nothing was made under any pepper

  private:
    enum class Stage : std::uint8_t { known, entries, made_known };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> read_known(std::span<const Reply> replies);
    std::vector<Command> read_entries(std::span<const Reply> replies);

    const Keyspace& keyspace_;
    const Peppers& peppers_;
    Stage stage_ = Stage::known;
    std::uint64_t account_ = 0; // the first there is
    PepperFingerprints known_;
    PepperVerdict verdict_;
};

// Makes the versions of a file known as they are, over what was known of them.
class SetPeppers : public StepFlow {
  public:
    SetPeppers(const Keyspace& keyspace, Author author) : keyspace_(keyspace), author_(std::move(author)) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Author author_;
    bool is_set_ = false;
    bool is_noted_ = false;
};

} // namespace api_key::store
