#include "module/settings/rewrite_answer.h"

#include <algorithm>
#include <array>

#include "module/settings/directive_tools.h"

namespace api_key::module {

namespace {

// nginx offers a directive to the modules in order, and ours comes before the rewrite module: this calls that module's handler.
char* call_rewrite_module(ngx_conf_t* cf, const ngx_command_t& command) {
    for (ngx_module_t** module = cf->cycle->modules; *module != nullptr; module++) {
        if ((*module)->name == nullptr || std::string_view((*module)->name) != "ngx_http_rewrite_module") {
            continue;
        }
        for (ngx_command_t* theirs = (*module)->commands; theirs->name.len != 0; theirs++) {
            if (view(theirs->name) == view(command.name)) {
                void** const configurations = *reinterpret_cast<void***>(static_cast<char*>(cf->ctx) + theirs->conf);
                return theirs->set(cf, theirs, configurations[(*module)->ctx_index]);
            }
        }
    }
    return refuse(cf, "unknown directive", view(command.name));
}

bool is_url(std::string_view text) {
    constexpr std::array<std::string_view, 3> beginnings{"http://", "https://", "$scheme"};
    return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view one) { return text.starts_with(one); });
}

// Only the first of several answers.
void note(ngx_conf_t* cf, void* configuration, const char* directive, bool has_content) {
    auto& location = *static_cast<LocationConfiguration*>(configuration);
    if (!location.rewrite_answer) {
        const bool conditional = (static_cast<ngx_uint_t>(cf->cmd_type) & (NGX_HTTP_SIF_CONF | NGX_HTTP_LIF_CONF)) != 0;
        location.rewrite_answer = {here(cf), directive, has_content, conditional};
    }
}

} // namespace

char* set_return(ngx_conf_t* cf, ngx_command_t* command, void* configuration) {
    if (char* const result = call_rewrite_module(cf, *command); result != NGX_CONF_OK) {
        return result;
    }
    const std::span<ngx_str_t> values = arguments(cf);
    const ngx_int_t status =
        values.size() == 1 && is_url(view(values[0])) ? NGX_HTTP_MOVED_TEMPORARILY : ngx_atoi(values[0].data, values[0].len);
    if (status < NGX_HTTP_BAD_REQUEST) {
        note(cf, configuration, "return", status < NGX_HTTP_SPECIAL_RESPONSE && values.size() == 2);
    }
    return NGX_CONF_OK;
}

char* set_rewrite(ngx_conf_t* cf, ngx_command_t* command, void* configuration) {
    if (char* const result = call_rewrite_module(cf, *command); result != NGX_CONF_OK) {
        return result;
    }
    const std::span<ngx_str_t> values = arguments(cf);
    const std::string_view flag = values.size() == 3 ? view(values[2]) : std::string_view();
    if (flag == "redirect" || flag == "permanent" || is_url(view(values[1]))) {
        note(cf, configuration, "rewrite", false);
    }
    return NGX_CONF_OK;
}

} // namespace api_key::module
