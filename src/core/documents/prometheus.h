// Prometheus' text format, version 0.0.4.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace api_key {

class PrometheusText {
  public:
    // Begins a metric; its samples follow.
    void metric(std::string_view name, std::string_view type, std::string_view help);

    // `label` is a name, or empty; the value is escaped.
    void sample(std::uint64_t value, std::string_view label = {}, std::string_view label_value = {});
    void sample_decimal(std::string_view value, std::string_view label = {}, std::string_view label_value = {});

    // Counts by bucket, not cumulative, one more than bounds; all in nanoseconds.
    void histogram(std::span<const std::uint64_t> bounds_ns, std::span<const std::uint64_t> counts, std::uint64_t sum_ns);

    const std::string& text() const { return text_; }

  private:
    std::string name_;
    std::string text_;
};

} // namespace api_key
