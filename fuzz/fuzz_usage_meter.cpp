// Any bytes as an AI API's answer: cut anywhere, they count the same. The first byte says whose answer it is, and where it is cut.
#include <cstdint>
#include <string_view>

#include "check.h"
#include "core/tokens/stream_usage.h"

using namespace api_key;

namespace {

bool say_the_same(const UsageMeter& one, const UsageMeter& other) {
    bool same = one.usage() == other.usage() && one.service() == other.service();
    for (const AnswerEnd end : {AnswerEnd::none, AnswerEnd::at_close, AnswerEnd::announced}) {
        same = same && one.is_final(end) == other.is_final(end);
    }
    return same;
}

void check_counts(const TokenUsage& usage) {
    for (const std::int64_t count :
         {usage.input, usage.cached_input, usage.cache_write, usage.cache_write_1h, usage.output, usage.reasoning}) {
        MUST_HOLD(count >= 0);
    }
    MUST_HOLD(usage.known || usage == TokenUsage{});
}

std::size_t size_of(const Passing& passing) {
    std::size_t size = passing.buffered.size();
    for (const std::string_view piece : passing.fed) {
        size += piece.size();
    }
    return size;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto dialect = static_cast<MeterDialect>(data[0] % 3);
    const auto framing = static_cast<UsageMeter::Framing>(data[0] / 3 % 2);
    const std::string_view answer(reinterpret_cast<const char*>(data) + 1, size - 1);
    UsageMeter whole(dialect, framing);
    whole.feed(answer);
    check_counts(whole.usage());

    UsageMeter bytes(dialect, framing);
    for (const char& byte : answer) {
        bytes.feed({&byte, 1});
    }
    MUST_HOLD(say_the_same(bytes, whole));

    const std::size_t cut = answer.empty() ? 0 : data[0] * answer.size() / 256;
    UsageMeter pieces(dialect, framing);
    pieces.feed(answer.substr(0, cut));
    pieces.feed(answer.substr(cut));
    MUST_HOLD(say_the_same(pieces, whole));

    if (framing == UsageMeter::Framing::events) {
        UsageMeter edited(dialect, framing);
        UsageChunkRemover remover;
        std::size_t passed = size_of(remover.feed(answer.substr(0, cut), edited));
        passed += size_of(remover.feed(answer.substr(cut), edited));
        passed += size_of(remover.finish());
        MUST_HOLD(say_the_same(edited, whole));
        MUST_HOLD(passed <= answer.size());
    }
    return 0;
}
