// Base of the flows: ends them on an error, and sends a script whole when the server does not know it yet.
#pragma once

#include <algorithm>
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

    // The answer of the script with this enumeration (scripts::<name>::Answer). Nothing if it was one of those that all scripts have in
    // common, or none of the script's: then the flow has ended.
    template <class Answer>
    std::optional<Answer> answer(const Reply& reply) {
        constexpr auto own = words_of(Answer{});
        if (ended_by(reply)) {
            return std::nullopt;
        }
        const auto found = std::find(own.words.begin(), own.words.end(), word(reply));
        if (found == own.words.end()) {
            give_up_on(own.script);
            return std::nullopt;
        }
        return static_cast<Answer>(found - own.words.begin());
    }

    // The end of a flow whose script answers only `ok` beside those.
    template <class Answer>
    std::vector<Command> end_if_ok(const Reply& reply) {
        static_assert(words_of(Answer{}).words.size() == 1);
        return answer<Answer>(reply) ? end(Outcome::done) : std::vector<Command>{};
    }

    std::vector<Command> give_up_on(std::string_view script); // its answer was unexpected

    static bool is_gone(const Reply& reply); // what the script is about does not exist

    // Further elements of a script's answer; empty or 0 where there is none of this kind.
    static std::string_view word(const Reply& reply, std::size_t index = 0);
    static std::uint64_t number(const Reply& reply, std::size_t index);

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

    bool ended_by(const Reply& reply);
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
