#include "core/text/time_text.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace api_key {

namespace {

// Reads fixed-width numbers and single characters from the front of a text.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    int number(std::size_t width) {
        int value = 0;
        for (std::size_t digit = 0; digit < width; digit++) {
            if (text_.empty() || text_.front() < '0' || text_.front() > '9') {
                failed_ = true;
                return 0;
            }
            value = value * 10 + (text_.front() - '0');
            text_.remove_prefix(1);
        }
        return value;
    }

    void expect(std::string_view one_of) {
        if (text_.empty() || one_of.find(text_.front()) == std::string_view::npos) {
            failed_ = true;
            return;
        }
        text_.remove_prefix(1);
    }

    // Milliseconds of `.123456`; further digits are dropped.
    int fraction_ms() {
        if (text_.empty() || text_.front() != '.') {
            return 0;
        }
        text_.remove_prefix(1);
        int milliseconds = 0;
        std::size_t digits = 0;
        for (; !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; text_.remove_prefix(1), digits++) {
            milliseconds = digits < 3 ? milliseconds * 10 + (text_.front() - '0') : milliseconds;
        }
        failed_ = failed_ || digits == 0;
        for (; digits < 3; digits++) {
            milliseconds *= 10;
        }
        return milliseconds;
    }

    int offset_minutes() {
        if (text_.empty()) {
            failed_ = true;
            return 0;
        }
        const char sign = text_.front();
        text_.remove_prefix(1);
        if (sign == 'Z' || sign == 'z') {
            return 0;
        }
        const int hours = number(2);
        expect(":");
        const int minutes = number(2);
        failed_ = failed_ || (sign != '+' && sign != '-') || hours > 23 || minutes > 59;
        return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
    }

    bool at_end() const { return !failed_ && text_.empty(); }

  private:
    std::string_view text_;
    bool failed_ = false;
};

constexpr std::int64_t begin_of_0000_ms = -62'167'219'200'000;
constexpr std::int64_t end_of_9999_ms = 253'402'300'800'000;

} // namespace

std::optional<std::int64_t> parse_rfc3339_ms(std::string_view text) {
    Reader reader(text);
    const int year = reader.number(4);
    reader.expect("-");
    const int month = reader.number(2);
    reader.expect("-");
    const int day = reader.number(2);
    reader.expect("Tt ");
    const int hour = reader.number(2);
    reader.expect(":");
    const int minute = reader.number(2);
    reader.expect(":");
    const int second = reader.number(2);
    const int milliseconds = reader.fraction_ms();
    const int offset = reader.offset_minutes();
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    const bool leap_second = second == 60 && hour == 23 && minute == 59 && offset == 0;
    if (!reader.at_end() || !date.ok() || hour > 23 || minute > 59 || (second > 59 && !leap_second)) {
        return std::nullopt;
    }
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    const std::int64_t minutes = days * 1440 + hour * 60 + minute - offset;
    const std::int64_t unix_ms = (minutes * 60 + second) * 1000 + milliseconds;
    return unix_ms >= 0 && unix_ms < end_of_9999_ms ? std::optional(unix_ms) : std::nullopt;
}

std::string format_rfc3339(std::int64_t unix_ms) {
    using namespace std::chrono;
    const sys_time<milliseconds> time{milliseconds(std::clamp(unix_ms, begin_of_0000_ms, end_of_9999_ms - 1))};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss<milliseconds> clock(time - day);
    std::string text(40, '\0');
    int size =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    text.resize(static_cast<std::size_t>(size));
    if (const auto rest = clock.subseconds().count(); rest != 0) {
        std::string fraction = std::to_string(rest);
        text += '.' + fraction.insert(0, 3 - fraction.size(), '0');
    }
    return text + 'Z';
}

} // namespace api_key
