#!/bin/bash
# Every C++ file is formatted as .clang-format says, by the release of clang-format that Debian 12 has: others format some lines differently.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(clang-format --version | sed -nE 's/.*version ([0-9]+).*/\1/p')
if [ "$version" != 14 ]; then
    echo "format: not checked, clang-format 14 decides and this machine has $version"
    exit 0
fi

mapfile -t files < <(find src tests fuzz -name node_modules -prune -o \( -name '*.cpp' -o -name '*.h' \) -print)
clang-format --dry-run -Werror "${files[@]}"
echo "format: ${#files[@]} files"
