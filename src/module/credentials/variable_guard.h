// Keeps keys out of variables. nginx caches the value of a variable that limit_req_zone or a map has asked for before the key was removed
// from the request, and a log format may name any variable. So cached values are searched when the key is removed and before the access log
// is written, and what is evaluated for the log is masked at once.
#pragma once

#include "core/secrets/redact.h"
#include "module/settings/configuration.h"

namespace api_key::module {

struct FoundCredential;

// Call once all variables are known: wraps the getter of every indexed variable.
ngx_int_t guard_variables(ngx_cycle_t* cycle, MainConfiguration& main);

// Call when the credential was removed from the request: removes it from all cached variables.
void forget_credential(ngx_http_request_t* r, const FoundCredential& found);

// Call before and after the log handlers of a request: in between its variables show no key.
ngx_int_t guard_log(ngx_http_request_t* r);
void unguard_log();

// For what the module itself writes of a request: the text, or a copy with its keys masked.
std::string_view without_long_keys(ngx_http_request_t* r, std::string_view text);
inline std::string_view without_keys(ngx_http_request_t* r, std::string_view text) {
    return text.size() < min_key_length ? text : without_long_keys(r, text);
}

} // namespace api_key::module
