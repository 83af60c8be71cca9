// The zone of `api_key_zone`: nginx's shared memory around our cache.
#pragma once

#include <optional>

#include "cache/zone.h"
#include "module/ngx/ngx.h"

namespace api_key::module {

inline constexpr std::size_t minimum_zone_size = std::size_t{512} * 1024;

// Null when nginx refused it (it has logged why).
ngx_shm_zone_t* add_shared_zone(ngx_conf_t* cf, ngx_str_t* name, std::size_t size);

// Only valid after nginx has set the zone up.
cache::Zone& zone_of(ngx_shm_zone_t* shared);

} // namespace api_key::module
