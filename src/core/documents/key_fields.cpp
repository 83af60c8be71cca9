#include "core/documents/key_fields.h"

#include <array>

#include "core/documents/key_field_kinds.h"
#include "core/policy/cidr.h"
#include "core/policy/limits.h"

namespace api_key {

namespace {

using namespace kinds;

struct ModelGlob {
    static constexpr std::string_view list_expected = "expected a list of at most 100 model names";
    static constexpr std::string_view item_expected = "expected a model name of 1 to 200 characters without spaces, * allowed";
    static constexpr std::size_t longest = 200;
    static bool is_item(std::string_view text) {
        return !text.empty() && text.size() <= longest && is_plain_text(text) && text.find(' ') == std::string_view::npos;
    }
    static bool may_be_stored(std::string_view) { return true; }
};

struct AddressItem {
    static constexpr std::string_view list_expected = "expected a list of at most 100 IP addresses or CIDR blocks";
    static constexpr std::string_view item_expected = "not an IP address or CIDR block";
    static bool is_item(std::string_view text) { return parse_address_block(text).has_value(); }
    static bool may_be_stored(std::string_view text) { return is_item(text); }
};

using Name = Text<255, must_be_set>;
using Alias = Text<255, may_be_empty>;
using Category = Text<64, may_be_empty>;
using TypeName = Text<32, must_be_set>;
using PlanName = Text<255, may_be_empty>;

// A value that is stored but never written to documents.
template <class Kind>
struct Unwritten {
    template <class Value>
    static std::string to_store(const Value& value) {
        return Kind::to_store(value);
    }
    template <class Value>
    static bool from_store(Stored stored, Value& value) {
        return Kind::from_store(stored, value);
    }
};

// The value in a record, a change or a document.
template <class Record, class Value>
auto& at(Record& record, Value KeyRecord::*member) {
    return record.*member;
}
template <class Record, class Value>
auto& at(Record& record, Value Quotas::*member) {
    return record.quotas.*member;
}
template <class Value>
auto& at(KeyDocument& document, Value KeyChange::*member) {
    return document.change.*member;
}
template <class Value>
auto& at(KeyDocument& document, Value KeyDocument::*member) {
    return document.*member;
}

template <class Owner, class Value>
constexpr bool is_member_of(Value Owner::*) {
    return true;
}
template <class Owner>
constexpr bool is_member_of(...) {
    return false;
}

// `in_record` is the member of KeyRecord or Quotas; `named_as` is that of KeyChange, or of KeyDocument if the value cannot be changed
// later.
template <class Kind, auto in_record, auto named_as = nullptr>
constexpr KeyField field(KeyField row) {
    if constexpr (requires(const KeyRecord& record) { Kind::write(at(record, in_record), record, std::int64_t{}); }) {
        row.write = [](const KeyRecord& record, std::int64_t now_ms) { return Kind::write(at(record, in_record), record, now_ms); };
    }
    row.to_store = [](const KeyRecord& record) { return Kind::to_store(at(record, in_record)); };
    row.from_store = [](std::optional<std::string_view> text, KeyRecord& record) { return Kind::from_store(text, at(record, in_record)); };
    row.is_list = requires {
        Kind::max_items;
    };
    row.copy = [](const KeyRecord& from, KeyRecord& to) { at(to, in_record) = at(from, in_record); };
    if constexpr (named_as != nullptr) {
        row.read = [](std::string_view path, const json_t* value, std::int64_t now_ms, KeyDocument& document) {
            return Kind::read(path, value, now_ms, at(document, named_as));
        };
        if constexpr (is_member_of<KeyChange>(named_as)) {
            row.apply = [](const KeyChange& change, KeyRecord& record) {
                if (change.*named_as) {
                    at(record, in_record) = *(change.*named_as);
                }
            };
        }
    }
    return row;
}

constexpr KeyField quota(std::string_view window) {
    return {.name = window,
            .group = "quotas",
            .hash_field = window,
            .stored_by = StoredBy::changes,
            .documents = in_create | in_update,
            .is_cloned = true};
}

// To add a field: a member in KeyRecord, one in KeyChange when it can be changed, and a row here. Names of hash fields must not change:
// they are stored.
constexpr std::array table{
    field<Number, &KeyRecord::id>({.name = "id"}),
    field<Name, &KeyRecord::name, &KeyChange::name>({.name = "name",
                                                     .hash_field = "name",
                                                     .stored_by = StoredBy::changes,
                                                     .documents = in_create | in_update | in_clone,
                                                     .is_cloned = true}),
    field<Alias, &KeyRecord::alias, &KeyChange::alias>(
        {.name = "alias", .hash_field = "alias", .stored_by = StoredBy::changes, .documents = in_create | in_update | in_clone}),
    field<Category, &KeyRecord::category, &KeyChange::category>(
        {.name = "category", .hash_field = "cat", .stored_by = StoredBy::changes, .documents = in_create | in_update, .is_cloned = true}),
    field<TypeName, &KeyRecord::type, &KeyDocument::type>(
        {.name = "type", .hash_field = "type", .stored_by = StoredBy::creation, .documents = in_create, .is_cloned = true}),
    field<TypeName, &KeyRecord::prefix>({.name = "prefix", .hash_field = "prefix", .stored_by = StoredBy::creation}),
    field<Active, &KeyRecord::active, &KeyChange::active>(
        {.name = "active", .hash_field = "on", .stored_by = StoredBy::changes, .documents = in_create | in_update}),
    field<Moment<must_be_set>, &KeyRecord::created_ms>(
        {.name = "created_at", .camel_name = "createdAt", .hash_field = "created", .stored_by = StoredBy::scripts}),
    field<Expiry, &KeyRecord::expires_ms, &KeyChange::expires_ms>({.name = "expires_at",
                                                                   .camel_name = "expiresAt",
                                                                   .hash_field = "expires",
                                                                   .stored_by = StoredBy::changes,
                                                                   .documents = in_create | in_update}),
    field<Moment<may_be_empty>, &KeyRecord::last_used_ms>(
        {.name = "last_used_at", .camel_name = "lastUsedAt", .hash_field = "used", .stored_by = StoredBy::scripts}),
    field<List<ModelGlob>, &KeyRecord::models, &KeyChange::models>(
        {.name = "models", .hash_field = "models", .stored_by = StoredBy::changes, .documents = in_create | in_update, .is_cloned = true}),
    field<Quota, &Quotas::total, &KeyChange::total>(quota("total")),
    field<Quota, &Quotas::daily, &KeyChange::daily>(quota("daily")),
    field<Quota, &Quotas::weekly, &KeyChange::weekly>(quota("weekly")),
    field<Quota, &Quotas::monthly, &KeyChange::monthly>(quota("monthly")),
    field<Credits, &KeyRecord::monthly_limit_micro_credits, &KeyChange::monthly_limit_micro_credits>({.name = "monthly_limit",
                                                                                                      .camel_name = "monthlyLimit",
                                                                                                      .hash_field = "spend",
                                                                                                      .stored_by = StoredBy::changes,
                                                                                                      .documents = in_create | in_update,
                                                                                                      .is_cloned = true}),
    field<List<AddressItem>, &KeyRecord::allowed_ips, &KeyChange::allowed_ips>({.name = "allowed_ips",
                                                                                .camel_name = "allowedIps",
                                                                                .hash_field = "ips",
                                                                                .stored_by = StoredBy::changes,
                                                                                .documents = in_create | in_update,
                                                                                .is_cloned = true}),
    field<RoleOfKey, &KeyRecord::role, &KeyChange::role>(
        {.name = "role", .hash_field = "role", .stored_by = StoredBy::changes, .documents = in_create | in_update, .is_cloned = true}),
    field<PlanName, &KeyRecord::plan, &KeyChange::plan>(
        {.name = "plan", .hash_field = "plan", .stored_by = StoredBy::changes, .is_cloned = true}),
    field<Unwritten<Number>, &KeyRecord::account>({.hash_field = "account", .stored_by = StoredBy::creation}),
    field<Unwritten<Number>, &KeyRecord::version>({.hash_field = "ver", .stored_by = StoredBy::scripts}),
    field<SecretDigest<must_be_set>, &KeyRecord::digest>({.hash_field = "digest", .stored_by = StoredBy::creation}),
    field<PepperVersion, &KeyRecord::pepper_version>({.hash_field = "pepper", .stored_by = StoredBy::creation}),
    field<SecretDigest<may_be_empty>, &KeyRecord::previous_digest>({.hash_field = "prev", .stored_by = StoredBy::scripts}),
    field<Unwritten<Moment<may_be_empty>>, &KeyRecord::previous_until_ms>({.hash_field = "until", .stored_by = StoredBy::scripts}),
};

static_assert(
    [] {
        for (const WindowInfo& window : windows) {
            bool has_row = window.quota == nullptr;
            for (const KeyField& row : table) {
                has_row = has_row || (row.group == "quotas" && row.name == window.name);
            }
            if (!has_row) {
                return false;
            }
        }
        return true;
    }(),
    "each window with a quota has a row by its name, by which the scripts find it");

} // namespace

std::span<const KeyField> key_fields() {
    return table;
}

} // namespace api_key
