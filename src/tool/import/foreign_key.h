// A key of another key store, as it is to be made here; and what of it has no place here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/policy/record.h"
#include "core/secrets/digest.h"
#include "core/text/result.h"
#include "tool/import/row.h"

namespace api_key::tool {

// What a column of a file says.
enum class Says : std::uint8_t {
    key,    // the secret itself
    secret, // the secret, or its SHA-256
    sha256,
    shown,  // the beginning of the secret, which may be shown
    member, // of the document that makes a key over the management API: `as` is its name
    account,
    plan,
    blocked, // the opposite of `active`
    budget,  // credits in the time that `budget_time` says
    budget_time,
    lifetime, // seconds from `created` on
    created,
    remaining, // requests in total, unless they are refilled
    refill,    // requests in the time that `remaining_time` says
    remaining_time,
    no_place,  // here: `as` says why
    of_no_use, // here, and nobody misses it
    count
};

struct Column {
    std::string_view name;
    Says says;
    std::string_view as{}; // of `member` and `no_place`
};

struct ForeignFormat {
    std::string_view name;
    std::string_view help;
    ReadRows read;
    std::span<const Column> columns;
};

// csv, kong, litellm, unkey, nginx.
std::span<const ForeignFormat> foreign_formats();

struct ForeignKey {
    Digest sha256{};
    std::string text; // the secret, where the file has that
    KeyRecord draft;  // without account (0: the one that is named for all), type, id and digest
};

struct LeftOutField {
    std::uint64_t keys = 0;
    std::string reason;
};

class ForeignKeys {
  public:
    ForeignKeys(const ForeignFormat& format, std::int64_t now_ms) : format_(format), now_ms_(now_ms) {}

    // The error says why this key is left out.
    Result<ForeignKey> read(const Row& row);

    // Columns of keys that were read, which say something that cannot be kept.
    const std::map<std::string, LeftOutField>& left_out() const { return left_out_; }

  private:
    struct Said;

    std::optional<Error> take_cell(Said& said, const std::string& name, std::string_view text);
    void add_joint_cells(Said& said);
    void leave_out(const std::string& column, std::string_view reason);

    const ForeignFormat& format_;
    std::int64_t now_ms_;
    std::map<std::string, LeftOutField> left_out_;
};

} // namespace api_key::tool
