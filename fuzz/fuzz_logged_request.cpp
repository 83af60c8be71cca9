// Any bytes as an entry of the request log, and as a cursor of its pages.
#include <cstdint>
#include <string_view>

#include "check.h"
#include "core/logs/logged_request.h"
#include "core/text/json.h"

using namespace api_key;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view packed(reinterpret_cast<const char*>(data), size);
    std::vector<RequestLogEntry> entries;
    while (!packed.empty()) {
        const std::size_t before = packed.size();
        std::optional<RequestLogEntry> entry = unpack_request(packed);
        MUST_HOLD(packed.size() < before);
        if (entry) {
            entries.push_back(std::move(*entry));
        }
    }
    for (const RequestLogEntry& entry : entries) {
        const std::string text = dump(request_object(entry));
        const Json read(json_loadb(text.data(), text.size(), JSON_ALLOW_NUL, nullptr));
        MUST_HOLD(json_is_object(read.get()));
        MUST_HOLD(request_csv(entry).ends_with("\r\n"));
    }
    return 0;
}
