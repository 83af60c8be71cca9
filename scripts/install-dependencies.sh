#!/bin/bash
# Installs what the Makefile's targets need on Debian 12 or newer. Does nothing, quickly, when all is there.
#   scripts/install-dependencies.sh GROUP...      groups: build nginx run dashboard programs nginx-tests scenarios sdk suite check bench packages docker browser
# Runs as root or through sudo. Packages come from the repositories that this machine's apt and npm are set up with.
set -euo pipefail

cd "$(dirname "$0")/.."
. scripts/fetch-nginx.sh

release=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")

# package, or package=command where another package may have brought the command
declare -A packages=(
    [build]="g++=g++ make=make dpkg-dev libhiredis-dev libjansson-dev libsimdjson-dev libssl-dev zlib1g-dev libcli11-dev libfmt-dev libcsv-dev libyaml-dev"
    [nginx]="nginx nginx-dev"
    [run]="nginx redis-server=redis-server redis-tools=redis-cli nodejs=node curl=curl openssl=openssl"
    [dashboard]="nodejs=node npm=npm"
    [programs]="libcmocka-dev"
    [nginx-tests]="perl=prove libtest-base-perl libtest-longstring-perl libtext-diff-perl libfilter-perl libipc-run-perl
            liblist-moreutils-perl libhttp-message-perl liburi-perl libwww-perl libio-socket-ssl-perl procps"
    [scenarios]="perl=prove jq=jq procps=ps prometheus=promtool gdb=gdb"
    [sdk]="perl=prove nodejs=node npm=npm"
    [suite]="perl=prove libio-socket-ssl-perl libprotocol-websocket-perl libfcgi-perl libscgi-perl
            libnginx-mod-http-geoip libnginx-mod-http-image-filter libnginx-mod-http-perl libnginx-mod-http-xslt-filter
            libnginx-mod-mail libnginx-mod-stream libnginx-mod-stream-geoip"
    [check]="clang=clang++ clang-format=clang-format clang-tidy=clang-tidy libclang-rt-dev"
    [bench]="wrk=wrk valgrind=valgrind libnginx-mod-http-lua lua-nginx-redis apache2-utils=ab"
    [packages]="build-essential debhelper fakeroot lintian=lintian"
    [docker]="buildah=buildah debootstrap=debootstrap"
    [browser]="perl=prove nodejs=node npm=npm chromium=chromium"
)

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "packages are missing and can be installed by root only: run as root, or install sudo" >&2
        exit 1
    fi
}

enabled_services() {
    find /etc/systemd/system -path '*.wants/*.service' -printf '%f\n' 2>/dev/null | LC_ALL=C sort -u
}

# Freshly installed servers stay stopped, at the next boot too: every run starts its own.
install_packages() {
    local policy=/usr/sbin/policy-rc.d own_policy= enabled service
    echo "installing: $*"
    enabled=$(enabled_services)
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        own_policy=yes
    fi
    local status=0
    as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null || status=$?
    [ -z "$own_policy" ] || as_root rm -f "$policy"
    for service in $(LC_ALL=C comm -13 <(echo "$enabled") <(enabled_services)); do
        as_root systemctl --quiet disable "$service" >/dev/null 2>&1 || true
    done
    if [ "$status" != 0 ]; then
        echo "install-dependencies: apt could not install these packages; see above. Without a network, install them first: $*" >&2
    fi
    return "$status"
}

missing_packages() {
    local entry package command installed
    installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | tr '\n' ' ') "
    for entry in "$@"; do
        package=${entry%%=*}
        command=${entry#*=}
        if [ "$command" != "$entry" ] && command -v "$command" >/dev/null; then
            continue
        fi
        case $installed in
            *" $package "*) ;;
            *) echo "$package" ;;
        esac
    done
}

# download_later DIRECTORY SUITES PACKAGE...: packages of another suite (the first of those that has them) as .deb files: with the mirror and
# the keys of this machine's apt, in an apt configuration of its own that goes away again.
download_later() {
    local target=$1 suites=$2 mirror directory suite
    shift 2
    mirror=$(debian_mirror)
    if [ -z "$mirror" ]; then
        echo "install-dependencies: apt has no source of Debian's main, cannot tell where to get $*" >&2
        return 1
    fi
    echo "downloading: $* (of a later Debian)"
    directory=$(mktemp -d)
    chmod 755 "$directory"
    mkdir -p "$directory/lists/partial" "$directory/cache/archives/partial" "$directory/parts"
    local options=(-qq -o "Dir::Etc::sourcelist=$directory/sources.list" -o "Dir::Etc::sourceparts=$directory/parts"
        -o "Dir::State::lists=$directory/lists" -o "Dir::Cache=$directory/cache" -o Acquire::Check-Valid-Until=false
        -o Acquire::Languages=none -o APT::Sandbox::User=root)
    local status=1
    for suite in $suites; do
        echo "deb $mirror $suite main" >"$directory/sources.list"
        if apt-get "${options[@]}" update && (cd "$target" && apt-get "${options[@]}" download "$@"); then
            status=0
            break
        fi
    done
    rm -rf "$directory"
    return "$status"
}

# Debian 12 and 13 have no Test::Nginx.
install_test_nginx() {
    local directory status=0
    directory=$(mktemp -d)
    download_later "$directory" "forky sid" libtest-nginx-perl || status=$?
    [ "$status" != 0 ] || as_root dpkg -i "$directory"/libtest-nginx-perl_*.deb >/dev/null || {
        status=$?
        as_root dpkg --purge libtest-nginx-perl >/dev/null 2>&1
    }
    rm -rf "$directory"
    return "$status"
}

# Valkey 8, of Debian itself or its backports, for the tests: into build/ alone. What it needs Redis needs too.
install_valkey() {
    local target=build/valkey directory
    directory=$(mktemp -d)
    mkdir -p "$target"
    download_later "$directory" "$release $release-backports" valkey-server valkey-tools && for package in "$directory"/*.deb; do
        dpkg -x "$package" "$target"
    done
    local status=$?
    rm -rf "$directory"
    return "$status"
}

has_test_nginx() {
    perl -e 'exit !grep { -e "$_/Test/Nginx/Socket.pm" } @INC'
}

# One that was there before may be older than Debian's.
require_node() {
    local version
    version=$(node --version)
    [ "$(cut -d . -f 1 <<<"${version#v}")" -ge 18 ] || {
        echo "install-dependencies: $(command -v node) is $version, and 18 or newer is needed: Debian's package nodejs has it" >&2
        exit 1
    }
}

# npm_packages FOLDER TARGET: what the lock file in the folder names, under build/.
npm_packages() {
    local folder=$1 target=build/$2
    if [ -d "$target/node_modules" ] && cmp -s "$folder/package-lock.json" "$target/package-lock.json"; then
        return
    fi
    echo "installing: npm packages of $folder"
    rm -rf "$target"
    mkdir -p "$target"
    cp "$folder/package.json" "$folder/package-lock.json" "$target/"
    (cd "$target" && npm ci --loglevel=error --no-audit --no-fund --ignore-scripts >/dev/null) || {
        rm -rf "$target"
        echo "install-dependencies: npm could not install what $folder/package-lock.json names; see above" >&2
        return 1
    }
}

wanted=
for group in "$@"; do
    if [ -z "${packages[$group]:-}" ]; then
        echo "install-dependencies: no group \"$group\"; there are: ${!packages[*]}" >&2
        exit 2
    fi
    wanted+=" ${packages[$group]}"
done

if ! command -v dpkg-query >/dev/null; then
    echo "install-dependencies: this is not Debian; needed are:$(printf ' %s' $wanted | sed 's/=[^ ]*//g')" >&2
    exit 1
fi

missing=$(missing_packages $wanted)
if [ -n "$missing" ]; then
    install_packages $missing
fi
case " $* " in
    *" run "* | *" dashboard "* | *" sdk "* | *" browser "*) require_node ;;
esac
for group in "$@"; do
    case $group in
        dashboard) npm_packages dashboard dashboard-packages ;;
        nginx-tests) has_test_nginx || install_test_nginx ;;
        scenarios) [ -x build/valkey/usr/bin/valkey-server ] || install_valkey || echo "install-dependencies: no valkey here: its tests are left out" >&2 ;;
        sdk) npm_packages tests/sdk sdk ;;
        browser) npm_packages tests/browser browser ;;
    esac
done
