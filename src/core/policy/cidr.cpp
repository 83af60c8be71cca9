#include "core/policy/cidr.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>

namespace api_key {

namespace {

constexpr std::size_t max_address_length = 64;
constexpr std::uint8_t mapped_bits = 96;
constexpr std::size_t network_bytes = 8; // an IPv6 /64
constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_bit_set(const Address& address, unsigned bit) {
    return (static_cast<unsigned>(address[bit / 8]) & (0x80U >> (bit % 8))) != 0;
}

bool is_ipv4(const Address& address) {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.begin());
}

} // namespace

Address address_from_ipv4(std::span<const std::uint8_t, 4> bytes) {
    Address address{};
    address[10] = 0xff;
    address[11] = 0xff;
    std::copy(bytes.begin(), bytes.end(), address.begin() + 12);
    return address;
}

std::optional<Address> parse_address(std::string_view text) {
    if (text.size() >= max_address_length || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    const std::string terminated(text);
    std::array<std::uint8_t, 4> ipv4{};
    if (inet_pton(AF_INET, terminated.c_str(), ipv4.data()) == 1) {
        return address_from_ipv4(ipv4);
    }
    Address ipv6{};
    if (inet_pton(AF_INET6, terminated.c_str(), ipv6.data()) == 1) {
        return ipv6;
    }
    return std::nullopt;
}

std::optional<AddressBlock> parse_address_block(std::string_view text) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::string_view address_text = text.substr(0, slash);
    const std::optional<Address> base = parse_address(address_text);
    if (!base) {
        return std::nullopt;
    }
    const bool is_ipv4 = address_text.find(':') == std::string_view::npos;
    unsigned bits = is_ipv4 ? 32 : 128;
    if (slash < text.size()) {
        const std::string_view digits = text.substr(slash + 1);
        const unsigned most = bits;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        const bool leading_zero = digits.size() > 1 && digits.front() == '0';
        if (error != std::errc{} || end != digits.data() + digits.size() || bits > most || leading_zero) {
            return std::nullopt;
        }
    }
    bits += is_ipv4 ? mapped_bits : 0;
    for (unsigned bit = bits; bit < 128; bit++) {
        if (is_bit_set(*base, bit)) {
            return std::nullopt;
        }
    }
    return AddressBlock{*base, static_cast<std::uint8_t>(bits)};
}

bool contains(const AddressBlock& block, const Address& address) {
    const std::size_t whole = block.prefix_bits / 8;
    if (!std::equal(block.base.begin(), block.base.begin() + static_cast<std::ptrdiff_t>(whole), address.begin())) {
        return false;
    }
    const unsigned rest = block.prefix_bits % 8;
    if (rest == 0) {
        return true;
    }
    const unsigned mask = 0xffU << (8 - rest) & 0xffU;
    return (block.base[whole] & mask) == (address[whole] & mask);
}

std::array<char, packed_block_size> packed(const AddressBlock& block) {
    std::array<char, packed_block_size> bytes{};
    std::memcpy(bytes.data(), block.base.data(), block.base.size());
    bytes.back() = static_cast<char>(block.prefix_bits);
    return bytes;
}

bool any_contains(std::string_view packed_blocks, const Address& address) {
    for (; packed_blocks.size() >= packed_block_size; packed_blocks.remove_prefix(packed_block_size)) {
        AddressBlock block{};
        std::memcpy(block.base.data(), packed_blocks.data(), block.base.size());
        block.prefix_bits = static_cast<std::uint8_t>(packed_blocks[block.base.size()]);
        if (contains(block, address)) {
            return true;
        }
    }
    return false;
}

Address network_of(const Address& address) {
    Address network = address;
    if (!is_ipv4(address)) {
        std::fill(network.begin() + network_bytes, network.end(), std::uint8_t{0});
    }
    return network;
}

std::string format_address(const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool short_form = is_ipv4(address);
    inet_ntop(short_form ? AF_INET : AF_INET6, address.data() + (short_form ? 12 : 0), text.data(), text.size());
    return text.data();
}

std::string format_network(const Address& network) {
    return format_address(network) + (is_ipv4(network) ? "" : "/64");
}

} // namespace api_key
