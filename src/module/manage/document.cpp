// The OpenAPI document of the management API, with the address at which it was requested.
#include "module/generated_openapi.h"
#include "module/manage/resources.h"
#include "module/request/route_path.h"

namespace api_key::module {

namespace {

constexpr std::string_view written_address = R"("url": "/api")";
constexpr std::size_t address_at = openapi_json.find(written_address);
static_assert(address_at != std::string_view::npos);

class DocumentCall : public ManageCall {
  public:
    using ManageCall::ManageCall;

  private:
    void begin(Action /*action*/) override {
        std::string document(openapi_json);
        document.replace(address_at, written_address.size(), R"("url": )" + dump(json_text(mount_path(request()))));
        send(NGX_HTTP_OK, document);
    }
};

} // namespace

ManageCall* make_document_call(const CallStart& start) {
    return make_in_pool<DocumentCall>(start.request->pool, start);
}

} // namespace api_key::module
