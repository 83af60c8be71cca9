#!/bin/bash
# Runs the tests of a build that is there: scripts/test.sh [FILE...]. `make test` builds and calls it. Without a name the scenarios, which wait
# more than they work, and all others run side by side; then, alone, those that compare times, and a build against the newest nginx.
#
# One private Redis and one demonstration upstream for the run, on sockets in a directory that goes away. What a test finds
# in its environment:
#   NGINX_BINARY, APIKEYCTL, API_KEY_MODULE, API_KEY_BUILD   the programs and the module under test (NGINX_BINARY preloads the sanitizer where needed)
#   APIKEYCTL_REDIS, APIKEYCTL_PEPPER, TEST_REDIS_SOCKET   the store
#   TEST_UPSTREAM_SOCKET, TEST_DIRECTORY              the upstream; a directory for files
#   TEST_NGINX_REDIS, _PEPPER, _UPSTREAM              the same, as $TEST_NGINX_… in Test::Nginx blocks
set -uo pipefail
cd "$(dirname "$0")/.."

executables() {
    find "$@" -type f -perm -u+x 2>/dev/null | LC_ALL=C sort
}

timed=(tests/scenarios/hostile_tenant.js)

# The scenarios' output is shown when all others have ended. What failed in a run of many is run once more by itself, and both results are shown: a test
# that only fails beside others says more of the machine than of the module, one that fails by itself too has failed.
run_all() {
    local directory scenarios
    directory=$(mktemp -d "${TMPDIR:-/tmp}/api-key-test-all.XXXXXX")
    trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$directory"; exit 130' INT TERM
    FAILED_LIST=$directory/scenarios.failed scripts/test.sh \
        $(executables tests/scenarios | grep -vxF "$(printf '%s\n' "${timed[@]}")") >"$directory/said" 2>&1 &
    scenarios=$!
    FAILED_LIST=$directory/rest.failed scripts/test.sh tests/core tests/cache tests/store tests/fuzz tests/tool t tests/sdk tests/browser &
    wait $! || need_names "$directory/rest.failed"
    echo
    echo "The scenarios, meanwhile:"
    wait "$scenarios" || need_names "$directory/scenarios.failed"
    cat "$directory/said"
    echo
    echo "What compares times, alone:"
    FAILED_LIST=$directory/timed.failed scripts/test.sh "${timed[@]}" &
    wait $! || need_names "$directory/timed.failed"
    echo
    echo "A build against the newest nginx:"
    FAILED_LIST=$directory/builds.failed TEST_SECONDS=900 scripts/test.sh tests/builds &
    wait $! || need_names "$directory/builds.failed"
    echo
    run_again $(cat "$directory"/*.failed 2>/dev/null)
    local status=$?
    rm -rf "$directory"
    return "$status"
}

# A part that failed and does not say which test did cannot be run again.
need_names() {
    [ -s "$1" ] || echo "(unknown)" >>"$1"
}

run_again() {
    local name failed=()
    if [ "$#" = 0 ]; then
        echo "All tests passed, of all parts."
        return 0
    fi
    echo "Failed, and run once more, each by itself: $*"
    for name in "$@"; do
        TEST_SECONDS=900 scripts/test.sh "$name" &
        wait $! || failed+=("$name")
    done
    echo
    if [ "${#failed[@]}" = 0 ]; then
        echo "All tests passed, but at the second try only: $*"
        return 0
    fi
    echo "FAILED, twice: ${failed[*]}"
    return 1
}

if [ "$#" = 0 ]; then
    run_all
    exit
fi
. scripts/lib.sh

build=$(realpath "${BUILD:-build}")
directory=$(mktemp -d "${TMPDIR:-/tmp}/api-key-test.XXXXXX")
chmod 755 "$directory"
failed=()
summary=()
session=

clean_up() {
    [ -z "$session" ] || pkill --session "$session" 2>/dev/null || true
    stop_all
    if [ -f "$directory/servroot/logs/nginx.pid" ]; then
        kill "$(cat "$directory/servroot/logs/nginx.pid")" 2>/dev/null || true
    fi
    rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Runs a command with all that it starts in a session, so that an interrupted run ends at once and whole.
in_session() {
    setsid "$@" &
    session=$!
    wait "$session"
    local status=$?
    session=
    return "$status"
}

set_environment() {
    export API_KEY_BUILD=$build API_KEY_MODULE=$build/ngx_http_api_key_module.so APIKEYCTL=$build/apikeyctl
    export NGINX_BINARY=$(command -v "${NGINX_BINARY:-nginx}") TEST_DIRECTORY=$directory/files
    export TEST_REDIS_SOCKET=$directory/redis.sock TEST_UPSTREAM_SOCKET=$directory/upstream.sock
    export APIKEYCTL_REDIS=unix:$TEST_REDIS_SOCKET APIKEYCTL_PEPPER=$directory/pepper
    export TEST_NGINX_REDIS=$APIKEYCTL_REDIS TEST_NGINX_PEPPER=$APIKEYCTL_PEPPER
    export TEST_NGINX_PROFILES=$PWD/conf/profiles
    export TEST_NGINX_UPSTREAM=http://unix:$TEST_UPSTREAM_SOCKET
    export TEST_NGINX_SERVROOT=$directory/servroot TEST_NGINX_LOAD_MODULES=$API_KEY_MODULE TEST_NGINX_FAST_SHUTDOWN=1 TEST_NGINX_TIMEOUT=10
    export TEST_NGINX_MASTER_PROCESS=on TEST_NGINX_BINARY=$NGINX_BINARY
    TEST_NGINX_PORT=$(free_port)
    export TEST_NGINX_PORT
    mkdir -p "$TEST_DIRECTORY"
    make_pepper "$APIKEYCTL_PEPPER"
}

set_sanitizer() {
    preload_sanitizer "$directory"
    export NGINX_BINARY=$directory/bin/nginx TEST_NGINX_BINARY=$directory/bin/nginx
    export TEST_SECONDS=1200
}

# run_programs TITLE FILE...: cmocka programs and replayed corpora
run_programs() {
    local title=$1 program output passed tests=0 programs=0 bad=0
    shift
    for program in "$@"; do
        programs=$((programs + 1))
        if output=$(program_command "$program" 2>&1); then
            passed=$(printf '%s\n' "$output" | sed -nE 's/^\[  PASSED  \] ([0-9]+) test.*/\1/p; s/^replayed ([0-9]+) .*/\1/p' | awk '{ n += $1 } END { print n + 0 }')
            tests=$((tests + passed))
            echo "${program#"$build"/} ..... ok ($passed)"
        else
            printf '%s\n' "$output"
            echo "${program#"$build"/} ..... FAILED"
            bad=$((bad + 1))
            failed+=("${program#"$build"/}")
        fi
    done
    summary+=("$(printf '%-28s %4d files %6d tests  %s' "$title" "$programs" "$tests" "$([ "$bad" = 0 ] && echo ok || echo "$bad FAILED")")")
}

program_command() {
    case $1 in
        */replay_*) "$1" "fuzz/corpus/$(basename "$1" | sed 's/^replay_//')" ;;
        *) "$1" ;;
    esac
}

# run_tap TITLE FILE...: whatever writes TAP
run_tap() {
    local title=$1 output=$directory/prove.out tests
    shift
    in_session bash -o pipefail -c 'output=$1; shift; prove --timer --exec scripts/run-test-file.sh "$@" 2>&1 | tee "$output"' prove "$output" "$@"
    local status=$?
    tests=$(sed -nE 's/^Files=[0-9]+, Tests=([0-9]+),.*/\1/p' "$output")
    if [ "$status" != 0 ]; then
        failed+=($(sed -nE 's/^([^ ]+)[ ]+\(Wstat:.*/\1/p' "$output"))
        [ "${#failed[@]}" != 0 ] || failed+=("$title")
    fi
    summary+=("$(printf '%-28s %4d files %6d tests  %s' "$title" $# "${tests:-0}" "$([ "$status" = 0 ] && echo ok || echo FAILED)")")
}

# Which of the files in a group are wanted: all, or those that the arguments name (build/ and .cpp may be left out).
wanted=("$@")
select_files() {
    local file word
    for file in "$@"; do
        [ -e "$file" ] || continue
        if [ "${#wanted[@]}" = 0 ]; then
            echo "$file"
            continue
        fi
        for word in "${wanted[@]}"; do
            case ${file#"$build"/} in
                "${word%.cpp}" | "${word%/}"/*) echo "$file" ;;
            esac
        done
    done
}

run_group() {
    local runner=$1 title=$2 files
    shift 2
    mapfile -t files < <(select_files "$@")
    [ "${#files[@]}" = 0 ] || "$runner" "$title" "${files[@]}"
}

# The SDKs, and the Node they ask for, came by npm.
use_sdks() {
    export NODE_PATH=$PWD/build/sdk/node_modules
    PATH=$(echo "$NODE_PATH"/node-linux-*/bin):$PATH
}

# Their Node drives the browser too.
use_browser() {
    export NODE_PATH=$PWD/build/browser/node_modules
}

check_sanitizer_reports() {
    local report
    for report in "$directory"/reports/*; do
        [ -s "$report" ] || continue
        echo "--- $(basename "$report")"
        head -60 "$report"
        failed+=("$(basename "$report")")
    done
}

set_environment
[ -z "${SANITIZE:-}" ] || set_sanitizer
start_redis "$TEST_REDIS_SOCKET" || exit 1
start_upstream "$TEST_UPSTREAM_SOCKET" || exit 1

run_group run_programs "core" $(executables "$build/tests/core")
run_group run_programs "cache" $(executables "$build/tests/cache")
run_group run_programs "store" $(executables "$build/tests/store")
run_group run_programs "fuzz corpora" $(executables "$build/tests/fuzz")
run_group run_tap "apikeyctl" $(executables tests/tool)
run_group run_tap "nginx" $(find t -name '*.t' | LC_ALL=C sort)
run_group run_tap "scenarios" $(executables tests/scenarios)
run_group run_tap "builds" $(executables tests/builds)
use_sdks
run_group run_tap "official SDKs" $(executables tests/sdk)
use_browser
run_group run_tap "browser" $(executables tests/browser)
check_sanitizer_reports

echo
printf '%s\n' "${summary[@]}"
if [ "${#summary[@]}" = 0 ]; then
    echo "no test has that name: ${wanted[*]}"
    exit 1
fi
if [ "${#failed[@]}" != 0 ]; then
    [ -z "${FAILED_LIST:-}" ] || printf '%s\n' "${failed[@]}" >>"$FAILED_LIST"
    echo
    printf 'FAILED: %s\n' "${failed[@]}"
    exit 1
fi
echo
echo "All tests passed."
