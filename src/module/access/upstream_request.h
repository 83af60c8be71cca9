// Changes the upstream request on the client's behalf, so that the answer can be metered (`api_key_meter`).
#pragma once

#include "module/request/request.h"

namespace api_key::module {

// Asks for an uncompressed answer, since a compressed one could not be read (the client's own wish still counts for nginx's gzip), and for
// the usage of OpenAI's streams, which report it only when asked. NGX_OK or a status.
ngx_int_t ask_for_usage(RequestContext& context);

} // namespace api_key::module
