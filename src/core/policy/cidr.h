// Address blocks, IPv4 and IPv6, v4-mapped IPv6 read as IPv4.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace api_key {

// 16 bytes in network order; IPv4 is held v4-mapped (::ffff:a.b.c.d).
using Address = std::array<std::uint8_t, 16>;

struct AddressBlock {
    Address base;
    std::uint8_t prefix_bits; // 0 to 128, of the v4-mapped form
};

std::optional<Address> parse_address(std::string_view text);
Address address_from_ipv4(std::span<const std::uint8_t, 4> bytes);

// `10.0.0.0/8`, `2001:db8::/32`, or one address. Bits set beyond the prefix are refused.
std::optional<AddressBlock> parse_address_block(std::string_view text);
bool contains(const AddressBlock& block, const Address& address);

// Blocks as cached records store them: 17 bytes each.
inline constexpr std::size_t packed_block_size = 17;
std::array<char, packed_block_size> packed(const AddressBlock& block);
bool any_contains(std::string_view packed_blocks, const Address& address);

// The network to block for an address: the address itself for IPv4, its /64 for IPv6.
Address network_of(const Address& address);
std::string format_address(const Address& address);
std::string format_network(const Address& network); // `203.0.113.7`, `2001:db8::/64`

} // namespace api_key
