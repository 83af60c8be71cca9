// The options of a key's fields: one for each field that a document of the management API may name, by the table of core, which also checks
// the values.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/documents/key_document.h"
#include "tool/session.h"

namespace api_key::tool {

struct KeyOptions {
    std::map<std::string, std::vector<std::string>> values; // by the field's name; of a list, one for each time that it is given
    std::optional<std::string> plan;                        // no document names it
    bool force = false;

    bool any() const { return !values.empty() || plan; }
};

// Adds the options for this kind of document.
void add_key_options(CLI::App& command, const std::shared_ptr<KeyOptions>& options, DocumentKind kind);

// What they change. Ends the program, naming the option, if the management API would refuse it.
KeyChange change_of(const KeyOptions& options, DocumentKind kind);

} // namespace api_key::tool
