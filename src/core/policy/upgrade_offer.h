// Reads what the Upgrade header of a request offers (RFC 9110, section 7.8).
#pragma once

#include <string_view>

#include "core/text/ascii.h"
#include "core/text/next_part.h"

namespace api_key {

// True if the offer is only HTTP itself (`h2c`, `HTTP/2.0`). Such a client, like Java's, which sends it with every request over plain TCP,
// is served as well without the upgrade.
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
