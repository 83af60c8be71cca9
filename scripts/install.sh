#!/bin/bash
# Puts what is built where nginx, the shells and man look, or takes it away again: scripts/install.sh install|uninstall. `make install` calls it.
#   DESTDIR, BINDIR (/usr/bin), DATADIR (/usr/share), NGINX_BINARY (nginx), BUILD (build), STRIP (-s; empty keeps the symbols)
# What an operator may have edited is never written over: the new text stands beside it, as NAME.default.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${BUILD:-build}
destination=${DESTDIR:-}
binaries=${BINDIR:-/usr/bin}
data=${DATADIR:-/usr/share}
nginx=${NGINX_BINARY:-nginx}

fail() {
    echo "install: $*" >&2
    exit 1
}

said=$("$nginx" -V 2>&1) || fail "$nginx -V failed: name the nginx that is to load the module with NGINX_BINARY=/path/to/nginx"
argument() {
    sed -nE "s/^configure arguments:.* --$1=([^ ]+).*/\1/p" <<<"$said"
}
prefix=$(argument prefix)
modules=$(argument modules-path)
configuration=$(argument conf-path)
: "${prefix:=/usr/local/nginx}" "${modules:=$prefix/modules}" "${configuration:=$prefix/conf/nginx.conf}"
configuration=$(dirname "$configuration")

module=$modules/ngx_http_api_key_module.so
dashboard=$data/nginx-api-key/dashboard
edited=("$configuration/dashboard.conf")
for profile in conf/profiles/*.conf; do
    edited+=("$configuration/profiles/$(basename "$profile")")
done
others=("$binaries/apikeyctl" "$data/man/man1/apikeyctl.1" "$data/bash-completion/completions/apikeyctl"
    "$data/zsh/vendor-completions/_apikeyctl" "$data/fish/vendor_completions.d/apikeyctl.fish" "$data/nginx-api-key/nginx.conf.example")

# put FILE TARGET: unless the target is there with another text
put() {
    local target=$destination$2
    if [ ! -e "$target" ] || cmp -s "$1" "$target"; then
        install -D -m 644 "$1" "$target"
    else
        install -D -m 644 "$1" "$target.default"
        echo "install: $target stays as it is, the new one is $target.default"
    fi
}

install_all() {
    local file
    for file in ngx_http_api_key_module.so apikeyctl dashboard/index.html documents/apikeyctl.1; do
        [ -e "$build/$file" ] || fail "$build/$file is missing: run make and make dashboard first (as yourself, not as root)"
    done
    install -D -m 644 ${STRIP--s} "$build/ngx_http_api_key_module.so" "$destination$module"
    install -D -m 755 ${STRIP--s} "$build/apikeyctl" "$destination${others[0]}"
    install -D -m 644 "$build/documents/apikeyctl.1" "$destination${others[1]}"
    install -D -m 644 "$build/documents/apikeyctl.bash" "$destination${others[2]}"
    install -D -m 644 "$build/documents/_apikeyctl" "$destination${others[3]}"
    install -D -m 644 "$build/documents/apikeyctl.fish" "$destination${others[4]}"
    install -D -m 644 nginx.conf.example "$destination${others[5]}"
    install -D -m 644 -t "$destination$dashboard" "$build"/dashboard/*
    for file in "${edited[@]}"; do
        put "conf${file#"$configuration"}" "$file"
    done
}

# Edited files stay.
uninstall_all() {
    local file
    rm -f "$destination$module" "${others[@]/#/$destination}"
    rm -rf "$destination$dashboard"
    for file in "${edited[@]}"; do
        rm -f "$destination$file.default"
        if cmp -s "conf${file#"$configuration"}" "$destination$file"; then
            rm -f "$destination$file"
        elif [ -e "$destination$file" ]; then
            echo "uninstall: $destination$file was edited and stays"
        fi
    done
    rmdir --ignore-fail-on-non-empty "$destination$data/nginx-api-key" "$destination$configuration/profiles" 2>/dev/null || true
}

case ${1:-} in
    install) install_all ;;
    uninstall) uninstall_all ;;
    *) fail "install or uninstall" ;;
esac
