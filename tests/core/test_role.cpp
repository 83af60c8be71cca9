// What each role may do, for all routes of the management API.
#include "core/documents/manage_route.h"
#include "core/policy/role.h"

#include <map>
#include <string>
#include <vector>

#include "lib/check.h"

using namespace api_key;

namespace {

constexpr std::array all_roles{Role::owner, Role::editor, Role::creator, Role::viewer, Role::billing_viewer};

std::string name_of(const ManageRoute& route) {
    constexpr std::string_view names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    return std::string(names[static_cast<std::size_t>(route.method)]) + " " + std::string(route.path);
}

// By route: the first letters of the roles that may use it for keys, and where it differs for billing keys.
void each_route_is_open_to_its_roles(void**) {
    struct Row {
        std::string_view keys;
        std::string_view billing_keys = {};
    };
    const std::map<std::string_view, Row> expected{
        {"GET {keys}", {"oecv", "oev"}},
        {"POST {keys}", {"oec", "o"}},
        {"GET {keys}/{id}", {"oecv", "oev"}},
        {"PUT {keys}/{id}", {"oe", "o"}},
        {"PATCH {keys}/{id}", {"oe", "o"}},
        {"DELETE {keys}/{id}", {"oe", "o"}},
        {"POST {keys}/{id}/rotate", {"oe", "o"}},
        {"POST {keys}/{id}/clone", {"oec", "o"}},
        {"GET {keys}/{id}/usage", {"oecv", "oev"}},
        {"GET {keys}/{id}/logs", {"oev", "oev"}},
        {"GET me", {"oecvb"}},
        {"GET usage", {"oecvb"}},
        {"GET logs", {"oev"}},
        {"GET audit", {"oev"}},
        {"GET balance", {"oevb"}},
        {"GET transactions", {"oevb"}},
        {"GET subscription", {"oecvb"}},
        {"GET session", {"oecvb"}},
        {"POST session", {"oecvb"}},
        {"DELETE session", {"oecvb"}},
        {"GET openapi.json", {"oecvb"}},
    };
    for (const ManageRoute& route : manage_routes()) {
        const std::string name = name_of(route);
        const auto row = expected.find(name);
        CHECK(name + ": no row", row != expected.end());
        for (const bool billing_keys : {false, true}) {
            ManageTarget target{route.path, route.resource, route.for_any_key, &route, billing_keys};
            std::string roles;
            for (const Role role : all_roles) {
                roles += may(role, permission_of(target)) ? role_name(role).substr(0, 1) : "";
            }
            CHECK_TEXT(name, roles, billing_keys && !row->second.billing_keys.empty() ? row->second.billing_keys : row->second.keys);
        }
    }
}

void names_are_read_and_written(void**) {
    for (const Role role : all_roles) {
        CHECK(std::string(role_name(role)), find_role(role_name(role)) == role);
    }
    for (const std::string_view name : {"", "Owner", "billing viewer", "owner ", "admin"}) {
        CHECK(std::string(name), !find_role(name));
    }
    CHECK_TEXT("all", all_role_names(), "owner, editor, creator, viewer or billing_viewer");
    CHECK_TEXT("some", roles_that_may(Permission::change_keys), "owner or editor");
    CHECK_TEXT("one", roles_that_may(Permission::change_billing_keys), "owner");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_route_is_open_to_its_roles),
        cmocka_unit_test(names_are_read_and_written),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
