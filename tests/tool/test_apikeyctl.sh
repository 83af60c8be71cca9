#!/bin/bash
# apikeyctl by its words, its exit codes and what it prints, on the run's Redis under a key prefix of its own.
set -uo pipefail

count=0
failed=0
directory=$(mktemp -d "$TEST_DIRECTORY/tool.XXXXXX")
everything=$directory/everything
echo '{"plans": {"pro": {"per_second": 5}}}' >"$directory/plans.json"

# check NAME EXIT-CODE PATTERN WORD...: runs apikeyctl
check() {
    local name=$1 code=$2 pattern=$3 output status
    shift 3
    output=$("$APIKEYCTL" --key-prefix "tool-$$:" "$@" 2>&1)
    status=$?
    printf '%s\n' "$output" >>"$everything"
    last=$output
    count=$((count + 1))
    if [ "$status" = "$code" ] && printf '%s' "$output" | grep -qE -- "$pattern"; then
        echo "ok $count - $name"
    else
        failed=1
        echo "not ok $count - $name"
        echo "# exit code $status, expected $code; output, expected $pattern: $output"
    fi
}

secret_of() {
    printf '%s' "$last" | jq -r .key
}

check "an empty store is not fit for use" 1 'not fit' doctor
check "an account" 0 '^\{"id":1\}$' account create --name acme --plan pro
check "a control character in a name" 2 'control characters' account create --name $'a\033[31m'
check "the accounts" 0 '^\[\{"id":1,"name":"acme","plan":"pro","active":true,"createdAt":"[^"]+Z"\}\]$' account list
check "an account that is not there" 1 'not found' account show 99
check "a key" 0 '^\{"id":1,"key":"mk-[0-9A-Za-z]{38}"\}$' key create --account 1 --type billing --prefix mk- --name ops
first=$(secret_of)
check "another type's key" 0 '"id":2' key create --account 1 --type proxy --prefix ms- --name app --expires-at 2099-01-01T00:00:00Z
second=$(secret_of)
check "an expiry that has passed" 2 'expires-at' key create --account 1 --type proxy --prefix ms- --name x --expires-at 2001-01-01T00:00:00Z
check "a time that is none" 2 '^apikeyctl: --expires-at: expected an RFC 3339' key create --account 1 --type proxy --prefix ms- --name x --expires-at soon
check "a name of spaces" 2 '^apikeyctl: --name: expected a text of 1 to 255 bytes' key create --account 1 --type proxy --prefix ms- --name '  '
check "an alias that is too long" 2 '^apikeyctl: --alias: expected a text of at most 255 bytes' key create --account 1 --type proxy --prefix ms- --name x --alias "$(printf 'a%.0s' {1..256})"
check "a category that is no UTF-8" 2 '^apikeyctl: --category: expected a text in UTF-8' key create --account 1 --type proxy --prefix ms- --name x --category $'\xff'
check "a prefix that is none" 2 'prefix' key create --account 1 --type proxy --prefix 'm s' --name x
check "a key of an account that is not there" 1 'not found' key create --account 7 --type proxy --prefix ms- --name x
check "all keys, as JSON" 0 '^\[\{"id":2,.*\{"id":1,' -o json key list --account 1
check "one type's, as a table" 0 'app' -o table key list --account 1 --type proxy
check "all that a key may have" 0 '"id":4' key create --account 1 --type proxy --prefix ms- --alias job --category batch --active off --expires-at 2099-01-01T00:00:00Z --models 'gpt-4o*,claude-*' --total 9 --daily 2 --monthly-limit 1.50 --allowed-ips 10.0.0.0/8 --allowed-ips 2001:db8::1 --plan pro
check "it has that" 0 '"name":"job","alias":"job","category":"batch".*"active":false.*"models":\["gpt-4o\*","claude-\*"\],"quotas":\{"total":9,"daily":2\},"monthlyLimit":"1.500000","allowedIps":\["10.0.0.0/8","2001:db8::1"\],"plan":"pro"' key show 4
check "only what is named changes" 0 '"name":"job".*"active":true.*"models":\["o1"\],"quotas":\{"total":9,"daily":2,"weekly":7\},"monthlyLimit":"1.500000"' key update 4 --active on --models o1 --weekly 7
check "all of it can be cleared" 0 '^\{"id":4,"name":"one","type":"proxy","prefix":"ms-[^"]+","active":true,"createdAt":"[^"]+Z","models":\[\],"quotas":\{\},"allowedIps":\[\]\}$' key update 4 --name one --alias '' --category '' --expires-at none --models none --total none --daily '' --weekly none --monthly none --monthly-limit none --allowed-ips none --plan ''
check "it ends in 90 days" 0 '"expiresAt":"20[0-9]{2}-' key update 4 --expires-at 90d
check "and does not" 0 '"id":4' key update 4 --expires-at none
check "a name" 0 '"id":4' key update 4 --name one --total 9
check "an expiry in the past" 2 '^apikeyctl: --expires-at: ' key update 4 --expires-at yesterday
check "its log says so" 0 '"action":"key.update".*"after":\{"quotas":\{"total":9\}\}' audit list --account 1 --key 4 --limit 1
check "an update of nothing" 2 'nothing to change' key update 4
check "a quota that is none" 2 '^apikeyctl: --daily: expected a whole number' key update 4 --daily -1
check "a quota with a fraction" 2 '^apikeyctl: --weekly: expected a whole number' key update 4 --weekly 1.5
check "an address that is none" 2 '^apikeyctl: --allowed-ips: not an IP address' key update 4 --allowed-ips 10.0.0.0/8,10.0.0.999
check "a limit that is none" 2 '^apikeyctl: --monthly-limit: expected' key update 4 --monthly-limit -1
check "a model with a space" 2 '^apikeyctl: --models: expected a model name' key update 4 --models 'gpt 4'
check "no name" 2 '^apikeyctl: --name: expected a text of 1 to 255' key update 4 --name ''
check "neither name nor alias" 2 '^apikeyctl: --name: is required' key create --account 1 --type proxy --prefix ms-
check "an update of no key" 1 'not found' key update 99 --name x
check "an alias" 0 '"alias":"taken"' key update 4 --alias taken --monthly-limit 0 --daily 5
check "it is unique" 1 'has this alias' key update 1 --alias taken
check "a clone has the same limits" 0 '^\{"id":5,"key":"ms-' key clone 4 --alias copy --prefix ms-
check "and its own alias" 0 '"name":"one","alias":"copy".*"quotas":\{"total":9,"daily":5\},"monthlyLimit":"0.000000"' key show 5
check "a clone without an alias" 2 '^apikeyctl: --alias: is required' key clone 4 --prefix ms-
check "disable" 0 '"active":false' key disable 2
check "enable" 0 '"active":true' key enable 2
check "the old secret for a while" 0 '^\{"id":1,"key":"mk-' key rotate 1 --prefix mk- --overlap 15m
check "too long a while" 2 '^apikeyctl: --overlap: expected a duration' key rotate 1 --prefix mk- --overlap 31d
check "rotate" 0 '^\{"id":2,"key":"ms-' key rotate 2 --prefix ms-
third=$(secret_of)
check "show" 0 '"id":2' key show 2
check "rotate with another type's prefix changes nothing" 1 'begins with ms-' key rotate 2 --prefix mk-
check "an id in octal" 2 'plain decimal' key delete 02
check "an id in hexadecimal" 2 'plain decimal' key delete 0x2
check "delete" 0 '"deleted":true' key delete 2
check "rename an account" 0 '"name":"acme gmbh","plan":"pro","active":true' account update 1 --name 'acme gmbh'
check "its security log" 0 '"action":"account.rename".*"before":\{"name":"acme"\},"after":\{"name":"acme gmbh"\}' audit list --account 1 --limit 1
check "disable it" 0 '"name":"acme gmbh".*"active":false' account disable 1
check "that too" 0 '"action":"account.disable".*"before":\{"active":true\},"after":\{"active":false\}' audit list --account 1 --limit 1
check "it makes no keys" 1 'inactive' key create --account 1 --type proxy --prefix ms- --name x
check "enable it" 0 '"active":true' account enable 1
check "both at once" 0 '"name":"acme","plan":"pro","active":false' account update 1 --name acme --active off
check "what is so already changes nothing" 0 '"active":false' account disable 1
check "one entry for them" 0 '"action":"account.update".*"before":\{"name":"acme gmbh","active":true\},"after":\{"name":"acme","active":false\}' audit list --account 1 --limit 1
check "enable it again" 0 '"active":true' account update 1 --active on
check "an account's update of nothing" 2 'nothing to change' account update 1
check "an account's name that is none" 2 '^apikeyctl: --name: expected' account update 1 --name ''
check "an account that is not there keeps its name" 1 'not found' account update 99 --name x
check "a plan of the plans file" 0 '"plan":"pro"' --plans "$directory/plans.json" account plan 1 pro
check "a plan that it does not have" 2 'no plan' --plans "$directory/plans.json" account plan 1 prp
check "an account that is not there gets no plan" 1 'not found' account plan 99 pro
check "a key's own plan" 0 '"plan":"pro"' key plan 1 pro
check "a top-up" 0 '^\{"balance":"25.500000"\}$' account topup 1 --amount 25.50 --reference inv-77
check "the same again is done once" 0 '^\{"balance":"25.500000"\}$' account topup 1 --amount 25.50 --reference inv-77
check "its reference with another amount" 1 'reference' account topup 1 --amount 26 --reference inv-77
check "a top-up without a reference" 2 'reference' account topup 1 --amount 1
check "a top-up with an empty reference" 2 'reference' account topup 1 --amount 1 --reference ''
check "an amount that is none" 2 'amount' account topup 1 --amount 1e3 --reference x
check "more than can be held" 2 'at most 1000000000,' account topup 1 --amount 1000000001 --reference x
check "an account that is not there gets no credits" 1 'not found' account topup 99 --amount 1 --reference x
check "a plan with a reference" 0 '"plan":"pro"' account plan 1 pro --reference change-1
check "a control character in a reference" 2 'reference' account topup 1 --amount 1 --reference $'a\nb'
check "the ledger" 0 '^\[.*"type":"topup".*"amount":"25.500000".*"reference":"inv-77"' account transactions 1
check "the wallet" 0 '"balance":"25.500000".*"held":"0.000000".*"available":"25.500000"' account show 1
check "the security log" 0 '^\[\{"number":[0-9]+,.*"action":"account.topup".*"actor":\{"type":"operator","name":"apikeyctl"\}.*"action":"account.create"' audit list --account 1
check "one kind of it" 0 '^\[\{[^\[]*"action":"account.create"[^\[]*\]$' audit list --account 1 --action account.create
check "it is whole" 0 '"account":0,"entries":0,"state":"ok".*"account":1,"entries":[0-9]+,"state":"ok"' audit verify
head=$(printf '%s' "$last" | jq -r '.[1].head')
check "and has what it had" 0 '"state":"ok"' audit verify --account 1 --anchor "$head"
check "another one's head is not in it" 1 'cut off, or it was written anew' audit verify --account 1 --anchor "1:1:00"
check "an anchor goes with an account" 2 'account' audit verify --anchor "$head"
check "nothing is changed without a pepper" 2 'pepper' --pepper '' account topup 1 --amount 1 --reference y
check "no request yet" 0 '^\[\]$' logs --account 1
check "nor use" 0 '"series":\[\]' usage --account 1 --bucket day --json
check "a status that is none" 2 'status' logs --account 1 --status 99
check "the last day" 0 '^\[\]$' logs --account 1 --from 24h --to now
check "a day by its name" 0 '^\[\]$' logs --account 1 --from yesterday --to today
check "a day by its date" 0 '^\[\]$' logs --account 1 --from 2026-01-01
check "a week's use" 0 '"series":\[\]' usage --account 1 --from 7d --json
check "a time that is no time" 2 '^apikeyctl: --from: expected an RFC 3339 time' logs --account 1 --from 3600
check "a word that is no time" 2 '^apikeyctl: --to: expected an RFC 3339 time' logs --account 1 --to soon
check "too many buckets" 2 'from' usage --account 1 --bucket minute --from 2020-01-01T00:00:00Z
check "block an address" 0 '"address":"203.0.113.7"' block add 203.0.113.7 --for 60
check "block a network" 0 '2001:db8::/64' block add 2001:db8::1
check "block one for a day" 0 '"address":"203.0.113.8"' block add 203.0.113.8 --for 1d
check "until then" 0 '"address":"203.0.113.8"' block list
count=$((count + 1))
if printf '%s' "$last" | jq -e 'any(.[]; .address == "203.0.113.8" and ((.until | sub("\\..*Z"; "Z") | fromdate) - now | . > 86390 and . < 86401))' >/dev/null; then
    echo "ok $count - a day is one"
else
    failed=1
    echo "not ok $count - a day is one: $last"
fi
check "end it" 0 '"removed":true' block remove 203.0.113.8
check "a duration that is none" 2 '^apikeyctl: --for: expected a duration such as 30s' block add 203.0.113.8 --for 1y
check "one that is too long" 2 '^apikeyctl: --for: expected a duration' block add 203.0.113.8 --for 400d
check "one without an end" 2 '^apikeyctl: --for: expected a duration' block add 203.0.113.8 --for 0
check "units out of order" 2 '^apikeyctl: --for: expected a duration' block add 203.0.113.8 --for 5m1h
check "the blocks" 0 '^\[.*2001:db8::/64.*203.0.113.7.*\]$' block list
check "end a block" 0 '"removed":true' block remove 203.0.113.7
check "end it again" 1 'not found' block remove 203.0.113.7
check "no address" 2 'expected' block add 10.0.0.0/8
check "it is gone" 1 'not found' key show 2
check "the store is fit now" 0 '"state":"ok"' -o json doctor
check "no command" 2 '' 
check "an unknown command" 2 '' key destroy 1
check "a store that is not there" 3 'cannot be reached' --redis unix:/nowhere/redis.sock account list
check "a store that has no such address" 2 'expected redis' --redis http://x account list
check "no pepper" 2 'nowhere' --pepper /nowhere/pepper key create --account 1 --type proxy --prefix ms- --name x

echo "1:$(openssl rand -hex 32)" >"$directory/other"
check "another pepper changes nothing" 1 'version 1 of the pepper differs.*nothing was changed' --pepper "$directory/other" account topup 1 --amount 1 --reference y
check "nor can it verify" 1 'version 1 of the pepper differs' --pepper "$directory/other" audit verify
check "doctor names it" 1 '"check":"pepper","state":"fail"' --pepper "$directory/other" -o json doctor
check "what the store knows" 0 '^\[\{"version":1,"state":"wrong"\}\]$' --pepper "$directory/other" pepper list
check "to make it known is to be meant" 2 'yes' --pepper "$directory/other" pepper register
check "a log that is whole is not repaired" 1 'whole' audit repair --account 1 --yes
check "make it known" 0 '"state":"ok"' --pepper "$directory/other" pepper register --yes
check "it signs" 0 'balance' --pepper "$directory/other" account topup 1 --amount 1 --reference z
check "make the first one known again" 0 '"state":"ok"' pepper register --yes
check "an entry that does not verify" 1 'entry [0-9]+ has been altered' audit verify --account 1
check "to note that is to be meant" 2 'entries ([0-9]+) to \1 do not verify' audit repair --account 1 --reason "a wrong pepper"
check "note it" 0 '"state":"ok".*"noted":\[\{"first":[0-9]+,"last":[0-9]+,"by":[0-9]+\}\]' audit repair --account 1 --reason "a wrong pepper" --yes
check "the note" 0 '"action":"audit.repair".*"digest":"[0-9a-f]{64}".*"reason":"a wrong pepper"' audit list --account 1 --limit 1
check "the log counts as whole" 0 '"state":"ok"' audit verify --account 1
check "a top-up after it" 0 'balance' account topup 1 --amount 1 --reference after
check "making it known stands in the log of no account" 1 'entry 1 has been altered' audit verify --account 0
check "where it is noted, too" 0 '"first":1,"last":1,"by":3' audit repair --account 0 --yes
check "and goes on" 0 '"state":"ok"' audit verify
check "no account has it" 1 'whole' audit repair --account 99 --yes
check "without nodes a prefix is required" 2 'prefix' key create --account 1 --type proxy --name x

for secret in "$first" "$second" "$third"; do
    count=$((count + 1))
    if [ "$(grep -c -- "$secret" "$everything")" = 1 ]; then
        echo "ok $count - a secret is shown once"
    else
        failed=1
        echo "not ok $count - a secret is shown once"
    fi
done
echo "1..$count"
exit "$failed"
