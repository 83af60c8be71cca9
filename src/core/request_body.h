// What the request to an AI API says about its model and its cost, read with certainty or refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace api_key {

struct RequestFacts {
    std::string model;                             // empty: the body names none
    std::optional<std::int64_t> max_output_tokens; // the largest that is named, whatever the API calls it
    std::int64_t choices = 1;                      // answers asked for
    bool streams = false;
    bool asks_for_usage = false;  // stream_options.include_usage
    bool input_elsewhere = false; // a part of the input is stored or fetched elsewhere: the body's size says nothing about it
};

// Whole JSON of OpenAI's, Anthropic's and Gemini's requests. An error for invalid JSON or UTF-8, anything but an object, a member that is
// named twice and matters here, or one of a wrong type.
Result<RequestFacts> read_json_body(std::string_view body);

// multipart/form-data (RFC 7578): its field `model`. `content_type` is the header's value, with the boundary. An error for two models, a
// file as the model, or a malformed form.
Result<RequestFacts> read_multipart_body(std::string_view content_type, std::string_view body);

} // namespace api_key
