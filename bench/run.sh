#!/bin/bash
# Measures the module side by side with what nginx and Lua do by themselves, and writes the tables of bench/README.md: `make bench`.
# BENCH_KEYS (1000000) is how many keys are used at random against one; it takes some minutes to make them.
# BENCH_ROUNDS (9) and BENCH_SECONDS (1) say how many short runs of wrk there are and how long each is; BENCH_ONLY=REGEX measures only the
# rows of that name and leaves the tables as they are.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

build=$(realpath "${BUILD:-build}")
directory=$(mktemp -d "${TMPDIR:-/tmp}/api-key-bench.XXXXXX")
chmod 755 "$directory"

clean_up() {
    stop_all
    rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

plain_port=$(free_port)
ours_port=$(free_port)
misses_port=$(free_port)
many_port=$(free_port)
main=
[ "$(id -u)" != 0 ] || main="user root;"

# write_conf NAME FROM [sed expression]
write_conf() {
    sed -e "${3:-}" -e "s|@MAIN@|$main|; s|@BUILD@|$build|; s|@DIRECTORY@|$directory|; s|@ZONE@|16m|" \
        -e "s|@PLAIN_PORT@|$plain_port|; s|@OURS_PORT@|$ours_port|" "bench/$2.conf" >"$directory/$1.conf"
}

start_redis "$directory/redis.sock"
make_pepper "$directory/pepper"
echo '{"plans": {"pro": {"per_second": 1000000, "per_minute": 10000000}, "minute": {"per_minute": 10000000}}}' >"$directory/plans.json"
echo '{"gpt-4o": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "max_output_tokens": 16384}}' >"$directory/prices.json"
{
    for _ in $(seq 200); do
        printf 'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4o","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}\n\n'
    done
    printf 'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":200}}\n\ndata: [DONE]\n\n'
} >"$directory/stream"
write_conf plain plain
write_conf ours ours
write_conf other other
# a zone that holds far fewer keys than are used in turn: every look-up is a miss
write_conf misses ours "s|@ZONE@|512k|; s|ours\.|misses.|; s|@OURS_PORT@|$misses_port|"
# a zone that holds a million
write_conf many ours "s|@ZONE@|1024m|; s|ours\.|many.|; s|@OURS_PORT@|$many_port|"
for name in plain ours misses many other; do
    start nginx -p "$directory" -e "$directory/$name.log" -c "$directory/$name.conf"
    wait_until 10 test -S "$directory/$name.sock"
done

export APIKEYCTL=$build/apikeyctl APIKEYCTL_REDIS=unix:$directory/redis.sock APIKEYCTL_PEPPER=$directory/pepper
export BENCH_DIRECTORY=$directory BENCH_PLAIN=http://127.0.0.1:$plain_port BENCH_OURS=http://127.0.0.1:$ours_port \
    BENCH_MISSES=http://127.0.0.1:$misses_port BENCH_MANY=http://127.0.0.1:$many_port
node bench/measure.js
stop_all
if [[ "durable grants" =~ ${BENCH_ONLY:-} ]]; then
    mkdir "$directory/durable"
    API_KEY_MODULE=$build/ngx_http_api_key_module.so NGINX_BINARY=nginx TEST_DIRECTORY=$directory/durable node bench/durable_grants.js
fi
