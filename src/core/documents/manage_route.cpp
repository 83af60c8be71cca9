#include "core/documents/manage_route.h"

#include <array>

#include "core/text/next_part.h"
#include "core/text/number.h"

namespace api_key {

namespace {

using enum ManageMethod;
using enum Permission;

constexpr std::string_view of_list[] = {"type", "category", "active", "q", "usage", "limit", "cursor"};
constexpr std::string_view of_key_usage[] = {"bucket", "from", "to"};
constexpr std::string_view of_usage[] = {"bucket", "from", "to", "group_by", "key", "category", "alias", "order", "names", "limit"};
constexpr std::string_view of_key_logs[] = {"request_id", "method", "path",   "status", "result", "model",
                                            "from",       "to",     "format", "limit",  "cursor"};
constexpr std::string_view of_logs[] = {"request_id", "method", "path",  "status", "result", "model", "from",
                                        "to",         "format", "limit", "cursor", "key",    "name",  "alias"};
constexpr std::string_view of_audit[] = {"key", "action", "from", "to", "verify", "names", "limit", "cursor"};
constexpr std::string_view of_transactions[] = {"names", "limit", "cursor"};

// clang-format off
constexpr ManageRoute routes[] = {
    {get,    "{keys}",             Resource::keys,         Action::list,         read_keys,    of_list},
    {post,   "{keys}",             Resource::keys,         Action::create,       create_keys},
    {get,    "{keys}/{id}",        Resource::keys,         Action::read,         read_keys},
    {put,    "{keys}/{id}",        Resource::keys,         Action::update,       change_keys},
    {patch,  "{keys}/{id}",        Resource::keys,         Action::update,       change_keys},
    {remove, "{keys}/{id}",        Resource::keys,         Action::remove,       change_keys},
    {post,   "{keys}/{id}/rotate", Resource::keys,         Action::rotate,       change_keys},
    {post,   "{keys}/{id}/clone",  Resource::keys,         Action::clone,        create_keys},
    {get,    "{keys}/{id}/usage",  Resource::key_usage,    Action::read,         read_keys,    of_key_usage},
    {get,    "{keys}/{id}/logs",   Resource::request_logs, Action::list,         read_records, of_key_logs},
    {get,    "me",                 Resource::key_usage,    Action::read_own,     none_needed,  {},              true},
    {get,    "usage",              Resource::key_usage,    Action::list,         read_usage,   of_usage},
    {get,    "logs",               Resource::request_logs, Action::list,         read_records, of_logs},
    {get,    "audit",              Resource::audit_log,    Action::list,         read_records, of_audit},
    {get,    "balance",            Resource::account,      Action::balance,      read_money},
    {get,    "transactions",       Resource::account,      Action::transactions, read_money,   of_transactions},
    {get,    "subscription",       Resource::key_usage,    Action::subscription, read_usage},
    {get,    "session",            Resource::session,      Action::read,         none_needed},
    {post,   "session",            Resource::session,      Action::create,       none_needed},
    {remove, "session",            Resource::session,      Action::remove,       none_needed},
    {get,    "openapi.json",       Resource::document,     Action::read,         none_needed,  {},              true},
};
// clang-format on

constexpr std::array method_names{"GET", "POST", "PUT", "PATCH", "DELETE"}; // by ManageMethod

// Reads the values of `{keys}` and `{id}` from the path.
bool matches(std::string_view pattern, std::string_view path, ManageTarget& target) {
    while (!pattern.empty()) {
        const std::string_view expected = next_part(pattern, '/');
        const bool is_last = path.find('/') == std::string_view::npos;
        const std::string_view part = next_part(path, '/');
        if (expected == "{keys}") {
            target.billing_keys = part == "billing-keys";
            if (part != "keys" && !target.billing_keys) {
                return false;
            }
        } else if (expected == "{id}") {
            target.id = whole_number(part);
            if (!target.id || *target.id == 0 || std::to_string(*target.id) != part) {
                return false;
            }
        } else if (part != expected) {
            return false;
        }
        if (is_last != pattern.empty()) {
            return false;
        }
    }
    return true;
}

} // namespace

std::span<const ManageRoute> manage_routes() {
    return routes;
}

std::optional<ManageTarget> find_manage_route(std::optional<ManageMethod> method, std::string_view path) {
    path.remove_suffix(path.ends_with('/') ? 1 : 0);
    std::optional<ManageTarget> found;
    for (const ManageRoute& route : routes) {
        ManageTarget target{route.path, route.resource, route.for_any_key};
        if (!matches(route.path, path, target)) {
            continue;
        }
        if (route.method == method) {
            target.route = &route;
            return target;
        }
        found = target;
    }
    return found;
}

Permission permission_of(const ManageTarget& target) {
    const Permission permission = target.route != nullptr ? target.route->permission : none_needed;
    if (!target.billing_keys) {
        return permission;
    }
    switch (permission) {
    case read_keys:
        return read_billing_keys;
    case create_keys:
    case change_keys:
        return change_billing_keys;
    default:
        return permission;
    }
}

std::string methods_of(std::string_view path) {
    std::string text;
    std::size_t last = 0; // where the last name begins
    for (const ManageRoute& route : routes) {
        if (route.path == path) {
            text += text.empty() ? "" : ", ";
            last = text.size();
            text += method_names[static_cast<std::size_t>(route.method)];
        }
    }
    return last == 0 ? text : text.replace(last - 2, 2, " or ");
}

} // namespace api_key
