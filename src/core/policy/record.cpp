#include "core/policy/record.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include "core/policy/cidr.h"

namespace api_key {

namespace {

constexpr std::int64_t no_limit = -1;

// The index of a limit in a packed record.
enum PackedLimit : std::size_t { total = 0, daily = 1, weekly = 2, monthly = 3, monthly_micro_credits = 4 };

struct Head {
    std::uint64_t id;
    std::uint64_t account;
    std::uint64_t version;
    std::int64_t expires_ms;
    std::int64_t last_used_ms;
    std::array<std::int64_t, 5> limits;       // by PackedLimit
    std::array<std::uint16_t, 5> short_sizes; // name, alias, category, type, plan
    std::uint8_t active;
    std::uint8_t has_quotas;
    std::uint8_t role;
    std::array<std::uint32_t, 2> list_sizes; // models, allowed_ips
};

static_assert(sizeof(Head) == 104, "packed records stand in shared memory: raise layout_version in cache/layout.h");

std::size_t joined_size(const std::vector<std::string>& list) {
    std::size_t size = list.empty() ? 0 : list.size() - 1;
    for (const std::string& item : list) {
        size += item.size();
    }
    return size;
}

std::array<std::string_view, 5> short_texts(const KeyRecord& record) {
    return {record.name, record.alias, record.category, record.type, record.plan};
}

std::int64_t earlier(std::int64_t a, std::int64_t b) {
    if (a == 0 || b == 0) {
        return a + b;
    }
    return std::min(a, b);
}

class Writer {
  public:
    explicit Writer(std::span<std::byte> out) : out_(out) {}

    void add(const void* bytes, std::size_t size) {
        if (size != 0) {
            std::memcpy(out_.data() + written_, bytes, size);
        }
        written_ += size;
    }

    void add(const std::vector<std::string>& list) {
        for (std::size_t index = 0; index < list.size(); index++) {
            if (index != 0) {
                add("\n", 1);
            }
            add(list[index].data(), list[index].size());
        }
    }

    std::size_t written() const { return written_; }

  private:
    std::span<std::byte> out_;
    std::size_t written_ = 0;
};

std::optional<std::int64_t> limit(std::string_view packed, std::size_t index) {
    std::int64_t value = no_limit;
    if (packed.size() >= (index + 1) * sizeof value) {
        std::memcpy(&value, packed.data() + index * sizeof value, sizeof value);
    }
    return value == no_limit ? std::nullopt : std::optional(value);
}

} // namespace

std::size_t packed_size(const KeyRecord& record) {
    std::size_t size = sizeof(Head) + joined_size(record.models) + record.allowed_ips.size() * packed_block_size;
    for (const std::string_view text : short_texts(record)) {
        size += text.size();
    }
    return size;
}

std::size_t pack(const KeyRecord& record, std::int64_t secret_until_ms, std::span<std::byte> out) {
    if (out.size() < packed_size(record)) {
        return 0;
    }
    const std::array<std::string_view, 5> texts = short_texts(record);
    Head head{};
    head.id = record.id;
    head.account = record.account;
    head.version = record.version;
    head.expires_ms = earlier(record.expires_ms, secret_until_ms);
    head.last_used_ms = record.last_used_ms;
    head.limits = {record.quotas.total.value_or(no_limit), record.quotas.daily.value_or(no_limit), record.quotas.weekly.value_or(no_limit),
                   record.quotas.monthly.value_or(no_limit), record.monthly_limit_micro_credits.value_or(no_limit)};
    head.active = record.active ? 1 : 0;
    head.has_quotas = record.quotas == Quotas{} ? 0 : 1;
    head.role = static_cast<std::uint8_t>(record.role.value_or(Role::owner));
    for (std::size_t index = 0; index < texts.size(); index++) {
        if (texts[index].size() > 0xffff) {
            return 0;
        }
        head.short_sizes[index] = static_cast<std::uint16_t>(texts[index].size());
    }
    head.list_sizes = {static_cast<std::uint32_t>(joined_size(record.models)),
                       static_cast<std::uint32_t>(record.allowed_ips.size() * packed_block_size)};

    Writer writer(out);
    writer.add(&head, sizeof head);
    for (const std::string_view text : texts) {
        writer.add(text.data(), text.size());
    }
    writer.add(record.models);
    for (const std::string& text : record.allowed_ips) {
        const std::optional<AddressBlock> block = parse_address_block(text);
        if (!block) {
            return 0;
        }
        writer.add(packed(*block).data(), packed_block_size);
    }
    return writer.written();
}

std::optional<RecordView> unpack(std::span<const std::byte> packed) {
    Head head{};
    if (packed.size() < sizeof head) {
        return std::nullopt;
    }
    std::memcpy(&head, packed.data(), sizeof head);
    if (head.role > static_cast<std::uint8_t>(Role::billing_viewer)) {
        return std::nullopt;
    }
    const auto& [name, alias, category, type, plan] = head.short_sizes;
    const auto [models, allowed_ips] = head.list_sizes;
    if (packed.size() - sizeof head != std::size_t{models} + allowed_ips + name + alias + category + type + plan) {
        return std::nullopt;
    }
    const char* const begin = reinterpret_cast<const char*>(packed.data());
    const char* at = begin + sizeof head;
    const auto next = [&at](std::size_t size) { return std::string_view(std::exchange(at, at + size), size); };
    return RecordView{.id = head.id,
                      .account = head.account,
                      .version = head.version,
                      .active = head.active != 0,
                      .expires_ms = head.expires_ms,
                      .last_used_ms = head.last_used_ms,
                      .name = next(name),
                      .alias = next(alias),
                      .category = next(category),
                      .type = next(type),
                      .plan = next(plan),
                      .models = next(models),
                      .allowed_ips = next(allowed_ips),
                      .limits = {begin + offsetof(Head, limits), sizeof head.limits},
                      .has_quotas = head.has_quotas != 0,
                      .role = static_cast<Role>(head.role)};
}

Quotas RecordView::quotas() const {
    return {limit(limits, total), limit(limits, daily), limit(limits, weekly), limit(limits, monthly)};
}

std::optional<std::int64_t> RecordView::monthly_limit_micro_credits() const {
    return limit(limits, monthly_micro_credits);
}

} // namespace api_key
