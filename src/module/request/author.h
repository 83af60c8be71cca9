// The author of a change, for the security log.
#pragma once

#include "core/logs/audit.h"
#include "module/ngx/ngx.h"

namespace api_key::module {

// `key_id` 0: unknown. The peppers must outlive the author.
Author author_of(ngx_http_request_t* r, std::uint64_t key_id, const Peppers& peppers);

} // namespace api_key::module
