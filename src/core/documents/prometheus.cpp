#include "core/documents/prometheus.h"

namespace api_key {

namespace {

// Nanoseconds as seconds, without trailing zeros.
std::string seconds(std::uint64_t nanoseconds) {
    constexpr std::uint64_t second = 1'000'000'000;
    std::string fraction = std::to_string(nanoseconds % second);
    fraction.insert(0, 9 - fraction.size(), '0');
    fraction.resize(fraction.find_last_not_of('0') + 1);
    return std::to_string(nanoseconds / second) + (fraction.empty() ? "" : "." + fraction);
}

std::string escaped(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '"') {
            text += '\\';
        }
        text += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return text;
}

} // namespace

void PrometheusText::metric(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " + std::string(type) + "\n";
}

void PrometheusText::sample(std::uint64_t value, std::string_view label, std::string_view label_value) {
    sample_decimal(std::to_string(value), label, label_value);
}

void PrometheusText::sample_decimal(std::string_view value, std::string_view label, std::string_view label_value) {
    text_ += name_;
    if (!label.empty()) {
        text_ += "{" + std::string(label) + "=\"" + escaped(label_value) + "\"}";
    }
    text_ += " " + std::string(value) + "\n";
}

void PrometheusText::histogram(std::span<const std::uint64_t> bounds_ns, std::span<const std::uint64_t> counts, std::uint64_t sum_ns) {
    std::uint64_t all = 0;
    for (std::size_t index = 0; index < counts.size(); index++) {
        all += counts[index];
        const std::string bound = index < bounds_ns.size() ? seconds(bounds_ns[index]) : "+Inf";
        text_ += name_ + "_bucket{le=\"" + bound + "\"} " + std::to_string(all) + "\n";
    }
    text_ += name_ + "_sum " + seconds(sum_ns) + "\n" + name_ + "_count " + std::to_string(all) + "\n";
}

} // namespace api_key
