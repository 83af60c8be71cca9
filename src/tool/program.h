// Runs another program to its end.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace api_key::tool {

struct Ended {
    int status = 0;     // 0 on success
    std::string output; // standard output and standard error
};

// The first word is the program, looked for in PATH. Nothing when it cannot be started.
std::optional<Ended> run_program(const std::vector<std::string>& words);

} // namespace api_key::tool
