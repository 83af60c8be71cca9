// The OpenAPI document of the management API, with the address that it is asked at.
#include "module/generated_openapi.h"
#include "module/manage/call.h"
#include "module/request/route_path.h"

namespace api_key::module {

namespace {

constexpr std::string_view written_address = R"("url": "/api")";
constexpr std::size_t address_at = openapi_json.find(written_address);
static_assert(address_at != std::string_view::npos);

} // namespace

void ManageCall::document() {
    std::string document(openapi_json);
    document.replace(address_at, written_address.size(), R"("url": )" + dump(json_text(mount_path(request_))));
    send(NGX_HTTP_OK, document);
}

} // namespace api_key::module
