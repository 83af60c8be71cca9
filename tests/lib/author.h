// Who changes things in the tests of the store.
#pragma once

#include "core/logs/audit.h"

namespace test {

inline const api_key::Peppers& peppers() {
    static const api_key::Peppers* const made =
        new api_key::Peppers(std::move(*api_key::Peppers::parse("1:000102030405060708090a0b0c0d0e0f")));
    return *made;
}

inline api_key::Author author() {
    api_key::Author author;
    author.peppers = &peppers();
    author.name = "test";
    author.now_ms = 1'800'000'000'000;
    return author;
}

} // namespace test
