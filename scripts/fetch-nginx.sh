# Sources of nginx, for tests of builds; to be sourced by bash.

debian_mirror() {
    apt-get indextargets --format '$(REPO_URI) $(LABEL) $(COMPONENT)' 'Created-By: Packages' | awk '$2 == "Debian" && $3 == "main" { print $1; exit }'
}

nginx_version() {
    sed -nE 's/^#define NGINX_VERSION +"([0-9.]+)".*/\1/p' "$1/src/core/nginx.h"
}

# fetch_nginx DIRECTORY SUITE...: the upstream sources that Debian has for its releases, oldest first; prints the trees. A release whose source the
# mirror does not have is left out, and said.
fetch_nginx() {
    local directory=$1 mirror suite apt
    shift
    mirror=$(debian_mirror)
    apt=$(mktemp -d)
    chmod 755 "$apt"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/parts" "$directory"
    local options=(-qq -o "Dir::Etc::sourcelist=$apt/sources.list" -o "Dir::Etc::sourceparts=$apt/parts" -o "Dir::State::lists=$apt/lists"
        -o "Dir::Cache=$apt/cache" -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -o APT::Sandbox::User=root)
    for suite in "$@"; do
        echo "deb-src $mirror $suite main" >"$apt/sources.list"
        mkdir "$apt/$suite"
        if ! (apt-get "${options[@]}" update && cd "$apt/$suite" && apt-get "${options[@]}" source --download-only --tar-only nginx) >&2 2>"$apt/said"; then
            echo "the archive has no source of nginx for $suite: $(grep -m 1 '^E:' "$apt/said")" >&2
            continue
        fi
        tar -xf "$apt/$suite"/nginx_*.orig.tar.* -C "$directory"
    done
    rm -rf "$apt"
    find "$directory" -mindepth 1 -maxdepth 1 -name 'nginx-*' | sort -V
}

# build_nginx SOURCE PREFIX [ARGUMENT...]: nginx as its own packages are configured, or with these arguments; installed under PREFIX
build_nginx() {
    local source=$1 prefix=$2 configure=./configure
    shift 2
    [ -x "$source/configure" ] || configure=auto/configure
    local arguments=("$@")
    if [ "$#" = 0 ]; then
        arguments=(--with-compat --with-debug --with-threads --with-pcre-jit --with-http_ssl_module --with-http_v2_module --with-http_realip_module
            --with-http_auth_request_module --with-http_slice_module --with-http_addition_module --with-http_sub_module --with-http_gunzip_module
            --with-http_gzip_static_module --with-http_stub_status_module --with-http_dav_module --with-http_secure_link_module
            --with-http_random_index_module --with-http_mp4_module --with-http_flv_module)
        # HTTP/3 came with 1.25
        if [ -d "$source/src/http/v3" ]; then
            arguments+=(--with-http_v3_module)
        fi
    fi
    rm -rf "$prefix"
    mkdir -p "$prefix"
    (cd "$source" && $configure --prefix="$prefix" --conf-path="$prefix/conf/nginx.conf" --builddir="$prefix/objects" "${arguments[@]}" &&
        make -s -j"$(nproc)" -f "$prefix/objects/Makefile" && make -s -f "$prefix/objects/Makefile" install)
}

# smoke_nginx PREFIX LINK: the nginx that was built there, with the module that was built with it, asks for a key
smoke_nginx() {
    local prefix=$1 port status
    port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
    echo "1:00112233445566778899aabbccddeeff" >"$prefix/pepper"
    chmod 600 "$prefix/pepper"
    {
        [ "$2" = --add-module ] || echo "load_module modules/ngx_http_api_key_module.so;"
        cat <<END
events { }
http {
    api_key_zone zone=keys:1m;
    api_key_redis unix:$prefix/no-redis;
    api_key_pepper $prefix/pepper;
    api_key_type proxy prefix=ms-;
    server {
        listen 127.0.0.1:$port;
        location / { api_key proxy; root html; }
    }
}
END
    } >"$prefix/conf/nginx.conf"
    "$prefix/sbin/nginx" || return
    status=$(curl -s -o /dev/null --retry 5 --retry-connrefused -w '%{http_code}' "http://127.0.0.1:$port/")
    "$prefix/sbin/nginx" -s stop
    [ "$status" = 401 ] || {
        echo "without a key: $status" >&2
        return 1
    }
}
