// Where a reply ends in the bytes of a connection, without building it: what is larger than anybody asks for is recognized before room is
// made for it, and can be thrown away to its end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace api_key::store {

class ReplyFrame {
  public:
    static constexpr std::size_t largest = std::size_t{16} * 1024 * 1024;
    static constexpr std::size_t max_elements = 100'000;                   // of all its arrays
    static constexpr std::size_t max_line_length = std::size_t{64} * 1024; // hiredis looks for its end from its begin, time and again

    // How many of these bytes belong to the reply; all of them when it does not end there.
    std::size_t take(std::string_view bytes);

    bool is_whole() const { return missing_ == 0 && to_skip_ == 0; }
    bool is_malformed() const { return malformed_; } // no frame can be seen
    bool is_too_large() const { return size_ + to_skip_ > largest || elements_ > max_elements || line_too_long_; }

    // Bytes that it has at the least, by what it has announced so far.
    std::uint64_t min_size() const;

  private:
    void read_header();

    std::string header_; // of the element that is being read: its type and length
    char last_ = 0;      // that was read of it
    std::size_t line_size_ = 0;
    bool line_too_long_ = false;
    std::uint64_t missing_ = 1;
    std::uint64_t to_skip_ = 0; // of a string, with its line end
    std::uint64_t elements_ = 0;
    std::uint64_t size_ = 0;
    bool malformed_ = false;
};

} // namespace api_key::store
