#!/bin/bash
# Every C++ file stands as .clang-format says.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t files < <(find src tests fuzz -name node_modules -prune -o \( -name '*.cpp' -o -name '*.h' \) -print)
clang-format --dry-run -Werror "${files[@]}"
echo "format: ${#files[@]} files"
