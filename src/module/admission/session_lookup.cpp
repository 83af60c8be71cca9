#include "module/admission/session_lookup.h"

#include "core/secrets/session.h"
#include "module/request/author.h"

namespace api_key::module {

Verdict SessionLookups::ask(RequestContext& context) {
    const Digest& token = context.session->token;
    std::unique_ptr<Lookup>& lookup = running_[token];
    if (!lookup) {
        lookup = std::make_unique<Lookup>(*this, token);
        lookup->operation =
            link_.run<store::ReadSession>(Lane::requests, done<&SessionLookups::answer>, lookup.get(), main_.peppers->digests(token));
        if (lookup->operation == nullptr) {
            running_.erase(token);
            return Reason::store_unavailable;
        }
    }
    lookup->add(context);
    return Verdict::wait();
}

void SessionLookups::answer(Lookup& lookup, store::ReadSession& flow) {
    if (flow.outcome() == store::Outcome::unavailable) {
        link_.operation_failed(flow.reason());
    }
    for (RequestContext* context : lookup.waiting) {
        deliver(*context, flow);
        resume(*context, Progress::fresh);
    }
    running_.erase(Digest(lookup.token));
}

void SessionLookups::deliver(RequestContext& context, const store::ReadSession& flow) const {
    Session& session = *context.session;
    if (flow.outcome() != store::Outcome::done) {
        const bool is_unknown = flow.outcome() == store::Outcome::not_found && !store_check_.is_pepper_wrong();
        session.state = is_unknown ? SessionState::ended : SessionState::unavailable;
        return;
    }
    session.state = SessionState::ended;
    session.stored = flow.session();
    const std::optional<SessionKey> key = open_session_key(*main_.peppers, session.stored.sealed, session.token);
    for (const KeyType& type : main_.types) {
        if (key && type.name == key->type) {
            session.state = SessionState::found;
            context.let_go();
            context.type = &type;
            context.digest = key->digest;
        }
    }
}

void SessionLookups::end(RequestContext& context) {
    Session& session = *context.session;
    if (std::exchange(session.state, SessionState::ended) == SessionState::found) {
        link_.send<store::EndSession>(Lane::writes, author_of(context.request, session.stored.key_id, *main_.peppers), session.stored);
    }
}

void SessionLookups::forget(Lookup& lookup, RequestContext& context) {
    std::erase(lookup.waiting, &context);
    if (lookup.waiting.empty()) {
        link_.client(Lane::requests).abandon(lookup.operation);
        running_.erase(Digest(lookup.token));
    }
}

} // namespace api_key::module
