// What the Upgrade header of a request offers (RFC 9110, section 7.8).
#pragma once

#include <string_view>

#include "core/text/ascii.h"
#include "core/text/next_part.h"

namespace api_key {

// Nothing but HTTP itself (`h2c`, `HTTP/2.0`): a client that offers it on its way, as Java's does with every request in the clear, is as
// well served without.
constexpr bool offers_only_http(std::string_view offer) {
    while (!offer.empty()) {
        const std::string_view protocol = trimmed(next_part(offer, ','));
        if (!protocol.empty() && !equal_in_any_case(protocol, "h2c") && !starts_in_any_case(protocol, "http/")) {
            return false;
        }
    }
    return true;
}

} // namespace api_key
