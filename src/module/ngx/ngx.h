// nginx's C headers for C++, and the few conversions between its strings and ours.
#pragma once

extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
// nginx_version
#include <nginx.h>
}

#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <utility>

extern "C" {
extern ngx_module_t ngx_http_api_key_module;
extern ngx_module_t ngx_http_api_key_filter_module;
}

namespace api_key::module {

inline std::string_view view(const ngx_str_t& string) {
    return {reinterpret_cast<const char*>(string.data), string.len};
}

// Never null: nginx and the C library read at least one byte of what they are given, however short it is said to be.
inline u_char* bytes(std::string_view text) {
    const char* const data = text.data() != nullptr ? text.data() : "";
    return const_cast<u_char*>(reinterpret_cast<const u_char*>(data));
}

// The ngx_str_t points to the same bytes.
inline ngx_str_t same_bytes(std::string_view text) {
    return {text.size(), bytes(text)};
}

// Whether the request came over TLS.
inline bool is_encrypted(ngx_http_request_t* r) {
#if (NGX_HTTP_SSL)
    return r->http_connection->ssl != 0;
#else
    return false;
#endif
}

// The time of this turn of the event loop.
inline std::int64_t unix_ms() {
    const ngx_time_t* now = ngx_timeofday();
    return static_cast<std::int64_t>(now->sec) * 1000 + static_cast<std::int64_t>(now->msec);
}

inline std::int64_t begin_ms(const ngx_http_request_t* r) {
    return static_cast<std::int64_t>(r->start_sec) * 1000 + static_cast<std::int64_t>(r->start_msec);
}

// A copy that lives as long as the pool; empty (data null) when memory is short.
inline ngx_str_t copy_to(ngx_pool_t* pool, std::string_view text) {
    auto* data = static_cast<u_char*>(ngx_pnalloc(pool, text.size() + 1));
    if (data == nullptr) {
        return {0, nullptr};
    }
    std::memcpy(data, bytes(text), text.size());
    data[text.size()] = '\0';
    return {text.size(), data};
}

// An object in a pool, destroyed with it. Null when memory is short.
template <class T, class... Arguments>
T* make_in_pool(ngx_pool_t* pool, Arguments&&... arguments) {
    auto* cleanup = ngx_pool_cleanup_add(pool, sizeof(T));
    if (cleanup == nullptr) {
        return nullptr;
    }
    auto* object = new (cleanup->data) T(std::forward<Arguments>(arguments)...);
    cleanup->handler = [](void* data) { static_cast<T*>(data)->~T(); };
    return object;
}

} // namespace api_key::module
