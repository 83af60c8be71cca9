#include "store/reply_frame.h"

#include <algorithm>
#include <limits>

#include "store/replies.h"

namespace api_key::store {

namespace {

constexpr std::size_t max_header_length = 32; // enough to parse the length
constexpr std::size_t min_element = 4;        // ":1\r\n"
constexpr std::int64_t max_announced = std::numeric_limits<std::int32_t>::max();
constexpr std::string_view line_end = "\r\n";

} // namespace

std::size_t ReplyFrame::take(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size() && !is_whole() && !malformed_) {
        const std::string_view rest = bytes.substr(at);
        if (to_skip_ != 0) {
            const std::uint64_t skipped = std::min<std::uint64_t>(to_skip_, rest.size());
            to_skip_ -= skipped;
            at += skipped;
            continue;
        }
        const std::size_t line = rest.find('\n');
        const std::size_t size = line == std::string_view::npos ? rest.size() : line + 1;
        header_ += rest.substr(0, std::min(size, max_header_length - std::min(max_header_length, header_.size())));
        const char before = size > 1 ? rest[size - 2] : last_;
        last_ = rest[size - 1];
        at += size;
        line_size_ += size;
        line_too_long_ = line_too_long_ || line_size_ > max_line_length;
        if (line != std::string_view::npos && before == '\r') {
            read_header();
            header_.clear();
            line_size_ = 0;
        }
    }
    if (malformed_) {
        return bytes.size();
    }
    size_ += at;
    return at;
}

// Called at the end of each header line: it begins an element, or is all of it.
void ReplyFrame::read_header() {
    missing_--;
    const char type = header_[0];
    if (type == '+' || type == '-' || type == ':') {
        return;
    }
    const bool has_end = header_.size() > line_end.size() && header_.ends_with(line_end);
    const std::optional<std::int64_t> announced =
        signed_number(std::string_view(header_).substr(1, has_end ? header_.size() - 1 - line_end.size() : 0));
    malformed_ = (type != '$' && type != '*') || !announced || *announced < -1 || *announced > max_announced;
    if (malformed_ || *announced < 0) {
        return; // or a null
    }
    const auto length = static_cast<std::uint64_t>(*announced);
    if (type == '$') {
        to_skip_ = length + line_end.size();
    } else {
        missing_ += length;
        elements_ += length;
    }
}

std::uint64_t ReplyFrame::min_size() const {
    return size_ + to_skip_ + missing_ * min_element;
}

} // namespace api_key::store
