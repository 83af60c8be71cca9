#include "module/manage/call.h"

#include <algorithm>

#include "core/policy/cross_site.h"
#include "module/ngx/headers.h"
#include "module/request/author.h"

namespace api_key::module {

ManageCall::ManageCall(const CallStart& start)
    : request_(start.request), caller_(start.caller), caller_account_(caller_.record->account), caller_id_(caller_.record->id),
      now_ms_(caller_.store_clock_ms(ngx_current_msec)), worker_(start.worker), location_(location_configuration(request_)),
      target_(start.target) {}

ManageCall::~ManageCall() {
    if (operation_ != nullptr) {
        client_->abandon(operation_);
    }
    worker_.barrier.cancel(this);
}

Author ManageCall::author() const {
    Author author = author_of(request_, caller_id_, peppers());
    author.now_ms = now_ms_;
    author.pace = location_.pace_of_changes;
    return author;
}

std::vector<const KeyType*> ManageCall::managed_types() const {
    const std::vector<KeyType>& all = configuration().types;
    std::vector<const KeyType*> types;
    for (std::size_t index = 0; index < all.size(); index++) {
        if (all[index].manages == target_.billing_keys && (location_.managed_types & (TypeSet{1} << index)) != 0) {
            types.push_back(&all[index]);
        }
    }
    return types;
}

std::vector<std::string> ManageCall::route_types() const {
    std::vector<std::string> names;
    for (const KeyType* type : managed_types()) {
        names.push_back(type->name);
    }
    return names;
}

std::vector<const KeyType*> ManageCall::shown_key_types() const {
    const std::vector<KeyType>& all = configuration().types;
    std::vector<const KeyType*> types;
    for (std::size_t index = 0; index < all.size(); index++) {
        if ((location_.managed_types & (TypeSet{1} << index)) != 0) {
            types.push_back(&all[index]);
        }
    }
    return types;
}

std::vector<std::string> ManageCall::shown_types() const {
    std::vector<std::string> names;
    for (const KeyType* type : shown_key_types()) {
        names.push_back(type->name);
    }
    return names.size() == configuration().types.size() ? std::vector<std::string>{} : names;
}

WindowStates ManageCall::used_states(std::uint64_t key_id, WindowStates states) const {
    for (WindowState& state : states) {
        state.used = std::max<std::int64_t>(state.used - worker_.limits.unused_grants(key_id), 0);
    }
    return states;
}

// With `api_key_forward` a key may still be in the query.
std::vector<std::string_view> ManageCall::known_arguments() const {
    std::vector<std::string_view> known(location_.sources->query_names);
    if (target_.route != nullptr) {
        known.insert(known.end(), target_.route->arguments.begin(), target_.route->arguments.end());
    }
    return known;
}

void ManageCall::start(std::string body) {
    body_ = std::move(body);
    if (const std::optional<Error> error = check_arguments(arguments(), known_arguments())) {
        return refuse_invalid(*error);
    }
    if (caller_.presented_by == PresentedBy::session && !body_.empty() && !is_json_type(header_value(request_, "content-type"))) {
        return refuse(NGX_HTTP_UNSUPPORTED_MEDIA_TYPE, "The request body must be JSON: Content-Type: application/json");
    }
    if (target_.id && managed_types().empty()) {
        return refuse(NGX_HTTP_NOT_FOUND, "API key not found", "not_found");
    }
    if (target_.route == nullptr) {
        return refuse(NGX_HTTP_NOT_ALLOWED, "Use " + methods_of(target_.path) + " here");
    }
    if (const Permission needed = permission_of(target_); !may(caller_.record->role, needed)) {
        return refuse(NGX_HTTP_FORBIDDEN,
                      "The role of this billing key is " + std::string(role_name(caller_.record->role)) + ", this needs the role " +
                          roles_that_may(needed),
                      "role_not_allowed");
    }
    begin(target_.route->action);
}

} // namespace api_key::module
