// Finds a request's credential, and removes it from what goes upstream and into logs.
#pragma once

#include <string_view>

#include "module/settings/configuration.h"

namespace api_key::module {

struct FoundCredential {
    unsigned count = 0;      // in all allowed sources
    bool has_bearer = false; // Authorization holds a Bearer token, be it empty
    std::string_view text;   // the last one found; lives as long as the request
};

FoundCredential find_credential(ngx_http_request_t* r, const CredentialSources& sources);

// Removes all credentials in these sources from the headers, the arguments and the unparsed URI. NGX_ERROR when memory is short.
ngx_int_t remove_credentials(ngx_http_request_t* r, const CredentialSources& sources, const FoundCredential& found);

} // namespace api_key::module
