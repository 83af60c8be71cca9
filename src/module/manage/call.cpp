#include "module/manage/call.h"

#include <algorithm>

#include "core/documents/key_writer.h"
#include "core/documents/list_query.h"
#include "core/policy/cross_site.h"
#include "core/secrets/pepper.h"
#include "module/ngx/headers.h"
#include "module/request/author.h"
#include "module/request/session.h"
#include "store/flows/list_flow.h"
#include "store/random_source.h"

namespace api_key::module {

namespace {

constexpr std::size_t longest_idempotency_key = 255;

} // namespace

ManageCall::ManageCall(ngx_http_request_t* r, const RequestContext& caller, Worker& worker)
    : request_(r), caller_(caller), account_(caller.record.account), caller_id_(caller.record.id),
      now_ms_(caller.store_clock_ms(ngx_current_msec)), worker_(worker), location_(location_configuration(r)) {}

ManageCall::~ManageCall() {
    if (operation_ != nullptr) {
        client_->abandon(operation_);
    }
    worker_.barrier.cancel(this);
}

std::shared_ptr<std::string> ManageCall::make_secret_text() {
    return {new std::string, [](std::string* text) {
                ngx_explicit_memzero(text->data(), text->size());
                delete text;
            }};
}

Author ManageCall::author() const {
    Author author = author_of(request_, caller_id_, *worker_.configuration.peppers);
    author.now_ms = now_ms_;
    author.pace = location_.pace_of_changes;
    return author;
}

std::vector<const KeyType*> ManageCall::managed_types() const {
    std::vector<const KeyType*> types;
    for (std::size_t index = 0; index < worker_.configuration.types.size(); index++) {
        const KeyType& type = worker_.configuration.types[index];
        if (type.manages == route.billing_keys && (location_.managed_types & (TypeSet{1} << index)) != 0) {
            types.push_back(&type);
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

std::vector<std::string> ManageCall::shown_types() const {
    std::vector<std::string> names;
    const std::vector<KeyType>& types = worker_.configuration.types;
    for (std::size_t index = 0; index < types.size(); index++) {
        if ((location_.managed_types & (TypeSet{1} << index)) != 0) {
            names.push_back(types[index].name);
        }
    }
    return names.size() == types.size() ? std::vector<std::string>{} : names;
}

store::KeyCount ManageCall::key_count() const {
    store::KeyCount count{location_.most_keys, {}};
    for (const KeyType& type : worker_.configuration.types) {
        count.types.push_back(type.name);
    }
    return count;
}

store::KeyScope ManageCall::scope() const {
    return {account_, route.me ? std::vector<std::string>{} : route_types()};
}

const KeyType* ManageCall::type_to_create(const std::optional<std::string>& name) const {
    for (const KeyType* type : managed_types()) {
        if (!name || type->name == *name) {
            return type;
        }
    }
    return nullptr;
}

// A key may still stand there where it is passed on.
std::vector<std::string_view> ManageCall::known_arguments() const {
    std::vector<std::string_view> known(location_.places->query_names);
    const auto add = [&](std::initializer_list<std::string_view> names) { known.insert(known.end(), names); };
    if (request_->method != NGX_HTTP_GET && request_->method != NGX_HTTP_HEAD) {
        return known;
    }
    if (route.action == "usage" || route.of_account == "usage") {
        add({"bucket", "from", "to"});
    }
    if (route.of_account == "usage") {
        add({"group_by", "category", "alias", "limit"});
    } else if (route.of_account == "audit") {
        add({"key", "action", "from", "to", "verify", "limit", "cursor"});
    } else if (route.of_account == "logs" || route.action == "logs") {
        add({"request_id", "method", "path", "status", "from", "to", "format", "limit", "cursor"});
        add(route.id ? std::initializer_list<std::string_view>{} : std::initializer_list<std::string_view>{"key", "name", "alias"});
    } else if (route.of_account == "transactions") {
        add({"limit", "cursor"});
    } else if (route.is_list()) {
        add({"type", "category", "active", "q", "limit", "cursor"});
    }
    return known;
}

void ManageCall::start(std::string body) {
    body_ = std::move(body);
    if (const std::optional<Error> error = check_arguments(view(request_->args), known_arguments())) {
        return refuse(NGX_HTTP_BAD_REQUEST, error->message, "request_invalid", error->field);
    }
    const ngx_uint_t method = request_->method;
    const bool has_id = route.id.has_value();
    const bool reads = method == NGX_HTTP_GET || method == NGX_HTTP_HEAD;
    if (caller_.shown == ShownBy::session && !body_.empty() && !is_json_type(header_value(request_, "content-type"))) {
        return refuse(NGX_HTTP_UNSUPPORTED_MEDIA_TYPE, "The request body must be JSON: Content-Type: application/json");
    }
    if (route.session) {
        return session();
    }
    if (route.document) {
        return reads ? document() : refuse(NGX_HTTP_NOT_ALLOWED, "Use GET here");
    }
    if (route.me) {
        return reads ? usage(caller_id_, &ManageCall::answer_me) : refuse(NGX_HTTP_NOT_ALLOWED, "Use GET here");
    }
    if (!route.of_account.empty()) {
        return reads ? show_account() : refuse(NGX_HTTP_NOT_ALLOWED, "Use GET here");
    }
    if (!has_id) {
        return reads ? list() : method == NGX_HTTP_POST ? create() : refuse(NGX_HTTP_NOT_ALLOWED, "Use GET or POST here");
    }
    if (route_types().empty()) {
        return refuse(NGX_HTTP_NOT_FOUND, "API key not found", "not_found");
    }
    if (route.action.empty()) {
        switch (method) {
        case NGX_HTTP_GET:
        case NGX_HTTP_HEAD:
            return read();
        case NGX_HTTP_PUT:
        case NGX_HTTP_PATCH:
            return update();
        case NGX_HTTP_DELETE:
            return remove();
        default:
            return refuse(NGX_HTTP_NOT_ALLOWED, "Use GET, PUT, PATCH or DELETE here");
        }
    }
    if (route.action == "usage") {
        return reads ? usage(*route.id, &ManageCall::answer_usage) : refuse(NGX_HTTP_NOT_ALLOWED, "Use GET here");
    }
    if (route.action == "logs") {
        return reads ? logs() : refuse(NGX_HTTP_NOT_ALLOWED, "Use GET here");
    }
    if (method != NGX_HTTP_POST) {
        return refuse(NGX_HTTP_NOT_ALLOWED, "Use POST here");
    }
    return route.action == "rotate" ? rotate() : clone();
}

void ManageCall::list() {
    Result<ListQuery> query = read_list_query(view(request_->args));
    if (!query) {
        return refuse(NGX_HTTP_BAD_REQUEST, query.error().message, "request_invalid", query.error().field);
    }
    query->filter.types = route_types();
    if (query->type) {
        if (std::find(query->filter.types.begin(), query->filter.types.end(), *query->type) == query->filter.types.end()) {
            return refuse(NGX_HTTP_BAD_REQUEST, "type: unknown here", "request_invalid", "type");
        }
        query->filter.types = {*query->type};
    }
    if (query->filter.types.empty()) {
        return send_pieces(NGX_HTTP_OK, write_list("keys", {}, {}));
    }
    run(std::make_unique<store::ListKeys>(*worker_.configuration.keyspace, account_, std::move(query->filter), query->page.limit,
                                          query->page.before),
        &ManageCall::answer_list);
}

void ManageCall::answer_list(store::Flow& flow) {
    auto& list = static_cast<store::ListKeys&>(flow);
    worker_.link.operation_failed(list.malformed());
    const std::string next = list.next_page() != 0 ? std::to_string(list.next_page()) : std::string();
    send_pieces(NGX_HTTP_OK, write_list("keys", std::move(list.keys()), next));
}

void ManageCall::read() {
    run(std::make_unique<store::ReadKey>(*worker_.configuration.keyspace, scope(), *route.id), &ManageCall::answer_key);
}

void ManageCall::answer_key(store::Flow& flow) {
    auto& read = static_cast<store::ReadKey&>(flow);
    send(NGX_HTTP_OK, write_key(read.key(), read.store_now_ms()));
}

void ManageCall::create() {
    Result<KeyDocument> document = read_key_document(body_, DocumentKind::create, now_ms_);
    if (!document) {
        return refuse(NGX_HTTP_BAD_REQUEST, document.error().message, "request_invalid", document.error().field);
    }
    const KeyType* type = type_to_create(document->type);
    if (type == nullptr) {
        return refuse(NGX_HTTP_BAD_REQUEST, "type: unknown here", "request_invalid", "type");
    }
    KeyRecord draft;
    draft.account = account_;
    draft.type = type->name;
    create_from(apply(draft, document->change), 0);
}

void ManageCall::create_from(KeyRecord draft, std::uint64_t cloned_from) {
    const KeyType* type = type_to_create(draft.type);
    if (type == nullptr ||
        !make_secret(*worker_.configuration.peppers, type->prefix, *secret_, draft.digest, draft.pepper_version, draft.prefix)) {
        return refuse(NGX_HTTP_INTERNAL_SERVER_ERROR, "No key could be made");
    }
    if (!read_idempotency_key()) {
        return;
    }
    run(std::make_unique<store::CreateKey>(*worker_.configuration.keyspace, author(), std::move(draft), once(), cloned_from, key_count()),
        &ManageCall::answer_created);
}

bool ManageCall::make_secret(const Peppers& peppers, std::string_view type_prefix, std::string& text, Digest& digest,
                             std::uint16_t& pepper_version, std::string& shown) {
    std::optional<KeySecret> made = make_key_secret(peppers, type_prefix, store::system_random);
    if (!made) {
        return false;
    }
    text = std::move(made->text);
    digest = made->digest;
    pepper_version = made->pepper_version;
    shown = std::move(made->shown_prefix);
    return true;
}

bool ManageCall::read_idempotency_key() {
    const std::string_view value = header_value(request_, "idempotency-key");
    if (value.size() > longest_idempotency_key) {
        refuse(NGX_HTTP_BAD_REQUEST, "Idempotency-Key: at most 255 characters", "request_invalid", "Idempotency-Key");
        return false;
    }
    idempotency_key_ = value;
    return true;
}

std::optional<store::Once> ManageCall::once() {
    if (idempotency_key_.empty()) {
        return std::nullopt;
    }
    std::string name = idempotency_key_; // of this place's own keys: another place's secret must not be repeated here
    for (const std::string& type : location_.managed_names) {
        name += '\n' + type;
    }
    const std::optional<Digest> key = sha256(name);
    const std::optional<Digest> body = sha256(std::string(view(request_->uri)) + '\n' + body_);
    if (!key || !body) {
        return std::nullopt;
    }
    const auto seal = [&peppers = *worker_.configuration.peppers, secret = secret_, context = idempotency_key_](std::uint64_t id) {
        return peppers.seal(write_secret(id, *secret), context, store::system_random);
    };
    return store::Once{*key, *body, seal};
}

std::string ManageCall::opened(const std::string& sealed) const {
    return worker_.configuration.peppers->open(sealed, idempotency_key_).value_or(std::string());
}

void ManageCall::send_secret(ngx_uint_t status, std::uint64_t id, const std::optional<std::string>& repeated, std::uint64_t sequence) {
    const std::string body = repeated ? opened(*repeated) : write_secret(id, *secret_);
    if (body.empty()) {
        return refuse(NGX_HTTP_INTERNAL_SERVER_ERROR, "The answer to this Idempotency-Key cannot be repeated");
    }
    if (status == NGX_HTTP_CREATED && !repeated) {
        std::string location(view(request_->uri));
        if (!route.action.empty()) {
            location.resize(location.rfind('/', location.size() - route.action.size() - 2)); // …/7/clone
        }
        if (location.back() == '/') {
            location.pop_back();
        }
        add_response_header(request_, "Location", location + "/" + std::to_string(id));
    }
    send_when_held(sequence, status, body);
}

void ManageCall::answer_created(store::Flow& flow) {
    const auto& created = static_cast<const store::CreateKey&>(flow);
    send_secret(NGX_HTTP_CREATED, created.id(), created.repeated());
}

void ManageCall::update() {
    Result<KeyDocument> document = read_key_document(body_, DocumentKind::update, now_ms_);
    if (!document) {
        return refuse(NGX_HTTP_BAD_REQUEST, document.error().message, "request_invalid", document.error().field);
    }
    run(std::make_unique<store::UpdateKey>(*worker_.configuration.keyspace, author(), scope(), *route.id, std::move(document->change)),
        &ManageCall::answer_updated);
}

void ManageCall::answer_updated(store::Flow& flow) {
    const auto& updated = static_cast<const store::UpdateKey&>(flow);
    send_when_held(updated.sequence(), NGX_HTTP_OK, write_key(updated.key(), updated.store_now_ms()));
}

void ManageCall::remove() {
    const bool only_unused = location_.delete_rule.value_or(DeleteRule::always) == DeleteRule::unused;
    run(std::make_unique<store::DeleteKey>(*worker_.configuration.keyspace, author(), scope(), *route.id, only_unused),
        &ManageCall::answer_removed);
}

void ManageCall::answer_removed(store::Flow& flow) {
    send_when_held(static_cast<const store::DeleteKey&>(flow).sequence(), NGX_HTTP_NO_CONTENT, {});
}

void ManageCall::rotate() {
    const Result<std::int64_t> overlap_s = read_rotate_document(body_);
    if (!overlap_s) {
        return refuse(NGX_HTTP_BAD_REQUEST, overlap_s.error().message, "request_invalid", overlap_s.error().field);
    }
    if (!read_idempotency_key()) {
        return;
    }
    const auto make = [&configuration = worker_.configuration, text = secret_](const KeyRecord& key, store::RotateKey::Secret& secret) {
        const auto type =
            std::find_if(configuration.types.begin(), configuration.types.end(), [&](const KeyType& one) { return one.name == key.type; });
        return type != configuration.types.end() &&
               make_secret(*configuration.peppers, type->prefix, *text, secret.digest, secret.pepper_version, secret.shown_prefix);
    };
    run(std::make_unique<store::RotateKey>(*worker_.configuration.keyspace, author(), scope(), *route.id, make, *overlap_s, once()),
        &ManageCall::answer_rotated);
}

void ManageCall::answer_rotated(store::Flow& flow) {
    const auto& rotated = static_cast<const store::RotateKey&>(flow);
    send_secret(NGX_HTTP_OK, *route.id, rotated.repeated(), rotated.sequence());
}

void ManageCall::clone() {
    Result<KeyDocument> document = read_key_document(body_, DocumentKind::clone, now_ms_);
    if (!document) {
        return refuse(NGX_HTTP_BAD_REQUEST, document.error().message, "request_invalid", document.error().field);
    }
    document_ = std::move(*document);
    run(std::make_unique<store::ReadKey>(*worker_.configuration.keyspace, scope(), *route.id), &ManageCall::make_clone);
}

void ManageCall::make_clone(store::Flow& flow) {
    const KeyRecord& source = static_cast<store::ReadKey&>(flow).key();
    create_from(apply(clone_of(source), document_.change), source.id);
}

} // namespace api_key::module
