// The prices of AI models (`api_key_prices`), from LiteLLM's file.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/text/result.h"
#include "core/tokens/model_price.h"

namespace api_key {

class Prices {
  public:
    // LiteLLM's model_prices_and_context_window.json as it is. A price that is negative, above one credit a token or not a number is an
    // error that names `model.member`. Models without a price per token are left out, and so is `sample_spec`.
    static Result<Prices> parse(std::string_view json);

    // Looks up the model's name, else that name behind a provider's (`gemini/…`); null: there is no price.
    const ModelPrice* find(std::string_view model, std::string_view provider) const;

    // The fee for a session in which a provider runs code (`openai/container`), in pico-credits; nothing: unknown.
    std::optional<std::int64_t> container_fee(std::string_view provider) const;

    std::size_t size() const { return models_.size(); }

  private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    std::unordered_map<std::string, ModelPrice, Hash, std::equal_to<>> models_;
    std::unordered_map<std::string, std::int64_t> containers_;
};

// `1.25e-06` as pico-credits, rounded up; nothing for a negative number, one above 1, or anything else.
std::optional<std::int64_t> pico_credits(std::string_view number);

} // namespace api_key
