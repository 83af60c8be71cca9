// TLS contexts of our own connections, made at configuration time.
#pragma once

#include "module/ngx/ngx.h"
#include "store/nginx/peer.h"

namespace api_key::module {

// Makes the context for `tls.options`. Refuses files that cannot be read, with file and line of the configuration.
char* create_peer_tls(ngx_conf_t* cf, store::PeerTls& tls);

} // namespace api_key::module
