// `api_key_alert URL secret_file=FILE`.
#include "module/ngx/files.h"
#include "module/settings/directive_tools.h"
#include "module/settings/peer_tls.h"

namespace api_key::module {

namespace {

char* read_target(ngx_conf_t* cf, std::string_view text, PostTarget& target) {
    constexpr std::string_view http = "http://";
    constexpr std::string_view https = "https://";
    const bool tls = text.starts_with(https);
    if (!tls && !text.starts_with(http)) {
        return refuse(cf, "invalid URL, expected http:// or https://:", text);
    }
    ngx_url_t url{};
    url.url = copy_to(cf->pool, text.substr(tls ? https.size() : http.size()));
    url.default_port = tls ? 443 : 80;
    url.uri_part = 1;
    if (url.url.data == nullptr) {
        return conf_error;
    }
    if (view(url.url).find('@') != std::string_view::npos) {
        return refuse(cf, "a URL with a user or password is not allowed in", "api_key_alert");
    }
    if (ngx_parse_url(cf->pool, &url) != NGX_OK || url.naddrs == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in api_key_alert \"%V\"", url.err != nullptr ? url.err : "no address", &url.url);
        return conf_error;
    }
    target.address = url.addrs[0];
    target.name = view(url.host);
    target.host = url.no_port != 0 ? target.name : target.name + ":" + std::to_string(url.port);
    target.path = url.uri.len == 0 ? "/" : std::string(view(url.uri));
    return tls ? create_peer_tls(cf, target.tls) : NGX_CONF_OK;
}

} // namespace

char* set_alert(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& main = *static_cast<MainConfiguration*>(configuration);
    if (main.alert) {
        return duplicate;
    }
    const std::span<ngx_str_t> values = arguments(cf);
    const std::optional<std::string_view> file = named(view(values.back()), "secret_file");
    if (!file || values.size() != 2) {
        return refuse(cf, "missing or invalid parameter, expected a URL and secret_file=FILE:", view(values.back()));
    }
    const std::optional<std::string> text = read_secret_file(cf, *file);
    if (!text) {
        return conf_error;
    }
    main.alert.emplace();
    main.alert->secret = text->substr(0, text->find_first_of("\r\n"));
    if (main.alert->secret.empty()) {
        return refuse(cf, "no secret on the first line of", *file);
    }
    return read_target(cf, view(values[0]), main.alert->target);
}

} // namespace api_key::module
