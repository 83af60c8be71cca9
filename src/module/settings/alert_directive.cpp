// `api_key_alert URL secret_file=FILE [dashboard=URL]`.
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

char* read_secret(ngx_conf_t* cf, std::string_view file, std::string& secret) {
    const std::optional<std::string> text = read_secret_file(cf, file);
    if (!text) {
        return conf_error;
    }
    secret = text->substr(0, text->find_first_of("\r\n"));
    return secret.empty() ? refuse(cf, "no secret on the first line of", file) : NGX_CONF_OK;
}

// What a fragment can be added to.
bool is_web_address(std::string_view text) {
    return (text.starts_with("http://") || text.starts_with("https://")) && text.find('#') == std::string_view::npos;
}

} // namespace

char* set_alert(ngx_conf_t* cf, ngx_command_t* /*command*/, void* configuration) {
    auto& main = *static_cast<MainConfiguration*>(configuration);
    if (main.alert) {
        return duplicate;
    }
    main.alert.emplace();
    const std::span<ngx_str_t> values = arguments(cf);
    for (const ngx_str_t& value : values.subspan(1)) {
        if (const auto file = named(view(value), "secret_file")) {
            if (char* const result = read_secret(cf, *file, main.alert->secret); result != NGX_CONF_OK) {
                return result;
            }
        } else if (const auto dashboard = named(view(value), "dashboard"); dashboard && is_web_address(*dashboard)) {
            main.alert->dashboard = *dashboard;
        } else {
            return refuse(cf, "invalid parameter, expected a URL, secret_file=FILE and dashboard=URL:", view(value));
        }
    }
    if (main.alert->secret.empty()) {
        return refuse(cf, "missing or invalid parameter, expected a URL and secret_file=FILE:", view(values.back()));
    }
    return read_target(cf, view(values[0]), main.alert->target);
}

} // namespace api_key::module
