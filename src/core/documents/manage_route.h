// The routes of the management API: one table, which a test compares with openapi.json.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/policy/role.h"

namespace api_key {

enum class ManageMethod : std::uint8_t { get, post, put, patch, remove };

// The resource that a route shows or changes; module/manage has a class for each.
enum class Resource : std::uint8_t { keys, key_usage, request_logs, audit_log, account, session, document };

enum class Action : std::uint8_t { list, create, read, update, remove, rotate, clone, read_own, balance, transactions, subscription };

struct ManageRoute { // NOLINT(clang-analyzer-optin.performance.Padding): in the order in which the table is read
    ManageMethod method;
    std::string_view path; // after `/api/`; `{keys}` stands for `keys` and `billing-keys`, `{id}` for an id
    Resource resource;     // the same for all methods of a path, as is the permission
    Action action;
    Permission permission;                            // for `keys` where it stands for both
    std::span<const std::string_view> arguments = {}; // of the query
    bool for_any_key = false;                         // also for keys that do not manage
};

std::span<const ManageRoute> manage_routes();

// The target of a request.
struct ManageTarget {
    std::string_view path; // as the table has it
    Resource resource = Resource::document;
    bool for_any_key = false;
    const ManageRoute* route = nullptr; // null: the path has none for this method
    bool billing_keys = false;          // `{keys}` was `billing-keys`
    std::optional<std::uint64_t> id = std::nullopt;
};

// What a key must have to use a route; no more than none_needed where there is none.
Permission permission_of(const ManageTarget& target);

// `path` is what follows `/api/`; one trailing slash is ignored. No method: one that no route has. Nothing when there is no such path.
std::optional<ManageTarget> find_manage_route(std::optional<ManageMethod> method, std::string_view path);

// `GET, PUT, PATCH or DELETE`: the methods of a path of the table.
std::string methods_of(std::string_view path);

} // namespace api_key
