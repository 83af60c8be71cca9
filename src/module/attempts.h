// Failed attempts at the management API, for the security log: the same one once a minute.
#pragma once

#include "module/request.h"

namespace api_key::module {

// The request was refused where keys are managed, with a key that it showed.
void note_failed_attempt(const RequestContext& context, Worker& worker);

} // namespace api_key::module
