// Reads the wanted members of a JSON object in a request. Upstreams have different parsers, so a wanted member must come at most once and
// be spelled exactly.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "core/text/folded_name.h"
#include "core/text/json_reader.h"

namespace api_key::json_members {

using simdjson::dom::element;
using simdjson::dom::object;

using Problem = std::optional<Error>;

// `other_name`: a second spelling of the member that its API accepts; empty: there is none.
template <class Facts>
struct Member {
    std::string_view name;
    std::string_view other_name;
    Problem (*read)(std::string_view field, const element& value, Facts& facts);
};

// Reads every wanted member, at most once. simdjson unescapes names: `mod\u0065l` is `model`.
template <class Facts>
Problem read_members(const object& from, std::span<const Member<Facts>> wanted, Facts& facts) {
    std::vector<bool> seen(wanted.size(), false);
    for (const auto& field : from) {
        const std::string folded = folded_name(field.key);
        const auto member = std::find_if(wanted.begin(), wanted.end(), [&](const Member<Facts>& one) {
            return folded == folded_name(one.name) || (!one.other_name.empty() && folded == folded_name(one.other_name));
        });
        if (member == wanted.end()) {
            continue;
        }
        if (field.key != member->name && field.key != member->other_name) {
            return wrong(member->name, "named in another case");
        }
        const auto index = static_cast<std::size_t>(member - wanted.begin());
        if (seen[index]) {
            return wrong(member->name, "named twice");
        }
        seen[index] = true;
        if (Problem problem = member->read(field.key, field.value, facts)) {
            return problem;
        }
    }
    return std::nullopt;
}

// The same for a member that is an object; null counts as absent.
template <class Facts>
Problem read_inner(std::string_view field, const element& value, std::span<const Member<Facts>> wanted, Facts& facts) {
    object inner;
    if (value.is_null()) {
        return std::nullopt;
    }
    return value.get(inner) == simdjson::SUCCESS ? read_members(inner, wanted, facts) : wrong(field, "expected an object");
}

} // namespace api_key::json_members
