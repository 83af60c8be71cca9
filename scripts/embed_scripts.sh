#!/bin/sh
# Turns Lua scripts into a C++ header: embed_scripts.sh OUT.h FILE.lua …
set -eu
out=$1
shift
mkdir -p "$(dirname "$out")"
{
    echo '// Made by scripts/embed_scripts.sh from src/store/scripts/*.lua.'
    echo '#pragma once'
    echo
    echo '#include <string_view>'
    echo
    echo 'namespace api_key::store::scripts {'
    for file in "$@"; do
        printf '\ninline constexpr std::string_view %s_lua = R"lua(' "$(basename "$file" .lua)"
        cat "$file"
        printf ')lua";\n'
    done
    echo
    echo '} // namespace api_key::store::scripts'
} > "$out.new"
mv "$out.new" "$out"
