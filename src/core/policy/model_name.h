// The name of a model, and where a request says it beside its body.
#pragma once

#include <optional>
#include <string_view>

#include "core/text/result.h"

namespace api_key {

// An error for what no name of a model can be.
std::optional<Error> check_model_name(std::string_view model);

// Of a path as Gemini has it: `/v1beta/models/NAME:generateContent`. What does not stand below `models` is named with its collection
// (`tunedModels/NAME`); empty: the path names none. An error for more than one name.
Result<std::string_view> model_in_path(std::string_view path);

// Of a path as Azure and OpenAI's old API have it, beside the body: `/openai/deployments/NAME/chat/completions`. Empty: there is none.
std::string_view deployment_in_path(std::string_view path);

// The path as the client sent it has `.` or `..` in it: not everybody takes them out.
bool has_dot_segments(std::string_view unparsed_uri);

// A query, or a form in a body: an argument names a model (`model=`, `deployment=`), and not this one.
bool names_another_model(std::string_view query, std::string_view model);

} // namespace api_key
