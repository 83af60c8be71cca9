#include "tool/import/foreign_key.h"

#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "core/documents/key_document.h"
#include "core/secrets/key_text.h"
#include "core/text/ascii.h"
#include "core/text/json.h"
#include "core/text/number.h"
#include "core/text/time_text.h"

namespace api_key::tool {

namespace {

constexpr std::size_t max_foreign_text = 512;

// The SHA-256 as 64 hexadecimal characters, or 44 of base64.
std::optional<Digest> sha256_in(std::string_view text) {
    constexpr std::size_t hex_length = 64;
    constexpr std::size_t base64_length = 44;
    if (text.size() == hex_length) {
        const std::optional<std::string> raw = from_hex(text);
        return raw ? digest_from_bytes(*raw) : std::nullopt;
    }
    std::array<unsigned char, 33> raw{};
    std::string standard(text);
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
    standard.resize(std::max(standard.size(), base64_length), '=');
    if (text.size() < base64_length - 1 || standard.size() != base64_length ||
        EVP_DecodeBlock(raw.data(), reinterpret_cast<const unsigned char*>(standard.data()), static_cast<int>(standard.size())) !=
            static_cast<int>(raw.size())) {
        return std::nullopt;
    }
    return digest_from_bytes({reinterpret_cast<const char*>(raw.data()), std::tuple_size_v<Digest>});
}

// A list in one cell: a JSON array, PostgreSQL's {a,b}, or words between commas, semicolons or spaces.
Json list_in(std::string_view text) {
    if (text.starts_with('[')) {
        Json list(json_loadb(text.data(), text.size(), 0, nullptr));
        return list ? std::move(list) : json_text(text);
    }
    if (text.starts_with('{') && text.ends_with('}')) {
        text = text.substr(1, text.size() - 2);
    }
    Json list(json_array());
    constexpr std::string_view marks = ",; \t\n\"";
    while (!(text = text.substr(std::min(text.find_first_not_of(marks), text.size()))).empty()) {
        const std::size_t end = std::min(text.find_first_of(marks), text.size());
        json_array_append_new(list.get(), json_text(text.substr(0, end)).release());
        text.remove_prefix(end);
    }
    return list;
}

// Unix seconds or milliseconds, `2030-01-01T00:00:00Z`, the same with a space, or without an offset (UTC).
std::string time_in(std::string_view text) {
    if (const std::optional<std::int64_t> number = signed_number(text)) {
        constexpr std::int64_t seconds_until = 100'000'000'000; // the year 5138
        return format_rfc3339(*number < seconds_until ? *number * 1000 : *number);
    }
    std::string time(text);
    constexpr std::size_t date_length = 10;
    if (time.size() > date_length && time[date_length] == ' ') {
        time[date_length] = 'T';
    }
    if (time.size() == date_length) {
        time += "T00:00:00";
    }
    if (time.size() > date_length && time.find_first_of("Zz+-", date_length) == std::string::npos) {
        time += 'Z';
    }
    return time;
}

std::optional<bool> truth_in(std::string_view text) {
    for (const std::string_view yes : {"true", "t", "1", "yes"}) {
        if (equal_in_any_case(text, yes)) {
            return true;
        }
    }
    for (const std::string_view no : {"false", "f", "0", "no"}) {
        if (equal_in_any_case(text, no)) {
            return false;
        }
    }
    return std::nullopt;
}

Json number_in_cell(std::string_view text) {
    const std::optional<std::int64_t> number = signed_number(text);
    return number ? Json(json_integer(*number)) : json_text(text);
}

// The value of a cell as the member of a document; what cannot be read so stays a text, and is refused with the document.
Json value_of_member(std::string_view member, std::string_view text) {
    if (member == "models" || member == "allowed_ips") {
        return list_in(text);
    }
    if (member == "expires_at") {
        return json_text(time_in(text));
    }
    if (member == "active") {
        const std::optional<bool> is_true = truth_in(text);
        return is_true ? Json(json_boolean(*is_true)) : json_text(text);
    }
    return json_text(text);
}

bool is_quota(std::string_view member) {
    return member == "total" || member == "daily" || member == "weekly" || member == "monthly";
}

bool is_month(std::string_view time) {
    for (const std::string_view month : {"30d", "31d", "1mo", "monthly"}) {
        if (time == month) {
            return true;
        }
    }
    return false;
}

} // namespace

// What the cells of a row say, before it is put together.
struct ForeignKeys::Said {
    Json document{json_object()};
    Json quotas{json_object()};
    std::optional<Digest> sha256;
    std::string secret;
    std::array<std::string_view, static_cast<std::size_t>(Says::count)> texts;

    std::string_view text(Says says) const { return texts[static_cast<std::size_t>(says)]; }
    bool has(std::string_view member) const { return json_object_get(document.get(), member.data()) != nullptr; }
    void set_member(std::string_view member, Json value) { json_object_set_new(document.get(), member.data(), value.release()); }
    void set_quota(std::string_view window, std::string_view text) {
        json_object_set_new(quotas.get(), window.data(), number_in_cell(text).release());
    }
    std::optional<Error> take_secret(std::string_view text);
};

std::optional<Error> ForeignKeys::Said::take_secret(std::string_view text) {
    if (text.starts_with("{vault://")) {
        return Error{"", "its key is in a vault"};
    }
    if (text.size() > max_foreign_text) {
        return Error{"", "its key is longer than 512 bytes"};
    }
    secret = text;
    sha256 = api_key::sha256(text);
    return std::nullopt;
}

void ForeignKeys::leave_out(const std::string& column, std::string_view reason) {
    LeftOutField& field = left_out_[column];
    field.keys++;
    field.reason = reason;
}

std::optional<Error> ForeignKeys::take_cell(Said& said, const std::string& name, std::string_view text) {
    const auto column = std::find_if(format_.columns.begin(), format_.columns.end(), [&](const Column& one) { return one.name == name; });
    if (column == format_.columns.end()) {
        leave_out(name, "a key has no such field here");
        return std::nullopt;
    }
    said.texts[static_cast<std::size_t>(column->says)] = text;
    switch (column->says) {
    case Says::secret:
    case Says::sha256:
        said.sha256 = sha256_in(text);
        if (!said.sha256 && column->says == Says::sha256) {
            return Error{"", name + ": expected a SHA-256 in hexadecimal or base64"};
        }
        return said.sha256 ? std::nullopt : said.take_secret(text);
    case Says::key:
        return said.take_secret(text);
    case Says::member:
        if (is_quota(column->as)) {
            said.set_quota(column->as, text);
        } else if (!said.has(column->as)) {
            said.set_member(column->as, value_of_member(column->as, text));
        }
        return std::nullopt;
    case Says::no_place:
        if (text != "0" && text != "0.0" && text != "{}") {
            leave_out(name, column->as);
        }
        return std::nullopt;
    default:
        return std::nullopt;
    }
}

// Limits and times that two cells say together.
void ForeignKeys::add_joint_cells(Said& said) {
    if (const std::string_view blocked = said.text(Says::blocked); !blocked.empty()) {
        said.set_member("active", Json(json_boolean(!truth_in(blocked).value_or(false))));
    }
    if (const std::string_view budget = said.text(Says::budget); !budget.empty()) {
        const std::string_view time = said.text(Says::budget_time);
        if (is_month(time)) {
            said.set_member("monthly_limit", json_text(budget));
        } else {
            leave_out(time.empty() ? "max_budget without budget_duration" : "max_budget in " + std::string(time),
                      "the limit of credits is one for a calendar month");
        }
    }
    const std::optional<std::int64_t> lifetime_s = signed_number(said.text(Says::lifetime));
    const std::optional<std::int64_t> created_s = signed_number(said.text(Says::created));
    if (lifetime_s && *lifetime_s != 0) {
        if (created_s) {
            said.set_member("expires_at", json_text(format_rfc3339((*created_s + *lifetime_s) * 1000)));
        } else {
            leave_out("ttl without created_at", "when the key expires is not known");
        }
    }
    const std::string_view refill = said.text(Says::refill);
    const std::string_view time = said.text(Says::remaining_time);
    if (!refill.empty() && (time == "daily" || time == "monthly")) {
        said.set_quota(time == "daily" ? "daily" : "monthly", refill);
    } else if (const std::string_view remaining = said.text(Says::remaining); !remaining.empty()) {
        said.set_quota("total", remaining);
    }
}

Result<ForeignKey> ForeignKeys::read(const Row& row) {
    Said said;
    for (const auto& [name, text] : row.cells) {
        if (std::optional<Error> error = take_cell(said, name, text)) {
            return *error;
        }
    }
    if (!said.sha256) {
        return Error{"", "it has neither a key nor its SHA-256"};
    }
    add_joint_cells(said);
    for (const std::string_view from : {"alias", "category"}) {
        if (!said.has("name") && said.has(from)) {
            json_object_set(said.document.get(), "name", json_object_get(said.document.get(), from.data()));
        }
    }
    if (!said.has("name")) {
        said.set_member("name", json_text("imported, " + row.where));
    }
    if (json_object_size(said.quotas.get()) != 0) {
        said.set_member("quotas", std::move(said.quotas));
    }
    Result<KeyDocument> document = read_key_document(dump(said.document), DocumentKind::create, now_ms_);
    if (!document) {
        return document.error();
    }
    ForeignKey key;
    key.draft = apply(key.draft, document->change);
    key.draft.plan = said.text(Says::plan);
    key.draft.prefix = said.text(Says::shown).substr(0, key_shown_length);
    key.sha256 = *said.sha256;
    key.text = std::move(said.secret);
    if (const std::string_view account = said.text(Says::account); !account.empty()) {
        key.draft.account = whole_number(account).value_or(0);
        if (key.draft.account == 0) {
            return Error{"", "account: expected an account ID"};
        }
    }
    return key;
}

} // namespace api_key::tool
