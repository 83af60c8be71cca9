// Model names, and the places other than the body where a request gives one.
#pragma once

#include <optional>
#include <string_view>

#include "core/text/result.h"

namespace api_key {

// An error if `model` cannot be the name of a model.
std::optional<Error> check_model_name(std::string_view model);

// The model in a path of Gemini's form: `/v1beta/models/NAME:generateContent`. A name that is not below `models` includes its collection
// (`tunedModels/NAME`); empty: the path names none. An error if the path has more than one name.
Result<std::string_view> model_in_path(std::string_view path);

// The deployment in a path of Azure or of OpenAI's old API, in addition to the body: `/openai/deployments/NAME/chat/completions`. Empty:
// there is none.
std::string_view deployment_in_path(std::string_view path);

// True if the path as the client sent it has `.` or `..` segments: not every upstream resolves them.
bool has_dot_segments(std::string_view unparsed_uri);

// True if an argument (`model=`, `deployment=`) of a query, or of a form in a body, names a model other than this one.
bool names_another_model(std::string_view query, std::string_view model);

} // namespace api_key
