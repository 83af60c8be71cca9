#!/bin/bash
# A gateway before a demonstration upstream, with a Redis of its own and a first key: `make run`. PORT=n fixes the port.
# Ctrl-C stops it all and removes it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

build=$(realpath "${BUILD:-build}")
port=${PORT:-$(free_port)}
address=http://127.0.0.1:$port
directory=$(mktemp -d "${TMPDIR:-/tmp}/api-key-run.XXXXXX")
chmod 755 "$directory"

clean_up() {
    stop_all
    rm -rf "$directory"
}
trap clean_up EXIT
trap 'echo; exit 0' INT TERM

# Before anything is sent there: it might be somebody else's server.
refuse_busy_port() {
    perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(Listen => 1, ReuseAddr => 1, LocalAddr => "127.0.0.1", LocalPort => $ARGV[0])' "$port" || {
        echo "port $port cannot be used, something else may listen there: name another one by PORT=n" >&2
        exit 1
    }
}

# nginx's workers may be of a user who cannot read this folder.
start_gateway() {
    cp -r "$build/dashboard" "$directory/dashboard"
    chmod -R a+rX "$directory/dashboard"
    sed -e "s|@BUILD@|$build|; s|@SOURCE@|$PWD|; s|@DIRECTORY@|$directory|; s|@PORT@|$port|" demo/nginx.conf >"$directory/nginx.conf"
    start nginx -p "$directory" -e "$directory/error.log" -c "$directory/nginx.conf"
    wait_until 10 curl -s "$address/v1/models" || {
        cat "$directory/error.log" >&2
        echo "nginx did not start" >&2
        exit 1
    }
}

# member NAME of a small JSON answer on standard input
member() {
    node -e 'process.stdout.write(String(JSON.parse(require("fs").readFileSync(0, "utf8"))[process.argv[1]] ?? ""))' "$1"
}

make_keys() {
    export APIKEYCTL_REDIS=unix:$directory/redis.sock APIKEYCTL_PEPPER=$directory/pepper
    account=$("$build/apikeyctl" -o json account create --name demo --plan pro | member id)
    "$build/apikeyctl" account topup "$account" --amount 5 --reference demo >/dev/null
    billing_key=$("$build/apikeyctl" -o json key create --account "$account" --type billing --prefix mk- --name operations | member key)
    proxy_key=$(curl -sS "$address/api/keys" -H "Authorization: Bearer $billing_key" -H 'Content-Type: application/json' \
        -d '{"name":"first"}' | member key)
    if [ -z "$billing_key" ] || [ -z "$proxy_key" ]; then
        cat "$directory/error.log" >&2
        echo "the first keys could not be made" >&2
        exit 1
    fi
}

tell() {
    cat <<END

The gateway runs at $address
Its dashboard is at $address/dashboard/: sign in with the billing key $billing_key

Try, in another terminal:

curl $address/v1/chat/completions -H 'Authorization: Bearer $proxy_key' -H 'Content-Type: application/json' -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}'

More:

# streamed
curl -N $address/v1/chat/completions -H 'Authorization: Bearer $proxy_key' -H 'Content-Type: application/json' -d '{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello"}]}'

# as Claude's SDK does
curl $address/v1/messages -H 'x-api-key: $proxy_key' -H 'Content-Type: application/json' -d '{"model":"claude-demo","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}'

# as Gemini's REST interface does
curl '$address/v1beta/models/gemini-2.5-flash:generateContent?key=$proxy_key' -H 'Content-Type: application/json' -d '{"contents":[{"parts":[{"text":"Hello"}]}]}'

# a new key, good for 3 requests a day; the list of keys; what the first one has used
curl $address/api/keys -H 'Authorization: Bearer $billing_key' -H 'Content-Type: application/json' -d '{"name":"second","quotas":{"daily":3}}'
curl $address/api/keys -H 'Authorization: Bearer $billing_key'
curl $address/api/keys/2/usage -H 'Authorization: Bearer $billing_key'

# a key for one model and 0.01 credits a month; what is left in the wallet, and what became of the rest
curl $address/api/keys -H 'Authorization: Bearer $billing_key' -H 'Content-Type: application/json' -d '{"name":"third","models":["gpt-4o-mini"],"monthlyLimit":"0.01"}'
curl $address/api/balance -H 'Authorization: Bearer $billing_key'
curl $address/api/transactions -H 'Authorization: Bearer $billing_key'

# what happened: requests, use by model, who changed what; for Prometheus
curl $address/api/logs -H 'Authorization: Bearer $billing_key'
curl '$address/api/usage?group_by=model&bucket=day' -H 'Authorization: Bearer $billing_key'
curl $address/api/audit -H 'Authorization: Bearer $billing_key'
curl $address/metrics

# the operator's tool; --help tells what else it does
export APIKEYCTL_REDIS=$APIKEYCTL_REDIS APIKEYCTL_PEPPER=$APIKEYCTL_PEPPER
$build/apikeyctl key list --account $account
$build/apikeyctl doctor

Logs are in $directory. Ctrl-C stops all of it and removes it.
END
}

refuse_busy_port
make_pepper "$directory/pepper"
echo '{"plans": {"pro": {"per_second": 20, "per_minute": 300}}}' >"$directory/plans.json"
start_redis "$directory/redis.sock"
start_upstream "$directory/upstream.sock"
start_gateway
make_keys
tell
wait "${started_pids[-1]}"
