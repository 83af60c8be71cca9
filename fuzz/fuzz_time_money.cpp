// Any bytes as a time, an amount and an address: what is read is written and read again as the same.
#include <cstdint>
#include <string>

#include "check.h"
#include "core/policy/cidr.h"
#include "core/text/money.h"
#include "core/text/time_text.h"

namespace {

using namespace api_key;

void check_time(std::string_view text) {
    if (const std::optional<std::int64_t> unix_ms = parse_rfc3339_ms(text)) {
        MUST_HOLD(*unix_ms >= 0 && *unix_ms < 253'402'300'800'000);
        MUST_HOLD(parse_rfc3339_ms(format_rfc3339(*unix_ms)) == unix_ms);
        MUST_HOLD(!parse_rfc3339_ms(std::string(text) + "0"));
    }
}

void check_amount(std::string_view text) {
    if (const std::optional<std::int64_t> micro = parse_micro_credits(text)) {
        MUST_HOLD(*micro >= 0 && *micro <= money_max_micro);
        MUST_HOLD(parse_micro_credits(format_micro_credits(*micro)) == micro);
        MUST_HOLD(!parse_micro_credits("-" + std::string(text)));
    }
}

void check_address(std::string_view text) {
    if (const std::optional<AddressBlock> block = parse_address_block(text)) {
        MUST_HOLD(block->prefix_bits <= 128);
        MUST_HOLD(contains(*block, block->base));
        const std::string_view address = text.substr(0, text.find('/'));
        MUST_HOLD(parse_address(address) == block->base);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_time(text);
    check_amount(text);
    check_address(text);
    return 0;
}
