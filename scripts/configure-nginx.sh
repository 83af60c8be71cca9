#!/bin/bash
# Configures a build of the module:
#   configure-nginx.sh NGINX_SOURCE MODULE_DIR BUILD_DIR NGINX_BINARY
# Against Debian's nginx-dev as its own packages of modules are built (dh_nginx); against any other source of nginx with the arguments that the
# nginx binary says it was configured with. Nothing is written outside BUILD_DIR.
set -euo pipefail

nginx_source=$1
module_dir=$2
build_dir=$3
nginx_binary=$4

fail() {
    echo "configure-nginx: $*" >&2
    exit 1
}

[ -f "$nginx_source/src/core/nginx.h" ] || fail "$nginx_source has no source of nginx (Debian: install nginx-dev; or make NGINX=/path/to/source)"
configure=./configure
[ -x "$nginx_source/configure" ] || configure=auto/configure

mkdir -p "$build_dir"
arguments=()
if [ -f "$nginx_source/conf_flags" ]; then
    cflags=$(cd "$module_dir" && dpkg-buildflags --get CFLAGS)
    cppflags=$(cd "$module_dir" && dpkg-buildflags --get CPPFLAGS)
    ldflags=$(cd "$module_dir" && dpkg-buildflags --get LDFLAGS)
    . "$nginx_source/conf_flags"
    arguments=(--with-cc-opt="$cflags -fPIC $cppflags" --with-ld-opt="$ldflags -fPIC" "${NGX_CONF_FLAGS[@]}")
else
    said=$("$nginx_binary" -V 2>&1) || fail "$nginx_binary -V failed: name the nginx that is to load the module with NGINX_BINARY=/path/to/nginx"
    version=$(sed -nE 's/^nginx version: [^/]*\/([0-9.]+).*/\1/p' <<<"$said")
    source_version=$(sed -nE 's/^#define NGINX_VERSION +"([0-9.]+)".*/\1/p' "$nginx_source/src/core/nginx.h")
    [ "$version" = "$source_version" ] ||
        fail "$nginx_binary is nginx $version, $nginx_source is nginx $source_version: a module is loaded by the version only that it was built for; name a matching pair by NGINX_BINARY= and NGINX="
    eval "all=($(sed -n 's/^configure arguments: //p' <<<"$said"))"
    for argument in "${all[@]}"; do
        case $argument in
            --add-module=* | --add-dynamic-module=* | --builddir=*) ;;
            *) arguments+=("$argument") ;;
        esac
    done
fi

cd "$nginx_source"
$configure "${arguments[@]}" --builddir="$build_dir" --add-dynamic-module="$module_dir"
