// Which API of a vendor a request is for.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/tokens/usage_meter.h"

namespace api_key {

enum class Api : std::uint8_t {
    other, // unknown, and so is the meaning of its requests
    chat_completions,
    completions,
    responses,
    embeddings,
    messages,
    text_completion, // Anthropic's old one
    generate_content,
    embed_content,
};

// Decided by the end of the path, so that `/openai/deployments/NAME/chat/completions` matches too.
Api api_of(MeterDialect dialect, std::string_view path);

} // namespace api_key
