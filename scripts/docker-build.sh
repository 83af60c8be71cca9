#!/bin/bash
# Builds docker/Dockerfile for real, without a Docker daemon, and starts what it built: buildah in chroot isolation, on a Debian 12
# that debootstrap makes from this machine's own mirror. Needs root. Everything is in a temporary directory that goes away.
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
    echo "debootstrap bookworm"
    debootstrap --variant=minbase bookworm "$directory/debian" "$mirror" >"$directory/debootstrap.log" 2>&1 || {
        tail -20 "$directory/debootstrap.log"
        exit 1
    }
    # as the slim images are
    rm -rf "$directory/debian/var/cache/apt/archives"/*.deb "$directory"/debian/usr/share/{doc,man,locale,info,lintian}/*
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
    "${buildah[@]}" run "${mounted[@]}" "${environment[@]}" "$working" -- "$@"
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
    environment=(--env "API_KEY_LISTEN=$port" --env "API_KEY_REDIS=redis://127.0.0.1:$redis_port/0"
        --env "API_KEY_REDIS_PASSWORD_FILE=/run/secrets/redis_password" --env "API_KEY_PEPPER_FILE=/run/secrets/pepper"
        --env "API_KEY_UPSTREAM=http://127.0.0.1:$upstream_port"
        # buildah's pipes are root's; docker gives them to the user of the container
        --env API_KEY_ACCESS_LOG=/tmp/access.log --env "APIKEYCTL_REDIS=redis://127.0.0.1:$redis_port/0"
        --env "APIKEYCTL_PASSWORD_FILE=/run/secrets/redis_password" --env "APIKEYCTL_PEPPER=/run/secrets/pepper")
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
    local status key account
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
    in_image healthcheck.pl
    echo "healthy; its user: $(in_image id -un)"
}

make_base_image
build_image
start_image
check_image
"${buildah[@]}" images --format '{{.Size}} in {{.Name}}' localhost/api-key-nginx
echo "The image builds, starts and answers."
