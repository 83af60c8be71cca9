// The routes of keys: reading them, and everything that changes them.
#include <algorithm>

#include "core/documents/key_writer.h"
#include "core/secrets/pepper.h"
#include "module/manage/idempotency_key.h"
#include "module/manage/resources.h"
#include "module/ngx/headers.h"
#include "store/flows/allowance_flows.h"
#include "store/flows/list_flow.h"
#include "store/random_source.h"

namespace api_key::module {

namespace {

class KeysCall : public ManageCall {
  public:
    using ManageCall::ManageCall;

  private:
    void begin(Action action) override;
    void list();
    void show_list(store::ListKeys& list);
    void show_usages(const store::ReadUsages& read);
    void show_key(const store::ReadKey& read);
    void create();
    void create_from(KeyRecord draft, std::uint64_t cloned_from);
    void show_created(const store::CreateKey& created);
    void update();
    void show_updated(const store::UpdateKey& updated);
    void remove();
    void confirm_removed(const store::DeleteKey& removed);
    void rotate();
    void show_rotated(const store::RotateKey& rotated);
    void clone();
    void create_clone(const store::ReadKey& read);

    std::optional<KeyDocument> read_document(DocumentKind kind); // nothing: the request was refused
    const KeyType* type_to_create(const std::optional<std::string>& name) const;
    store::KeyScope scope() const { return {account(), route_types()}; }
    store::KeyCount key_count() const;
    void refuse_role() { refuse_invalid(Error{"role", "role: only billing keys have one"}); }
    bool read_idempotency_key(); // false: the request was refused
    std::optional<store::Once> once() const { return idempotency_key_.once(request(), body(), secret_); }
    void add_location(std::uint64_t id);
    void send_secret(ngx_uint_t status, std::uint64_t id, const std::optional<std::string>& repeated, std::uint64_t sequence = 0);

    std::shared_ptr<std::string> secret_ = make_wiped_text(); // shared, as an operation may need it after the call has ended
    bool with_usage_ = false;                                 // what the list has
    std::string next_page_;
    IdempotencyKey idempotency_key_;
    KeyChange clone_change_;
};

void KeysCall::begin(Action action) {
    switch (action) {
    case Action::list:
        return list();
    case Action::create:
        return create();
    case Action::update:
        return update();
    case Action::remove:
        return remove();
    case Action::rotate:
        return rotate();
    case Action::clone:
        return clone();
    case Action::read:
        return run<&KeysCall::show_key>(scope(), *target().id);
    case Action::read_own:
    case Action::balance:
    case Action::transactions:
    case Action::subscription:
        break;
    }
    refuse_unknown_action();
}

std::optional<KeyDocument> KeysCall::read_document(DocumentKind kind) {
    Result<KeyDocument> document = read_key_document(body(), kind, now_ms());
    if (!document) {
        refuse_invalid(document.error());
        return std::nullopt;
    }
    return std::move(*document);
}

const KeyType* KeysCall::type_to_create(const std::optional<std::string>& name) const {
    for (const KeyType* type : managed_types()) {
        if (!name || type->name == *name) {
            return type;
        }
    }
    return nullptr;
}

store::KeyCount KeysCall::key_count() const {
    store::KeyCount count{location().max_keys, {}};
    for (const KeyType& type : configuration().types) {
        count.types.push_back(type.name);
    }
    return count;
}

void KeysCall::list() {
    Result<ListQuery> query = read_list_query(arguments());
    if (!query) {
        return refuse_invalid(query.error());
    }
    std::vector<std::string>& types = query->filter.types;
    types = route_types();
    if (query->type) {
        if (std::find(types.begin(), types.end(), *query->type) == types.end()) {
            return refuse_invalid(Error{"type", "type: unknown here"});
        }
        types = {*query->type};
    }
    if (types.empty()) {
        return send_pieces(NGX_HTTP_OK, write_list("keys", {}, {}));
    }
    with_usage_ = query->usage;
    run<&KeysCall::show_list>(account(), std::move(query->filter), query->page.limit, query->page.before, with_usage_);
}

void KeysCall::show_list(store::ListKeys& list) {
    note_problem(list.malformed());
    next_page_ = cursor_text(list.next_page());
    if (with_usage_ && !list.records().empty()) {
        return run<&KeysCall::show_usages>(account(), std::move(list.records()));
    }
    send_pieces(NGX_HTTP_OK, write_list("keys", std::move(list.keys()), next_page_));
}

void KeysCall::show_usages(const store::ReadUsages& read) {
    std::vector<std::string> keys;
    for (const store::ReadUsages::Usage& one : read.usages()) {
        keys.push_back(write_key_with_usage(one.key, used_states(one.key.id, one.states), one.spend, read.store_now_ms()));
    }
    send_pieces(NGX_HTTP_OK, write_list("keys", std::move(keys), next_page_));
}

void KeysCall::show_key(const store::ReadKey& read) {
    send(NGX_HTTP_OK, write_key(read.key(), read.store_now_ms()));
}

void KeysCall::create() {
    const std::optional<KeyDocument> document = read_document(DocumentKind::create);
    if (!document) {
        return;
    }
    const KeyType* type = type_to_create(document->type);
    if (type == nullptr) {
        return refuse_invalid(Error{"type", "type: unknown here"});
    }
    if (document->change.role.value_or(std::nullopt) && !type->manages) {
        return refuse_role();
    }
    KeyRecord draft;
    draft.account = account();
    draft.type = type->name;
    create_from(apply(draft, document->change), 0);
}

void KeysCall::create_from(KeyRecord draft, std::uint64_t cloned_from) {
    const KeyType* type = type_to_create(draft.type);
    std::optional<KeySecret> made = type != nullptr ? make_key_secret(peppers(), type->prefix, store::system_random) : std::nullopt;
    if (!made) {
        return refuse(NGX_HTTP_INTERNAL_SERVER_ERROR, "No key could be made");
    }
    *secret_ = std::move(made->text);
    draft.digest = made->digest;
    draft.pepper_version = made->pepper_version;
    draft.prefix = std::move(made->shown_prefix);
    if (read_idempotency_key()) {
        run<&KeysCall::show_created>(author(), std::move(draft), once(), cloned_from, key_count());
    }
}

void KeysCall::show_created(const store::CreateKey& created) {
    if (!created.repeated()) {
        add_location(created.id());
    }
    send_secret(NGX_HTTP_CREATED, created.id(), created.repeated());
}

// The new key's URL: in the list that the request was sent to, or that the cloned key is in.
void KeysCall::add_location(std::uint64_t id) {
    std::string_view list = view(request()->uri);
    list.remove_suffix(list.ends_with('/') ? 1 : 0);
    if (target().id) { // …/7/clone
        list = list.substr(0, list.rfind('/'));
        list = list.substr(0, list.rfind('/'));
    }
    add_response_header(request(), "Location", std::string(list) + "/" + std::to_string(id));
}

bool KeysCall::read_idempotency_key() {
    const std::string_view value = header_value(request(), "idempotency-key");
    if (value.size() > IdempotencyKey::max_length) {
        refuse_invalid(Error{"Idempotency-Key", "Idempotency-Key: at most 255 characters"});
        return false;
    }
    idempotency_key_ = IdempotencyKey(value, peppers());
    return true;
}

void KeysCall::send_secret(ngx_uint_t status, std::uint64_t id, const std::optional<std::string>& repeated, std::uint64_t sequence) {
    const std::string answer = repeated ? idempotency_key_.open(*repeated) : write_secret(id, *secret_);
    if (answer.empty()) {
        return refuse(NGX_HTTP_INTERNAL_SERVER_ERROR, "The answer to this Idempotency-Key cannot be repeated");
    }
    send_when_confirmed(sequence, status, answer);
}

void KeysCall::update() {
    std::optional<KeyDocument> document = read_document(DocumentKind::update);
    if (!document) {
        return;
    }
    if (const std::optional<std::optional<Role>> role = document->change.role) {
        if (*role && !target().billing_keys) {
            return refuse_role();
        }
        if (target().id == caller_id() && role->value_or(Role::owner) != caller().record->role) {
            return refuse(NGX_HTTP_CONFLICT, "role: a billing key cannot change its own role", "own_role", "role");
        }
    }
    run<&KeysCall::show_updated>(author(), scope(), *target().id, std::move(document->change));
}

void KeysCall::show_updated(const store::UpdateKey& updated) {
    send_when_confirmed(updated.sequence(), NGX_HTTP_OK, write_key(updated.key(), updated.store_now_ms()));
}

void KeysCall::remove() {
    const bool only_unused = location().delete_rule.value_or(DeleteRule::always) == DeleteRule::unused;
    run<&KeysCall::confirm_removed>(author(), scope(), *target().id, only_unused);
}

void KeysCall::confirm_removed(const store::DeleteKey& removed) {
    send_when_confirmed(removed.sequence(), NGX_HTTP_NO_CONTENT, {});
}

void KeysCall::rotate() {
    const Result<std::int64_t> overlap_s = read_rotate_document(body());
    if (!overlap_s) {
        return refuse_invalid(overlap_s.error());
    }
    if (!read_idempotency_key()) {
        return;
    }
    const auto make = [&all = configuration(), text = secret_](const KeyRecord& key, store::RotateKey::Secret& secret) {
        const auto type = std::find_if(all.types.begin(), all.types.end(), [&](const KeyType& one) { return one.name == key.type; });
        std::optional<KeySecret> made =
            type != all.types.end() ? make_key_secret(*all.peppers, type->prefix, store::system_random) : std::nullopt;
        if (!made) {
            return false;
        }
        *text = std::move(made->text);
        secret = {made->digest, made->pepper_version, std::move(made->shown_prefix)};
        return true;
    };
    run<&KeysCall::show_rotated>(author(), scope(), *target().id, make, *overlap_s, once());
}

void KeysCall::show_rotated(const store::RotateKey& rotated) {
    send_secret(NGX_HTTP_OK, *target().id, rotated.repeated(), rotated.sequence());
}

void KeysCall::clone() {
    std::optional<KeyDocument> document = read_document(DocumentKind::clone);
    if (document) {
        clone_change_ = std::move(document->change);
        run<&KeysCall::create_clone>(scope(), *target().id);
    }
}

void KeysCall::create_clone(const store::ReadKey& read) {
    create_from(apply(clone_of(read.key()), clone_change_), read.key().id);
}

} // namespace

ManageCall* make_keys_call(const CallStart& start) {
    return make_in_pool<KeysCall>(start.request->pool, start);
}

} // namespace api_key::module
