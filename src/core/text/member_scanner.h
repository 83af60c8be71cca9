// Finds a few members in JSON that arrives in pieces of any size, in constant memory and without building a document. Skips everything
// else, whatever its size or depth, and also input that is not JSON.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace api_key {

enum class ScannedKind : std::uint8_t { object, list, number, text };

// A wanted member, or an ancestor of one. Node 0 is the document itself; the children of a node follow it, one level deeper. The elements
// of a list are its children, without a name.
struct ScannerNode {
    std::int8_t level;
    std::string_view name;
    ScannedKind kind;
    std::int8_t slot; // for the listener's use
    std::int8_t parent = -1;
};

template <std::size_t size>
constexpr std::array<ScannerNode, size> with_parents(std::array<ScannerNode, size> nodes) {
    for (std::size_t node = 1; node < size; node++) {
        std::size_t parent = node - 1;
        while (nodes[parent].level >= nodes[node].level) {
            parent--;
        }
        nodes[node].parent = static_cast<std::int8_t>(parent);
    }
    return nodes;
}

class MemberScanner {
  public:
    struct Listener {
        virtual void begins(std::size_t node) = 0; // an object or a list
        virtual void ends(std::size_t node) = 0;
        virtual void number(std::size_t node, std::int64_t value) = 0; // whole, 0 to 2^53, also where it is written as 5.0 or 5e3
        virtual void text(std::size_t node, std::string_view value) = 0;
        virtual void null(std::size_t node) = 0;
        virtual void other(std::size_t node) = 0; // the value is of another kind, or not such a number

      protected:
        ~Listener() = default;
    };

    // `elements`: the document may be an array of documents, which the listener sees as the node after the last.
    MemberScanner(std::span<const ScannerNode> nodes, bool elements, Listener& listener)
        : nodes_(nodes), elements_(elements), listener_(listener) {}

    void feed(std::string_view bytes);
    void restart(); // another document begins

  private:
    static constexpr std::size_t max_token_length = 64;
    static constexpr std::size_t max_levels = 8;

    enum class State : std::uint8_t { value, name, after_name, after_value, string, literal, broken };

    void take(char c);
    void take_in_string(char c);
    void take_unicode(char c);
    void end_string();
    void keep(char c);
    void take_value(char c);
    void take_literal(char c);
    void end_literal();
    void take_in_skipped(char c);
    void begin_string(bool is_name);
    void open(char c);
    void close(char c);
    std::int8_t child(std::string_view name) const;
    bool is_in_object() const { return depth_ != 0 && !in_list_[depth_ - 1]; }
    bool expects(ScannedKind kind) const { return node_ >= 0 && nodes_[static_cast<std::size_t>(node_)].kind == kind; }
    std::string_view token() const { return {token_.data(), token_size_}; }

    std::span<const ScannerNode> nodes_;
    bool elements_;
    Listener& listener_;
    State state_ = State::value;
    bool is_name_ = false;   // the string is a member's name
    bool keeps_ = false;     // the string or literal is wanted
    bool escaped_ = false;   // after a backslash
    unsigned unicode_ = 0;   // digits of \u to come
    unsigned character_ = 0; // their value so far
    std::size_t token_size_ = 0;
    std::array<char, max_token_length> token_{};
    std::int8_t node_ = 0;    // of the value to come; -1: not wanted
    std::size_t skipped_ = 0; // levels inside an unwanted value
    std::size_t depth_ = 0;   // how many entries of levels_ are in use
    std::array<std::int8_t, max_levels> levels_{};
    std::array<bool, max_levels> in_list_{};
};

} // namespace api_key
