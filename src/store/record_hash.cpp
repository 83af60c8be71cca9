#include "store/record_hash.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/policy/cidr.h"
#include "store/replies.h"

namespace api_key::store {

namespace {

std::string joined(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) {
        text += (text.empty() ? "" : "\n") + item;
    }
    return text;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        items.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return items;
}

std::string optional_number(const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : std::string();
}

std::string number_unless_zero(std::int64_t number) {
    return number != 0 ? std::to_string(number) : std::string();
}

// What may change after a key was made, by field.
std::vector<std::pair<const char*, std::string>> changeable(const KeyRecord& record) {
    return {{"name", record.name},
            {"alias", record.alias},
            {"cat", record.category},
            {"plan", record.plan},
            {"on", record.active ? "1" : "0"},
            {"expires", number_unless_zero(record.expires_ms)},
            {"models", joined(record.models)},
            {"total", optional_number(record.quotas.total)},
            {"daily", optional_number(record.quotas.daily)},
            {"weekly", optional_number(record.quotas.weekly)},
            {"monthly", optional_number(record.quotas.monthly)},
            {"spend", optional_number(record.monthly_limit_micro_credits)},
            {"ips", joined(record.allowed_ips)}};
}

// Reads the values of one hash; the first that is wrong is remembered.
class FieldReader {
  public:
    explicit FieldReader(const redisReply* reply) : reply_(reply) {}

    std::string_view text(std::string_view field) const { return hash_field(reply_, field); }

    std::string required(std::string_view field) {
        const std::string_view value = text(field);
        if (value.empty()) {
            wrong(field);
        }
        return std::string(value);
    }

    std::int64_t number(std::string_view field, std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
        return optional_number(field, most).value_or(0);
    }

    std::optional<std::int64_t> optional_number(std::string_view field, std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
        const std::optional<std::string_view> value = find_hash_field(reply_, field);
        if (!value) {
            return std::nullopt;
        }
        const std::optional<std::uint64_t> number = whole_number(*value);
        if (!number || *number > static_cast<std::uint64_t>(most)) {
            wrong(field);
            return std::nullopt;
        }
        return static_cast<std::int64_t>(*number);
    }

    Digest digest(std::string_view field, bool is_required) {
        const std::optional<std::string_view> value = find_hash_field(reply_, field);
        const std::optional<Digest> digest = digest_from_bytes(value.value_or(std::string_view()));
        if (!digest && (is_required || value)) {
            wrong(field);
        }
        return digest.value_or(Digest{});
    }

    void wrong(std::string_view field) {
        if (wrong_field_.empty()) {
            wrong_field_ = field;
        }
    }

    const std::string& wrong_field() const { return wrong_field_; }

  private:
    const redisReply* reply_;
    std::string wrong_field_;
};

} // namespace

std::vector<std::string> changed_fields(const KeyRecord& before, const KeyRecord& after) {
    std::vector<std::string> fields;
    const auto old_values = changeable(before);
    const auto new_values = changeable(after);
    for (std::size_t index = 0; index < new_values.size(); index++) {
        if (old_values[index].second != new_values[index].second) {
            fields.emplace_back(new_values[index].first);
            fields.push_back(new_values[index].second);
        }
    }
    return fields;
}

std::vector<std::string> new_fields(const KeyRecord& record) {
    std::vector<std::string> fields{"account", std::to_string(record.account),
                                    "type",    record.type,
                                    "prefix",  record.prefix,
                                    "digest",  std::string(as_bytes(record.digest)),
                                    "pepper",  std::to_string(record.pepper_version)};
    for (auto& [field, value] : changeable(record)) {
        if (!value.empty()) {
            fields.emplace_back(field);
            fields.push_back(std::move(value));
        }
    }
    return fields;
}

Result<KeyRecord> read_record(std::uint64_t id, const redisReply* reply) {
    if (reply->type != REDIS_REPLY_ARRAY) {
        return Error{"", "key " + std::to_string(id) + ": not a hash"};
    }
    FieldReader reader(reply);
    KeyRecord record;
    record.id = id;
    record.account = static_cast<std::uint64_t>(reader.number("account"));
    record.version = static_cast<std::uint64_t>(reader.number("ver"));
    record.name = reader.required("name");
    record.alias = reader.text("alias");
    record.category = reader.text("cat");
    record.type = reader.required("type");
    record.prefix = reader.required("prefix");
    record.plan = reader.text("plan");
    record.active = reader.text("on") == "1";
    record.created_ms = reader.number("created");
    record.expires_ms = reader.number("expires");
    record.last_used_ms = reader.number("used");
    record.digest = reader.digest("digest", true);
    record.pepper_version = static_cast<std::uint16_t>(reader.number("pepper", 0xffff));
    record.previous_digest = reader.digest("prev", false);
    record.previous_until_ms = reader.number("until");
    record.models = split(reader.text("models"));
    record.quotas = {reader.optional_number("total"), reader.optional_number("daily"), reader.optional_number("weekly"),
                     reader.optional_number("monthly")};
    record.monthly_limit_micro_credits = reader.optional_number("spend");
    record.allowed_ips = split(reader.text("ips"));
    for (const std::string& block : record.allowed_ips) {
        if (!parse_address_block(block)) {
            reader.wrong("ips");
        }
    }
    if (record.account == 0) {
        reader.wrong("account");
    }
    if (record.version == 0) {
        reader.wrong("ver");
    }
    if (reader.text("on") != "1" && reader.text("on") != "0") {
        reader.wrong("on");
    }
    if (!reader.wrong_field().empty()) {
        return Error{reader.wrong_field(),
                     "key " + std::to_string(id) + ": its field \"" + reader.wrong_field() + "\" is missing or malformed"};
    }
    return record;
}

} // namespace api_key::store
