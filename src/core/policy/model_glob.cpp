#include "core/policy/model_glob.h"

#include <algorithm>

namespace api_key {

// On a mismatch only the last `*` is extended: linear in practice, never exponential.
bool matches_model(std::string_view glob, std::string_view model) {
    std::size_t in_glob = 0;
    std::size_t in_model = 0;
    std::size_t star = std::string_view::npos;
    std::size_t after_star = 0;
    while (in_model < model.size()) {
        if (in_glob < glob.size() && glob[in_glob] == '*') {
            star = in_glob++;
            after_star = in_model;
        } else if (in_glob < glob.size() && glob[in_glob] == model[in_model]) {
            in_glob++;
            in_model++;
        } else if (star != std::string_view::npos) {
            in_glob = star + 1;
            in_model = ++after_star;
        } else {
            return false;
        }
    }
    return glob.find_first_not_of('*', in_glob) == std::string_view::npos;
}

bool any_matches(std::string_view newline_separated_globs, std::string_view model) {
    for (std::string_view rest = newline_separated_globs; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        if (matches_model(rest.substr(0, end), model)) {
            return true;
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
}

bool any_matches(const std::vector<std::string>& globs, std::string_view model) {
    return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return matches_model(glob, model); });
}

} // namespace api_key
