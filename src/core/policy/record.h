// A key as the store holds it, and the packed form in the cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/role.h"
#include "core/secrets/digest.h"

namespace api_key {

struct Quotas { // requests; nothing = no limit
    std::optional<std::int64_t> total;
    std::optional<std::int64_t> daily;
    std::optional<std::int64_t> weekly;
    std::optional<std::int64_t> monthly;
    bool operator==(const Quotas&) const = default;
};

struct KeyRecord {
    std::uint64_t id = 0;
    std::uint64_t account = 0;
    std::uint64_t version = 0; // grows with every change
    std::string name;
    std::string alias;
    std::string category;
    std::string type;
    std::string prefix; // the first 8 characters of the text
    std::string plan;   // empty: the account's
    bool active = true;
    std::int64_t created_ms = 0;
    std::int64_t expires_ms = 0;   // 0: never
    std::int64_t last_used_ms = 0; // 0: never used
    Digest digest{};
    std::uint16_t pepper_version = 0;
    Digest previous_digest{};           // of the secret before the last rotation …
    std::int64_t previous_until_ms = 0; // … which is valid until then; 0: none
    std::vector<std::string> models;    // empty: all of the plan
    Quotas quotas;
    std::optional<std::int64_t> monthly_limit_micro_credits;
    std::vector<std::string> allowed_ips; // CIDR; empty: all
    std::optional<Role> role;             // of a billing key; nothing: owner
    bool operator==(const KeyRecord&) const = default;
};

// A change of a record: the members that a document names, or the operator sets. Nothing = unchanged.
struct KeyChange {
    std::optional<std::string> name;
    std::optional<std::string> alias; // "" clears, as for all texts but the name
    std::optional<std::string> category;
    std::optional<std::string> plan; // only the operator sets it, no document names it
    std::optional<bool> active;
    std::optional<std::int64_t> expires_ms; // 0 clears
    std::optional<std::vector<std::string>> models;
    std::optional<std::vector<std::string>> allowed_ips;
    std::optional<std::optional<std::int64_t>> total, daily, weekly, monthly; // of Quotas
    std::optional<std::optional<std::int64_t>> monthly_limit_micro_credits;   // `0` is a limit of nothing
    std::optional<std::optional<Role>> role;
};

// A packed record read in place: views point into the packed bytes.
struct RecordView {
    std::uint64_t id;
    std::uint64_t account;
    std::uint64_t version;
    bool active;
    std::int64_t expires_ms;
    std::int64_t last_used_ms;
    std::string_view name;
    std::string_view alias;
    std::string_view category;
    std::string_view type;
    std::string_view plan;
    std::string_view models;      // newline-separated
    std::string_view allowed_ips; // packed blocks; see cidr.h
    std::string_view limits;      // packed; see below
    bool has_quotas;
    Role role;

    Quotas quotas() const;
    std::optional<std::int64_t> monthly_limit_micro_credits() const;
};

// The number of bytes that `pack` writes for this record.
std::size_t packed_size(const KeyRecord& record);

// Writes the packed form and returns its size; 0 when `out` is too small or an entry of `allowed_ips` is no address block. `expires_ms` in
// the packed form is the earlier of the record's expiry and `secret_until_ms` (the end of an overlap, for the secret that a rotation
// replaced; 0: none).
std::size_t pack(const KeyRecord& record, std::int64_t secret_until_ms, std::span<std::byte> out);

// Nothing when the bytes are not a whole packed record. Allocates nothing.
std::optional<RecordView> unpack(std::span<const std::byte> packed);

} // namespace api_key
