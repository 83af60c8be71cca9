#include "core/tokens/api_route.h"

#include <algorithm>
#include <array>

namespace api_key {

namespace {

struct Route {
    MeterDialect dialect;
    std::string_view end;
    Api api;
};

// The first that fits.
constexpr std::array<Route, 10> routes{{
    {MeterDialect::openai, "/chat/completions", Api::chat_completions},
    {MeterDialect::openai, "/completions", Api::completions},
    {MeterDialect::openai, "/responses", Api::responses},
    {MeterDialect::openai, "/embeddings", Api::embeddings},
    {MeterDialect::anthropic, "/messages", Api::messages},
    {MeterDialect::anthropic, "/complete", Api::text_completion},
    {MeterDialect::gemini, ":generateContent", Api::generate_content},
    {MeterDialect::gemini, ":streamGenerateContent", Api::generate_content},
    {MeterDialect::gemini, ":embedContent", Api::embed_content},
    {MeterDialect::gemini, ":batchEmbedContents", Api::embed_content},
}};

} // namespace

Api api_of(MeterDialect dialect, std::string_view path) {
    path = path.substr(0, path.find_last_not_of('/') + 1);
    const auto found = std::find_if(routes.begin(), routes.end(),
                                    [&](const Route& route) { return route.dialect == dialect && path.ends_with(route.end); });
    return found != routes.end() ? found->api : Api::other;
}

} // namespace api_key
