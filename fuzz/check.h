// What must hold for every input: else the fuzzer stops with the input at hand.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

inline void must_hold(bool holds, const char* condition, const char* file, int line) {
    if (!holds) {
        std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
        std::abort();
    }
}

#define MUST_HOLD(condition) must_hold((condition), #condition, __FILE__, __LINE__)

// Whether `part` lies in the bytes of `whole`; an empty one lies anywhere.
inline bool lies_within(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}
