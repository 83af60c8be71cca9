#include "core/policy/plans.h"

#include <algorithm>
#include <cstring>

#include "core/secrets/digest.h"
#include "core/text/json_reader.h"
#include "core/text/utf8.h"

namespace api_key {

namespace {

constexpr std::size_t max_name_length = 64;
constexpr std::size_t max_planned_model_length = 200;
constexpr std::int64_t max_rate = 1'000'000'000;
constexpr std::int64_t max_multiplier_millionths = 1'000'000'000;

using Problem = std::optional<Error>;

Problem read_models(const std::string& field, const json_t* value, Plan& plan) {
    if (!json_is_array(value)) {
        return wrong(field, "expected a list of model names, * allowed");
    }
    for (std::size_t index = 0; index < json_array_size(value); index++) {
        const json_t* item = json_array_get(value, index);
        const std::string_view model = json_is_string(item) ? text_of(item) : std::string_view();
        if (model.empty() || model.size() > max_planned_model_length || !is_plain_text(model) ||
            model.find(' ') != std::string_view::npos) {
            return wrong(field + "[" + std::to_string(index) + "]", "expected a model name without spaces, * allowed");
        }
        plan.models.emplace_back(model);
    }
    return std::nullopt;
}

Problem read_rate(const std::string& field, const json_t* value, std::optional<std::int64_t>& rate) {
    rate = whole_number(value, 1, max_rate);
    return rate ? std::nullopt : Problem(wrong(field, "expected a whole number of requests from 1 to 1000000000"));
}

Problem read_multiplier(const std::string& field, const json_t* value, Plan& plan) {
    const std::optional<std::int64_t> multiplier = millionths(value);
    if (!multiplier || *multiplier > max_multiplier_millionths) {
        return wrong(field, "expected a number from 0 to 1000 with at most six decimals");
    }
    plan.multiplier_millionths = *multiplier;
    return std::nullopt;
}

Problem read_member(const std::string& path, std::string_view name, const json_t* value, Plan& plan) {
    if (name == "models") {
        return read_models(path, value, plan);
    }
    if (name == "multiplier") {
        return read_multiplier(path, value, plan);
    }
    if (name == "per_second") {
        return read_rate(path, value, plan.rates.per_second);
    }
    if (name == "per_minute") {
        return read_rate(path, value, plan.rates.per_minute);
    }
    return wrong(path, "unknown field");
}

std::uint64_t fingerprint_of(const Rates& rates) {
    if (!rates.per_second && !rates.per_minute) {
        return 0;
    }
    const auto digest = sha256(std::to_string(rates.per_second.value_or(0)) + "/" + std::to_string(rates.per_minute.value_or(0)));
    std::uint64_t fingerprint = 1;
    if (digest) {
        std::memcpy(&fingerprint, digest->data(), sizeof fingerprint);
    }
    return fingerprint | 1U;
}

Problem read_plan(std::string_view name, const json_t* value, Plan& plan) {
    const std::string path = "plans." + std::string(name);
    if (name.empty() || name.size() > max_name_length || !is_plain_text(name)) {
        return wrong("plans", "a plan's name has 1 to 64 bytes without control characters");
    }
    if (!json_is_object(value)) {
        return wrong(path, "expected an object");
    }
    plan.name = name;
    const char* member = nullptr;
    json_t* member_value = nullptr;
    json_object_foreach(const_cast<json_t*>(value), member, member_value) {
        if (Problem problem = read_member(path + "." + member, member, member_value, plan)) {
            return problem;
        }
    }
    plan.fingerprint = fingerprint_of(plan.rates);
    return std::nullopt;
}

} // namespace

Result<Plans> Plans::parse(std::string_view json) {
    const Result<Json> document = read_object("The plans file", json);
    if (!document) {
        return document.error();
    }
    Plans result;
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(document->get(), name, value) {
        if (std::string_view(name) != "plans") {
            return wrong(name, "unknown field");
        }
    }
    json_t* plans = json_object_get(document->get(), "plans");
    if (!json_is_object(plans)) {
        return wrong("plans", "expected an object of plans by name");
    }
    json_object_foreach(plans, name, value) {
        if (Problem problem = read_plan(name, value, result.plans_.emplace_back())) {
            return *problem;
        }
    }
    return result;
}

const Plan* Plans::find(std::string_view name) const {
    for (const Plan& plan : plans_) {
        if (plan.name.size() == name.size() && std::memcmp(plan.name.data(), name.data(), name.size()) == 0) {
            return &plan;
        }
    }
    return nullptr;
}

} // namespace api_key
