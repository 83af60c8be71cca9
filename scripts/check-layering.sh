#!/bin/bash
# Each floor includes only itself and the ones below it, and nginx's headers only where nginx is:
# core < cache < store < module; tool stands on core and store.
set -euo pipefail
cd "$(dirname "$0")/.."

faults=0

# floor, then what its own includes may begin with
check_floor() {
    local floor=$1 allowed=$2 hits
    hits=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' "src/$floor" --include='*.h' --include='*.cpp' |
        grep -vE "include[[:space:]]+\"($allowed)/" || true)
    if [ -n "$hits" ]; then
        echo "src/$floor may include only: ${allowed//|/ }" >&2
        echo "$hits" >&2
        faults=1
    fi
}

check_absent() {
    local what=$1 pattern=$2 hits
    shift 2
    hits=$(grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]+[<\"]($pattern)" "$@" --include='*.h' --include='*.cpp' || true)
    if [ -n "$hits" ]; then
        echo "no $what here:" >&2
        echo "$hits" >&2
        faults=1
    fi
}

check_floor core 'core'
check_floor cache 'core|cache'
check_floor store 'core|cache|store'
check_floor module 'core|cache|store|module'
check_floor tool 'core|store|tool'

check_absent "nginx headers" 'ngx_|nginx' src/core src/cache src/tool $(find src/store -type f -not -path "src/store/nginx/*")
check_absent "nginx side of the store" 'store/nginx/' src/core src/cache src/tool $(find src/store -type f -not -path "src/store/nginx/*")
check_absent "Redis client" 'hiredis' src/core src/cache
if grep -rnE '_clock::now|clock_gettime|gettimeofday|[^_a-z]time\((nullptr|NULL|0)\)' src/core; then
    echo "no clock in src/core: time is an argument" >&2
    faults=1
fi

[ "$faults" = 0 ] || exit 1
echo "layering: $(find src -name '*.h' -o -name '*.cpp' | wc -l) files"
