#!/bin/bash
# Configures a build of the module against Debian's nginx-dev, as its own packages of modules are built (dh_nginx):
#   configure-nginx.sh NGINX_SOURCE MODULE_DIR BUILD_DIR
# Nothing is written outside BUILD_DIR.
set -euo pipefail

nginx_source=$1
module_dir=$2
build_dir=$3

if [ ! -f "$nginx_source/conf_flags" ]; then
    echo "nginx-dev is not installed: $nginx_source/conf_flags is missing" >&2
    exit 1
fi

mkdir -p "$build_dir"
cflags=$(cd "$module_dir" && dpkg-buildflags --get CFLAGS)
cppflags=$(cd "$module_dir" && dpkg-buildflags --get CPPFLAGS)
ldflags=$(cd "$module_dir" && dpkg-buildflags --get LDFLAGS)

cd "$nginx_source"
. ./conf_flags
./configure --with-cc-opt="$cflags -fPIC $cppflags" --with-ld-opt="$ldflags -fPIC" "${NGX_CONF_FLAGS[@]}" \
    --builddir="$build_dir" --add-dynamic-module="$module_dir"
