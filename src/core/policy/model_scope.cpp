#include "core/policy/model_scope.h"

#include "core/policy/model_glob.h"
#include "core/text/next_part.h"

namespace api_key {

namespace {

constexpr std::size_t max_listed = 10;

class Listing {
  public:
    void add(std::string_view name) {
        if (count_++ < max_listed) {
            text_ += text_.empty() ? "" : ", ";
            text_ += name;
        }
    }
    std::string text() && {
        if (count_ > max_listed) {
            text_ += " and " + std::to_string(count_ - max_listed) + " more";
        }
        return std::move(text_);
    }

  private:
    std::string text_;
    std::size_t count_ = 0;
};

} // namespace

bool ModelScope::allows(std::string_view model) const {
    return (of_key.empty() || any_matches(of_key, model)) && (of_plan == nullptr || of_plan->empty() || any_matches(*of_plan, model));
}

std::string ModelScope::refusing_list(std::string_view model) const {
    Listing listing;
    if (!of_key.empty() && !any_matches(of_key, model)) {
        for (std::string_view rest = of_key; !rest.empty();) {
            listing.add(next_part(rest, '\n'));
        }
    } else if (!allows(model)) {
        for (const std::string& name : *of_plan) {
            listing.add(name);
        }
    }
    return std::move(listing).text();
}

} // namespace api_key
