#include "tool/suggestion.h"

#include <algorithm>
#include <cstddef>

namespace api_key::tool {

namespace {

// The edits between two words, where two letters that are swapped are one edit (optimal string alignment).
std::size_t edits(std::string_view from, std::string_view to) {
    std::vector<std::size_t> before;
    std::vector<std::size_t> row(to.size() + 1);
    std::vector<std::size_t> next(to.size() + 1);
    for (std::size_t column = 0; column <= to.size(); column++) {
        row[column] = column;
    }
    for (std::size_t line = 1; line <= from.size(); line++) {
        next[0] = line;
        for (std::size_t column = 1; column <= to.size(); column++) {
            const bool is_same = from[line - 1] == to[column - 1];
            next[column] = std::min({row[column] + 1, next[column - 1] + 1, row[column - 1] + (is_same ? 0U : 1U)});
            if (line > 1 && column > 1 && from[line - 1] == to[column - 2] && from[line - 2] == to[column - 1]) {
                next[column] = std::min(next[column], before[column - 2] + 1);
            }
        }
        before = row;
        std::swap(row, next);
    }
    return row[to.size()];
}

} // namespace

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t longest = 64;
    std::string best;
    std::size_t fewest = std::max<std::size_t>(std::min(word.size(), longest) / 3, 1) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t needed = edits(word.substr(0, longest), candidate);
        if (needed < fewest) {
            fewest = needed;
            best = candidate;
        }
    }
    return best;
}

} // namespace api_key::tool
