// What a billing key may do with the management API.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace api_key {

// Numbers are stored in packed records: append only. A key without a role is an owner.
enum class Role : std::uint8_t { owner = 0, editor = 1, creator = 2, viewer = 3, billing_viewer = 4 };

enum class Permission : std::uint8_t {
    none_needed,
    read_money,   // balance, transactions
    read_usage,   // series of use, the plan and its limits
    read_keys,    // keys and what each has used
    read_records, // request logs and the security log
    create_keys,
    change_keys,
    read_billing_keys,
    change_billing_keys,
};

std::optional<Role> find_role(std::string_view name);
std::string_view role_name(Role role);
std::string all_role_names(); // `owner, editor … or billing_viewer`

bool may(Role role, Permission permission);

// The roles that have a permission: `owner or editor`.
std::string roles_that_may(Permission permission);

} // namespace api_key
