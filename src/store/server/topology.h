// What a server says of where the commands have to go: Sentinel's and Cluster's answers, and errors that are a way to go on.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/command.h"
#include "store/server/location.h"

namespace api_key::store {

// CRC-16 of the XMODEM kind, as Redis Cluster counts slots by. All keys have the hash tag {k}: they share one slot.
constexpr std::uint16_t slot_of_tag(std::string_view tag) {
    unsigned crc = 0;
    for (const char c : tag) {
        crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8U;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 0x8000U) != 0 ? (crc << 1U ^ 0x1021U) & 0xffffU : crc << 1U & 0xffffU;
        }
    }
    return static_cast<std::uint16_t>(crc % 16384);
}
inline constexpr std::uint16_t our_slot = slot_of_tag("k");

// Asks a sentinel, or a server of the cluster, for the server that takes our writes; and what it answered. The error is for a log.
Command where_is_master(const Location& location);
Result<Endpoint> master_in(const Location& location, const redisReply* reply, const Endpoint& asked);

// The message of Sentinel's +switch-master: nothing when it is of another master.
std::optional<Endpoint> switched_master(const Location& location, std::string_view message);

// What an error says about the way to the server. A command that got one of these was not executed.
enum class Detour : std::uint8_t {
    none,       // not an error, or one of the command itself
    moved,      // to another server, from now on
    ask,        // to another server, this once, after ASKING
    try_again,  // its keys are on two servers at the moment, or the cluster is between two states
    read_only,  // this is a replica
    not_usable, // it loads its data, or is a replica without its master
};
Detour detour_of(const redisReply* reply);

// The server that MOVED and ASK name; `from` said so. Nothing when it cannot be read.
std::optional<Endpoint> target_of(const redisReply* reply, const Endpoint& from);

} // namespace api_key::store
