// Decides whether a request may pass: one function, in the order of the contract.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/policy/cidr.h"
#include "core/policy/reason.h"
#include "core/policy/record.h"

namespace api_key {

enum class StoreAnswer : std::uint8_t { not_asked, found, unknown, unavailable };

struct DecisionInput {
    bool address_blocked = false;
    unsigned credentials = 0;       // how many the request brought
    bool well_formed = false;       // the credential has a declared prefix, the alphabet and a valid checksum
    std::string_view declared_type; // the type of that prefix
    bool type_is_allowed = false;
    StoreAnswer store = StoreAnswer::not_asked;
    const RecordView* record = nullptr; // when found
    std::int64_t now_ms = 0;            // the store's clock
    std::optional<Address> address;     // the client's; nothing when it has none (a UNIX-domain socket)
};

// The first rule that refuses; `none` if the request may pass as far as its limits allow; nothing if the store has to be asked first.
std::optional<Reason> decide(const DecisionInput& input);

bool is_expired(const RecordView& record, std::int64_t now_ms);

} // namespace api_key
