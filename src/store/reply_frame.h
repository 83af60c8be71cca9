// Finds the end of a RESP reply without building it, so that a reply larger than any we ask for is recognized before memory is allocated
// for it, and can be skipped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace api_key::store {

class ReplyFrame {
  public:
    static constexpr std::size_t max_size = std::size_t{16} * 1024 * 1024;
    static constexpr std::size_t max_elements = 100'000;                   // in all its arrays
    static constexpr std::size_t max_line_length = std::size_t{64} * 1024; // hiredis rescans an incomplete line from its start

    // Returns how many of these bytes belong to the reply: all of them when it does not end here.
    std::size_t take(std::string_view bytes);

    bool is_whole() const { return missing_ == 0 && to_skip_ == 0; }
    bool is_malformed() const { return malformed_; } // not RESP
    bool is_too_large() const { return size_ + to_skip_ > max_size || elements_ > max_elements || line_too_long_; }

    // The least size of the reply, by the lengths announced so far.
    std::uint64_t min_size() const;

  private:
    void read_header();

    std::string header_; // type and length of the element being read
    char last_ = 0;      // its last byte read
    std::size_t line_size_ = 0;
    bool line_too_long_ = false;
    std::uint64_t missing_ = 1;
    std::uint64_t to_skip_ = 0; // bytes left of a string and its line end
    std::uint64_t elements_ = 0;
    std::uint64_t size_ = 0;
    bool malformed_ = false;
};

} // namespace api_key::store
