#include "module/request/request.h"

#include <utility>

namespace api_key::module {

namespace {

void destroy_context(void* data) {
    auto* context = static_cast<RequestContext*>(data);
    if (context->resume != nullptr && context->resume->posted) {
        ngx_delete_posted_event(context->resume);
    }
    stop_waiting(*context);
    context->let_go();
    context->~RequestContext();
}

} // namespace

std::span<std::byte> RequestContext::room(std::size_t size) const {
    auto* memory = static_cast<std::byte*>(ngx_pnalloc(request->pool, size));
    return memory != nullptr ? std::span(memory, size) : std::span<std::byte>{};
}

bool RequestContext::take(std::span<const std::byte> packed_record) {
    const std::optional<RecordView> read = unpack(packed_record);
    void* const memory = read ? ngx_palloc(request->pool, sizeof(RecordView)) : nullptr;
    let_go();
    has_record = memory != nullptr;
    if (has_record) {
        record = new (memory) RecordView(*read);
    }
    return has_record;
}

void RequestContext::take(HeldRecord& its_record) {
    hold(its_record);
    record = &its_record.view;
    has_record = true;
}

void RequestContext::hold(HeldRecord& its_record) {
    its_record.readers++;
    let_go();
    held = &its_record;
}

void RequestContext::let_go() {
    if (HeldRecord* const before = std::exchange(held, nullptr)) {
        before->readers--;
        record = &no_record;
        has_record = false;
    }
}

bool RequestContext::forget_record() {
    constexpr unsigned max_reads = 3;
    store = StoreAnswer::not_asked;
    has_record = false;
    cell = nullptr;
    return ++record_reads < max_reads;
}

void stop_waiting(RequestContext& context) {
    if (Waited* waited = std::exchange(context.waits_for, nullptr)) {
        waited->forget(context);
    }
}

RequestContext* find_context(ngx_http_request_t* r) {
    if (auto* context = deciding_context(r->main)) {
        return context;
    }
    for (ngx_pool_cleanup_t* cleanup = r->pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == destroy_context) {
            return static_cast<RequestContext*>(cleanup->data);
        }
    }
    return nullptr;
}

RequestContext* get_context(ngx_http_request_t* r) {
    auto* context = find_context(r);
    if (context == nullptr) {
        ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->pool, sizeof(RequestContext));
        if (cleanup == nullptr) {
            return nullptr;
        }
        context = new (cleanup->data) RequestContext;
        context->request = r;
        cleanup->handler = destroy_context;
    }
    ngx_http_set_ctx(r, context, ngx_http_api_key_module);
    return context;
}

} // namespace api_key::module
