#include "core/logs/logged_request.h"

#include "core/policy/reason.h"

#include "lib/check.h"

namespace {

using namespace api_key;

LoggedRequest request() {
    LoggedRequest request{};
    request.account = 1;
    request.key_id = 7;
    request.at_ms = 1'800'000'000'000;
    request.cost = 83;
    request.input_tokens = -1;
    request.output_tokens = 0;
    request.first_byte_ms = 12;
    request.status = 429;
    request.result = static_cast<std::uint8_t>(Reason::quota_exceeded);
    request.address = *parse_address("2001:db8::1");
    set_texts(request, {"POST", "00ff", "gpt-4o", "/v1/x"});
    return request;
}

void what_is_packed_is_unpacked(void**) {
    std::string packed;
    pack(request(), packed);
    pack(request(), packed);
    std::string_view rest = packed;
    for (int times = 0; times < 2; times++) {
        const std::optional<RequestLogEntry> entry = unpack_request(rest);
        CHECK("numbers", entry && entry->account == 1 && entry->key_id == 7 && entry->status == 429 && entry->first_byte_ms == 12);
        CHECK("what is not known", entry->cost_micro_credits == 83 && !entry->input_tokens && entry->output_tokens == 0);
        CHECK("texts", entry->method == "POST" && entry->request_id == "00ff" && entry->model == "gpt-4o" && entry->path == "/v1/x");
        CHECK("words", entry->address == "2001:db8::1" && entry->result == "quota_exceeded");
    }
    CHECK("no more", rest.empty() && !unpack_request(rest));
}

void long_texts_are_cut(void**) {
    const std::string text(1000, 'x');
    LoggedRequest longest = request();
    set_texts(longest, {text, text, text, text});
    std::string packed;
    pack(longest, packed);
    std::string_view rest = packed;
    const std::optional<RequestLogEntry> entry = unpack_request(rest);
    CHECK("sizes",
          entry && entry->method.size() == 16 && entry->request_id.size() == 64 && entry->model.size() == 128 && entry->path.size() == 200);
}

void garbage_is_nothing(void**) {
    std::string packed;
    pack(request(), packed);
    for (std::size_t size = 0; size < packed.size(); size++) {
        std::string_view cut = std::string_view(packed).substr(0, size);
        CHECK("cut", !unpack_request(cut) && cut.empty());
    }
    LoggedRequest odd = request();
    odd.result = 255;
    odd.sizes = {65535, 65535, 65535, 65535};
    packed.clear();
    pack(odd, packed);
    CHECK("no more than there is", packed.size() == sizeof odd);
    std::string_view rest = packed;
    CHECK("sizes that cannot be", !unpack_request(rest));
    odd.sizes = {0, 0, 0, 0};
    packed.clear();
    pack(odd, packed);
    rest = packed;
    const std::optional<RequestLogEntry> later = unpack_request(rest);
    CHECK("a reason of a later version", later && later->result == "other");
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_packed_is_unpacked),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(garbage_is_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
