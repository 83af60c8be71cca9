#!/bin/bash
# The newest source of nginx that Debian's archive has: it and the module build, and ask for a key.
set -uo pipefail
. scripts/fetch-nginx.sh

directory=$(mktemp -d "$TEST_DIRECTORY/newest.XXXXXX")
chmod 755 "$directory"
echo 1..3
source=$(fetch_nginx "$directory/sources" bookworm trixie forky sid 2>"$directory/said" | tail -1)
if [ -z "$source" ]; then
    reason=$(tail -1 "$directory/said")
    printf 'ok %d # SKIP %s\n' 1 "$reason" 2 "$reason" 3 "$reason"
    exit
fi
version=$(nginx_version "$source")
echo "ok 1 - nginx $version"
# not optimized: it is built to be looked at once
export API_KEY_CFLAGS="-O0 -g0"
if build_nginx "$source" "$directory/nginx" --with-compat --with-http_ssl_module --with-http_v2_module --with-http_v3_module --with-threads \
    --add-dynamic-module="$PWD" >"$directory/build.log" 2>&1; then
    echo "ok 2 - it and the module build"
else
    echo "not ok 2 - it and the module build"
    tail -30 "$directory/build.log" | sed 's/^/# /'
fi
if smoke_nginx "$directory/nginx" --add-dynamic-module >"$directory/smoke.log" 2>&1; then
    echo "ok 3 - it asks for a key"
else
    echo "not ok 3 - it asks for a key"
    sed 's/^/# /' "$directory/smoke.log"
fi
rm -rf "$directory"
