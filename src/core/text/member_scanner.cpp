#include "core/text/member_scanner.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "core/text/event_stream.h"
#include "core/text/hex.h"

namespace api_key {

namespace {

constexpr double max_number = 9007199254740992.0; // 2^53
constexpr char unmatched = '\xff';                // in a token, a character that no wanted name has

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::optional<std::int64_t> integral_number(std::string_view token) {
    double number = 0;
    const bool begins_well = !token.empty() && token.front() >= '0' && token.front() <= '9';
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
    if (!begins_well || error != std::errc{} || end != token.data() + token.size() || number > max_number || number != std::floor(number)) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(number);
}

} // namespace

void MemberScanner::restart() {
    state_ = State::value;
    is_name_ = keeps_ = escaped_ = false;
    unicode_ = 0;
    node_ = 0;
    skipped_ = depth_ = 0;
}

void MemberScanner::feed(std::string_view bytes) {
    for (std::size_t index = 0; index < bytes.size(); index++) {
        if (state_ == State::broken) {
            return;
        }
        if (state_ == State::string && !keeps_ && !escaped_) { // most of an answer is text
            index = find_either(bytes, '"', '\\', index);
            if (index == std::string_view::npos) {
                return;
            }
        }
        take(bytes[index]);
    }
}

void MemberScanner::take(char c) {
    if (state_ == State::string) {
        return take_in_string(c);
    }
    if (state_ == State::literal) {
        return take_literal(c);
    }
    if (is_space(c)) {
        return;
    }
    if (skipped_ != 0) {
        return take_in_skipped(c);
    }
    if (c == '}' || c == ']') {
        return close(c);
    }
    if (c == ',') {
        state_ = is_in_object() ? State::name : State::value;
        node_ = is_in_object() || depth_ == 0 ? std::int8_t{-1} : child({});
        return;
    }
    if (state_ == State::value) {
        take_value(c);
    } else if (state_ == State::name && c == '"') {
        begin_string(true);
    } else if (state_ == State::after_name && c == ':') {
        state_ = State::value;
        node_ = child(token());
    } else {
        state_ = State::broken;
    }
}

void MemberScanner::take_in_skipped(char c) {
    if (c == '"') {
        begin_string(false);
    } else if (c == '{' || c == '[') {
        skipped_++;
    } else if ((c == '}' || c == ']') && --skipped_ == 0) {
        state_ = State::after_value;
    }
}

void MemberScanner::take_value(char c) {
    if (c == '"') {
        begin_string(false);
    } else if (c == '{' || c == '[') {
        open(c);
    } else {
        state_ = State::literal;
        keeps_ = node_ >= 0;
        token_size_ = 0;
        take_literal(c);
    }
}

void MemberScanner::begin_string(bool is_name) {
    state_ = State::string;
    is_name_ = is_name;
    keeps_ = is_name || (skipped_ == 0 && expects(ScannedKind::text));
    token_size_ = 0;
}

void MemberScanner::open(char c) {
    const bool is_document_list = c == '[' && elements_ && depth_ == 0 && node_ == 0;
    const bool is_wanted = expects(c == '{' ? ScannedKind::object : ScannedKind::list) || is_document_list;
    if (!is_wanted || depth_ == max_levels) {
        skipped_ = 1;
        if (node_ >= 0) {
            listener_.other(static_cast<std::size_t>(node_));
        }
        return;
    }
    levels_[depth_] = is_document_list ? static_cast<std::int8_t>(nodes_.size()) : node_;
    listener_.begins(static_cast<std::size_t>(levels_[depth_]));
    in_list_[depth_] = c == '[';
    depth_++;
    state_ = c == '[' ? State::value : State::name;
    node_ = c == '[' ? child({}) : std::int8_t{-1};
}

void MemberScanner::close(char c) {
    if (depth_ == 0 || in_list_[depth_ - 1] != (c == ']')) {
        state_ = State::broken;
        return;
    }
    depth_--;
    state_ = State::after_value;
    listener_.ends(static_cast<std::size_t>(levels_[depth_]));
}

void MemberScanner::take_literal(char c) {
    if (is_space(c) || c == ',' || c == '}' || c == ']') {
        end_literal();
        take(c);
    } else {
        keep(c);
    }
}

void MemberScanner::end_literal() {
    state_ = State::after_value;
    if (!keeps_) {
        return;
    }
    const std::size_t node = static_cast<std::uint8_t>(node_); // not negative here
    const std::optional<std::int64_t> number = expects(ScannedKind::number) ? integral_number(token()) : std::nullopt;
    if (token() == "null") {
        listener_.null(node);
    } else if (number) {
        listener_.number(node, *number);
    } else {
        listener_.other(node);
    }
}

void MemberScanner::take_in_string(char c) {
    if (unicode_ != 0) {
        take_unicode(c);
    } else if (escaped_) {
        escaped_ = false;
        if (c == 'u') {
            unicode_ = 4;
            character_ = 0;
        } else {
            keep(c == '"' || c == '\\' || c == '/' ? c : unmatched);
        }
    } else if (c == '\\') {
        escaped_ = true;
    } else if (c == '"') {
        end_string();
    } else {
        keep(c);
    }
}

void MemberScanner::end_string() {
    if (is_name_) {
        state_ = State::after_name;
        return;
    }
    state_ = skipped_ != 0 ? State::value : State::after_value;
    if (keeps_) {
        listener_.text(static_cast<std::size_t>(node_), token());
    } else if (skipped_ == 0 && node_ >= 0) {
        listener_.other(static_cast<std::size_t>(node_));
    }
}

void MemberScanner::take_unicode(char c) {
    const int digit = hex_value(c);
    character_ = character_ * 16 + static_cast<unsigned>(digit < 0 ? 0 : digit);
    if (--unicode_ == 0) {
        keep(character_ < 0x80 ? static_cast<char>(character_) : unmatched);
    }
}

// A token that fills the buffer may be longer: it is not a wanted one.
void MemberScanner::keep(char c) {
    if (keeps_ && token_size_ < max_token_length) {
        token_[token_size_++] = c;
    }
}

// The node of the member with that name, or of a list's element, which has no name.
std::int8_t MemberScanner::child(std::string_view name) const {
    const std::int8_t parent = levels_[depth_ - 1];
    if (parent == static_cast<std::int8_t>(nodes_.size())) {
        return 0;
    }
    for (std::size_t node = 1; node < nodes_.size(); node++) {
        if (nodes_[node].parent == parent && nodes_[node].name == name) {
            return static_cast<std::int8_t>(node);
        }
    }
    return -1;
}

} // namespace api_key
