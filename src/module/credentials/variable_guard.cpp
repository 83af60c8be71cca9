#include "module/credentials/variable_guard.h"

#include <algorithm>
#include <bit>

#include "core/text/ascii.h"
#include "module/credentials/credential_reader.h"

namespace api_key::module {

namespace {

constexpr std::size_t min_secret_length = 12; // shorter ones are no keys, and occur in other values by chance
constexpr std::size_t last_bit = 63;          // shared by all variables from there on

const ngx_http_request_t* logged = nullptr; // the request whose log handlers are running

std::string_view view(const ngx_http_variable_value_t& value) {
    return {reinterpret_cast<const char*>(value.data), value.len};
}

void forget(ngx_http_variable_value_t& value) {
    value.valid = 0;
    value.not_found = 0;
}

// Works on a copy, as the text may be in memory of the configuration. Empty when memory is short.
template <class Redact>
std::string_view redacted(ngx_http_request_t* r, std::string_view text, Redact redact) {
    const ngx_str_t copy = copy_to(r->pool, text);
    redact(std::span(reinterpret_cast<char*>(copy.data), copy.len));
    return module::view(copy);
}

void set(ngx_http_variable_value_t& value, std::string_view text) {
    value.data = bytes(text);
    value.len = static_cast<unsigned>(text.size()) & 0xfff'ffffU;
}

std::uint64_t bit_of(std::size_t index) {
    return std::uint64_t{1} << std::min(index, last_bit);
}

// The bits of the evaluated variables. They are kept as the data of an extra, nameless variable behind all others, which a subrequest
// shares as it shares their values.
std::uint64_t evaluated(ngx_http_request_t* r, const MainConfiguration& main) {
    return reinterpret_cast<std::uintptr_t>(r->variables[main.variables.size()].data);
}

void note_evaluated(ngx_http_request_t* r, const MainConfiguration& main, std::uint64_t bit) {
    static_assert(sizeof(bit) == sizeof(u_char*));
    r->variables[main.variables.size()].data = reinterpret_cast<u_char*>(evaluated(r, main) | bit);
}

// Calls visit(index) for the variables that may have a value.
template <class Visit>
void for_each_kept(ngx_http_request_t* r, const MainConfiguration& main, Visit visit) {
    for (std::uint64_t left = evaluated(r, main) | main.changeable_variables; left != 0; left &= left - 1) {
        std::size_t index = static_cast<std::size_t>(std::countr_zero(left));
        do {
            if (r->variables[index].valid != 0) {
                visit(index);
            }
        } while (index >= last_bit && ++index < main.variables.size());
    }
}

ngx_int_t get_guarded(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t data) {
    const auto& guarded = *reinterpret_cast<const GuardedVariable*>(data);
    note_evaluated(r, main_configuration(r), guarded.bit);
    const ngx_int_t result = guarded.get(r, value, guarded.data);
    if (r == logged && result == NGX_OK && value->valid != 0) {
        set(*value, without_keys(r, view(*value)));
    }
    return result;
}

// `http_x_api_key` for `x-api-key`.
bool is_of_header(std::string_view variable, std::string_view header) {
    constexpr std::string_view before = "http_";
    return variable.starts_with(before) && variable.size() == before.size() + header.size() &&
           std::equal(header.begin(), header.end(), variable.begin() + before.size(),
                      [](char one, char other) { return one == other || (one == '-' && other == '_'); });
}

bool is_of_argument(std::string_view variable, std::string_view name) {
    constexpr std::string_view before = "arg_";
    return variable.starts_with(before) && equal_in_any_case(variable.substr(before.size()), name);
}

VariableSource source_of(std::string_view variable, const ServerConfiguration& server) {
    const auto is_header = [&](const Header* header) { return is_of_header(variable, header->name); };
    if ((server.bearer && variable == "http_authorization") || std::any_of(server.headers.begin(), server.headers.end(), is_header)) {
        return VariableSource::header;
    }
    if (server.manages && (variable == "http_cookie" || variable == "cookie_api_key_session")) {
        return VariableSource::header;
    }
    const auto is_argument = [&](std::string_view name) { return is_of_argument(variable, name); };
    constexpr std::array<std::string_view, 4> of_line{"args", "query_string", "request", "request_uri"};
    if (!server.query_names.empty() && (std::find(of_line.begin(), of_line.end(), variable) != of_line.end() ||
                                        std::any_of(server.query_names.begin(), server.query_names.end(), is_argument))) {
        return VariableSource::argument;
    }
    return VariableSource::other;
}

VariableSource source_of(std::string_view variable, const ngx_http_core_main_conf_t& core) {
    auto* const* servers = static_cast<ngx_http_core_srv_conf_t**>(core.servers.elts);
    for (ngx_uint_t index = 0; index < core.servers.nelts; index++) {
        const auto& server = *static_cast<const ServerConfiguration*>(servers[index]->ctx->srv_conf[ngx_http_api_key_module.ctx_index]);
        if (const VariableSource source = source_of(variable, server); source != VariableSource::other) {
            return source;
        }
    }
    return VariableSource::other;
}

void forget_credential(ngx_http_request_t* r, ngx_http_variable_value_t& value, VariableSource source, const FoundCredential& found) {
    const bool has_credential = has_text(view(value), found.text);
    if (source == VariableSource::argument || (source == VariableSource::header && (has_credential || found.count > 1))) {
        forget(value);
    } else if (has_credential && found.text.size() >= min_secret_length) {
        set(value, redacted(r, view(value), [&](std::span<char> text) { redact_text(text, found.text); }));
    }
}

// Other modules set the values of changeable variables themselves, so these are always searched. `$request_id` is nginx's own or ours, and
// is asked for with each request.
void guard(ngx_http_variable_t& variable, std::size_t index, MainConfiguration& main, const ngx_http_core_main_conf_t& core) {
    main.variables.push_back({variable.get_handler, variable.data, source_of(module::view(variable.name), core), bit_of(index)});
    if (static_cast<ngx_int_t>(index) == main.request_id_variable) {
        return;
    }
    if ((variable.flags & NGX_HTTP_VAR_CHANGEABLE) != 0) {
        main.changeable_variables |= bit_of(index);
    }
    variable.get_handler = get_guarded;
    variable.data = reinterpret_cast<uintptr_t>(&main.variables.back());
}

} // namespace

std::string_view without_long_keys(ngx_http_request_t* r, std::string_view text) {
    const std::span<const std::string_view> prefixes = main_configuration(r).type_prefixes;
    if (!has_key(text, prefixes)) {
        return text;
    }
    return redacted(r, text, [&](std::span<char> copy) { redact_keys(copy, prefixes, false); });
}

ngx_int_t guard_variables(ngx_cycle_t* cycle, MainConfiguration& main) {
    auto* found = static_cast<ngx_http_core_main_conf_t*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_core_module));
    if (found == nullptr) {
        return NGX_OK; // no http block
    }
    ngx_http_core_main_conf_t& core = *found;
    const std::span<ngx_http_variable_t> variables(static_cast<ngx_http_variable_t*>(core.variables.elts), core.variables.nelts);
    main.variables.reserve(variables.size());
    for (std::size_t index = 0; index < variables.size(); index++) {
        guard(variables[index], index, main, core);
    }
    auto* behind = static_cast<ngx_http_variable_t*>(ngx_array_push(&core.variables)); // see `evaluated`
    if (behind == nullptr) {
        return NGX_ERROR;
    }
    *behind = {};
    return NGX_OK;
}

void forget_credential(ngx_http_request_t* r, const FoundCredential& found) {
    const MainConfiguration& main = main_configuration(r);
    for_each_kept(r, main, [&](std::size_t index) { forget_credential(r, r->variables[index], main.variables[index].source, found); });
}

ngx_int_t guard_log(ngx_http_request_t* r) {
    const MainConfiguration& main = main_configuration(r);
    for_each_kept(r, main, [&](std::size_t index) {
        ngx_http_variable_value_t& value = r->variables[index];
        if (main.variables[index].source != VariableSource::other) {
            forget(value);
        } else if (static_cast<ngx_int_t>(index) != main.request_id_variable) {
            set(value, without_keys(r, view(value)));
        }
    });
    logged = r;
    return NGX_OK;
}

void unguard_log() {
    logged = nullptr;
}

} // namespace api_key::module
