// The help of a command.
#pragma once

#include "tool/command_tree.h"

namespace api_key::tool {

void print_help(const Command& command);

} // namespace api_key::tool
