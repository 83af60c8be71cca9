// cmocka for tables: a check that fails names its row.
#pragma once

#include <array>
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>

extern "C" {
#include <cmocka.h>
}

namespace test {

inline void name_row(std::string_view row) {
    print_error("row: %.*s\n", static_cast<int>(row.size()), row.data());
}

inline void check(bool holds, std::string_view row, const char* condition, const char* file, int line) {
    if (!holds) {
        name_row(row);
        _assert_true(0, condition, file, line);
    }
}

inline void check_text(std::string_view actual, std::string_view expected, std::string_view row, const char* file, int line) {
    if (actual != expected) {
        name_row(row);
        print_error("expected: %.*s\nbut was:  %.*s\n", static_cast<int>(expected.size()), expected.data(), static_cast<int>(actual.size()),
                    actual.data());
        _fail(file, line);
    }
}

} // namespace test

#define CHECK(row, condition) test::check((condition), (row), #condition, __FILE__, __LINE__)
#define CHECK_TEXT(row, actual, expected) test::check_text((actual), (expected), (row), __FILE__, __LINE__)
