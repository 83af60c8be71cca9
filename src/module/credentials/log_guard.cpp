#include "module/credentials/log_guard.h"

#include <algorithm>

#include "core/secrets/credential.h"
#include "core/secrets/redact.h"
#include "module/credentials/session_cookie.h"
#include "module/credentials/variable_guard.h"
#include "module/ngx/headers.h"

namespace api_key::module {

namespace {

// Empty when memory is short.
void mask_query(ngx_http_request_t* r, ngx_str_t& uri, std::span<const std::string_view> names) {
    if (const std::optional<std::string> masked = mask_uri(view(uri), names)) {
        uri = copy_to(r->pool, *masked);
    }
}

// A key as the name or the password of Basic authentication.
bool is_basic_key(ngx_http_request_t* r) {
    const std::span<const std::string_view> prefixes = main_configuration(r).type_prefixes;
    return r->headers_in.authorization != nullptr && ngx_http_auth_basic_user(r) == NGX_OK &&
           (has_key(view(r->headers_in.user), prefixes) || has_key(view(r->headers_in.passwd), prefixes));
}

void mask_headers(ngx_http_request_t* r, const ServerConfiguration& server) {
    const bool has_basic_key = is_basic_key(r);
    for_each_header(r->headers_in.headers, [&](ngx_table_elt_t& header) {
        const std::string_view name = lowercase_name(header);
        const bool is_named_source =
            std::any_of(server.headers.begin(), server.headers.end(), [&](const Header* one) { return one->name == name; });
        const bool is_credential = name == "authorization" && (has_basic_key || (server.bearer && bearer_token(view(header.value))));
        if (is_named_source || is_credential) {
            header.value = same_bytes("***");
        }
    });
}

// Lives as long as the configuration. nginx still writes to the log after that, when the module is unloaded.
struct Guard {
    Guard(ngx_log_t& guarded, const MainConfiguration& configuration)
        : log(guarded), main(configuration), writer(guarded.writer), wdata(guarded.wdata) {}
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() {
        log.writer = writer;
        log.wdata = wdata;
    }

    ngx_log_t& log;
    const MainConfiguration& main;
    ngx_log_writer_pt writer; // null: a file
    void* wdata;
};

// Does what nginx does for a log without a writer.
void write_file(ngx_log_t* log, const u_char* text, std::size_t size) {
    if (log->file == nullptr || ngx_time() == log->disk_full_time) {
        return;
    }
    const ssize_t written = ngx_write_fd(log->file->fd, const_cast<u_char*>(text), size);
    if (written == -1 && ngx_errno == NGX_ENOSPC) {
        log->disk_full_time = ngx_time();
    }
}

void write_guarded(ngx_log_t* log, ngx_uint_t level, u_char* text, std::size_t size) {
    const auto& guard = *static_cast<const Guard*>(log->wdata);
    const bool truncated = size + NGX_LINEFEED_SIZE >= NGX_MAX_ERROR_STR;
    redact_keys({reinterpret_cast<char*>(text), size}, guard.main.type_prefixes, truncated);
    if (guard.writer == nullptr) {
        write_file(log, text, size);
        return;
    }
    ngx_log_t original = *log;
    original.writer = guard.writer;
    original.wdata = guard.wdata;
    guard.writer(&original, level, text, size);
}

} // namespace

ngx_int_t mask_request_line(ngx_http_request_t* r) {
    if (r != r->main) {
        return NGX_DECLINED;
    }
    const ServerConfiguration& server = server_configuration(r);
    if (server.query_names.empty()) {
        return NGX_DECLINED;
    }
    if (r->args.len != 0) {
        mask_query(r, r->request_line, server.query_names);
    }
    if (r->headers_in.referer != nullptr) {
        mask_query(r, r->headers_in.referer->value, server.query_names);
    }
    return NGX_DECLINED;
}

ngx_int_t mask_before_log(ngx_http_request_t* r) {
    const ServerConfiguration& server = server_configuration(r);
    mask_session_cookies(r);
    // nginx keeps a request line that was too long, but not its arguments.
    if (!server.query_names.empty()) {
        mask_query(r, r->request_line, server.query_names);
        mask_query(r, r->unparsed_uri, server.query_names);
        if (query_has_match(view(r->args), server.query_names)) {
            r->args = copy_to(r->pool, mask_query_matches(view(r->args), server.query_names));
        }
    }
    if (r->headers_in.authorization != nullptr || !server.headers.empty()) {
        mask_headers(r, server);
    }
    return guard_log(r);
}

ngx_int_t guard_error_log(ngx_conf_t* cf, ngx_log_t* log, const MainConfiguration& main) {
    for (; log != nullptr; log = log->next) {
        if (log->writer == write_guarded) {
            continue;
        }
        auto* guard = make_in_pool<Guard>(cf->pool, *log, main);
        if (guard == nullptr) {
            return NGX_ERROR;
        }
        log->wdata = guard;
        log->writer = write_guarded;
    }
    return NGX_OK;
}

} // namespace api_key::module
