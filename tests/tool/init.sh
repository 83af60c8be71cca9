#!/bin/bash
# apikeyctl init: from an nginx that loads the module to an answered request, on a Redis and an nginx of its own; completion and manual.
set -uo pipefail
. scripts/lib.sh

count=0
failed=0
directory=$(mktemp -d "$TEST_DIRECTORY/init.XXXXXX")
chmod 755 "$directory"
unset APIKEYCTL_PEPPER
trap '[ ! -s "$directory/nginx.pid" ] || kill "$(cat "$directory/nginx.pid")"; stop_all' EXIT

report() {
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
    else
        failed=1
        echo "not ok $count - $2"
        echo "# ${3:-}"
    fi
}

# check NAME EXIT-CODE PATTERN WORD...: runs apikeyctl
check() {
    local name=$1 code=$2 pattern=$3 status
    shift 3
    last=$("$APIKEYCTL" "$@" 2>"$directory/said" </dev/null)
    status=$?
    [ "$status" = "$code" ] && grep -qE -- "$pattern" <<<"$last $(cat "$directory/said")"
    report $? "$name" "exit code $status, expected $code; expected $pattern: $last $(cat "$directory/said")"
}

holds() {
    local name=$1
    shift
    "$@"
    report $? "$name" "$*"
}

status_of() {
    curl -s -o "$directory/answer" -w '%{http_code}' "$@"
}

# nginx as installed, but with a configuration of this test
cat >"$directory/nginx" <<END
#!/bin/sh
case \$1 in
    -V) "$NGINX_BINARY" -V 2>&1 | sed 's|--conf-path=[^ ]*|--conf-path=$directory/nginx.conf|' ;;
    *) exec "$NGINX_BINARY" -c $directory/nginx.conf -e $directory/error.log "\$@" ;;
esac
END
chmod 755 "$directory/nginx"

configure() {
    printf '%s\npid %s/nginx.pid;\nevents { }\nhttp { access_log off; %s }\n' "$1" "$directory" "$2" >"$directory/nginx.conf"
}

loads="load_module $API_KEY_MODULE;"
includes="include conf.d/*.conf;"
port=$(free_port)
start_redis "$directory/redis.sock" || exit 1
export APIKEYCTL_REDIS=unix:$directory/redis.sock
init=(init --nginx "$directory/nginx" --listen "127.0.0.1:$port" --upstream "http://unix:$TEST_UPSTREAM_SOCKET:" --yes)

configure "" "$includes"
check "nobody to be asked" 2 'nobody is here' init --nginx "$directory/nginx"
check "the module is not loaded" 1 'load_module modules/ngx_http_api_key_module.so' "${init[@]}"
configure "$loads" "$includes no_such_directive;"
check "nginx does not accept what it has" 1 'no_such_directive' "${init[@]}"
check "no such nginx" 1 'does not run' init --nginx "$directory/none" --yes
configure "$loads" "$includes"
check "no store" 3 'cannot be reached' --redis "unix:$directory/none" "${init[@]}"
redis-cli -s "$directory/redis.sock" config set maxmemory-policy allkeys-lru >/dev/null
check "a store that would forget keys" 1 'noeviction' "${init[@]}"
redis-cli -s "$directory/redis.sock" config set maxmemory-policy noeviction >/dev/null
holds "nothing was written" test ! -e "$directory/api_key.pepper" -a ! -e "$directory/conf.d"

check "a configuration that nginx refuses is taken away again" 1 'not accept.*taken away' \
    init --nginx "$directory/nginx" --listen "127.0.0.1:$port" --upstream no-address --yes
holds "... it is" test ! -e "$directory/conf.d/api-keys.conf"
configure "$loads" ""
check "a file that nginx.conf does not include" 1 'does not include it' "${init[@]}"
rm -f "$directory/conf.d/api-keys.conf"
configure "$loads" "$includes"
taken=$(free_port)
start perl -MIO::Socket::INET -e 'my $socket = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$ARGV[0]") or die; sleep 60' "$taken"
wait_until 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$taken"
check "a port that is taken" 1 'listens on' init --nginx "$directory/nginx" --listen "$taken" --yes

check "the first time" 0 '"account":1,"key":"ms-.*"billingKey":"mk-' "${init[@]}"
key=$(printf '%s' "$last" | jq -r .key)
billing_key=$(printf '%s' "$last" | jq -r .billingKey)
holds "the pepper is its owner's" test "$(stat -c %a "$directory/api_key.pepper")" = 600
"$directory/nginx"
wait_until 10 curl -s "127.0.0.1:$port"
holds "without a key" test "$(status_of "127.0.0.1:$port/echo")" = 401
holds "with the key" test "$(status_of "127.0.0.1:$port/echo" -H "Authorization: Bearer $key")" = 200
holds "as x-api-key" test "$(status_of "127.0.0.1:$port/echo" -H "x-api-key: $key")" = 200
holds "the management API" test "$(status_of "127.0.0.1:$port/api/keys" -H "Authorization: Bearer $billing_key")" = 200

before=$(cat "$directory/api_key.pepper" "$directory/conf.d/api-keys.conf" | md5sum)
check "once more" 0 '"account":1,"key":null,"billingKey":null' "${init[@]}"
check "... says what is there" 0 'was there' "${init[@]}"
check "... and how to go on" 0 'key create --account 1 --type proxy' -o table "${init[@]}"
holds "nothing changed" test "$before" = "$(cat "$directory/api_key.pepper" "$directory/conf.d/api-keys.conf" | md5sum)"
check "another account" 0 '"account":2,"key":"ms-' "${init[@]}" --account second
check "a pepper that is lost is not made anew" 1 'copy it from another node' --pepper "$directory/lost" "${init[@]}"
holds "... it is not" test ! -e "$directory/lost"

check "the version" 0 '^apikeyctl [0-9]+\.[0-9]+' --version
"$APIKEYCTL" completion bash >"$directory/completion.bash"
complete_words() {
    bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _apikeyctl; echo "${COMPREPLY[*]}"' bash "$directory/completion.bash" "$@"
}
holds "bash completes commands" test "$(complete_words apikeyctl acc)" = account
holds "... those below them" test "$(complete_words apikeyctl --json key rot)" = rotate
holds "... options" test "$(complete_words apikeyctl key create --acc)" = --account
holds "... and their values" test "$(complete_words apikeyctl --output j)" = json
check "zsh" 0 '^#compdef apikeyctl' completion zsh
check "fish" 0 "-n 'not __fish_seen_subcommand_from.* -a account" completion fish
check "another shell" 2 'shell' completion tcsh
check "the manual" 0 '^\.SS key create' manual
echo "1..$count"
exit "$failed"
