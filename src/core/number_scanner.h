// Finds a few numbers in JSON that passes in pieces of any size: constant memory, no document. What it does not look for it skips, whatever
// its size or depth; what is not JSON it skips too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace api_key {

// A member that is looked for, or that leads to one. Node 0 is the document itself; a parent comes before its children.
struct ScannerNode {
    std::int8_t parent;
    std::string_view name;
    std::int8_t slot; // of a number; -1: an object on the way
};

class NumberScanner {
  public:
    struct Listener {
        virtual void object_begins(std::size_t node) = 0;
        virtual void number(std::size_t slot, std::int64_t value) = 0; // 0 to 2^53; other numbers are not told

      protected:
        ~Listener() = default;
    };

    // `elements`: the document may be an array of documents.
    NumberScanner(std::span<const ScannerNode> nodes, bool elements, Listener& listener)
        : nodes_(nodes), elements_(elements), listener_(listener) {}

    void feed(std::string_view bytes);
    void restart(); // another document begins

  private:
    static constexpr std::size_t longest_name = 64;
    static constexpr std::size_t most_levels = 6;

    enum class State : std::uint8_t { value, name, after_name, after_value, string, number };

    void take(char c);
    void take_in_string(char c);
    void take_unicode(char c);
    void add_to_name(char c);
    void take_value(char c);
    void take_name(char c);
    void take_number(char c);
    void open(char c);
    void close();
    void end_number();
    std::int8_t child() const;
    bool is_in_object() const { return depth_ != 0 && !in_array_[depth_ - 1]; }

    std::span<const ScannerNode> nodes_;
    bool elements_;
    Listener& listener_;
    State state_ = State::value;
    bool names_ = false;     // the string is a member's name
    bool escaped_ = false;   // after a backslash
    unsigned unicode_ = 0;   // digits of \u to come
    unsigned character_ = 0; // and what they say so far
    std::size_t name_size_ = 0;
    std::array<char, longest_name> name_{};
    std::int8_t node_ = 0;    // of the value to come; -1: nobody looks for it
    std::size_t skipped_ = 0; // levels of what nobody looks for
    std::size_t depth_ = 0;   // of the levels on the way
    std::array<std::int8_t, most_levels> levels_{};
    std::array<bool, most_levels> in_array_{};
    std::uint64_t value_ = 0;
    bool whole_ = false; // digits alone so far
};

} // namespace api_key
