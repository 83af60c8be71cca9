#include "module/settings/shared_zone.h"

namespace api_key::module {

namespace {

using SharedZone = std::optional<cache::Zone>;

ngx_slab_pool_t* slab_of(ngx_shm_zone_t* shared) {
    return reinterpret_cast<ngx_slab_pool_t*>(shared->shm.addr);
}

// The slab pool's mutex: the master unlocks it when its holder was killed.
cache::Mutex mutex_of(ngx_slab_pool_t* slab) {
    return {&slab->mutex, [](void* mutex) { ngx_shmtx_lock(static_cast<ngx_shmtx_t*>(mutex)); },
            [](void* mutex) { ngx_shmtx_unlock(static_cast<ngx_shmtx_t*>(mutex)); }};
}

ngx_int_t init_zone(ngx_shm_zone_t* shared, void* /*old*/) {
    auto& zone = *static_cast<SharedZone*>(shared->data);
    ngx_slab_pool_t* slab = slab_of(shared);
    if (slab->data == nullptr) {
        const std::size_t size = slab->pfree * ngx_pagesize;
        slab->data = ngx_slab_alloc(slab, size);
        if (slab->data != nullptr) {
            zone = cache::Zone::format({static_cast<std::byte*>(slab->data), size}, mutex_of(slab));
        }
    } else {
        const auto size = reinterpret_cast<const cache::Header*>(slab->data)->zone_bytes;
        zone = cache::Zone::attach({static_cast<std::byte*>(slab->data), size}, mutex_of(slab));
    }
    if (!zone) {
        ngx_log_error(NGX_LOG_EMERG, shared->shm.log, 0,
                      "api_key_zone \"%V\" is in use by another version of the module: use another zone name", &shared->shm.name);
        return NGX_ERROR;
    }
    return NGX_OK;
}

} // namespace

ngx_shm_zone_t* add_shared_zone(ngx_conf_t* cf, ngx_str_t* name, std::size_t size) {
    ngx_shm_zone_t* shared = ngx_shared_memory_add(cf, name, size, &ngx_http_api_key_module);
    if (shared == nullptr) {
        return nullptr;
    }
    auto* zone = make_in_pool<SharedZone>(cf->pool);
    if (zone == nullptr) {
        return nullptr;
    }
    shared->init = init_zone;
    shared->data = zone;
    return shared;
}

cache::Zone& zone_of(ngx_shm_zone_t* shared) {
    return **static_cast<SharedZone*>(shared->data);
}

} // namespace api_key::module
