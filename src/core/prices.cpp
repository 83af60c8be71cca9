#include "core/prices.h"

#include <algorithm>
#include <charconv>

#include <simdjson.h>

#include "core/ascii.h"
#include "core/json_reader.h"
#include "core/money.h"

namespace api_key {

namespace {

namespace ondemand = simdjson::ondemand;

__extension__ using Wide = __int128; // tokens times pico-credits times millionths

constexpr std::int64_t pico_per_credit = 1'000'000'000'000;
constexpr std::int64_t most_tokens = pico_per_credit; // more is no count of tokens

using Problem = std::optional<Error>;
using OptionalPrice = std::optional<std::int64_t>;

// The members of a model that are prices, and what stands in their place where one is missing.
enum PriceKind : std::uint8_t { input, cached_input, cache_write, cache_write_1h, output, reasoning, kind_count };
constexpr std::array<std::string_view, kind_count> price_names{
    "input_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
    "cache_creation_input_token_cost_above_1hr",
    "output_cost_per_token",
    "output_cost_per_reasoning_token",
};
using PriceSet = std::array<OptionalPrice, kind_count>;

struct ReadTier {
    std::int64_t above_input_tokens;
    PriceSet prices;
};

struct ReadModel {
    PriceSet prices;
    std::vector<ReadTier> tiers;
    std::optional<std::int64_t> max_tokens;
    std::optional<std::int64_t> max_input_tokens;
    std::optional<std::int64_t> max_output_tokens;
    bool has_no_output = false;
};

// `input_cost_per_token_above_200k_tokens` → 200,000, and the name is cut; 0: not of a tier.
std::int64_t take_tier(std::string_view& name) {
    constexpr std::string_view end = "k_tokens";
    constexpr std::string_view above = "_above_";
    const std::size_t at = name.rfind(above);
    if (at == std::string_view::npos || !name.ends_with(end)) {
        return 0;
    }
    const std::string_view digits = name.substr(at + above.size(), name.size() - end.size() - at - above.size());
    std::int64_t thousands = 0;
    const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), thousands);
    if (error != std::errc{} || last != digits.data() + digits.size() || thousands < 1 || thousands > 1'000'000) {
        return 0;
    }
    name = name.substr(0, at);
    return thousands * 1000;
}

PriceSet& set_of(ReadModel& model, std::int64_t above_input_tokens) {
    if (above_input_tokens == 0) {
        return model.prices;
    }
    const auto found = std::find_if(model.tiers.begin(), model.tiers.end(),
                                    [&](const ReadTier& tier) { return tier.above_input_tokens == above_input_tokens; });
    return found != model.tiers.end() ? found->prices : model.tiers.emplace_back(ReadTier{above_input_tokens, {}}).prices;
}

Problem read_price(const std::string& path, OptionalPrice& price, ondemand::value value) {
    const std::string_view token = trimmed(value.raw_json_token(), " \t\r\n,}");
    if (token == "null") {
        return std::nullopt;
    }
    price = pico_credits(token);
    return price ? std::nullopt : Problem(wrong(path, "expected a price from 0 to 1 per token"));
}

// Not a number: not known (the file's own explanations stand in such places).
void read_count(std::optional<std::int64_t>& count, ondemand::value value) {
    std::int64_t number = 0;
    if (value.get_int64().get(number) == simdjson::SUCCESS && number > 0 && number <= most_tokens) {
        count = number;
    }
}

Problem read_member(const std::string& path, std::string_view name, ReadModel& model, ondemand::value value) {
    if (name == "max_tokens") {
        read_count(model.max_tokens, value);
    } else if (name == "max_input_tokens") {
        read_count(model.max_input_tokens, value);
    } else if (name == "max_output_tokens") {
        read_count(model.max_output_tokens, value);
    } else if (name == "mode") {
        std::string_view mode;
        model.has_no_output =
            value.get_string().get(mode) == simdjson::SUCCESS && (mode == "embedding" || mode == "rerank" || mode == "moderation");
    } else {
        const std::int64_t tier = take_tier(name);
        const auto kind = std::find(price_names.begin(), price_names.end(), name);
        if (kind != price_names.end()) {
            return read_price(path, set_of(model, tier)[static_cast<std::size_t>(kind - price_names.begin())], value);
        }
    }
    return std::nullopt;
}

TokenPrices complete(const PriceSet& prices, const TokenPrices& base) {
    TokenPrices whole;
    whole.input = prices[input].value_or(base.input);
    whole.output = prices[output].value_or(base.output);
    whole.cached_input = prices[cached_input].value_or(prices[input] ? whole.input : base.cached_input);
    whole.cache_write = prices[cache_write].value_or(prices[input] ? std::max(whole.input, base.cache_write) : base.cache_write);
    whole.cache_write_1h = prices[cache_write_1h].value_or(std::max(whole.cache_write, base.cache_write_1h));
    whole.reasoning = prices[reasoning].value_or(prices[output] ? whole.output : base.reasoning);
    return whole;
}

// Nothing for a model that is not sold by the token.
std::optional<ModelPrice> finish(ReadModel& model) {
    if (!model.prices[input] || (!model.prices[output] && !model.has_no_output)) {
        return std::nullopt;
    }
    ModelPrice price;
    price.prices = complete(model.prices, TokenPrices{});
    std::sort(model.tiers.begin(), model.tiers.end(),
              [](const ReadTier& a, const ReadTier& b) { return a.above_input_tokens < b.above_input_tokens; });
    TokenPrices below = price.prices;
    for (const ReadTier& tier : model.tiers) {
        below = complete(tier.prices, below);
        price.tiers.push_back({tier.above_input_tokens, below});
    }
    price.max_input_tokens = model.max_input_tokens;
    price.max_output_tokens = model.has_no_output       ? std::optional<std::int64_t>(0)
                              : model.max_output_tokens ? model.max_output_tokens
                                                        : model.max_tokens;
    return price;
}

Error not_json(simdjson::error_code error) {
    return {"", std::string("not valid JSON: ") + simdjson::error_message(error)};
}

Problem read_model(const std::string& name, ondemand::value value, ReadModel& model) {
    ondemand::object members;
    if (const auto error = value.get_object().get(members); error != simdjson::SUCCESS) {
        return error == simdjson::INCORRECT_TYPE ? wrong(name, "expected an object") : not_json(error);
    }
    for (auto member : members) {
        std::string_view member_name;
        ondemand::value member_value;
        if (const auto error = member.unescaped_key().get(member_name); error != simdjson::SUCCESS) {
            return not_json(error);
        }
        const std::string path = name + "." + std::string(member_name);
        if (const auto error = member.value().get(member_value); error != simdjson::SUCCESS) {
            return not_json(error);
        }
        if (Problem problem = read_member(path, std::string_view(path).substr(name.size() + 1), model, member_value)) {
            return problem;
        }
    }
    return std::nullopt;
}

// Of the tier that so many tokens reach.
const TokenPrices& prices_for(const ModelPrice& price, std::int64_t input_tokens) {
    const TokenPrices* prices = &price.prices;
    for (const PriceTier& tier : price.tiers) {
        prices = input_tokens > tier.above_input_tokens ? &tier.prices : prices;
    }
    return *prices;
}

std::int64_t at_most(std::int64_t tokens) {
    return std::clamp<std::int64_t>(tokens, 0, most_tokens);
}

std::int64_t micro_credits(Wide pico, std::int64_t multiplier_millionths) {
    constexpr Wide divisor = Wide{1'000'000} * 1'000'000;
    const Wide micro = (pico * multiplier_millionths + divisor - 1) / divisor;
    return micro > money_max_micro ? money_max_micro : static_cast<std::int64_t>(micro);
}

TokenPrices dearest(const ModelPrice& price, std::int64_t input_tokens) {
    TokenPrices worst = price.prices;
    for (const PriceTier& tier : price.tiers) {
        if (input_tokens > tier.above_input_tokens) {
            worst.input = std::max(worst.input, tier.prices.input);
            worst.cached_input = std::max(worst.cached_input, tier.prices.cached_input);
            worst.cache_write = std::max(worst.cache_write, tier.prices.cache_write);
            worst.cache_write_1h = std::max(worst.cache_write_1h, tier.prices.cache_write_1h);
            worst.output = std::max(worst.output, tier.prices.output);
            worst.reasoning = std::max(worst.reasoning, tier.prices.reasoning);
        }
    }
    return worst;
}

} // namespace

bool ModelPrice::is_free() const {
    return prices == TokenPrices{} &&
           std::all_of(tiers.begin(), tiers.end(), [](const PriceTier& tier) { return tier.prices == TokenPrices{}; });
}

std::optional<std::int64_t> pico_credits(std::string_view number) {
    return scaled_decimal(number, 12, pico_per_credit);
}

Result<Prices> Prices::parse(std::string_view json) {
    const simdjson::padded_string text(json);
    ondemand::parser parser;
    ondemand::document document;
    ondemand::object models;
    if (const auto error = parser.iterate(text).get(document); error != simdjson::SUCCESS) {
        return not_json(error);
    }
    if (const auto error = document.get_object().get(models); error != simdjson::SUCCESS) {
        return error == simdjson::INCORRECT_TYPE ? Error{"", "expected an object of models by name"} : not_json(error);
    }
    Prices result;
    for (auto field : models) {
        std::string_view key;
        ondemand::value value;
        if (const auto error = field.unescaped_key().get(key); error != simdjson::SUCCESS) {
            return not_json(error);
        }
        const std::string name(key);
        if (const auto error = field.value().get(value); error != simdjson::SUCCESS) {
            return not_json(error);
        }
        if (name == "sample_spec") {
            continue;
        }
        ReadModel model;
        if (Problem problem = read_model(name, value, model)) {
            return *problem;
        }
        if (std::optional<ModelPrice> price = finish(model)) {
            result.models_.insert_or_assign(name, std::move(*price));
        }
    }
    if (const char* rest = nullptr; document.current_location().get(rest) == simdjson::SUCCESS) {
        return Error{"", "not valid JSON: something follows the object"};
    }
    return result;
}

const ModelPrice* Prices::find(std::string_view model, std::string_view provider) const {
    auto found = models_.find(model);
    if (found == models_.end()) {
        std::string name(provider);
        name += '/';
        name += model;
        found = models_.find(name);
    }
    return found != models_.end() ? &found->second : nullptr;
}

std::int64_t cost_micro_credits(const ModelPrice& price, const TokenUsage& usage, std::int64_t multiplier_millionths) {
    const std::int64_t input_tokens =
        at_most(usage.input) + at_most(usage.cached_input) + at_most(usage.cache_write) + at_most(usage.cache_write_1h);
    const TokenPrices& prices = prices_for(price, input_tokens);
    const std::int64_t reasoning_tokens = std::min(at_most(usage.reasoning), at_most(usage.output));
    Wide pico = Wide{at_most(usage.input)} * prices.input + Wide{at_most(usage.cached_input)} * prices.cached_input;
    pico += Wide{at_most(usage.cache_write)} * prices.cache_write + Wide{at_most(usage.cache_write_1h)} * prices.cache_write_1h;
    pico += Wide{at_most(usage.output) - reasoning_tokens} * prices.output + Wide{reasoning_tokens} * prices.reasoning;
    return micro_credits(pico, multiplier_millionths);
}

std::int64_t worst_cost_micro_credits(const ModelPrice& price, std::int64_t input_tokens, std::int64_t output_tokens,
                                      std::int64_t multiplier_millionths) {
    const TokenPrices worst = dearest(price, input_tokens);
    const std::int64_t input_price = std::max({worst.input, worst.cached_input, worst.cache_write, worst.cache_write_1h});
    const std::int64_t output_price = std::max(worst.output, worst.reasoning);
    return micro_credits(Wide{at_most(input_tokens)} * input_price + Wide{at_most(output_tokens)} * output_price, multiplier_millionths);
}

} // namespace api_key
