// Keeps keys out of variables. nginx keeps the value of a variable that limit_req_zone or a map has asked for before a key was taken out of
// the request, and a log format may name any variable: so what was kept is looked through when the key is taken out and before the access
// log is written, and what is worked out for the log is masked as it comes.
#pragma once

#include "core/secrets/redact.h"
#include "module/settings/configuration.h"

namespace api_key::module {

struct FoundCredential;

// Once all variables are known: has every one that is kept by index go through here.
ngx_int_t guard_variables(ngx_cycle_t* cycle, MainConfiguration& main);

// The credential was taken out of the request: no variable has it any longer.
void forget_credential(ngx_http_request_t* r, const FoundCredential& found);

// Before the log handlers of a request run, and for as long: its variables have no key.
ngx_int_t guard_log(ngx_http_request_t* r);
void unguard_log();

// For what the module itself writes of a request: the text, or a copy with the keys in it masked.
std::string_view without_long_keys(ngx_http_request_t* r, std::string_view text);
inline std::string_view without_keys(ngx_http_request_t* r, std::string_view text) {
    return text.size() < min_key_length ? text : without_long_keys(r, text);
}

} // namespace api_key::module
