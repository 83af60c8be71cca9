// The dashboard's session that a request brings as a cookie.
#pragma once

#include "core/secrets/digest.h"
#include "store/flows/session_flows.h"

namespace api_key::module {

enum class SessionState : std::uint8_t { not_asked, found, ended, unavailable };

struct Session {
    unsigned cookies = 0;
    SessionState state = SessionState::not_asked;
    Digest token{}; // SHA-256 of the cookie's value
    store::StoredSession stored;
};

} // namespace api_key::module
