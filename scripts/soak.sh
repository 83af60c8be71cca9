#!/bin/bash
# The soak of a build that is there: SOAK_SECONDS=600 [SOAK_SEED=n] [SANITIZE=1] scripts/soak.sh. `make soak` builds and calls it.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

build=$(realpath "${BUILD:-build}")
directory=$(mktemp -d "${TMPDIR:-/tmp}/api-key-soak.XXXXXX")
chmod 755 "$directory"
group=
status=1

# everything that the soak starts is in its process group; what it leaves is kept when it failed
clean_up() {
    [ -z "$group" ] || kill -9 -- "-$group" 2>/dev/null || true
    if [ "$status" = 0 ]; then
        rm -rf "$directory"
    else
        echo "The logs are in $directory"
    fi
}
trap clean_up EXIT
trap 'status=0; exit 130' INT TERM

export API_KEY_MODULE=$build/ngx_http_api_key_module.so APIKEYCTL=$build/apikeyctl NGINX_BINARY=nginx
export APIKEYCTL_PEPPER=$directory/pepper TEST_DIRECTORY=$directory TEST_UPSTREAM_SOCKET=$directory/upstream.sock
make_pepper "$APIKEYCTL_PEPPER"
if [ -n "${SANITIZE:-}" ]; then
    preload_sanitizer "$directory"
    export NGINX_BINARY=$directory/bin/nginx ASAN_OPTIONS=$ASAN_OPTIONS,quarantine_size_mb=16
fi

set -m
node tests/soak/run.js &
group=$!
set +m
wait "$group"
status=$?
for report in "$directory"/reports/*; do
    [ -s "$report" ] || continue
    echo "--- $(basename "$report")"
    head -60 "$report"
    status=1
done
exit "$status"
