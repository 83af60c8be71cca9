#include "module/settings/peer_tls.h"

#include "module/settings/directive_tools.h"

namespace api_key::module {

char* create_peer_tls(ngx_conf_t* cf, store::PeerTls& tls) {
#if (NGX_SSL)
    tls.context = static_cast<ngx_ssl_t*>(ngx_pcalloc(cf->pool, sizeof(ngx_ssl_t)));
    ngx_pool_cleanup_t* cleanup = tls.context != nullptr ? ngx_pool_cleanup_add(cf->pool, 0) : nullptr;
    if (cleanup == nullptr) {
        return conf_error;
    }
    tls.context->log = cf->log;
    if (ngx_ssl_create(tls.context, NGX_SSL_TLSv1_2 | NGX_SSL_TLSv1_3, nullptr) != NGX_OK) {
        return conf_error;
    }
    cleanup->handler = ngx_ssl_cleanup_ctx;
    cleanup->data = tls.context;
    if (const std::optional<Error> error = store::set_up_tls(tls.context->ctx, tls.options)) {
        return refuse(cf, (error->field + ": " + error->message + ", in").c_str(), view(arguments(cf)[0]));
    }
    return NGX_CONF_OK;
#else
    return refuse(cf, "this nginx is built without SSL, which is required for", view(arguments(cf)[0]));
#endif
}

} // namespace api_key::module
