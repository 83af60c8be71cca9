#include "store/flows/session_flows.h"

#include "store/generated_scripts.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

const Script& create_script() {
    static const Script* const script = new Script(scripts::create_session_lua);
    return *script;
}

const Script& read_script() {
    static const Script* const script = new Script(scripts::read_session_lua);
    return *script;
}

const Script& end_script() {
    static const Script* const script = new Script(scripts::end_session_lua);
    return *script;
}

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
        return call_audited(
            create_script(), {keyspace_.epoch(), keyspace_.session(session_.name), keyspace_.pace_of_sign_ins(session_.account)},
            {std::to_string(author_.pace.interval_ms), std::to_string(author_.pace.burst), std::to_string(session_.account),
             std::to_string(session_.key_id), session_.sealed, std::to_string(session_idle_ms), std::to_string(session_lasts_ms)},
            keyspace_, author_, event_of("session.create", session_.account, session_.key_id));
    }
    if (ended_by(replies[0])) {
        return {};
    }
    session_.until_ms = static_cast<std::int64_t>(whole_number(word(replies[0], 1)).value_or(0));
    return end(Outcome::done);
}

std::vector<Command> ReadSession::step(std::span<const Reply> replies) {
    if (replies.empty()) {
        std::vector<std::string> keys{keyspace_.epoch()};
        for (const Digest& name : names_) {
            keys.push_back(keyspace_.session(name));
        }
        return call(read_script(), std::move(keys), {std::to_string(session_idle_ms), std::to_string(session_renewal_late_ms)});
    }
    if (ended_by(replies[0])) {
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
        return call_audited(end_script(), {keyspace_.epoch(), keyspace_.session(name_)}, {}, keyspace_, author_,
                            event_of("session.delete", account_, key_id_));
    }
    if (word(replies[0]) == "gone") {
        return end(Outcome::done);
    }
    return ended_by(replies[0]) ? std::vector<Command>{} : end(Outcome::done);
}

} // namespace api_key::store
