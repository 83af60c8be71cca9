#!/bin/bash
# Builds Debian packages into build/packages: scripts/make-packages.sh debian|nginx-org. `make deb` and `make package-nginx-org` call it.
#   for nginx-org: NGINX (a source tree of nginx) and NGINX_BINARY (the nginx that was built from it)
# They are built in a copy of what git knows of this tree, so that two builds leave the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/fetch-nginx.sh

kind=${1:-}
packages=$PWD/build/packages
tree=$PWD/build/package-tree/nginx-api-key
release=$(. /etc/os-release && echo "${VERSION_ID:+deb$VERSION_ID}")

fail() {
    echo "make-packages: $*" >&2
    exit 1
}

copy_tree() {
    rm -rf "$tree"
    mkdir -p "$tree" "$packages"
    if git rev-parse --git-dir >/dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$tree"
    else
        find . -path ./build -prune -o -type f -print0 | xargs -0 cp --parents -t "$tree"
    fi
}

# So that apt takes the package of a later release for newer: 0.1.0-1~deb12.
name_release() {
    sed -i "1s/(\([^)]*\))/(\1~${release:-sid})/" "$tree/debian/changelog"
}

case $kind in
    debian)
        [ -e build/dashboard/index.html ] || fail "build/dashboard is missing: run make dashboard first"
        copy_tree
        cp -r build/dashboard "$tree/debian/dashboard"
        ;;
    nginx-org)
        [ -f "${NGINX:-}/src/core/nginx.h" ] || fail "name a source tree of nginx: make package-nginx-org NGINX=/path/to/source"
        NGINX=$(realpath "$NGINX")
        export NGINX NGINX_BINARY=${NGINX_BINARY:-nginx}
        copy_tree
        cp "$tree"/debian/nginx-org/* "$tree/debian/"
        rm -f "$tree"/debian/*.install "$tree"/debian/*.docs
        # the version of nginx goes first, as nginx.org's modules have it: 1.31.5+0.1.0-1~bookworm
        sed -i "1s/^nginx-api-key (/nginx-module-api-key ($(nginx_version "$NGINX")+/" "$tree/debian/changelog"
        release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
        ;;
    *) fail "debian or nginx-org" ;;
esac
rm -rf "$tree/debian/nginx-org"
name_release
echo "build packages ($kind), see $(dirname "$tree")/build.log"
(cd "$tree" && env -u MAKEFLAGS -u MAKELEVEL -u BUILD dpkg-buildpackage -us -uc -b) >"$(dirname "$tree")/build.log" 2>&1 || {
    tail -40 "$(dirname "$tree")/build.log" >&2
    fail "dpkg-buildpackage failed"
}
for package in "$(dirname "$tree")"/*.deb; do
    mv "$package" "$packages/"
    echo "built build/packages/$(basename "$package") ($(stat -c %s "$packages/$(basename "$package")") bytes)"
done
rm -rf "$tree" "$(dirname "$tree")"/*.changes "$(dirname "$tree")"/*.buildinfo
