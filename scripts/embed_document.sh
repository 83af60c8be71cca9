#!/bin/sh
# Turns the OpenAPI document into a C++ header: embed_document.sh OUT FILE
set -eu

out=$1
{
    echo '// Made by scripts/embed_document.sh from src/module/manage/openapi.json.'
    echo '#pragma once'
    echo
    echo '#include <string_view>'
    echo
    echo 'namespace api_key::module {'
    printf '\ninline constexpr std::string_view openapi_json = R"json('
    cat "$2"
    printf ')json";\n'
    echo
    echo '} // namespace api_key::module'
} > "$out.new"
mv "$out.new" "$out"
