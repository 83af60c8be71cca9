// The security log: one entry for each change, each bound to the one before by an HMAC, so that none can be altered, taken out or moved
// unnoticed. An entry is a JSON document; its bytes are what is signed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/secrets/pepper.h"
#include "core/text/json.h"

namespace api_key {

// A rate limit on an author's actions: `burst` times at once, and once more after each interval.
struct Pace {
    std::int64_t interval_ms = 0; // 0: no limit
    std::uint32_t burst = 0;
};

// The author of a change, its origin, and the author's rate limit.
struct Author {
    const Peppers* peppers = nullptr; // signs; outlives everything that uses this author
    std::uint64_t key_id = 0;         // 0: the operator, or unknown
    std::string name;                 // if it is not a key: `apikeyctl`
    std::string address;
    std::string request_id;
    std::int64_t now_ms = 0; // unix
    Pace pace;
};

// A change. `before` and `after` have the members that differ, and never a secret.
struct AuditEvent {
    std::string action; // `key.rename`
    std::uint64_t account = 0;
    std::uint64_t key_id = 0; // 0: the account itself
    Json before;
    Json after;
};

// Identifies an entry of an account's log. The next entry is linked to it by this number and signature.
struct AuditLink {
    std::uint64_t number = 0; // 0: no entry
    std::string mac;
};

// {"number":8,"at":"…","action":"key.rename","actor":{"type":"key","keyId":1},"address":"…","requestId":"…","keyId":7,"before":{…},"after":{…}}
std::string write_audit_entry(const AuditEvent& event, const Author& author, std::uint64_t number);

// `version:hex` of the entry that follows `before`; empty when OpenSSL failed.
std::string sign_audit_entry(const Peppers& peppers, std::uint64_t account, const AuditLink& before, std::string_view entry);
bool verify_audit_entry(const Peppers& peppers, std::uint64_t account, const AuditLink& before, std::string_view entry,
                        std::string_view mac);

// Replaces a long member (a list of a hundred models) by its size and the SHA-256 of its JSON, {"count":100,"sha256":"…"}, so that an entry
// has at most 8 KB.
void shorten_members(json_t* object);

// Removes members without information: the id, which the entry has itself, and empty ones.
void leave_out_empty(json_t* object);

// keep_differences() leaves only the members that differ; action_of_change() names the action for a change of just these: `key.rename`,
// `key.enable`, `key.disable`, `key.update`.
void keep_differences(json_t* before, json_t* after);
std::string action_of_change(const json_t* after);

} // namespace api_key
