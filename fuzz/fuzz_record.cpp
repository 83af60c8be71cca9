// Any bytes as a packed record, and any record packed and read again.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "core/policy/cidr.h"
#include "core/policy/record.h"

namespace {

using namespace api_key;

// Takes a record's fields from the front of the input; zeros and nothing when it has ended.
class Source {
  public:
    explicit Source(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t number() {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes_.data(), std::min(sizeof value, bytes_.size()));
        bytes_.remove_prefix(std::min(sizeof value, bytes_.size()));
        return value;
    }

    std::uint8_t byte() {
        const auto value = static_cast<std::uint8_t>(bytes_.empty() ? 0 : bytes_.front());
        bytes_.remove_prefix(bytes_.empty() ? 0 : 1);
        return value;
    }

    std::string text() {
        const std::string value(bytes_.substr(0, byte()));
        bytes_.remove_prefix(value.size() > bytes_.size() ? bytes_.size() : value.size());
        return value;
    }

    std::vector<std::string> list() {
        std::vector<std::string> items(byte() % 5);
        for (std::string& item : items) {
            item = text();
            std::erase(item, '\n');
        }
        return items;
    }

    std::vector<std::string> addresses() {
        std::vector<std::string> items(byte() % 3);
        for (std::string& item : items) {
            item = std::to_string(byte()) + "." + std::to_string(byte()) + ".0.1";
        }
        return items;
    }

    std::optional<std::int64_t> limit() {
        return (byte() & 1U) != 0 ? std::optional(static_cast<std::int64_t>(number() >> 1U)) : std::nullopt;
    }

  private:
    std::string_view bytes_;
};

KeyRecord record_of(std::string_view bytes) {
    Source source(bytes);
    KeyRecord record;
    record.id = source.number();
    record.account = source.number();
    record.version = source.number();
    record.active = (source.byte() & 1U) != 0;
    record.expires_ms = static_cast<std::int64_t>(source.number() >> 1U);
    record.last_used_ms = static_cast<std::int64_t>(source.number() >> 1U);
    record.name = source.text();
    record.alias = source.text();
    record.category = source.text();
    record.type = source.text();
    record.plan = source.text();
    record.quotas = {source.limit(), source.limit(), source.limit(), source.limit()};
    record.monthly_limit_micro_credits = source.limit();
    record.models = source.list();
    record.allowed_ips = source.addresses();
    return record;
}

std::string lines(const std::vector<std::string>& items) {
    std::string text;
    for (std::size_t index = 0; index < items.size(); index++) {
        text += (index != 0 ? "\n" : "") + items[index];
    }
    return text;
}

void check_bytes(std::string_view bytes) {
    const std::optional<RecordView> view = unpack(std::as_bytes(std::span(bytes)));
    if (!view) {
        return;
    }
    std::size_t total = 0;
    for (const std::string_view text : {view->name, view->alias, view->category, view->type, view->plan, view->models, view->allowed_ips}) {
        MUST_HOLD(lies_within(text, bytes));
        total += text.size();
    }
    MUST_HOLD(total <= bytes.size());
}

void check_round_trip(const KeyRecord& record) {
    const std::size_t size = packed_size(record);
    std::vector<std::byte> packed(size);
    MUST_HOLD(pack(record, 0, std::span(packed).first(size - 1)) == 0);
    MUST_HOLD(pack(record, 0, packed) == size);
    const std::optional<RecordView> view = unpack(packed);
    MUST_HOLD(view.has_value());
    MUST_HOLD(view->id == record.id && view->account == record.account && view->version == record.version && view->active == record.active);
    MUST_HOLD(view->expires_ms == record.expires_ms && view->last_used_ms == record.last_used_ms);
    MUST_HOLD(view->name == record.name && view->alias == record.alias && view->category == record.category);
    MUST_HOLD(view->type == record.type && view->plan == record.plan);
    MUST_HOLD(view->quotas() == record.quotas && view->monthly_limit_micro_credits() == record.monthly_limit_micro_credits);
    MUST_HOLD(view->models == lines(record.models) && view->allowed_ips.size() == record.allowed_ips.size() * packed_block_size);
    for (const std::string& address : record.allowed_ips) {
        MUST_HOLD(any_contains(view->allowed_ips, *parse_address(address)));
    }
    MUST_HOLD(!unpack(std::span(packed).first(size - 1)));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_bytes(bytes);
    check_round_trip(record_of(bytes));
    return 0;
}
