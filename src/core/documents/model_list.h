// The list of models that an AI API answers with, and what of it a key may use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/policy/model_scope.h"

namespace api_key {

// Leaves out the models that the scope does not allow, and keeps all other bytes. The list is the member `data` of objects with an `id`, as
// OpenAI and Anthropic have it, or `models` with `name`, as Gemini has it; a document without one stays as it is. Nothing when it is not a
// JSON object.
std::optional<std::string> allowed_models(std::string_view document, const ModelScope& scope);

} // namespace api_key
