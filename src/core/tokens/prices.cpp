#include "core/tokens/prices.h"

#include <algorithm>
#include <charconv>

#include <simdjson.h>

#include "core/text/ascii.h"
#include "core/text/json_reader.h"
#include "core/text/money.h"

namespace api_key {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::int64_t pico_per_credit = 1'000'000'000'000;
constexpr std::int64_t max_credits_a_call = 1000;

using Problem = std::optional<Error>;
using OptionalPrice = std::optional<std::int64_t>;

// The prices among a model's members.
enum PriceKind : std::uint8_t { of_input, of_cached_input, of_cache_write, of_cache_write_1h, of_output, of_reasoning, kind_count };
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

struct ReadList {
    PriceSet prices;
    std::vector<ReadTier> tiers;
};

struct ReadModel {
    std::array<ReadList, service_tier_count> lists; // by the service tier
    std::vector<std::pair<std::string, std::int64_t>> multipliers;
    ToolFees fees;
    OptionalPrice audio_input;
    OptionalPrice media_output;
    std::optional<std::int64_t> max_tokens;
    std::optional<std::int64_t> max_input_tokens;
    std::optional<std::int64_t> max_output_tokens;
    bool has_no_output = false;
};

// Removes a tier's suffix from the name: `input_cost_per_token_above_200k_tokens` → 200,000; 0: no tier.
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

// Removes a service tier's suffix from the name: `input_cost_per_token_flex` → flex.
ServiceTier take_service_tier(std::string_view& name) {
    constexpr std::array<std::string_view, service_tier_count> ends{"", "_priority", "_flex", "_batches"};
    for (std::size_t tier = 1; tier < ends.size(); tier++) {
        if (name.ends_with(ends[tier])) {
            name.remove_suffix(ends[tier].size());
            return static_cast<ServiceTier>(tier);
        }
    }
    return ServiceTier::standard;
}

PriceSet& set_of(ReadList& list, std::int64_t above_input_tokens) {
    if (above_input_tokens == 0) {
        return list.prices;
    }
    const auto found = std::find_if(list.tiers.begin(), list.tiers.end(),
                                    [&](const ReadTier& tier) { return tier.above_input_tokens == above_input_tokens; });
    return found != list.tiers.end() ? found->prices : list.tiers.emplace_back(ReadTier{above_input_tokens, {}}).prices;
}

std::string_view token_of(ondemand::value value) {
    return trimmed(value.raw_json_token(), " \t\r\n,}");
}

Problem read_price(const std::string& path, OptionalPrice& price, ondemand::value value) {
    const std::string_view token = token_of(value);
    if (token == "null") {
        return std::nullopt;
    }
    price = pico_credits(token);
    return price ? std::nullopt : Problem(wrong(path, "expected a price from 0 to 1 per token"));
}

// In pico-credits for one call; `decimals` is 12, less for a price of many calls.
Problem read_fee(const std::string& path, OptionalPrice& fee, int decimals, ondemand::value value) {
    const std::string_view token = token_of(value);
    if (token == "null") {
        return std::nullopt;
    }
    fee = scaled_decimal(token, decimals, max_credits_a_call * pico_per_credit);
    return fee ? std::nullopt : Problem(wrong(path, "expected a price from 0 to 1000 per call"));
}

Problem read_search_fees(const std::string& path, ToolFees& fees, ondemand::value value) {
    constexpr std::array<std::string_view, 3> sizes{"search_context_size_low", "search_context_size_medium", "search_context_size_high"};
    ondemand::object members;
    bool is_null = false;
    if (value.is_null().get(is_null) == simdjson::SUCCESS && is_null) {
        return std::nullopt;
    }
    if (value.get_object().get(members) != simdjson::SUCCESS) {
        return wrong(path, "expected an object");
    }
    for (auto member : members) {
        std::string_view name;
        ondemand::value fee;
        if (member.unescaped_key().get(name) != simdjson::SUCCESS) {
            return wrong(path, "expected an object");
        }
        const std::string fee_path = path + "." + std::string(name);
        const auto size = std::find(sizes.begin(), sizes.end(), name);
        if (member.value().get(fee) != simdjson::SUCCESS) {
            return wrong(fee_path, "expected a price from 0 to 1000 per call");
        }
        if (size != sizes.end()) {
            if (Problem problem = read_fee(fee_path, fees.web_search[static_cast<std::size_t>(size - sizes.begin())], 12, fee)) {
                return problem;
            }
        }
    }
    return std::nullopt;
}

// The factors by which options of a request multiply its price: `{"fast": 6.0, "us": 1.1}`. Members that are not numbers mean something
// else.
void read_multipliers(ReadModel& model, ondemand::value value) {
    constexpr std::int64_t most = 1000 * std::int64_t{1'000'000};
    ondemand::object members;
    if (value.get_object().get(members) != simdjson::SUCCESS) {
        return;
    }
    for (auto member : members) {
        std::string_view name;
        ondemand::value factor;
        if (member.unescaped_key().get(name) != simdjson::SUCCESS || member.value().get(factor) != simdjson::SUCCESS) {
            return;
        }
        if (const std::optional<std::int64_t> millionths = scaled_decimal(token_of(factor), 6, most)) {
            model.multipliers.emplace_back(name, *millionths);
        }
    }
}

// A value that is not a number counts as unknown (the file has its own explanations in such places).
void read_count(std::optional<std::int64_t>& count, ondemand::value value) {
    std::int64_t number = 0;
    if (value.get_int64().get(number) == simdjson::SUCCESS && number > 0 && number <= max_token_count) {
        count = number;
    }
}

Problem read_token_price(const std::string& path, std::string_view name, ReadModel& model, ondemand::value value) {
    const ServiceTier service = take_service_tier(name);
    const std::int64_t tier = take_tier(name);
    const auto kind = std::find(price_names.begin(), price_names.end(), name);
    if (kind == price_names.end()) {
        return std::nullopt;
    }
    PriceSet& prices = set_of(model.lists[static_cast<std::size_t>(service)], tier);
    return read_price(path, prices[static_cast<std::size_t>(kind - price_names.begin())], value);
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
    } else if (name == "search_context_cost_per_query") {
        return read_search_fees(path, model.fees, value);
    } else if (name == "file_search_cost_per_1k_calls") {
        return read_fee(path, model.fees.file_search, 9, value);
    } else if (name == "code_interpreter_cost_per_session") {
        return read_fee(path, model.fees.code_interpreter, 12, value);
    } else if (name == "input_cost_per_audio_token") {
        return read_price(path, model.audio_input, value);
    } else if (name == "output_cost_per_audio_token" || name == "output_cost_per_image_token") {
        OptionalPrice price;
        Problem problem = read_price(path, price, value);
        model.media_output = std::max(model.media_output, price);
        return problem;
    } else if (name == "provider_specific_entry") {
        read_multipliers(model, value);
    } else {
        return read_token_price(path, name, model, value);
    }
    return std::nullopt;
}

TokenPrices complete(const PriceSet& prices, const TokenPrices& base) {
    TokenPrices whole;
    whole.input = prices[of_input].value_or(base.input);
    whole.output = prices[of_output].value_or(base.output);
    whole.cached_input = prices[of_cached_input].value_or(prices[of_input] ? whole.input : base.cached_input);
    whole.cache_write = prices[of_cache_write].value_or(prices[of_input] ? std::max(whole.input, base.cache_write) : base.cache_write);
    whole.cache_write_1h = prices[of_cache_write_1h].value_or(std::max(whole.cache_write, base.cache_write_1h));
    whole.reasoning = prices[of_reasoning].value_or(prices[of_output] ? whole.output : base.reasoning);
    return whole;
}

TokenPrices dearer(const TokenPrices& one, const TokenPrices& other) {
    return {std::max(one.input, other.input),
            std::max(one.cached_input, other.cached_input),
            std::max(one.cache_write, other.cache_write),
            std::max(one.cache_write_1h, other.cache_write_1h),
            std::max(one.output, other.output),
            std::max(one.reasoning, other.reasoning)};
}

// Nothing if the model is not offered in this tier. `base`: the standard list, null for itself. If only that has prices above some number
// of tokens, the higher of the two lists' prices apply there.
std::optional<PriceList> finish(ReadList& read, bool has_no_output, const PriceList* base) {
    if (!read.prices[of_input] || (!read.prices[of_output] && !has_no_output)) {
        return std::nullopt;
    }
    PriceList list;
    list.prices = complete(read.prices, base != nullptr ? base->prices : TokenPrices{});
    std::sort(read.tiers.begin(), read.tiers.end(),
              [](const ReadTier& a, const ReadTier& b) { return a.above_input_tokens < b.above_input_tokens; });
    TokenPrices below = list.prices;
    for (const ReadTier& tier : read.tiers) {
        below = complete(tier.prices, below);
        list.tiers.push_back({tier.above_input_tokens, below});
    }
    if (base != nullptr && list.tiers.empty()) {
        for (const PriceTier& tier : base->tiers) {
            list.tiers.push_back({tier.above_input_tokens, dearer(tier.prices, list.prices)});
        }
    }
    return list;
}

// Nothing for a model that is not priced by the token.
std::optional<ModelPrice> finish(ReadModel& model) {
    ModelPrice price;
    price.lists[0] = finish(model.lists[0], model.has_no_output, nullptr);
    if (!price.lists[0]) {
        return std::nullopt;
    }
    PriceList base = price.standard();
    base.prices.cache_write = model.lists[0].prices[of_cache_write] ? base.prices.cache_write : 0; // only what the file itself says
    base.prices.cache_write_1h = model.lists[0].prices[of_cache_write_1h] ? base.prices.cache_write_1h : 0;
    for (std::size_t tier = 1; tier < service_tier_count; tier++) {
        price.lists[tier] = finish(model.lists[tier], model.has_no_output, &base);
    }
    price.multipliers = std::move(model.multipliers);
    price.fees = model.fees;
    price.audio_input = model.audio_input;
    price.media_output = model.media_output;
    price.sells_long_cache = model.lists[0].prices[of_cache_write_1h].has_value();
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

} // namespace

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
        } else if (model.fees.code_interpreter) {
            result.containers_.insert_or_assign(name, *model.fees.code_interpreter);
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

std::optional<std::int64_t> Prices::container_fee(std::string_view provider) const {
    const auto found = containers_.find(std::string(provider) + "/container");
    return found != containers_.end() ? std::optional(found->second) : std::nullopt;
}

} // namespace api_key
