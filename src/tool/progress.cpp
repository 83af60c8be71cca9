#include "tool/progress.h"

#include <algorithm>
#include <cstdio>

#include <fmt/core.h>
#include <unistd.h>

namespace api_key::tool {

Progress::Progress(std::string unit) : unit_(std::move(unit)), is_shown_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (is_shown_ && drawn_ != Clock::time_point()) {
        fmt::print(stderr, "\r\033[K");
    }
}

void Progress::show(double share, std::uint64_t count) {
    constexpr int width = 30;
    constexpr std::chrono::milliseconds interval(100);
    const Clock::time_point now = Clock::now();
    if (!is_shown_ || now - drawn_ < interval) {
        return;
    }
    drawn_ = now;
    const double seconds = std::max(std::chrono::duration<double>(now - started_).count(), 0.001);
    std::string bar;
    if (share >= 0) {
        const int done = std::clamp(static_cast<int>(share * width), 0, width);
        bar = fmt::format("[{:#<{}}{:.<{}}] {:3.0f} %  ", "", done, "", width - done, share * 100);
    }
    fmt::print(stderr, "\r\033[K{}{} {}, {:.0f} a second", bar, count, unit_, static_cast<double>(count) / seconds);
    std::fflush(stderr);
}

} // namespace api_key::tool
