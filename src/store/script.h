// The scripts of src/store/scripts/*.lua, embedded at build time (build/generated/scripts.h: `inline constexpr std::string_view
// <name>_lua`).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/command.h"

namespace api_key::store {

class Script {
  public:
    explicit Script(std::string_view source); // computes the SHA-1

    // EVALSHA; and EVAL for when the server answers NOSCRIPT.
    Command by_digest(const std::vector<std::string>& keys, const std::vector<std::string>& arguments) const;
    Command by_source(const std::vector<std::string>& keys, const std::vector<std::string>& arguments) const;

  private:
    std::string_view source_;
    std::string sha1_;
};

} // namespace api_key::store
