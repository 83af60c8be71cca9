// A JSON document as YAML.
#pragma once

#include <string>

#include "core/text/json.h"

namespace api_key::tool {

std::string yaml_of(const json_t* value);

} // namespace api_key::tool
