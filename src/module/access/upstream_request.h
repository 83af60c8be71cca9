// Changes the upstream request on the client's behalf, so that the answer can be read (`api_key_meter`, `api_key_models_list`).
#pragma once

#include "module/request/request.h"

namespace api_key::module {

// Asks for an uncompressed answer, since a compressed one could not be read (the client's own wish still counts for nginx's gzip), and for
// the usage of OpenAI's streams, which report it only when asked. NGX_OK or a status.
ngx_int_t prepare_upstream_request(RequestContext& context);

} // namespace api_key::module
