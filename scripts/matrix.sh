#!/bin/bash
# Builds the module and runs its tests on releases of Debian, in chroots that it makes itself, and against sources of nginx; the table of what came
# out goes into docs/install.md. Needs root.
#   RELEASES  of Debian, "bookworm trixie sid"; none: ""
#   SOURCES   trees of nginx's source; by default those that Debian's archive has for these releases
# Everything is in build/matrix: chroots are kept for the next time, logs say what failed.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/fetch-nginx.sh

place=${CHROOTS:-$PWD/build/matrix}
releases=${RELEASES-bookworm trixie sid}
tests="tests/core tests/cache tests/store t"
rows=()
failed=()

[ "$(id -u)" = 0 ] || {
    echo "matrix: run as root: chroots are made and mounted" >&2
    exit 1
}
CHROOTS=$place
. scripts/chroots.sh
trap unmount EXIT
trap 'exit 130' INT TERM

# add_row PLATFORM NGINX COMPILER OPENSSL LOG STATUS: what was tried, and how many tests passed
add_row() {
    local counts
    counts=$(sed -nE 's/^(core|cache|store|nginx) +[0-9]+ files +([0-9]+) tests.*/\2/p' "$5" | awk '{ n += $1 } END { print n + 0 }')
    if [ "$6" = 0 ]; then
        rows+=("| $1 | $2 | $3 | $4 | $counts tests |")
        echo "ok: $1, nginx $2, $counts tests"
    else
        failed+=("$1, nginx $2: see $5")
        echo "FAILED: $1, nginx $2: see $5"
        tail -20 "$5"
    fi
}

test_release() {
    local root=$place/$1 log=$place/logs/$1.log status
    echo "$1 …"
    make_chroot "$1" "$root" || {
        failed+=("$1: no chroot, see $place/logs/debootstrap-$1.log")
        unmount
        return
    }
    copy_tree "$root/root/project"
    in_chroot "$root" make -C /root/project test T="$tests" >"$log" 2>&1
    status=$?
    add_row "$(. "$root/etc/os-release" && echo "$PRETTY_NAME")" \
        "$(chroot "$root" nginx -v 2>&1 | sed 's/.*nginx\///') (Debian's)" \
        "$(chroot "$root" g++ -dumpfullversion | sed 's/^/gcc /')" "$(chroot "$root" openssl version | cut -d ' ' -f 2)" "$log" "$status"
    unmount
}

# test_source TREE: as nginx.org's packages are configured, the module dynamic
test_source() {
    local source version log status binary
    source=$(realpath "$1")
    version=$(nginx_version "$source")
    log=$place/logs/source-$version.log
    binary=$place/nginx-$version/sbin/nginx
    echo "source of nginx $version …"
    build_nginx "$source" "$place/nginx-$version" >"$log" 2>&1 &&
        make BUILD="build/matrix/module-$version" NGINX="$source" NGINX_BINARY="$binary" T="$tests" test >>"$log" 2>&1
    status=$?
    add_row "$(. /etc/os-release && echo "$PRETTY_NAME")" "$version (source, --with-compat)" "$(g++ -dumpfullversion | sed 's/^/gcc /')" \
        "$(openssl version | cut -d ' ' -f 2)" "$log" "$status"
}

# test_variant NAME SOURCE LINK ARGUMENT...: builds nginx and the module together, and asks for a key
test_variant() {
    local name=$1 source=$2 link=$3 prefix=$place/variant-$1 log=$place/logs/variant-$1.log
    shift 3
    echo "variant $name …"
    if build_nginx "$source" "$prefix" "$link=$PWD" "$@" >"$log" 2>&1 && smoke_nginx "$prefix" "$link" >>"$log" 2>&1; then
        rows+=("| $(. /etc/os-release && echo "$PRETTY_NAME") | $(nginx_version "$source") ($name: $link $*) | | | built, answers |")
        echo "ok: $name"
    else
        failed+=("variant $name: see $log")
        tail -20 "$log"
    fi
}

write_table() {
    local text
    text=$(printf '%s\n' "| | nginx | compiler | OpenSSL | |" "|---|---|---|---|---|" "${rows[@]}")
    TEXT=$text perl -0pi -e 's/(<!-- make matrix -->\n).*?(<!-- end -->)/$1$ENV{TEXT}\n$2/s' docs/install.md
}

scripts/install-dependencies.sh run docker build nginx packages
sources=${SOURCES-$(fetch_nginx "$place/sources" bookworm trixie sid)}
for release in $releases; do
    test_release "$release"
done
for source in $sources; do
    test_source "$source"
done
newest=$(printf '%s\n' $sources | tail -1)
if [ -n "$newest" ]; then
    test_variant static "$newest" --add-module --with-http_ssl_module --with-http_v2_module
    test_variant small "$newest" --add-dynamic-module --without-http_gzip_module --without-http_access_module --without-http_rewrite_module --without-pcre
    test_variant small-static "$newest" --add-module --without-http_gzip_module --without-http_access_module
    test_variant clang "$newest" --add-dynamic-module --with-cc=clang --with-http_ssl_module
fi
printf '%s\n' "${rows[@]}"
if [ "${#failed[@]}" != 0 ]; then
    printf 'FAILED: %s\n' "${failed[@]}"
    exit 1
fi
write_table
echo "The table is in docs/install.md."
