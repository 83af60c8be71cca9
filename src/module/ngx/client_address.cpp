#include "module/ngx/client_address.h"

namespace api_key::module {

std::optional<Address> client_address(ngx_http_request_t* r) {
    const sockaddr* address = r->connection->sockaddr;
    if (address->sa_family == AF_INET) {
        const auto* ipv4 = reinterpret_cast<const sockaddr_in*>(address);
        return address_from_ipv4(std::span<const std::uint8_t, 4>(reinterpret_cast<const std::uint8_t*>(&ipv4->sin_addr), 4));
    }
#if (NGX_HAVE_INET6)
    if (address->sa_family == AF_INET6) {
        Address ipv6{};
        std::memcpy(ipv6.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, ipv6.size());
        return ipv6;
    }
#endif
    return std::nullopt;
}

} // namespace api_key::module
