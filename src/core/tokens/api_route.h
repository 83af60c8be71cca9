// Which API of a vendor a request is for.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/tokens/usage_meter.h"

namespace api_key {

enum class Api : std::uint8_t {
    other, // not known: what its requests mean is not either
    chat_completions,
    completions,
    responses,
    embeddings,
    messages,
    text_completion, // Anthropic's old one
    generate_content,
    embed_content,
};

// By the end of the path, as `/openai/deployments/NAME/chat/completions` has it too.
Api api_of(MeterDialect dialect, std::string_view path);

} // namespace api_key
