// Errors as values. Nothing throws: the module is built with -fno-exceptions. If our own heap runs out of memory, the worker ends and nginx
// starts another; if a request's pool does, that request gets 500.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace api_key {

// The problem, in words for a person. `field` is the JSON member, directive argument or file line at fault; may be empty.
struct Error {
    std::string field;
    std::string message;
};

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return state_.index() == 0; }
    T& operator*() { return *std::get_if<0>(&state_); }
    const T& operator*() const { return *std::get_if<0>(&state_); }
    T* operator->() { return std::get_if<0>(&state_); }
    const T* operator->() const { return std::get_if<0>(&state_); }
    const Error& error() const { return *std::get_if<1>(&state_); }

  private:
    std::variant<T, Error> state_;
};

} // namespace api_key
