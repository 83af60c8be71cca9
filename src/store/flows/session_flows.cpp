#include "store/flows/session_flows.h"

#include <algorithm>

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

std::vector<Command> ListSessions::step(std::span<const Reply> replies) {
    switch (stage_) {
    case Stage::start:
        return scan();
    case Stage::names:
        return ask(replies[0].get());
    case Stage::sessions:
        break;
    }
    return take(replies);
}

std::vector<Command> ListSessions::scan() {
    stage_ = Stage::names;
    return {{"SCAN", cursor_, "MATCH", keyspace_.sessions_pattern(), "COUNT", "1000"}};
}

std::vector<Command> ListSessions::ask(const redisReply* scanned) {
    if (!is_array(scanned) || scanned->elements != 2 || !is_array(scanned->element[1])) {
        return give_up("unexpected reply to SCAN");
    }
    cursor_ = text(scanned->element[0]);
    names_.clear();
    std::vector<Command> commands{{"TIME"}};
    for (std::size_t index = 0; index < scanned->element[1]->elements; index++) {
        const std::string_view name = text(scanned->element[1]->element[index]);
        const std::optional<std::string> bytes = from_hex(name.substr(name.rfind(':') + 1));
        Digest digest{};
        if (!bytes || bytes->size() != digest.size()) {
            continue;
        }
        std::copy(bytes->begin(), bytes->end(), digest.begin());
        if (seen_.insert(digest).second) {
            names_.push_back(digest);
            commands.push_back({"HMGET", std::string(name), "account", "key", "until"});
            commands.push_back({"PTTL", std::string(name)});
        }
    }
    stage_ = Stage::sessions;
    return commands;
}

std::vector<Command> ListSessions::take(std::span<const Reply> replies) {
    const std::int64_t now_ms = time_ms(replies[0].get()).value_or(0);
    for (std::size_t index = 0; index < names_.size(); index++) {
        const redisReply* fields = replies[1 + 2 * index].get();
        const redisReply* left_ms = replies[2 + 2 * index].get();
        if (!is_array(fields) || fields->elements != 3 || left_ms->type != REDIS_REPLY_INTEGER || left_ms->integer < 0) {
            continue; // it has ended
        }
        ListedSession one;
        one.session.name = names_[index];
        one.session.account = whole_number(text(fields->element[0])).value_or(0);
        one.session.key_id = whole_number(text(fields->element[1])).value_or(0);
        one.session.until_ms = static_cast<std::int64_t>(whole_number(text(fields->element[2])).value_or(0));
        one.idle_until_ms = now_ms + left_ms->integer;
        sessions_.push_back(std::move(one));
    }
    return cursor_ == "0" ? end(Outcome::done) : scan();
}

} // namespace api_key::store
