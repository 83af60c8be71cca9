// The kinds of values that a key's fields have: how each is read from a document, written to one, and stored in Redis. A kind that
// documents must not name has no `read`.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/record.h"
#include "core/secrets/digest.h"
#include "core/text/json_reader.h"
#include "core/text/money.h"
#include "core/text/number.h"
#include "core/text/time_text.h"
#include "core/text/utf8.h"

namespace api_key::kinds {

using Problem = std::optional<Error>;
using Stored = std::optional<std::string_view>; // nothing: there is no such field

inline constexpr bool may_be_empty = true;
inline constexpr bool must_be_set = false;

template <std::size_t longest, bool emptiness>
struct Text {
    static Problem read(std::string_view path, const json_t* value, std::int64_t, std::optional<std::string>& out) {
        if (json_is_null(value) && emptiness == may_be_empty) {
            out = "";
            return std::nullopt;
        }
        const std::string_view text = json_is_string(value) ? text_of(value) : std::string_view();
        const bool is_blank = text.find_first_not_of(' ') == std::string_view::npos;
        if (!json_is_string(value) || text.size() > longest || !is_plain_text(text) ||
            (is_blank && (emptiness == must_be_set || !text.empty()))) {
            return wrong(path, "expected a text of " + std::string(emptiness == may_be_empty ? "at most " : "1 to ") +
                                   std::to_string(longest) + " bytes without control characters" +
                                   (emptiness == may_be_empty ? ", or null" : ""));
        }
        out = text;
        return std::nullopt;
    }
    static Json write(const std::string& text, const KeyRecord&, std::int64_t) {
        return text.empty() && emptiness == may_be_empty ? nullptr : json_text(text);
    }
    static std::string to_store(const std::string& text) { return text; }
    static bool from_store(Stored stored, std::string& text) {
        text = stored.value_or(std::string_view());
        return emptiness == may_be_empty || !text.empty();
    }
};

// An expired key is shown as inactive.
struct Active {
    static Problem read(std::string_view path, const json_t* value, std::int64_t, std::optional<bool>& out) {
        if (!json_is_boolean(value)) {
            return wrong(path, "expected true or false");
        }
        out = json_is_true(value);
        return std::nullopt;
    }
    static Json write(bool is_active, const KeyRecord& record, std::int64_t now_ms) {
        return Json(json_boolean(is_active && (record.expires_ms == 0 || record.expires_ms > now_ms)));
    }
    static std::string to_store(bool is_active) { return is_active ? "1" : "0"; }
    static bool from_store(Stored stored, bool& is_active) {
        is_active = stored == "1";
        return stored == "1" || stored == "0";
    }
};

struct RoleOfKey {
    static Problem read(std::string_view path, const json_t* value, std::int64_t, std::optional<std::optional<Role>>& out) {
        const std::optional<Role> role = json_is_string(value) ? find_role(text_of(value)) : std::nullopt;
        if (!role && !json_is_null(value)) {
            return wrong(path, "expected " + all_role_names() + ", or null");
        }
        out = role;
        return std::nullopt;
    }
    static Json write(const std::optional<Role>& role, const KeyRecord&, std::int64_t) {
        return role ? json_text(role_name(*role)) : nullptr;
    }
    static std::string to_store(const std::optional<Role>& role) { return role ? std::string(role_name(*role)) : std::string(); }
    static bool from_store(Stored stored, std::optional<Role>& role) {
        role = find_role(stored.value_or(std::string_view()));
        return role || stored.value_or(std::string_view()).empty();
    }
};

template <class Number>
bool read_number(Stored stored, Number& number, std::uint64_t most = std::numeric_limits<std::int64_t>::max()) {
    const std::optional<std::uint64_t> read = stored ? whole_number(*stored) : std::optional<std::uint64_t>(0);
    number = read && *read <= most ? static_cast<Number>(*read) : Number{0};
    return read && *read <= most;
}

// A point in time; 0: never, which is written as absent unless the time must be set.
template <bool emptiness>
struct Moment {
    static Json write(std::int64_t time_ms, const KeyRecord&, std::int64_t) {
        return time_ms == 0 && emptiness == may_be_empty ? nullptr : json_text(format_rfc3339(time_ms));
    }
    static std::string to_store(std::int64_t time_ms) { return time_ms != 0 ? std::to_string(time_ms) : std::string(); }
    static bool from_store(Stored stored, std::int64_t& time_ms) { return read_number(stored, time_ms); }
};

struct Expiry : Moment<may_be_empty> {
    static Problem read(std::string_view path, const json_t* value, std::int64_t now_ms, std::optional<std::int64_t>& out) {
        if (json_is_null(value)) {
            out = 0;
            return std::nullopt;
        }
        const std::optional<std::int64_t> time_ms = json_is_string(value) ? parse_rfc3339_ms(text_of(value)) : std::nullopt;
        if (!time_ms) {
            return wrong(path, "expected an RFC 3339 date and time with an offset, such as 2030-12-31T00:00:00Z, or null");
        }
        if (*time_ms <= now_ms) {
            return wrong(path, "this date has passed");
        }
        out = *time_ms;
        return std::nullopt;
    }
};

// A list of texts: `Item::is_item` checks each item.
template <class Item>
struct List {
    static constexpr std::size_t max_items = 100;

    static Problem read(std::string_view path, const json_t* value, std::int64_t, std::optional<std::vector<std::string>>& out) {
        std::vector<std::string> items;
        if (!json_is_null(value)) {
            if (!json_is_array(value) || json_array_size(value) > max_items) {
                return wrong(path, Item::list_expected);
            }
            for (std::size_t index = 0; index < json_array_size(value); index++) {
                const json_t* item = json_array_get(value, index);
                if (!json_is_string(item) || !Item::is_item(text_of(item))) {
                    return wrong(std::string(path) + "[" + std::to_string(index) + "]", Item::item_expected);
                }
                items.emplace_back(text_of(item));
            }
        }
        out = std::move(items);
        return std::nullopt;
    }
    static Json write(const std::vector<std::string>& items, const KeyRecord&, std::int64_t) {
        Json list(json_array());
        for (const std::string& item : items) {
            json_array_append_new(list.get(), json_text(item).release());
        }
        return list;
    }
    static std::string to_store(const std::vector<std::string>& items) {
        std::string text;
        for (const std::string& item : items) {
            text += (text.empty() ? "" : "\n") + item;
        }
        return text;
    }
    static bool from_store(Stored stored, std::vector<std::string>& items) {
        std::string_view text = stored.value_or(std::string_view());
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            items.emplace_back(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        return std::all_of(items.begin(), items.end(), [](const std::string& item) { return Item::may_be_stored(item); });
    }
};

struct StoredLimit {
    static std::string to_store(const std::optional<std::int64_t>& limit) { return limit ? std::to_string(*limit) : std::string(); }
    static bool from_store(Stored stored, std::optional<std::int64_t>& limit) { return !stored || read_number(stored, limit.emplace()); }
};

// Requests in a window.
struct Quota : StoredLimit {
    static constexpr std::int64_t max_requests = (std::int64_t{1} << 53) - 1;

    static Problem read(std::string_view path, const json_t* value, std::int64_t, std::optional<std::optional<std::int64_t>>& out) {
        const std::optional<std::int64_t> requests = whole_number(value, 1, max_requests);
        if (!requests && !json_is_null(value)) {
            return wrong(path, "expected a whole number of 1 or more, or null");
        }
        out.emplace(requests);
        return std::nullopt;
    }
    static Json write(const std::optional<std::int64_t>& limit, const KeyRecord&, std::int64_t) {
        return limit ? Json(json_integer(*limit)) : nullptr;
    }
};

// Micro-credits; credits in documents.
struct Credits : StoredLimit {
    static Problem read(std::string_view path, const json_t* value, std::int64_t, std::optional<std::optional<std::int64_t>>& out) {
        const std::optional<std::int64_t> micro_credits = millionths(value);
        if (!micro_credits && !json_is_null(value)) {
            return wrong(path, "expected an amount of credits from 0 to 1000000000 with at most six decimals, or null");
        }
        out.emplace(micro_credits);
        return std::nullopt;
    }
    static Json write(const std::optional<std::int64_t>& limit, const KeyRecord&, std::int64_t) {
        return limit ? json_text(format_micro_credits(*limit)) : nullptr;
    }
};

// A whole number of 1 or more.
struct Number {
    static Json write(std::uint64_t number, const KeyRecord&, std::int64_t) { return Json(json_integer(static_cast<json_int_t>(number))); }
    static std::string to_store(std::uint64_t number) { return std::to_string(number); }
    static bool from_store(Stored stored, std::uint64_t& number) { return read_number(stored, number) && number != 0; }
};

struct PepperVersion {
    static std::string to_store(std::uint16_t version) { return std::to_string(version); }
    static bool from_store(Stored stored, std::uint16_t& version) {
        return read_number(stored, version, std::numeric_limits<std::uint16_t>::max());
    }
};

// 32 raw bytes.
template <bool emptiness>
struct SecretDigest {
    static std::string to_store(const Digest& digest) { return std::string(as_bytes(digest)); }
    static bool from_store(Stored stored, Digest& digest) {
        const std::optional<Digest> read = digest_from_bytes(stored.value_or(std::string_view()));
        digest = read.value_or(Digest{});
        return read || (emptiness == may_be_empty && !stored);
    }
};

} // namespace api_key::kinds
