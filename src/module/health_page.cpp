#include "module/health_page.h"

#include "core/text/json.h"
#include "module/request/response.h"
#include "module/worker.h"

namespace api_key::module {

namespace {

void set_state(json_t* object, const char* name, bool is_up) {
    set(object, name, is_up ? "up" : "down");
}

std::string page(const Worker& worker, bool is_ready) {
    Json owner(json_object());
    json_t* const object = owner.get();
    set(object, "status", is_ready ? "ok" : "unavailable");
    set_state(object, "store", worker.link.is_up());
    set_state(object, "channel", worker.is_channel_up());
    Json zone(json_object());
    set_number(zone.get(), "entries", static_cast<std::int64_t>(worker.zone.count()));
    set_number(zone.get(), "capacity", static_cast<std::int64_t>(worker.zone.capacity()));
    json_object_set_new(object, "zone", zone.release());
    set(object, "node", worker.node.name);
    return dump(owner);
}

} // namespace

ngx_int_t health_handler(ngx_http_request_t* r) {
    Worker* const the_worker = worker();
    if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) {
        return NGX_HTTP_NOT_ALLOWED;
    }
    if (const ngx_int_t result = ngx_http_discard_request_body(r); result != NGX_OK) {
        return result;
    }
    if (the_worker == nullptr) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }
    const bool is_ready = the_worker->link.is_up() && the_worker->is_channel_up();
    return send_body(r, is_ready ? NGX_HTTP_OK : NGX_HTTP_SERVICE_UNAVAILABLE, "application/json", page(*the_worker, is_ready));
}

} // namespace api_key::module
