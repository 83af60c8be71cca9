// TLS of our own connections, at configuration time.
#pragma once

#include "module/ngx/ngx.h"
#include "store/nginx/peer.h"

namespace api_key::module {

// Makes the context that `tls.options` ask for. Refuses, with file and line, what cannot be read.
char* create_peer_tls(ngx_conf_t* cf, store::PeerTls& tls);

} // namespace api_key::module
