// Times and durations as people write them: 15m, 24h, 7d, yesterday, 2026-11-24, or RFC 3339.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

namespace api_key::tool {

// Seconds: of `90`, `90s`, `15m`, `1h30m`, `7d`, `2w`.
std::optional<std::int64_t> duration_s(std::string_view text);

enum class Side { past, future }; // of now: what `24h` means

// Milliseconds since 1970. Days are those of UTC.
std::optional<std::int64_t> moment_ms(std::string_view text, Side side, std::int64_t now_ms);

// Turns a duration into seconds, for CLI11's transform().
CLI::Validator duration(std::int64_t least_s, std::int64_t most_s);

// The time of an option such as --from; 0 if there is none. Ends the program if it is no time.
std::int64_t time_or_none(const char* option, const std::string& text);

// Adds --from and --to.
void add_time_options(CLI::App& command, std::string& from, std::string& to);

} // namespace api_key::tool
