// The configuration set by the directives. Constant once it is merged.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/documents/answer.h"
#include "core/policy/plans.h"
#include "core/policy/reason.h"
#include "core/secrets/pepper.h"
#include "core/tokens/prices.h"
#include "core/tokens/usage_meter.h"
#include "module/ngx/http_post.h"
#include "module/ngx/ngx.h"
#include "store/flows/block_flows.h"
#include "store/flows/request_flows.h"
#include "store/keyspace.h"
#include "store/nginx/client.h"

namespace api_key::module {

// `api_key_type`
struct KeyType {
    std::string name;
    std::string prefix;
    bool manages = false;
    bool is_foreign = false; // format=any: its keys were made elsewhere
};

inline constexpr std::size_t max_key_types = 32;
using TypeSet = std::uint32_t; // one bit for each declared type

struct Header {
    std::string name; // lower case
    ngx_uint_t hash;
};

// `api_key_from`
struct CredentialSources {
    bool bearer = false;
    std::vector<Header> headers;
    std::vector<std::string> queries;
    std::vector<std::string_view> query_names; // views of `queries`
};

// `api_key_error`: what differs from the default.
struct ErrorOverride {
    std::uint16_t status = 0;                    // 0: the default
    ngx_http_complex_value_t* message = nullptr; // null: the default
};

struct SourceLine {
    ngx_str_t file{};
    ngx_uint_t line = 0;
};

// A `return`, or a `rewrite` that redirects: nginx answers with it in the rewrite phase, before the access phase checks the key.
struct RewriteAnswer {
    SourceLine line;
    const char* directive = nullptr;
    bool has_content = false;
    bool conditional = false; // it is inside an `if`
};

// Locations for which one `api_key` causes the same warning.
struct LocationWarning {
    SourceLine line; // of its `api_key`
    std::vector<std::string> names;
};

// `api_key_alert`
struct AlertTarget {
    PostTarget target;
    std::string secret;    // key for the signature
    std::string dashboard; // its URL; empty: alerts have no link
};

// The part of a request that a variable exposes: a header or an argument where a credential may stand in some server, or anything else.
enum class VariableSource : std::uint8_t { other, header, argument };

// nginx's own getter; see variable_guard.h.
struct GuardedVariable {
    ngx_http_get_variable_pt get;
    uintptr_t data;
    VariableSource source;
    std::uint64_t bit; // in the set of evaluated variables
};

struct MainConfiguration {
    ngx_shm_zone_t* zone = nullptr;
    std::optional<store::ClientOptions> redis;
    bool durable_grants = false; // grants wait for a replica
    ngx_str_t unresolved{};      // a server of `redis` that the system cannot resolve
    SourceLine unresolved_line;
    std::optional<store::Keyspace> keyspace;
    std::optional<Peppers> peppers;
    std::optional<Plans> plans;
    std::optional<Prices> prices;
    std::optional<AlertTarget> alert;
    store::LogKeep log_keep;
    bool log_keep_set = false;
    std::string default_model; // its price applies to a model without one; empty: there is none
    std::vector<KeyType> types;
    std::vector<std::string_view> type_prefixes;
    std::vector<KeyForm> key_forms; // of the types, in their order
    ngx_int_t request_id_variable = NGX_ERROR;
    std::vector<GuardedVariable> variables; // all indexed ones, by index
    std::uint64_t changeable_variables = 0; // bits of those that may have a value without being evaluated
    ngx_msec_t max_stale_ms = 0;            // `api_key_stale` of any location
    std::uint64_t number = 0;               // of this configuration for its zone: the newest has the highest
    bool in_use = false;                    // some location asks for keys
    bool charges = false;                   // some location with a key charges
    SourceLine first_use;
    std::vector<LocationWarning> unmetered_locations; // although requests seem to be charged for
    std::vector<LocationWarning> unscoped_locations;  // although keys or plans seem to restrict models
};

// All that the locations of a server take for a credential, as needed before the location is known.
struct ServerConfiguration {
    std::vector<std::string_view> query_names;
    std::vector<const Header*> headers;
    bool bearer = false;
    bool manages = false;                  // some location answers as the management API: sessions have a cookie
    std::optional<store::BlockRule> block; // `failed` 0: off
};

// `api_key_model`. none: not set; off: requests use no model.
enum class ModelSource : std::uint8_t { none, off, body, path, variable };

// `api_key_upgrade`
enum class UpgradeRule : std::uint8_t { refuse, pass };

enum class DeleteRule : std::uint8_t { always, unused };

inline constexpr std::uint32_t max_outage_requests = 10000;

struct LocationConfiguration {
    bool types_set = false;
    bool types_inherited = false;
    bool cost_set = false;
    bool manages = false;                // it has api_key_manage
    std::vector<std::string> type_names; // empty with types_set: off
    SourceLine types_line;
    TypeSet types = 0; // after merge; 0: this location needs no key

    const CredentialSources* sources = nullptr;
    ngx_flag_t forward = NGX_CONF_UNSET;
    std::array<ErrorOverride, reason_count> errors{};
    std::optional<ErrorFormat> error_format;
    std::optional<DeleteRule> delete_rule;
    std::optional<UpgradeRule> upgrade; // refuse if not set
    ngx_msec_t stale_ms = NGX_CONF_UNSET_MSEC;
    std::uint32_t outage_requests = 0; // `reserve=` of api_key_stale: held for each key with limits
    ngx_flag_t dry_run = NGX_CONF_UNSET;
    std::optional<std::optional<MeterDialect>> meter_set; // before merge
    std::optional<MeterDialect> meter;
    std::optional<ModelSource> model_set;  // before merge
    ModelSource model = ModelSource::none; // after merge, when `off` is none
    bool refuses_scopes = false;           // nothing says which model a request uses, so a scope cannot be enforced
    ngx_int_t model_variable = NGX_ERROR;
    ngx_http_complex_value_t* cost = nullptr;    // credits; null: by the meter
    ngx_http_complex_value_t* reserve = nullptr; // credits; null: only what is known in advance
    SourceLine cost_line;
    ngx_flag_t headers = NGX_CONF_UNSET;
    ngx_flag_t log = NGX_CONF_UNSET;
    ngx_flag_t preflight = NGX_CONF_UNSET;
    ngx_flag_t models_list = NGX_CONF_UNSET;
    ngx_http_handler_pt page = nullptr;     // the content handler that api_key_metrics or api_key_health has set
    std::size_t metrics_top = 0;            // its `top=`
    std::vector<std::string> managed_names; // its `types=`; empty: all
    TypeSet managed_types = 0;              // after merge
    SourceLine manage_line;
    Pace pace_of_changes{1000, 1000};            // of an account, at the management API …
    std::uint32_t max_keys = 10'000;             // … and how many keys it may have through it; 0: no limit
    std::optional<RewriteAnswer> rewrite_answer; // of this location itself
};

extern "C" {
extern ngx_command_t ngx_http_api_key_commands[];
}

void* create_main_configuration(ngx_conf_t* cf);
void* create_server_configuration(ngx_conf_t* cf);
char* merge_server_configuration(ngx_conf_t* cf, void* parent, void* child);
void* create_location_configuration(ngx_conf_t* cf);
char* merge_location_configuration(ngx_conf_t* cf, void* parent, void* child);

// nginx uses the last of several content directives in a location.
inline bool serves_page(const LocationConfiguration& location, const ngx_http_core_loc_conf_t& core) {
    return location.page != nullptr && core.handler == location.page;
}

// Refuses a configuration that is incomplete as a whole (a key is asked for, but no store is named).
ngx_int_t check_configuration(ngx_conf_t* cf);

inline const MainConfiguration& main_configuration(ngx_http_request_t* r) {
    return *static_cast<const MainConfiguration*>(ngx_http_get_module_main_conf(r, ngx_http_api_key_module));
}

inline const ServerConfiguration& server_configuration(ngx_http_request_t* r) {
    return *static_cast<ServerConfiguration*>(ngx_http_get_module_srv_conf(r, ngx_http_api_key_module));
}

inline const LocationConfiguration& location_configuration(ngx_http_request_t* r) {
    return *static_cast<LocationConfiguration*>(ngx_http_get_module_loc_conf(r, ngx_http_api_key_module));
}

} // namespace api_key::module
