#include "core/documents/manage_route.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "core/text/json.h"
#include "lib/check.h"

namespace {

using api_key::Action;
using api_key::find_manage_route;
using api_key::Json;
using api_key::ManageMethod;
using api_key::ManageRoute;
using api_key::ManageTarget;
using api_key::Resource;

constexpr std::string_view method_names[] = {"get", "post", "put", "patch", "delete"};

// `get /keys/{id}/usage ?bucket ?from ?to`
std::string line_of(std::string_view method, std::string_view path, std::vector<std::string> arguments) {
    std::sort(arguments.begin(), arguments.end());
    std::string line = std::string(method) + " /" + std::string(path);
    for (const std::string& argument : arguments) {
        line += " ?" + argument;
    }
    return line;
}

std::set<std::string> lines_of_table() {
    std::set<std::string> lines;
    for (const ManageRoute& route : api_key::manage_routes()) {
        const std::vector<std::string> arguments(route.arguments.begin(), route.arguments.end());
        const bool is_of_keys = route.path.starts_with("{keys}");
        const std::string_view rest = route.path.substr(is_of_keys ? 6 : 0);
        const std::string_view method = method_names[static_cast<std::size_t>(route.method)];
        for (const std::string collection : {"keys", "billing-keys"}) {
            lines.insert(line_of(method, (is_of_keys ? collection : "") + std::string(rest), arguments));
        }
    }
    return lines;
}

// The names of an operation's query arguments; most of them are references.
std::vector<std::string> arguments_of(const json_t* document, const json_t* operation) {
    const std::string place = "#/components/parameters/";
    const json_t* shared = json_object_get(json_object_get(document, "components"), "parameters");
    std::vector<std::string> names;
    std::size_t index = 0;
    json_t* one = nullptr;
    json_array_foreach(json_object_get(operation, "parameters"), index, one) {
        const char* reference = json_string_value(json_object_get(one, "$ref"));
        const json_t* parameter = reference != nullptr ? json_object_get(shared, reference + place.size()) : one;
        if (api_key::text_of(json_object_get(parameter, "in")) == "query") {
            names.emplace_back(api_key::text_of(json_object_get(parameter, "name")));
        }
    }
    return names;
}

std::set<std::string> lines_of_document() {
    const Json document(json_load_file("src/module/manage/openapi.json", 0, nullptr));
    assert_non_null(document.get());
    std::set<std::string> lines;
    const char* path = nullptr;
    json_t* item = nullptr;
    json_object_foreach(json_object_get(document.get(), "paths"), path, item) {
        for (const std::string_view method : method_names) {
            if (const json_t* operation = json_object_get(item, std::string(method).c_str())) {
                lines.insert(line_of(method, path + 1, arguments_of(document.get(), operation)));
            }
        }
    }
    return lines;
}

void the_document_has_every_route_with_its_arguments_and_no_other(void**) {
    const std::set<std::string> table = lines_of_table();
    const std::set<std::string> document = lines_of_document();
    assert_true(table.size() > 30);
    for (const std::string& line : table) {
        CHECK(line, document.contains(line));
    }
    for (const std::string& line : document) {
        CHECK(line, table.contains(line));
    }
}

void a_path_and_a_method_name_a_route(void**) {
    constexpr struct {
        ManageMethod method;
        std::string_view path;
        Resource resource;
        Action action;
        std::uint64_t id;
    } rows[] = {
        {ManageMethod::get, "keys", Resource::keys, Action::list, 0},
        {ManageMethod::post, "keys/", Resource::keys, Action::create, 0},
        {ManageMethod::get, "keys/7", Resource::keys, Action::read, 7},
        {ManageMethod::put, "keys/7/", Resource::keys, Action::update, 7},
        {ManageMethod::patch, "billing-keys/7", Resource::keys, Action::update, 7},
        {ManageMethod::remove, "keys/18446744073709551615", Resource::keys, Action::remove, UINT64_MAX},
        {ManageMethod::post, "keys/7/rotate", Resource::keys, Action::rotate, 7},
        {ManageMethod::post, "billing-keys/7/clone/", Resource::keys, Action::clone, 7},
        {ManageMethod::get, "keys/7/usage", Resource::key_usage, Action::read, 7},
        {ManageMethod::get, "keys/7/logs", Resource::request_logs, Action::list, 7},
        {ManageMethod::get, "logs", Resource::request_logs, Action::list, 0},
        {ManageMethod::remove, "session", Resource::session, Action::remove, 0},
        {ManageMethod::get, "openapi.json", Resource::document, Action::read, 0},
    };
    for (const auto& row : rows) {
        const std::optional<ManageTarget> target = find_manage_route(row.method, row.path);
        CHECK(row.path, target && target->route != nullptr);
        CHECK(row.path, target->route->resource == row.resource && target->resource == row.resource);
        CHECK(row.path, target->route->action == row.action && target->route->path == target->path);
        CHECK(row.path, target->id.value_or(0) == row.id);
        CHECK(row.path, target->billing_keys == row.path.starts_with("billing-keys"));
    }
}

void what_is_no_path_is_told_from_a_method_that_it_lacks(void**) {
    for (const std::string_view path : {"",
                                        "/",
                                        "/keys",
                                        "key",
                                        "keys//",
                                        "keys/0",
                                        "keys/07",
                                        "keys/x",
                                        "keys/-7",
                                        "keys/7/rotates",
                                        "keys/7/rotate/8",
                                        "keys/7//rotate",
                                        "keys/{id}",
                                        "{keys}",
                                        "{keys}/7",
                                        "me/7",
                                        "balance/keys",
                                        "keys/18446744073709551616",
                                        "logs/7",
                                        "session/x",
                                        "openapi.jso",
                                        "keys/rotate",
                                        "keys/7/me"}) {
        CHECK(path, !find_manage_route(ManageMethod::get, path));
    }
    for (const std::string_view path : {"keys/7/rotate", "billing-keys/7/clone"}) {
        const std::optional<ManageTarget> target = find_manage_route(ManageMethod::get, path);
        CHECK(path, target && target->route == nullptr && target->resource == Resource::keys && target->id == 7);
    }
    const std::optional<ManageTarget> target = find_manage_route(std::nullopt, "me");
    assert_true(target && target->route == nullptr && target->for_any_key);
}

void what_may_be_sent_to_a_path_is_said_in_words(void**) {
    CHECK_TEXT("one", api_key::methods_of("{keys}/{id}/rotate"), "POST");
    CHECK_TEXT("two", api_key::methods_of("{keys}"), "GET or POST");
    CHECK_TEXT("four", api_key::methods_of("{keys}/{id}"), "GET, PUT, PATCH or DELETE");
}

void keys_that_do_not_manage_may_ask_for_themselves_and_for_the_document(void**) {
    for (const ManageRoute& route : api_key::manage_routes()) {
        CHECK(route.path, route.for_any_key == (route.path == "me" || route.path == "openapi.json"));
    }
}

void all_methods_of_a_path_have_one_resource(void**) {
    for (const ManageRoute& one : api_key::manage_routes()) {
        for (const ManageRoute& other : api_key::manage_routes()) {
            const bool is_same = one.resource == other.resource && one.for_any_key == other.for_any_key;
            CHECK(one.path, one.path != other.path || (is_same && (&one == &other || one.method != other.method)));
        }
    }
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_document_has_every_route_with_its_arguments_and_no_other),
        cmocka_unit_test(a_path_and_a_method_name_a_route),
        cmocka_unit_test(what_is_no_path_is_told_from_a_method_that_it_lacks),
        cmocka_unit_test(what_may_be_sent_to_a_path_is_said_in_words),
        cmocka_unit_test(keys_that_do_not_manage_may_ask_for_themselves_and_for_the_document),
        cmocka_unit_test(all_methods_of_a_path_have_one_resource),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
