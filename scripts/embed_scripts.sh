#!/bin/sh
# Turns Lua scripts into a C++ header: embed_scripts.sh OUT.h FILE.lua …
# A script's line `-- USES  a, b` puts shared/a.lua and shared/b.lua before it.
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
        for shared in $(sed -n 's/^-- USES //p' "$file" | tr ',' ' '); do
            cat "$(dirname "$file")/shared/$shared.lua"
        done
        cat "$file"
        printf ')lua";\n'
    done
    echo
    echo '} // namespace api_key::store::scripts'
} > "$out.new"
mv "$out.new" "$out"
