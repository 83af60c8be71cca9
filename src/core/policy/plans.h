// The plans of `api_key_plans`: models, prices and rates of an account.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/limits.h"
#include "core/text/result.h"

namespace api_key {

struct Plan {
    std::string name;
    std::vector<std::string> models;                // globs; empty: every model
    std::int64_t multiplier_millionths = 1'000'000; // of prices
    Rates rates;
    std::uint64_t fingerprint = 0; // of the rates: differs if the limits differ; 0 only for a plan without rates
};

class Plans {
  public:
    // {"plans": {"pro": {"models": […], "multiplier": "1.25", "per_second": 10, "per_minute": 300}}}; an unknown field, a wrong type or
    // a value out of range is an error that names the field (`plans.pro.per_second`).
    static Result<Plans> parse(std::string_view json);

    const Plan* find(std::string_view name) const; // null: no such plan

    std::size_t size() const { return plans_.size(); }
    const std::vector<Plan>& all() const { return plans_; }

  private:
    std::vector<Plan> plans_;
};

} // namespace api_key
