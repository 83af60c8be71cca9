// The JSON lines of an export: a heading, a line for each value or part of one, and an end. Texts that are not UTF-8 are
// `base64:…`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/secrets/pepper_check.h"
#include "core/text/json.h"
#include "store/flows/transfer_flow.h"

namespace api_key::tool {

struct ExportHeading {
    std::string id; // a random text
    std::string schema;
    std::string at; // RFC 3339
    PepperFingerprints peppers;
};

std::string write_heading(const ExportHeading& heading);
std::optional<ExportHeading> read_heading(std::string_view line);

std::string write_part(const store::StoredPart& part);
std::optional<store::StoredPart> read_part(const Json& line);

std::string write_end(std::uint64_t parts);
std::optional<std::uint64_t> read_end(const Json& line); // how many parts came before it; nothing: this is another line

} // namespace api_key::tool
