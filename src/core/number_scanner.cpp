#include "core/number_scanner.h"

#include "core/event_stream.h"
#include "core/hex.h"

namespace api_key {

namespace {

constexpr std::uint64_t largest_number = std::uint64_t{1} << 53;
constexpr char unmatched = '\xff'; // stands in a name for what no looked-for name has

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

} // namespace

void NumberScanner::restart() {
    state_ = State::value;
    names_ = escaped_ = false;
    unicode_ = 0;
    node_ = 0;
    skipped_ = depth_ = 0;
}

void NumberScanner::feed(std::string_view bytes) {
    for (std::size_t index = 0; index < bytes.size(); index++) {
        if (state_ == State::string && !names_ && !escaped_) { // most of an answer is text
            index = find_either(bytes, '"', '\\', index);
            if (index == std::string_view::npos) {
                return;
            }
        }
        take(bytes[index]);
    }
}

void NumberScanner::take(char c) {
    if (state_ == State::string) {
        return take_in_string(c);
    }
    if (state_ == State::number) {
        return take_number(c);
    }
    if (is_space(c)) {
        return;
    }
    if (skipped_ != 0) {
        if (c == '"') {
            state_ = State::string;
        } else if (c == '{' || c == '[') {
            skipped_++;
        } else if ((c == '}' || c == ']') && --skipped_ == 0) {
            state_ = State::after_value;
        }
        return;
    }
    if (c == '}' || c == ']') {
        return close();
    }
    if (c == ',') {
        state_ = is_in_object() ? State::name : State::value;
        node_ = is_in_object() || depth_ == 0 ? std::int8_t{-1} : levels_[depth_ - 1];
        return;
    }
    switch (state_) {
    case State::name:
        return take_name(c);
    case State::after_name:
        if (c == ':') {
            state_ = State::value;
            node_ = child();
        }
        return;
    case State::value:
        return take_value(c);
    default:
        return;
    }
}

void NumberScanner::take_name(char c) {
    if (c == '"') {
        state_ = State::string;
        names_ = true;
        name_size_ = 0;
    }
}

void NumberScanner::take_value(char c) {
    if (c == '"') {
        state_ = State::string;
    } else if (c == '{' || c == '[') {
        open(c);
    } else {
        state_ = State::number; // or true, false, null: no number then
        value_ = 0;
        whole_ = true;
        take_number(c);
    }
}

void NumberScanner::open(char c) {
    const bool is_element_list = c == '[' && elements_ && depth_ == 0 && node_ == 0;
    const bool is_wanted_object = c == '{' && node_ >= 0 && nodes_[static_cast<std::size_t>(node_)].slot < 0;
    if ((!is_element_list && !is_wanted_object) || depth_ == most_levels) {
        skipped_ = 1;
        return;
    }
    levels_[depth_] = node_;
    in_array_[depth_] = is_element_list;
    depth_++;
    state_ = is_element_list ? State::value : State::name;
    if (is_wanted_object) {
        listener_.object_begins(static_cast<std::size_t>(node_));
    }
}

void NumberScanner::close() {
    if (depth_ != 0) {
        depth_--;
    }
    state_ = State::after_value;
}

void NumberScanner::take_number(char c) {
    if (c >= '0' && c <= '9') {
        value_ = value_ <= largest_number ? value_ * 10 + static_cast<std::uint64_t>(c - '0') : value_;
        return;
    }
    if (is_space(c) || c == ',' || c == '}' || c == ']') {
        end_number();
        take(c);
        return;
    }
    whole_ = false;
}

void NumberScanner::end_number() {
    state_ = State::after_value;
    const std::int8_t slot = node_ >= 0 ? nodes_[static_cast<std::size_t>(node_)].slot : std::int8_t{-1};
    if (slot >= 0 && whole_ && value_ <= largest_number) {
        listener_.number(static_cast<std::size_t>(slot), static_cast<std::int64_t>(value_));
    }
}

void NumberScanner::take_in_string(char c) {
    if (unicode_ != 0) {
        take_unicode(c);
    } else if (escaped_) {
        escaped_ = false;
        if (c == 'u') {
            unicode_ = 4;
            character_ = 0;
        } else {
            add_to_name(c == '"' || c == '\\' || c == '/' ? c : unmatched);
        }
    } else if (c == '\\') {
        escaped_ = true;
    } else if (c == '"') {
        state_ = names_ ? State::after_name : skipped_ != 0 ? State::value : State::after_value;
        names_ = false;
    } else {
        add_to_name(c);
    }
}

void NumberScanner::take_unicode(char c) {
    const int digit = hex_value(c);
    character_ = character_ * 16 + static_cast<unsigned>(digit < 0 ? 0 : digit);
    if (--unicode_ == 0) {
        add_to_name(character_ < 0x80 ? static_cast<char>(character_) : unmatched);
    }
}

void NumberScanner::add_to_name(char c) {
    if (names_ && name_size_ < longest_name) {
        name_[name_size_++] = c;
    }
}

// The node of the member that was just named. A name that fills the buffer may go on: it is none that is looked for.
std::int8_t NumberScanner::child() const {
    const std::string_view name(name_.data(), name_size_);
    const std::int8_t parent = levels_[depth_ - 1];
    for (std::size_t node = 1; node < nodes_.size(); node++) {
        if (nodes_[node].parent == parent && nodes_[node].name == name) {
            return static_cast<std::int8_t>(node);
        }
    }
    return -1;
}

} // namespace api_key
