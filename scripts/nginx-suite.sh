#!/bin/bash
# nginx's own tests with the module loaded: NGINX_TESTS=/path/to/nginx-tests scripts/nginx-suite.sh [FILE...]
#
# All files are run twice: with the module configured and off, as in a server that has other places to guard, and with it on everywhere
# in a dry run, so that each request is decided and none may be touched. What fails is tried again by itself, then without the module:
# only what the module makes fail counts. JOBS=n files at a time; SANITIZE=1 for a build with sanitizers.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

# access and limits; proxying of all kinds; bodies, headers and HTTP/2; phases, subrequests, redirects and filters
patterns=(
    access 'access_log*' 'auth_*' 'limit_*' 'h2_limit*' 'realip*' 'secure_link' 'geo' 'referer' 'tunnel*'
    'proxy*' 'upstream*' 'fastcgi*' 'scgi*' 'uwsgi*' 'grpc*' 'mirror*' 'slice' 'memcached*'
    'body*' 'h2*' 'http_*' headers 'ignore_invalid_headers' 'merge_slashes' 'not_modified*' 'range*' trailers 'worker_shutdown*' 'dav*'
    'addition*' autoindex binary_upgrade empty_gif error_log 'gunzip*' 'gzip*' index 'map*' post_action random_index request_id 'rewrite*'
    'ssi*' stub_status 'sub_filter*' subrequest_output_buffer_size 'userid*' 'perl*'
)

if [ -z "${NGINX_TESTS:-}" ]; then
    echo "nginx-suite: NGINX_TESTS has to name a checkout of nginx's tests (the repository nginx-tests): make nginx-suite NGINX_TESTS=/path" >&2
    exit 2
fi
if [ ! -f "$NGINX_TESTS/lib/Test/Nginx.pm" ]; then
    echo "nginx-suite: $NGINX_TESTS has no lib/Test/Nginx.pm: it is not a checkout of nginx's tests" >&2
    exit 2
fi
if grep -q '^ *http2 on;' "$NGINX_TESTS/h2.t" && [[ $(nginx -v 2>&1) =~ nginx/1\.(1[0-9]|2[0-4])\. ]]; then
    echo "nginx-suite: these tests are for nginx 1.25 and newer; check out what its repository had when this nginx was released" >&2
    exit 2
fi

build=$(realpath "${BUILD:-build}")
directory=$(mktemp -d "${TMPDIR:-/tmp}/api-key-suite.XXXXXX")
chmod 755 "$directory"
mkdir -m 777 "$directory/tmp"
faults=0

clean_up() {
    stop_all
    rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

choose_files() {
    local pattern
    if [ $# != 0 ]; then
        printf '%s\n' "$@"
        return
    fi
    for pattern in "${patterns[@]}"; do
        compgen -G "$pattern.t" || true
    done | LC_ALL=C sort -u
}

# with_module HTTP-LINES COMMAND...; an empty first argument: without the module
with_module() {
    local lines=$1 globals=
    shift
    [ "$(id -u)" != 0 ] || globals="user root; "
    if [ -n "$lines" ]; then
        globals+="load_module $build/ngx_http_api_key_module.so;"
        lines="api_key_zone zone=suite:1m; api_key_redis unix:$directory/redis.sock; api_key_pepper $directory/pepper;
            api_key_type suite prefix=suite-; $lines"
    fi
    TMPDIR=$directory/tmp TEST_NGINX_BINARY=$nginx_binary TEST_NGINX_MODULES=$modules_path \
        TEST_NGINX_GLOBALS=$globals TEST_NGINX_GLOBALS_HTTP=$lines "$@"
}

# what a file's tests failed, by number and name; "ended early" when there is no plan or a test is missing
failures() {
    local output=$directory/one.out
    with_module "$1" timeout 300 perl -Ilib "$2" >"$output" 2>&1 || true
    grep -E '^not ok' "$output" | grep -v '# TODO' | sed 's/^not ok //'
    if [ "$(grep -cE '^(not )?ok ' "$output")" != "$(sed -nE 's/^1\.\.([0-9]+).*/\1/p' "$output")" ]; then
        echo "ended early"
    fi
}

# look_again HTTP-LINES FILE: a file that failed among the others
look_again() {
    local with without more
    with=$(failures "$1" "$2")
    if [ -z "$with" ]; then
        echo "  $2: passes by itself"
        return
    fi
    without=$(failures '' "$2")
    more=$(LC_ALL=C comm -23 <(LC_ALL=C sort <<<"$with") <(LC_ALL=C sort <<<"$without"))
    if [ -z "$more" ]; then
        echo "  $2: fails without the module too: $(head -1 <<<"$without")"
        return
    fi
    echo "  $2: FAILS WITH THE MODULE ALONE:"
    sed 's/^/      /' <<<"$more"
    sed 's/^/      | /' "$directory/one.out" | grep -v '| ok ' | head -20
    faults=$((faults + 1))
}

run_round() {
    local title=$1 lines=$2 output=$directory/prove.out file bad
    echo "$title"
    with_module "$lines" prove -Ilib -j "${JOBS:-2}" "${files[@]}" 2>&1 | tee "$output" | tr '\r' '\n' | grep --line-buffered -E '^[^ ]+\.t \.+ ' |
        grep --line-buffered -vE '\.t \.+ (ok|skipped: .*)$' | sed -u 's/^/  /; s/ \.\..*$//'
    mapfile -t bad < <(sed -nE 's/^([^ ]+\.t)[ ]+\(Wstat:.*Failed: [0-9]+\)$/\1/p' "$output" | sort -u)
    if ! grep -qE '^Files=[0-9]+, Tests=[1-9]' "$output"; then
        tail -5 "$output"
        echo "no test ran" >&2
        exit 1
    fi
    for file in "${bad[@]}"; do
        look_again "$lines" "$file"
    done
    summary+=("$(printf '%-44s %4d files, %4d skipped, %6s tests, %3d looked at again' "$title" "${#files[@]}" \
        "$(grep -cE '\.t \.+ skipped' "$output")" "$(sed -nE 's/^Files=[0-9]+, Tests=([0-9]+),.*/\1/p' "$output")" "${#bad[@]}")")
}

nginx_binary=$(command -v nginx)
if [ -n "${SANITIZE:-}" ]; then
    preload_sanitizer "$directory"
    nginx_binary=$directory/bin/nginx
fi
modules_path=$(nginx -V 2>&1 | tr ' ' '\n' | sed -n 's/^--modules-path=//p')
summary=()
make_pepper "$directory/pepper"
start_redis "$directory/redis.sock" || exit 1
APIKEYCTL_REDIS=unix:$directory/redis.sock APIKEYCTL_PEPPER=$directory/pepper "$build/apikeyctl" account create --name suite >/dev/null || exit 1
cd "$NGINX_TESTS" || exit 1
mapfile -t files < <(choose_files "$@")

run_round "the module configured and off" "api_key off;"
run_round "every request decided, in a dry run" "api_key suite; api_key_dry_run on;"

for report in "$directory"/reports/*; do
    [ -s "$report" ] || continue
    echo "--- $(basename "$report")"
    head -60 "$report"
    faults=$((faults + 1))
done
echo
printf '%s\n' "${summary[@]}"
if [ "$faults" != 0 ]; then
    echo "$faults files fail with the module alone, or have a sanitizer report."
    exit 1
fi
echo "Nothing fails with the module that does not fail without it."
