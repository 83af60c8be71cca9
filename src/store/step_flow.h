// Base of the flows: ends them on an error, and sends a script whole when the server does not know it yet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/logs/audit.h"
#include "store/flow.h"
#include "store/keyspace.h"
#include "store/script.h"

namespace api_key::store {

class StepFlow : public Flow {
  public:
    std::vector<Command> next(std::span<const Reply> replies) final;
    bool must_replicate() const final { return must_replicate_ && outcome_ == Outcome::done; }

  protected:
    // The next commands. The first call gets no replies; error replies never get here.
    virtual std::vector<Command> step(std::span<const Reply> replies) = 0;

    // Calls one script, as the only command of its step.
    std::vector<Command> call(ScriptCall call);

    // The same for a change that is recorded in the security log: both are written, or neither is.
    std::vector<Command> call_audited(AuditedCall call, const Keyspace& keyspace, const Author& author, AuditEvent event);

    void need_not_replicate() { must_replicate_ = false; } // after `call_audited`

    std::vector<Command> end(Outcome outcome);
    std::vector<Command> end(Conflict conflict);
    std::vector<Command> give_up(std::string reason);

    // The status word that a script's reply begins with, and further elements of its array.
    static std::string_view word(const Reply& reply, std::size_t index = 0);
    static std::uint64_t number(const Reply& reply, std::size_t index);

    // Handles the status words of all scripts: the store was emptied, the object is gone, the caller is too frequent. True when the flow
    // has ended.
    bool ended_by(const Reply& reply);

  private:
    struct Audit {
        const Author& author;
        AuditEvent event;
        std::string log;     // its name in the store
        std::string peppers; // key of the fingerprints that the store has of them
        std::uint64_t generation = 0;
        unsigned attempts = 0;
    };

    // Progress of the check that the store knows the pepper which signs the entry.
    enum class PepperCheck : std::uint8_t { none, asking, publishing };

    std::vector<Command> check_pepper();
    std::vector<Command> read_peppers(const Reply& reply);
    std::vector<Command> send_audited();

    bool must_replicate_ = false;
    PepperCheck pepper_check_ = PepperCheck::none;
    const Script* script_ = nullptr;
    const Script* audited_script_ = nullptr;
    std::optional<Audit> audit_;
    std::vector<std::string> keys_;
    std::vector<std::string> arguments_; // of an audited script: those of the log come first
};

} // namespace api_key::store
