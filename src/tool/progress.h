// A progress bar on standard error, if that is a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace api_key::tool {

class Progress {
  public:
    explicit Progress(std::string unit); // `keys`
    ~Progress();                         // removes the bar
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // `share` is 0 to 1; below 0: how much there is in all is not known.
    void show(double share, std::uint64_t count);

  private:
    using Clock = std::chrono::steady_clock;

    std::string unit_;
    bool is_shown_;
    Clock::time_point started_ = Clock::now();
    Clock::time_point drawn_;
};

} // namespace api_key::tool
