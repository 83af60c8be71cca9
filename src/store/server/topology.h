// Where commands have to go: the answers of Sentinel and Cluster, and the errors that redirect a client.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/command.h"
#include "store/server/location.h"

namespace api_key::store {

// The Redis Cluster slot of a hash tag (CRC-16/XMODEM). All keys have the hash tag {k} and so share one slot.
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

// The command that asks a sentinel or a cluster node for the master, and the master in its answer. The error is for a log.
Command master_query(const Location& location);
Result<Endpoint> master_in(const Location& location, const redisReply* reply, const Endpoint& asked);

// Parses a +switch-master message of Sentinel; nothing when it is about another master.
std::optional<Endpoint> switched_master(const Location& location, std::string_view message);

// Why a command was not executed and has to be sent again, by its error.
enum class RetryCause : std::uint8_t {
    none,       // no error, or an ordinary error of the command
    moved,      // to another server, from now on
    ask,        // to another server, this once, after ASKING
    try_again,  // its keys are on two servers at the moment, or the cluster is between two states
    read_only,  // this is a replica
    not_usable, // it loads its data, or is a replica without its master
};
RetryCause retry_cause(const redisReply* reply);

// The server named by a MOVED or ASK error of `from`. Nothing when it cannot be parsed.
std::optional<Endpoint> target_of(const redisReply* reply, const Endpoint& from);

} // namespace api_key::store
