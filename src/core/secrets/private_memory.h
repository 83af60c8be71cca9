// Memory for secrets: left out of core dumps, wiped when given back.
#pragma once

#include <cstddef>
#include <utility>

namespace api_key {

class PrivateMemory {
  public:
    PrivateMemory() = default;
    explicit PrivateMemory(std::size_t size); // zeroed; data() is null if out of memory
    PrivateMemory(PrivateMemory&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    PrivateMemory& operator=(PrivateMemory&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    PrivateMemory(const PrivateMemory&) = delete;
    PrivateMemory& operator=(const PrivateMemory&) = delete;
    ~PrivateMemory();

    void* data() const { return data_; }
    std::size_t size() const { return size_; }

  private:
    void* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace api_key
