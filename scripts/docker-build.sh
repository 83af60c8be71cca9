#!/bin/bash
# Builds docker/Dockerfile for real, without a Docker daemon, and starts what it built: buildah in chroot isolation, on a Debian 12
# that debootstrap makes from this machine's own mirror. Needs root. Everything is in a temporary directory that goes away.
#   BASE_ROOT  what debootstrap --variant=minbase made before, for a second run
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

scripts/install-dependencies.sh run docker

directory=$(mktemp -d "${TMPDIR:-/var/tmp}/api-key-docker.XXXXXX")
chmod 755 "$directory"
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
buildah=(buildah --root "$directory/storage" --runroot "$directory/run")
working=

clean_up() {
    local status=$?
    stop_image
    stop_all
    "${buildah[@]}" rm --all >/dev/null 2>&1 || true
    rm -rf "$directory"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# without a namespace of its own, nginx's pid is this machine's
stop_image() {
    local root
    [ -n "$working" ] || return 0
    root=$("${buildah[@]}" mount "$working") || return 0
    kill -QUIT "$(cat "$root/tmp/nginx.pid")" 2>/dev/null || true
    wait_until 10 test ! -e "$root/tmp/nginx.pid" || true
    "${buildah[@]}" unmount "$working" >/dev/null || true
}

make_base_image() {
    local mirror base
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Identifier: Packages' |
        awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
    if [ -n "${BASE_ROOT:-}" ]; then
        cp -a "$BASE_ROOT" "$directory/debian"
    else
        echo "debootstrap bookworm"
        debootstrap --variant=minbase bookworm "$directory/debian" "$mirror" >"$directory/debootstrap.log" 2>&1 || {
            tail -20 "$directory/debootstrap.log"
            exit 1
        }
    fi
    # as the slim images are: without documentation, languages and what apt has downloaded, now and later
    local root=$directory/debian
    printf 'path-exclude /usr/share/%s/*\n' doc info lintian/overrides locale man >"$root/etc/dpkg/dpkg.cfg.d/docker"
    printf 'path-include /usr/share/%s\n' 'doc/*/copyright' locale/locale.alias >>"$root/etc/dpkg/dpkg.cfg.d/docker"
    find "$root"/usr/share/{doc,info,lintian/overrides,locale,man} ! -type d ! -name copyright ! -name locale.alias -delete
    find "$root"/usr/share/{doc,info,lintian/overrides,locale,man} -mindepth 1 -type d -empty -delete
    cat >"$root/etc/apt/apt.conf.d/docker-clean" <<END
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
END
    find "$root"/var/{cache/apt,lib/apt/lists,log} -type f -delete
    rm -f "$root/var/cache/ldconfig/aux-cache" "$root"/var/{lib/dpkg,cache/debconf}/*-old
    echo "base: $(du -sxm --apparent-size "$root" | cut -f 1) MB"
    base=$("${buildah[@]}" from scratch)
    "${buildah[@]}" add -q "$base" "$directory/debian" / >/dev/null
    "${buildah[@]}" commit -q "$base" localhost/debian:12 >/dev/null
    "${buildah[@]}" rm "$base" >/dev/null
    rm -rf "$directory/debian"
}

build_image() {
    echo "build docker/Dockerfile"
    local trusted=()
    if [ -f "${SSL_CERT_FILE:-}" ]; then
        trusted=(--volume "$SSL_CERT_FILE:/run/certificates.crt:ro" --build-arg SSL_CERT_FILE=/run/certificates.crt)
    fi
    "${buildah[@]}" bud --pull-never "${trusted[@]}" --build-arg BASE=localhost/debian:12 --ignorefile docker/Dockerfile.dockerignore \
        -f docker/Dockerfile -t localhost/api-key-nginx . >"$directory/build.log" 2>&1 || {
        tail -40 "$directory/build.log"
        exit 1
    }
}

# in the image, with the image's entry point
in_image() {
    local mounted=()
    [ ! -d "$directory/secrets" ] || mounted=(--volume "$directory/secrets:/run/secrets:ro")
    "${buildah[@]}" run "${mounted[@]}" "${environment[@]/#/--env=}" "$working" -- "$@"
}

start_image() {
    local redis_port upstream_port
    redis_port=$(free_port)
    upstream_port=$(free_port)
    port=$(free_port)
    password=$(openssl rand -hex 16)
    start redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --dir "$directory" --logfile "$directory/redis.log" --requirepass "$password"
    start node demo/upstream.js --listen "$upstream_port" >"$directory/upstream.log"
    working=$("${buildah[@]}" from --pull-never localhost/api-key-nginx)
    environment=("API_KEY_LISTEN=$port" "API_KEY_REDIS=redis://127.0.0.1:$redis_port/0"
        API_KEY_REDIS_PASSWORD_FILE=/run/secrets/redis_password API_KEY_PEPPER_FILE=/run/secrets/pepper
        "API_KEY_UPSTREAM=http://127.0.0.1:$upstream_port"
        # buildah's pipes are root's; docker gives them to the user of the container
        API_KEY_ACCESS_LOG=/tmp/access.log "APIKEYCTL_REDIS=redis://127.0.0.1:$redis_port/0"
        APIKEYCTL_PASSWORD_FILE=/run/secrets/redis_password APIKEYCTL_PEPPER=/run/secrets/pepper)
    if in_image entrypoint.sh nginx -t >"$directory/refused.log" 2>&1; then
        echo "it started without a pepper"
        exit 1
    fi
    grep "there is no pepper" "$directory/refused.log"
    mkdir "$directory/secrets"
    make_pepper "$directory/secrets/pepper"
    (umask 077 && echo "$password" >"$directory/secrets/redis_password")
    chown 33 "$directory"/secrets/*
    in_image entrypoint.sh nginx -g 'daemon off;' >"$directory/gateway.log" 2>&1 &
    wait_until 30 curl -s "http://127.0.0.1:$port/v1/models" || {
        cat "$directory/gateway.log"
        exit 1
    }
}

check_image() {
    local status account
    status=$(curl -s -o "$directory/answer" -w '%{http_code}' "http://127.0.0.1:$port/v1/models")
    echo "without a key: $status $(cat "$directory/answer")"
    [ "$status" = 401 ]
    account=$(in_image apikeyctl -o json account create --name docker | sed -nE 's/.*"id": *([0-9]+).*/\1/p')
    key=$(in_image apikeyctl -o json key create --account "$account" --type proxy --prefix ms- --name first |
        sed -nE 's/.*"key": *"([^"]+)".*/\1/p')
    status=$(curl -s -o "$directory/answer" -w '%{http_code}' "http://127.0.0.1:$port/v1/models" -H "Authorization: Bearer $key")
    echo "with a key: $status $(cut -c 1-60 "$directory/answer")…"
    [ "$status" = 200 ]
    status=$(curl -sL -o "$directory/answer" -w '%{http_code}' "http://127.0.0.1:$port/")
    echo "the dashboard: $status $(grep -o '<title>.*</title>' "$directory/answer")"
    [ "$status" = 200 ]
    in_image test -s /usr/lib/ssl/cert.pem # what OpenSSL trusts by default
    in_image healthcheck.pl
    echo "healthy; its user: $(in_image id -un)"
}

# as by docker's --read-only --tmpfs /tmp: as www-data, with nothing but /tmp to write to
check_read_only() {
    local root port=$1 status
    root=$("${buildah[@]}" mount "$working")
    mkdir -p "$root/run/secrets"
    unshare --mount bash -euc '
        mount --bind "$0" "$0"
        mount --bind "$1" "$0/run/secrets"
        mount --bind /proc "$0/proc"
        mount --rbind /dev "$0/dev"
        mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"
        mount -o remount,bind,ro "$0"
        shift
        exec chroot --userspec=33:33 "$0" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
    ' "$root" "$directory/secrets" "${environment[@]}" "API_KEY_LISTEN=$port" sh -c '
        if touch /etc/nginx/written 2>/dev/null; then echo "the root can be written to" >&2; exit 1; fi
        exec entrypoint.sh nginx -g "daemon off;"' >"$directory/read-only.log" 2>&1 &
    started_pids+=($!)
    wait_until 30 curl -s "http://127.0.0.1:$port/healthz" || {
        cat "$directory/read-only.log"
        exit 1
    }
    status=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/v1/models" -H "Authorization: Bearer $key")
    echo "with a read-only root: $status"
    [ "$status" = 200 ]
}

make_base_image
build_image
start_image
check_image
check_read_only "$(free_port)"
"${buildah[@]}" images --format '{{.Size}} in {{.Name}}' localhost/api-key-nginx
echo "The image builds, starts and answers."
