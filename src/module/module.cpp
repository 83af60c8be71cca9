// The two modules of this shared object: access control with the management API, and the filter that writes refusals.
#include "module/access/access.h"
#include "module/access/log_phase.h"
#include "module/access/variables.h"
#include "module/answer/filters.h"
#include "module/credentials/log_guard.h"
#include "module/credentials/session_cookie.h"
#include "module/credentials/variable_guard.h"
#include "module/settings/configuration.h"
#include "module/settings/shared_zone.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

ngx_int_t add_handler(ngx_conf_t* cf, ngx_http_phases phase, ngx_http_handler_pt handler) {
    auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    auto* handler_slot = static_cast<ngx_http_handler_pt*>(ngx_array_push(&core->phases[phase].handlers));
    if (handler_slot == nullptr) {
        return NGX_ERROR;
    }
    *handler_slot = handler;
    return NGX_OK;
}

// Log handlers run in the order of their array: this one has to run before the access log's.
ngx_int_t add_first_log_handler(ngx_conf_t* cf, ngx_http_handler_pt handler) {
    if (add_handler(cf, NGX_HTTP_LOG_PHASE, handler) != NGX_OK) {
        return NGX_ERROR;
    }
    auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    const ngx_array_t& handlers = core->phases[NGX_HTTP_LOG_PHASE].handlers;
    auto* first = static_cast<ngx_http_handler_pt*>(handlers.elts);
    std::memmove(first + 1, first, (handlers.nelts - 1) * sizeof(ngx_http_handler_pt));
    *first = handler;
    return NGX_OK;
}

// Adds it behind the handlers of all modules, which are registered by now.
ngx_int_t add_last_log_handler(ngx_cycle_t* cycle, ngx_http_handler_pt handler) {
    auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_core_module));
    auto* last = core != nullptr ? static_cast<ngx_http_handler_pt*>(ngx_array_push(&core->phases[NGX_HTTP_LOG_PHASE].handlers)) : nullptr;
    if (last == nullptr) {
        return NGX_ERROR;
    }
    *last = handler;
    return NGX_OK;
}

ngx_int_t variable_index(ngx_conf_t* cf, std::string_view name) {
    ngx_str_t copy = same_bytes(name);
    return ngx_http_get_variable_index(cf, &copy);
}

ngx_int_t install(ngx_conf_t* cf) {
    if (check_configuration(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    auto& main = *static_cast<MainConfiguration*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_api_key_module));
    if (!main.in_use) {
        return NGX_OK;
    }
    main.type_prefixes.clear();
    main.key_forms.clear();
    for (const KeyType& type : main.types) {
        main.key_forms.push_back({type.prefix, type.is_foreign});
        if (!type.prefix.empty()) {
            main.type_prefixes.push_back(type.prefix);
        }
    }
    main.type_prefixes.push_back("api_key_session=");
    main.request_id_variable = variable_index(cf, "request_id");
    if (main.request_id_variable == NGX_ERROR || guard_error_log(cf, &cf->cycle->new_log, main) != NGX_OK ||
        add_handler(cf, NGX_HTTP_POST_READ_PHASE, mask_request_line) != NGX_OK ||
        add_handler(cf, NGX_HTTP_POST_READ_PHASE, take_session_cookie) != NGX_OK ||
        add_handler(cf, NGX_HTTP_PREACCESS_PHASE, preaccess_handler) != NGX_OK ||
        add_handler(cf, NGX_HTTP_ACCESS_PHASE, access_handler) != NGX_OK || add_first_log_handler(cf, begin_log) != NGX_OK) {
        return NGX_ERROR;
    }
    return NGX_OK;
}

// Runs in the master, before the workers of this configuration start.
ngx_int_t init_module(ngx_cycle_t* cycle) {
    auto* main = static_cast<MainConfiguration*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_api_key_module));
    if (main == nullptr || !main->in_use) {
        return NGX_OK;
    }
    main->number = ++zone_of(main->zone).header().configuration;
    return guard_variables(cycle, *main) == NGX_OK ? add_last_log_handler(cycle, end_log) : NGX_ERROR;
}

char* merge_location(ngx_conf_t* cf, void* parent, void* child) {
    char* const result = merge_location_configuration(cf, parent, child);
    const auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    if (result != NGX_CONF_OK || core->error_log == nullptr) {
        return result;
    }
    const auto* main = static_cast<MainConfiguration*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_api_key_module));
    return guard_error_log(cf, core->error_log, *main) == NGX_OK ? NGX_CONF_OK : static_cast<char*>(NGX_CONF_ERROR);
}

ngx_http_module_t context = {
    add_variables,                 // preconfiguration
    install,                       // postconfiguration
    create_main_configuration,     // create main configuration
    nullptr,                       // init main configuration
    create_server_configuration,   // create server configuration
    merge_server_configuration,    // merge server configuration
    create_location_configuration, // create location configuration
    merge_location,                // merge location configuration
};

ngx_http_module_t filter_context = {
    nullptr,                // preconfiguration
    install_refusal_filter, // postconfiguration
    nullptr,                // create main configuration
    nullptr,                // init main configuration
    nullptr,                // create server configuration
    nullptr,                // merge server configuration
    nullptr,                // create location configuration
    nullptr,                // merge location configuration
};

} // namespace

} // namespace api_key::module

extern "C" {

ngx_module_t ngx_http_api_key_module = {
    NGX_MODULE_V1,
    &api_key::module::context,                  // module context
    api_key::module::ngx_http_api_key_commands, // module directives
    NGX_HTTP_MODULE,                            // module type
    nullptr,                                    // init master
    api_key::module::init_module,               // init module
    api_key::module::start_worker,              // init process
    nullptr,                                    // init thread
    nullptr,                                    // exit thread
    api_key::module::stop_worker,               // exit process
    api_key::module::stop_node,                 // exit master
    NGX_MODULE_V1_PADDING,
};

ngx_module_t ngx_http_api_key_filter_module = {
    NGX_MODULE_V1,
    &api_key::module::filter_context, // module context
    nullptr,                          // module directives
    NGX_HTTP_MODULE,                  // module type
    nullptr,                          // init master
    nullptr,                          // init module
    nullptr,                          // init process
    nullptr,                          // init thread
    nullptr,                          // exit thread
    nullptr,                          // exit process
    nullptr,                          // exit master
    NGX_MODULE_V1_PADDING,
};
}
