// Filters an upstream's list of models to what the key may use (`api_key_models_list`): the answer waits until it is whole.
#pragma once

#include "module/request/request.h"

namespace api_key::module {

// Whether this answer may be such a list, and its key or plan names models.
bool has_models_to_filter(ngx_http_request_t* r);

// Takes out of the header what is the whole list's.
void clear_list_headers(ngx_http_request_t* r);

// Begins to collect the answer, whose header is not sent yet. NGX_ERROR when memory is short.
ngx_int_t withhold_model_list(ngx_http_request_t* r);

// Takes what has come. NGX_AGAIN until the answer is whole; NGX_DECLINED when it is too large.
ngx_int_t collect_model_list(RequestContext& context, ngx_chain_t* in);

// What is sent in its place, with its length in the header. Null when the answer is no JSON, or memory is short.
ngx_chain_t* filtered_model_list(RequestContext& context);

} // namespace api_key::module
