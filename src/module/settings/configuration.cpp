#include "module/settings/configuration.h"

#include <algorithm>

#include "module/settings/location_warnings.h"

namespace api_key::module {

namespace {

std::optional<std::size_t> find_type(const MainConfiguration& main, std::string_view name) {
    const auto found = std::find_if(main.types.begin(), main.types.end(), [&](const KeyType& type) { return type.name == name; });
    if (found == main.types.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - main.types.begin());
}

bool is_directive(ngx_conf_t* cf, std::string_view name) {
    for (ngx_module_t** module = cf->cycle->modules; *module != nullptr; module++) {
        for (const ngx_command_t* command = (*module)->commands; command != nullptr && command->name.len != 0; command++) {
            if (view(command->name) == name) {
                return true;
            }
        }
    }
    return false;
}

// `"proxy", "live" or "billing"`
std::string type_names(const MainConfiguration& main) {
    std::string names;
    for (std::size_t index = 0; index < main.types.size(); index++) {
        names += index == 0 ? "" : index + 1 < main.types.size() ? ", " : " or ";
        names += '"' + main.types[index].name + '"';
    }
    return names;
}

// A directive among the types is most likely the next one, after a `;` that is missing.
void report_unknown_type(ngx_conf_t* cf, const MainConfiguration& main, std::string_view name, const SourceLine& line) {
    const std::string hint = is_directive(cf, name) ? "this is a directive, is \";\" missing before it?"
                             : main.types.empty()   ? "none is declared,"
                                                    : "expected " + type_names(main) + ",";
    const ngx_str_t shown_name = same_bytes(name);
    const ngx_str_t shown_hint = same_bytes(hint);
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "unknown api_key_type \"%V\", %V in %V:%ui", &shown_name, &shown_hint, &line.file, line.line);
}

bool resolve_types(ngx_conf_t* cf, const MainConfiguration& main, const std::vector<std::string>& names, const SourceLine& line,
                   TypeSet& types) {
    types = 0;
    for (const std::string& name : names) {
        const std::optional<std::size_t> index = find_type(main, name);
        if (!index) {
            report_unknown_type(cf, main, name, line);
            return false;
        }
        types |= TypeSet{1} << *index;
    }
    return true;
}

bool has_managing_type(const MainConfiguration& main, TypeSet types) {
    for (std::size_t index = 0; index < main.types.size(); index++) {
        if (main.types[index].manages && (types & (TypeSet{1} << index)) != 0) {
            return true;
        }
    }
    return false;
}

template <class T>
void add_once(std::vector<T>& all, const T& one) {
    if (std::find(all.begin(), all.end(), one) == all.end()) {
        all.push_back(one);
    }
}

void add_sources(ServerConfiguration& server, const CredentialSources& sources) {
    server.bearer = server.bearer || sources.bearer;
    for (const Header& header : sources.headers) {
        const bool known =
            std::any_of(server.headers.begin(), server.headers.end(), [&](const Header* one) { return one->name == header.name; });
        if (!known) {
            server.headers.push_back(&header);
        }
    }
    for (std::string_view name : sources.query_names) {
        add_once(server.query_names, name);
    }
}

const CredentialSources& default_sources() {
    static const CredentialSources* const sources = [] {
        auto* made = new CredentialSources; // never freed, as it is shared by all configurations
        made->bearer = true;
        return made;
    }();
    return *sources;
}

void merge_simple(LocationConfiguration& location, const LocationConfiguration& parent) {
    if (location.sources == nullptr) {
        location.sources = parent.sources != nullptr ? parent.sources : &default_sources();
    }
    ngx_conf_merge_value(location.forward, parent.forward, 0);
    if (!location.model_set) {
        location.model_set = parent.model_set;
        location.model_variable = parent.model_variable;
    }
    location.meter_set = location.meter_set ? location.meter_set : parent.meter_set;
    location.meter = location.meter_set.value_or(std::nullopt);
    if (!location.cost_set) {
        location.cost_set = parent.cost_set;
        location.cost = parent.cost;
        location.cost_line = parent.cost_line;
    }
    location.reserve = location.reserve != nullptr ? location.reserve : parent.reserve;
    ngx_conf_merge_value(location.dry_run, parent.dry_run, 0);
    ngx_conf_merge_value(location.headers, parent.headers, 0);
    ngx_conf_merge_value(location.log, parent.log, 1);
    ngx_conf_merge_value(location.preflight, parent.preflight, 0);
    ngx_conf_merge_value(location.models_list, parent.models_list, 0);
    if (location.stale_ms == NGX_CONF_UNSET_MSEC) {
        location.outage_requests = parent.outage_requests;
    }
    ngx_conf_merge_msec_value(location.stale_ms, parent.stale_ms, 60000);
    location.error_format = location.error_format ? location.error_format : parent.error_format;
    location.delete_rule = location.delete_rule ? location.delete_rule : parent.delete_rule;
    location.upgrade = location.upgrade ? location.upgrade : parent.upgrade;
    for (std::size_t reason = 0; reason < reason_count; reason++) {
        if (location.errors[reason].status == 0) {
            location.errors[reason] = parent.errors[reason];
        }
    }
}

// Notes for the server and the main configuration what a location with a key needs.
void note_use(MainConfiguration& main, ServerConfiguration& server, const LocationConfiguration& location) {
    add_sources(server, *location.sources);
    main.max_stale_ms = std::max(main.max_stale_ms, location.stale_ms);
    main.charges = main.charges || location.cost != nullptr || (location.meter && main.prices);
    if (!main.in_use) {
        main.in_use = true;
        main.first_use = location.types_line;
    }
}

bool set_model_source(ngx_conf_t* cf, const MainConfiguration& main, LocationConfiguration& location) {
    const auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    const bool is_off = location.model_set == ModelSource::off;
    location.model = is_off ? ModelSource::none : location.model_set.value_or(ModelSource::none);
    if (!location.model_set && location.meter) {
        location.model = location.meter == MeterDialect::gemini ? ModelSource::path : ModelSource::body;
    }
    location.refuses_scopes = location.model == ModelSource::none && !is_off && !location.manages && !serves_page(location, *core);
    if (is_off && location.types != 0 && location.meter && main.prices && location.cost == nullptr) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"api_key_meter\" cannot calculate prices with \"api_key_model off\", for \"api_key\" in %V:%ui",
                      &location.types_line.file, location.types_line.line);
        return false;
    }
    return true;
}

} // namespace

void* create_main_configuration(ngx_conf_t* cf) {
    return make_in_pool<MainConfiguration>(cf->pool);
}

void* create_server_configuration(ngx_conf_t* cf) {
    return make_in_pool<ServerConfiguration>(cf->pool);
}

char* merge_server_configuration(ngx_conf_t* /*cf*/, void* parent, void* child) {
    auto& server = *static_cast<ServerConfiguration*>(child);
    if (!server.block) {
        server.block = static_cast<const ServerConfiguration*>(parent)->block.value_or(store::BlockRule{});
    }
    return NGX_CONF_OK;
}

void* create_location_configuration(ngx_conf_t* cf) {
    return make_in_pool<LocationConfiguration>(cf->pool);
}

char* merge_location_configuration(ngx_conf_t* cf, void* parent_data, void* child_data) {
    auto* main = static_cast<MainConfiguration*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_api_key_module));
    auto* server = static_cast<ServerConfiguration*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_api_key_module));
    const auto& parent = *static_cast<const LocationConfiguration*>(parent_data);
    auto& location = *static_cast<LocationConfiguration*>(child_data);

    if (!location.types_set) {
        location.types_set = parent.types_set;
        location.type_names = parent.type_names;
        location.types_line = parent.types_line;
        location.types_inherited = true;
    }
    merge_simple(location, parent);
    if (!resolve_types(cf, *main, location.type_names, location.types_line, location.types) ||
        !resolve_types(cf, *main, location.managed_names, location.manage_line, location.managed_types)) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    if (location.managed_names.empty()) {
        location.managed_types = ~TypeSet{0};
    }
    if (!set_model_source(cf, *main, location)) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    if (location.cost != nullptr && location.cost->lengths != nullptr && location.reserve == nullptr) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"api_key_cost %V\" needs \"api_key_reserve\": its value is not known before the response, in %V:%ui",
                      &location.cost->value, &location.cost_line.file, location.cost_line.line);
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    server->manages = server->manages || location.manages;
    if (location.types != 0) {
        note_use(*main, *server, location);
        collect_warnings(cf, *main, location);
    }
    if (location.manages && !has_managing_type(*main, location.types)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"api_key_manage\" needs \"api_key\" with a type that manages (api_key_type NAME prefix=STR manages) in %V:%ui",
                      &location.manage_line.file, location.manage_line.line);
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    return NGX_CONF_OK;
}

namespace {

// The resolver for a name that is looked up while requests wait.
ngx_int_t set_resolver(ngx_conf_t* cf, MainConfiguration& main) {
    constexpr ngx_msec_t min_ms = 1000;
    store::ClientOptions& redis = *main.redis;
    const auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    if (core->resolver != nullptr && core->resolver->connections.nelts != 0) {
        redis.names.resolver = core->resolver;
        redis.names.resolver_timeout_ms = std::max(redis.timeout_ms, min_ms);
    } else if (main.unresolved.len != 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "host not found in \"api_key_redis\" and no \"resolver\" in the http block: \"%V\" in %V:%ui", &main.unresolved,
                      &main.unresolved_line.file, main.unresolved_line.line);
        return NGX_ERROR;
    }
    return NGX_OK;
}

} // namespace

ngx_int_t check_configuration(ngx_conf_t* cf) {
    auto& main = *static_cast<MainConfiguration*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_api_key_module));
    if (!main.in_use) {
        return NGX_OK;
    }
    const char* missing = nullptr;
    if (main.zone == nullptr) {
        missing = "api_key_zone";
    } else if (!main.redis) {
        missing = "api_key_redis";
    } else if (!main.peppers) {
        missing = "api_key_pepper";
    }
    if (missing != nullptr) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"api_key\" needs \"%s\" in the http block, in %V:%ui", missing, &main.first_use.file,
                      main.first_use.line);
        return NGX_ERROR;
    }
    log_warnings(cf, main);
    return set_resolver(cf, main);
}

} // namespace api_key::module
