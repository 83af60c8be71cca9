// The Lua scripts of src/store/scripts, embedded at build time: store/generated_scripts.h has a namespace scripts::<name> for each, with
// its KEYS, ARGV and answers as types. See scripts/embed_scripts.sh.
#pragma once

#include <array>
#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/command.h"

namespace api_key::store {

class Script {
  public:
    explicit Script(std::initializer_list<std::string_view> pieces); // computes the SHA-1 of the pieces together

    // EVALSHA, and the EVAL to send after NOSCRIPT.
    Command by_digest(const std::vector<std::string>& keys, const std::vector<std::string>& arguments) const;
    Command by_source(const std::vector<std::string>& keys, const std::vector<std::string>& arguments) const;

  private:
    std::string source_;
    std::string sha1_;
};

// One of the KEYS or ARGV of a script. It has no default constructor, so that none can be left out.
struct Text {
    Text(std::string text) : value(std::move(text)) {}
    Text(std::string_view text) : value(text) {}
    Text(const char* text) : value(text) {}
    template <std::integral Number>
    requires(!std::same_as<Number, bool>) Text(Number number) : value(std::to_string(number)) {}

    std::string value;
};

template <class... Texts>
void append(std::vector<std::string>& to, Texts&... texts) {
    (to.push_back(std::move(texts.value)), ...);
}
inline void append(std::vector<std::string>& to, std::vector<std::string>& rest) {
    to.insert(to.end(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
}

// A script with its KEYS and ARGV. One that writes to the security log still lacks those of the log (StepFlow::call_audited).
struct ScriptCall {
    const Script* script;
    std::vector<std::string> keys;
    std::vector<std::string> arguments;
};
struct AuditedCall : ScriptCall {};

// The words of a script's `enum class Answer`, in its order.
template <std::size_t size>
struct AnswerWords {
    std::string_view script;
    std::array<std::string_view, size> words;
};

template <class Call, class Keys, class Arguments>
Call make_call(const Script& script, Keys keys, Arguments arguments) {
    Call call;
    call.script = &script;
    call.keys.reserve(Keys::fixed_count);
    call.arguments.reserve(Arguments::fixed_count);
    std::move(keys).append_to(call.keys);
    std::move(arguments).append_to(call.arguments);
    return call;
}

} // namespace api_key::store
