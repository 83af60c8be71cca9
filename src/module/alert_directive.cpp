// `api_key_alert URL secret_file=FILE`.
#include "module/directive_tools.h"
#include "module/files.h"

namespace api_key::module {

namespace {

char* prepare_tls(ngx_conf_t* cf, PostTarget& target) {
#if (NGX_SSL)
    target.ssl = static_cast<ngx_ssl_t*>(ngx_pcalloc(cf->pool, sizeof(ngx_ssl_t)));
    ngx_pool_cleanup_t* cleanup = target.ssl != nullptr ? ngx_pool_cleanup_add(cf->pool, 0) : nullptr;
    if (cleanup == nullptr) {
        return conf_error;
    }
    target.ssl->log = cf->log;
    if (ngx_ssl_create(target.ssl, NGX_SSL_TLSv1_2 | NGX_SSL_TLSv1_3, nullptr) != NGX_OK) {
        return conf_error;
    }
    cleanup->handler = ngx_ssl_cleanup_ctx;
    cleanup->data = target.ssl;
    SSL_CTX_set_verify(target.ssl->ctx, SSL_VERIFY_PEER, nullptr);
    if (SSL_CTX_set_default_verify_paths(target.ssl->ctx) != 1) {
        return refuse(cf, "the system's certificate authorities cannot be read for", target.name);
    }
    return NGX_CONF_OK;
#else
    return refuse(cf, "this nginx is built without TLS, expected http://", target.name);
#endif
}

char* read_target(ngx_conf_t* cf, std::string_view text, PostTarget& target) {
    constexpr std::string_view http = "http://";
    constexpr std::string_view https = "https://";
    target.tls = text.starts_with(https);
    if (!target.tls && !text.starts_with(http)) {
        return refuse(cf, "invalid URL, expected http:// or https://:", text);
    }
    ngx_url_t url{};
    url.url = copy_to(cf->pool, text.substr(target.tls ? https.size() : http.size()));
    url.default_port = target.tls ? 443 : 80;
    url.uri_part = 1;
    if (url.url.data == nullptr) {
        return conf_error;
    }
    if (view(url.url).find('@') != std::string_view::npos) {
        return refuse(cf, "a URL with a user or a password in it is not for", "api_key_alert");
    }
    if (ngx_parse_url(cf->pool, &url) != NGX_OK || url.naddrs == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in api_key_alert \"%V\"", url.err != nullptr ? url.err : "no address", &url.url);
        return conf_error;
    }
    target.address = url.addrs[0];
    target.name = view(url.host);
    target.host = url.no_port != 0 ? target.name : target.name + ":" + std::to_string(url.port);
    target.path = url.uri.len == 0 ? "/" : std::string(view(url.uri));
    return target.tls ? prepare_tls(cf, target) : NGX_CONF_OK;
}

} // namespace

char* set_alert(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& main = *static_cast<MainConfiguration*>(configuration);
    if (main.alert) {
        return duplicate;
    }
    const std::span<ngx_str_t> values = arguments(cf);
    const std::optional<std::string_view> file = named(view(values[1]), "secret_file");
    if (!file) {
        return refuse(cf, "invalid parameter, expected secret_file=:", view(values[1]));
    }
    const std::optional<std::string> text = read_file(cf, *file);
    if (!text) {
        return conf_error;
    }
    main.alert.emplace();
    main.alert->secret = text->substr(0, text->find_first_of("\r\n"));
    if (main.alert->secret.empty()) {
        return refuse(cf, "no secret in the first line of", *file);
    }
    return read_target(cf, view(values[0]), main.alert->target);
}

} // namespace api_key::module
