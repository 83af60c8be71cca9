// The table of windows for the scripts.
#pragma once

#include <string>

namespace api_key::store {

// Lua: `windows`, `ring_kinds` and `count_bit` of scripts/shared/limits.lua, made of the table in core/policy/limits.h.
std::string window_table();

} // namespace api_key::store
