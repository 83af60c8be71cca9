#!/bin/bash
# Builds Debian's packages on a release, and installs them where no compiler ever was: scripts/test-packages.sh [RELEASE...], by default bookworm
# trixie sid. `make test-packages` calls it. Needs root; the chroots are those of make matrix (CHROOTS).
#   BUILDS=2   builds them twice, at two places, and compares the bytes
#   BUILT      a directory with the packages, for one release: they are not built
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/fetch-nginx.sh

[ "$(id -u)" = 0 ] || {
    echo "test-packages: run as root: chroots are made and mounted" >&2
    exit 1
}
. scripts/chroots.sh

failed=0
target=
clean_up() {
    local pid
    for pid in "$target"/tmp/redis.pid "$target"/run/nginx.pid; do
        [ ! -s "$pid" ] || kill "$(cat "$pid")" 2>/dev/null
    done
    target=
    unmount
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# holds NAME COMMAND...
holds() {
    local name=$1
    shift
    if "$@" >"$chroots/logs/last" 2>&1; then
        echo "ok - $name"
    else
        echo "not ok - $name"
        sed 's/^/# /' "$chroots/logs/last" | tail -20
        failed=1
    fi
}

# build_packages RELEASE PLACE: in the chroot, at /root/PLACE, as make deb does; the dashboard, which is the same everywhere, is built here
build_packages() {
    local builder=$chroots/$1
    copy_tree "$builder/root/$2"
    mkdir -p "$builder/root/$2/build"
    cp -r build/dashboard "$builder/root/$2/build/"
    in_chroot "$builder" sh -c 'cd "$0" && scripts/install-dependencies.sh build nginx packages && scripts/make-packages.sh debian' "/root/$2" \
        >"$chroots/logs/packages-$1-$2.log" 2>&1
}

compare_packages() {
    local file
    for file in "$1"/*.deb; do
        cmp "$file" "$2/$(basename "$file")" || return
    done
}

# raise_version DIRECTORY TARGET: the same packages as the next version
raise_version() {
    local package tree
    mkdir -p "$2"
    for package in "$1"/*.deb; do
        tree=$(mktemp -d)
        dpkg-deb -R "$package" "$tree"
        sed -i -E 's/^Version: (.*)-1~/Version: \1-2~/' "$tree/DEBIAN/control"
        dpkg-deb --root-owner-group -b "$tree" "$2" >/dev/null || return
        rm -rf "$tree"
    done
}

status_of() {
    curl -s -o /dev/null -w '%{http_code}' "$@"
}

answers() {
    local wanted=$1 status
    shift
    status=$(status_of "$@")
    echo "$status, expected $wanted"
    [ "$status" = "$wanted" ]
}

# no file that a package of ours has is there, and no link to the module
nothing_left() {
    local found
    found=$(cd "$target" && find etc usr var/lib/nginx -path '*api*key*' -o -path 'etc/nginx/profiles*' -o -name 'dashboard.conf*' 2>/dev/null |
        grep -vE '^etc/nginx/(api_key.pepper|conf.d/.*|modules-enabled/50-other)$')
    echo "$found"
    [ -z "$found" ]
}

no_compiler() {
    ! in_chroot "$target" sh -c 'command -v gcc g++ cc clang'
}

try_packages() {
    local release=$1 old=$2 new=$3 port upstream redis said key billing counted
    target=$chroots/$release-target
    rm -rf "$target"
    make_chroot "$release" "$target" || return
    printf '#!/bin/sh\nexit 101\n' >"$target/usr/sbin/policy-rc.d"
    chmod 755 "$target/usr/sbin/policy-rc.d"
    mkdir -p "$target/packages/old" "$target/packages/new"
    cp "$old"/*.deb "$target/packages/old/"
    cp "$new"/*.deb "$target/packages/new/"
    rm -f "$target"/packages/*/*-dbgsym*
    holds "installs" in_chroot "$target" sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server /packages/old/*.deb'
    holds "where no compiler is" no_compiler
    holds "nginx accepts the module" in_chroot "$target" nginx -t

    port=$(free_port)
    upstream=$(free_port)
    redis=$(free_port)
    rm -f "$target"/etc/nginx/sites-enabled/*
    echo "server { listen 127.0.0.1:$upstream; location / { return 200 upstream; } }" >"$target/etc/nginx/conf.d/upstream.conf"
    in_chroot "$target" redis-server --port "$redis" --bind 127.0.0.1 --save '' --dir /tmp --daemonize yes --pidfile /tmp/redis.pid --logfile /tmp/redis.log >/dev/null
    wait_until 10 in_chroot "$target" redis-cli -p "$redis" ping
    said=$(in_chroot "$target" apikeyctl --redis "redis://127.0.0.1:$redis/0" init --listen "127.0.0.1:$port" --upstream "http://127.0.0.1:$upstream" --yes 2>"$chroots/logs/init-$release.log")
    key=$(sed -nE 's/.*"key":"(ms-[^"]+)".*/\1/p' <<<"$said")
    billing=$(sed -nE 's/.*"billingKey":"(mk-[^"]+)".*/\1/p' <<<"$said")
    holds "apikeyctl init" test -n "$key" -a -n "$billing"
    [ -n "$key" ] || tail -5 "$chroots/logs/init-$release.log"
    holds "nginx starts" in_chroot "$target" nginx
    wait_until 10 curl -s "http://127.0.0.1:$port/"
    holds "401 without a key" answers 401 "http://127.0.0.1:$port/"
    holds "200 with the key" answers 200 "http://127.0.0.1:$port/" -H "Authorization: Bearer $key"
    counted=$(curl -s "http://127.0.0.1:$port/api/keys" -H "Authorization: Bearer $billing" -d '{"name":"counted","quotas":{"total":3}}' | sed -nE 's/.*"key":"([^"]+)".*/\1/p')
    holds "a key for three requests: the first" answers 200 "http://127.0.0.1:$port/" -H "Authorization: Bearer $counted"
    holds "... the second" answers 200 "http://127.0.0.1:$port/" -H "Authorization: Bearer $counted"

    holds "upgrades" in_chroot "$target" sh -c 'apt-get install -y -qq --no-install-recommends /packages/new/*.deb'
    holds "... it is the next version" in_chroot "$target" sh -c 'dpkg-query -Wf "\${Version}\n" apikeyctl libnginx-mod-http-api-key | grep -c -- "-2~" | grep -qx 2'
    holds "reloads" in_chroot "$target" nginx -s reload
    sleep 1
    holds "the key is still there" answers 200 "http://127.0.0.1:$port/" -H "Authorization: Bearer $key"
    holds "... and the counter: the third" answers 200 "http://127.0.0.1:$port/" -H "Authorization: Bearer $counted"
    holds "... not a fourth" answers 429 "http://127.0.0.1:$port/" -H "Authorization: Bearer $counted"

    in_chroot "$target" nginx -s stop
    rm -f "$target/etc/nginx/conf.d/api-keys.conf"
    holds "is removed" in_chroot "$target" apt-get remove -y -qq libnginx-mod-http-api-key apikeyctl nginx-api-key-dashboard
    holds "... and nginx goes on without it" in_chroot "$target" nginx -t
    holds "is purged" in_chroot "$target" apt-get purge -y -qq libnginx-mod-http-api-key apikeyctl nginx-api-key-dashboard
    holds "... nothing is left" nothing_left
    clean_up
}

# test_version RELEASE DIRECTORY: what was built, and then its next version
test_version() {
    local raised=$chroots/raised-$1
    rm -rf "$raised"
    holds "a next version" raise_version "$2" "$raised"
    try_packages "$1" "$2" "$raised"
}

test_release() {
    local release=$1 builder=$chroots/$1 built
    make_chroot "$release" "$builder" || {
        echo "not ok - $release: no chroot, see $chroots/logs/debootstrap-$release.log"
        failed=1
        return
    }
    echo "$(. "$builder/etc/os-release" && echo "$PRETTY_NAME") …"
    holds "builds" build_packages "$release" packages
    built=$builder/root/packages/build/packages
    ls "$built"/*.deb >/dev/null 2>&1 || {
        tail -20 "$chroots/logs/packages-$release-packages.log"
        return
    }
    holds "lintian has nothing to say" in_chroot "$builder" sh -c 'lintian --fail-on error,warning --tag-display-limit 0 /root/packages/build/packages/*.deb'
    cat "$chroots/logs/last"
    if [ "${BUILDS:-1}" = 2 ]; then
        holds "builds once more" build_packages "$release" another-place-with-a-longer-name
        holds "... the same bytes" compare_packages "$built" "$builder/root/another-place-with-a-longer-name/build/packages"
    fi
    test_version "$release" "$built"
}

if [ "$#" = 0 ]; then
    set -- bookworm trixie sid
fi
if [ -n "${BUILT:-}" ]; then
    test_version "$1" "$BUILT"
    exit "$failed"
fi
for release in "$@"; do
    test_release "$release"
done
exit "$failed"
