#include "module/request/route_path.h"

#include <algorithm>

namespace api_key::module {

std::string_view route_path(ngx_http_request_t* r) {
    constexpr std::string_view root = "/api/";
    const std::string_view uri = view(r->uri);
    if (const std::size_t at = uri.find(root); at != std::string_view::npos) {
        return uri.substr(at + root.size());
    }
    const auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    std::string_view rest = uri.substr(std::min(core->name.len, uri.size()));
    rest.remove_prefix(rest.starts_with('/') ? 1 : 0);
    return rest;
}

std::string_view mount_path(ngx_http_request_t* r) {
    std::string_view path = view(r->uri);
    path.remove_suffix(route_path(r).size());
    path.remove_suffix(path.size() > 1 && path.ends_with('/') ? 1 : 0);
    return path;
}

} // namespace api_key::module
