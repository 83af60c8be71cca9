#!/bin/bash
# Runs every fuzzer for FUZZ_SECONDS from its corpus. New inputs and findings stay in build/fuzz.
set -uo pipefail
cd "$(dirname "$0")/.."

build=${BUILD:-build}
seconds=${FUZZ_SECONDS:-30}
status=0

for fuzzer in "$build"/fuzz/fuzz_*; do
    [ -x "$fuzzer" ] && [ -f "$fuzzer" ] || continue
    name=$(basename "$fuzzer")
    found=$build/fuzz/found/${name#fuzz_}
    mkdir -p "$found"
    printf '%-28s %ss  ' "$name" "$seconds"
    if UBSAN_OPTIONS=print_stacktrace=1 "$fuzzer" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$found/finding-" "$found" "fuzz/corpus/${name#fuzz_}" >"$build/fuzz/$name.log" 2>&1; then
        sed -nE 's/^stat::number_of_executed_units: *([0-9]+)/\1 inputs, nothing found/p' "$build/fuzz/$name.log"
    else
        echo "FAILED"
        tail -40 "$build/fuzz/$name.log"
        status=1
    fi
done
exit "$status"
