// Identifies the key of a request: its credential, what the cache has on it, and the rules that need nothing else.
#pragma once

#include <optional>

#include "core/policy/reason.h"
#include "module/request/request.h"

namespace api_key::module {

class Worker;

// Determines the type and digest of the one credential; remembered with the connection.
void take_key(RequestContext& context, Worker& worker, std::string_view text);

// Reads the request's credential and removes it from what goes on; only the first call does so. NGX_ERROR when memory is short.
ngx_int_t read_credential(RequestContext& context, Worker& worker, const LocationConfiguration& location);

// Looks the key up in the cache. The store remains to be asked where the cache has nothing that may be relied on.
void consult_cache(RequestContext& context, Worker& worker);

// Whether the request may pass, limits aside; see decide().
std::optional<Reason> decide_here(const RequestContext& context, const MainConfiguration& main, const LocationConfiguration& location);

// The rule of `api_key_block` for this request; `failed` 0: there is none.
inline const store::BlockRule& block_rule(ngx_http_request_t* r) {
    return *server_configuration(r).block;
}

inline bool is_type_in(const MainConfiguration& main, const KeyType* type, TypeSet types) {
    return type != nullptr && (types & (TypeSet{1} << static_cast<unsigned>(type - main.types.data()))) != 0;
}

// For variables that are evaluated before the decision (limit_req runs before the access phase): the context of a request whose key the
// cache holds and nothing refuses; else null.
const RequestContext* context_before_decision(ngx_http_request_t* r);

} // namespace api_key::module
