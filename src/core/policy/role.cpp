#include "core/policy/role.h"

#include <array>

namespace api_key {

namespace {

using enum Permission;

using Permissions = std::uint32_t;

template <class... Names>
constexpr Permissions set_of(Names... permissions) {
    return (Permissions{0} | ... | (Permissions{1} << static_cast<unsigned>(permissions)));
}

struct RoleInfo {
    std::string_view name;
    Permissions permissions;
};

constexpr Permissions all_reads = set_of(none_needed, read_money, read_usage, read_keys, read_records, read_billing_keys);

constexpr std::array<RoleInfo, 5> roles{{
    // by Role
    {"owner", all_reads | set_of(create_keys, change_keys, change_billing_keys)},
    {"editor", all_reads | set_of(create_keys, change_keys)},
    {"creator", set_of(none_needed, read_usage, read_keys, create_keys)},
    {"viewer", all_reads},
    {"billing_viewer", set_of(none_needed, read_money, read_usage)},
}};

static_assert(static_cast<std::size_t>(Role::billing_viewer) + 1 == roles.size());

// The names of the roles that `is_meant`, as a sentence lists them.
template <class Test>
std::string list_names(const Test& is_meant) {
    std::string text;
    std::size_t last = 0; // where the last name begins
    for (const RoleInfo& role : roles) {
        if (is_meant(role)) {
            text += text.empty() ? "" : ", ";
            last = text.size();
            text += role.name;
        }
    }
    return last == 0 ? text : text.replace(last - 2, 2, " or ");
}

} // namespace

std::optional<Role> find_role(std::string_view name) {
    for (std::size_t index = 0; index < roles.size(); index++) {
        if (roles[index].name == name) {
            return static_cast<Role>(index);
        }
    }
    return std::nullopt;
}

std::string_view role_name(Role role) {
    return roles[static_cast<std::size_t>(role)].name;
}

std::string all_role_names() {
    return list_names([](const RoleInfo&) { return true; });
}

bool may(Role role, Permission permission) {
    return (roles[static_cast<std::size_t>(role)].permissions & set_of(permission)) != 0;
}

std::string roles_that_may(Permission permission) {
    return list_names([permission](const RoleInfo& role) { return (role.permissions & set_of(permission)) != 0; });
}

} // namespace api_key
