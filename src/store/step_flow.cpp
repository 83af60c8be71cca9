#include "store/step_flow.h"

#include <algorithm>
#include <utility>

#include "store/audit_heads.h"
#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr unsigned max_attempts = 500; // another writer's entry came first each time

using Common = scripts::answers::Answer;

std::optional<Common> common_answer(std::string_view word) {
    constexpr auto common = words_of(Common{});
    const auto found = std::find(common.words.begin(), common.words.end(), word);
    return found != common.words.end() ? std::optional(static_cast<Common>(found - common.words.begin())) : std::nullopt;
}

// An initializer list would copy the command.
std::vector<Command> only(Command command) {
    std::vector<Command> commands;
    commands.push_back(std::move(command));
    return commands;
}

// The pepper that this process last found to be known to a store: `name fingerprint`. It spares most changes the question.
std::string& confirmed_pepper() {
    static auto* const confirmed = new std::string;
    return *confirmed;
}

} // namespace

std::vector<Command> StepFlow::next(std::span<const Reply> replies) {
    const Script* script = std::exchange(script_, nullptr);
    if (script != nullptr && replies.size() == 1 && is_error(replies[0].get(), "NOSCRIPT")) {
        return only(script->by_source(keys_, arguments_));
    }
    for (const Reply& reply : replies) {
        if (reply->type == REDIS_REPLY_ERROR) {
            return give_up(printable(text(reply.get())));
        }
    }
    if (pepper_check_ != PepperCheck::none) {
        return read_peppers(replies[0]);
    }
    if (audited_script_ != nullptr && replies.size() == 1 && common_answer(word(replies[0])) == Common::behind) {
        audit_heads().correct(audit_->log, audit_->generation,
                              {whole_number(word(replies[0], 1)).value_or(0), std::string(word(replies[0], 2))});
        return send_audited();
    }
    audited_script_ = nullptr;
    return step(replies);
}

std::vector<Command> StepFlow::call(ScriptCall call) {
    script_ = call.script;
    keys_ = std::move(call.keys);
    arguments_ = std::move(call.arguments);
    return only(script_->by_digest(keys_, arguments_));
}

std::vector<Command> StepFlow::call_audited(AuditedCall call, const Keyspace& keyspace, const Author& author, AuditEvent event) {
    keys_ = std::move(call.keys);
    scripts::audit::Keys{.audit_log = keyspace.audit(event.account), .audit_head = keyspace.audit_head(event.account)}.append_to(keys_);
    arguments_.assign(scripts::audit::Arguments::fixed_count, std::string());
    append(arguments_, call.arguments);
    audited_script_ = call.script;
    must_replicate_ = true;
    std::string log = keyspace.audit(event.account);
    shorten_members(event.before.get());
    shorten_members(event.after.get());
    audit_.emplace(Audit{author, std::move(event), std::move(log), keyspace.peppers(), 0, 0});
    return check_pepper();
}

std::vector<Command> StepFlow::check_pepper() {
    if (confirmed_pepper() == audit_->peppers + ' ' + audit_->author.peppers->fingerprint(0)) {
        return send_audited();
    }
    pepper_check_ = PepperCheck::asking;
    return {{"HGETALL", audit_->peppers}};
}

// The first change that is signed with a new version makes its fingerprint known.
std::vector<Command> StepFlow::read_peppers(const Reply& reply) {
    const Peppers& peppers = *audit_->author.peppers;
    if (std::exchange(pepper_check_, PepperCheck::none) == PepperCheck::publishing) {
        return check_pepper(); // another node's may have come first
    }
    const PepperVerdict verdict = judge_peppers(peppers, read_fingerprints(reply.get()));
    if (verdict.state == PepperVerdict::State::wrong) {
        return give_up(verdict.problem);
    }
    if (verdict.signs_anew) {
        pepper_check_ = PepperCheck::publishing;
        return {{"HSETNX", audit_->peppers, std::to_string(peppers.version(0)), peppers.fingerprint(0)}};
    }
    if (verdict.state == PepperVerdict::State::good) {
        confirmed_pepper() = audit_->peppers + ' ' + peppers.fingerprint(0);
    }
    return send_audited();
}

std::vector<Command> StepFlow::send_audited() {
    if (++audit_->attempts > max_attempts) {
        return give_up("too many concurrent changes: the security log has another entry each time");
    }
    const std::uint64_t account = audit_->event.account;
    audit_->generation = audit_heads().tip(audit_->log).generation;
    const AuditLink before = audit_heads().tip(audit_->log).link;
    std::string entry = write_audit_entry(audit_->event, audit_->author, before.number + 1);
    std::string mac = sign_audit_entry(*audit_->author.peppers, account, before, entry);
    if (mac.empty()) {
        return give_up("the security log cannot be signed");
    }
    audit_heads().advance(audit_->log, {before.number + 1, mac});
    std::vector<std::string> of_log;
    scripts::audit::Arguments{
        .audit_number = before.number, .audit_mac = before.mac, .audit_entry = std::move(entry), .audit_entry_mac = std::move(mac)}
        .append_to(of_log);
    std::move(of_log.begin(), of_log.end(), arguments_.begin());
    script_ = audited_script_;
    return only(script_->by_digest(keys_, arguments_));
}

std::vector<Command> StepFlow::end(Outcome outcome) {
    outcome_ = outcome;
    return {};
}

std::vector<Command> StepFlow::end(Conflict conflict) {
    conflict_ = conflict;
    return end(Outcome::conflict);
}

std::vector<Command> StepFlow::give_up(std::string reason) {
    fail(std::move(reason));
    return {};
}

std::string_view StepFlow::word(const Reply& reply, std::size_t index) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements <= index) {
        return {};
    }
    return text(reply->element[index]);
}

std::uint64_t StepFlow::number(const Reply& reply, std::size_t index) {
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements <= index || reply->element[index]->type != REDIS_REPLY_INTEGER) {
        return 0;
    }
    return static_cast<std::uint64_t>(reply->element[index]->integer);
}

std::vector<Command> StepFlow::give_up_on(std::string_view script) {
    return give_up("unexpected result of script " + std::string(script));
}

bool StepFlow::is_gone(const Reply& reply) {
    return common_answer(word(reply)) == Common::gone;
}

// Handles the answers that all scripts have in common.
bool StepFlow::ended_by(const Reply& reply) {
    const std::optional<Common> common = common_answer(word(reply));
    if (!common) {
        return false;
    }
    switch (*common) {
    case Common::empty:
        fail("Redis is empty (no epoch record)");
        break;
    case Common::gone:
        end(Outcome::not_found);
        break;
    case Common::behind:
        fail("unexpected answer about the security log");
        break;
    case Common::too_often:
        wait_ms_ = static_cast<std::int64_t>(number(reply, 1));
        end(Conflict::too_often);
        break;
    case Common::too_many:
        end(Conflict::too_many);
        break;
    }
    return true;
}

} // namespace api_key::store
