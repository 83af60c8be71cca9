#include "store/flows/session_flows.h"

#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

AuditEvent event_of(std::string_view action, std::uint64_t account, std::uint64_t key_id) {
    AuditEvent event;
    event.action = action;
    event.account = account;
    event.key_id = key_id;
    return event;
}

} // namespace

std::vector<Command> CreateSession::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return call_audited(scripts::create_session::call({.epoch = keyspace_.epoch(),
                                                           .session = keyspace_.session(session_.name),
                                                           .pace_key = keyspace_.pace_of_sign_ins(session_.account)},
                                                          {.interval_ms = author_.pace.interval_ms,
                                                           .burst = author_.pace.burst,
                                                           .account_id = session_.account,
                                                           .key_id = session_.key_id,
                                                           .sealed = session_.sealed,
                                                           .idle_ms = session_idle_ms,
                                                           .lasts_ms = session_lasts_ms}),
                            keyspace_, author_, event_of("session.create", session_.account, session_.key_id));
    }
    if (!answer<scripts::create_session::Answer>(replies[0])) {
        return {};
    }
    session_.until_ms = static_cast<std::int64_t>(whole_number(word(replies[0], 1)).value_or(0));
    return end(Outcome::done);
}

std::vector<Command> ReadSession::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        std::vector<std::string> sessions;
        for (const Digest& name : names_) {
            sessions.push_back(keyspace_.session(name));
        }
        return call(scripts::read_session::call({.epoch = keyspace_.epoch(), .sessions = std::move(sessions)},
                                                {.idle_ms = session_idle_ms, .late_ms = session_renewal_late_ms}));
    }
    if (!answer<scripts::read_session::Answer>(replies[0])) {
        return {};
    }
    const std::uint64_t index = number(replies[0], 1);
    const std::optional<std::uint64_t> account = whole_number(word(replies[0], 2));
    const std::optional<std::uint64_t> key_id = whole_number(word(replies[0], 3));
    const std::optional<std::uint64_t> until_ms = whole_number(word(replies[0], 4));
    if (index >= names_.size() || !account || !key_id || !until_ms) {
        return give_up("a session is malformed");
    }
    session_ = {names_[index], *account, *key_id, static_cast<std::int64_t>(*until_ms), std::string(word(replies[0], 5))};
    return end(Outcome::done);
}

std::vector<Command> EndSession::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        return call_audited(scripts::end_session::call({.epoch = keyspace_.epoch(), .session = keyspace_.session(name_)}), keyspace_,
                            author_, event_of("session.delete", account_, key_id_));
    }
    const bool is_ended = answer<scripts::end_session::Answer>(replies[0]) || outcome() == Outcome::not_found;
    return is_ended ? end(Outcome::done) : std::vector<Command>{};
}

} // namespace api_key::store
