#!/bin/bash
# Who may include whom. Each folder of src includes its own files and those of the folders that are named for it here; what is named
# stands below, so nothing runs up, and nothing runs in a circle. nginx, hiredis and clocks stand only where they belong.
set -euo pipefail
cd "$(dirname "$0")/.."

floors='
core/text:
core/secrets:       core/text
core/policy:        core/text core/secrets
core/tokens:        core/text core/policy
core/logs:          core/text core/secrets core/policy
core/documents:     core/text core/secrets core/policy core/tokens core/logs
cache:              core
store:              core cache
store/server:       core/text store
store/blocking:     core/text store store/server
store/flows:        core store
store/nginx:        store store/server
module/ngx:         core/text core/policy store/nginx
module/settings:    core cache store store/nginx store/server store/flows module/ngx
module/request:     core cache store/flows module/ngx module/settings
module/node:        core cache store store/blocking store/flows store/nginx module/ngx module/settings
module/credentials: core module/ngx module/settings module/request
module/admission:   core cache store store/flows store/nginx module/ngx module/settings module/request module/node
module/reporting:   core cache store store/flows store/nginx module/ngx module/settings module/request module/node module/credentials
module/access:      core store store/flows module/worker module/ngx module/settings module/request module/node module/credentials
module/answer:      core store/flows module/worker module/ngx module/settings module/request
module/manage:      core store store/flows module/worker module/ngx module/settings module/request module/node
module/worker:      core cache store store/flows store/nginx module/ngx module/settings module/request module/node module/credentials
                    module/admission module/reporting
module:             core cache store store/flows store/nginx module/worker module/ngx module/settings module/request module/node
                    module/credentials module/admission module/reporting module/access module/answer module/manage
tool/import:        core
tool:               core store store/blocking store/flows store/server tool/import
'

# lines of "folder folder file": every include of ours; the worker is a floor of its own among the files of src/module
includes() {
    grep -rE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"(core|cache|store|module|tool)/' src --include='*.h' --include='*.cpp' |
        grep -v '/generated_' | sed -nE 's|^src/([^:]*):.*include[[:space:]]+"([^"]*)".*|\1 \2|p' |
        awk 'function floor(path) { if (path ~ /^module\/worker\./) return "module/worker"; sub(/\/[^\/]*$/, "", path); return path }
             { print floor($1), floor($2), $1 }'
}

faults=$(includes | awk -v floors="$floors" '
    BEGIN {
        count = split(floors, words)
        for (i = 1; i <= count; i++)
            if (words[i] ~ /:$/) { owner = substr(words[i], 1, length(words[i]) - 1); order[owner] = ++owners }
            else allowed[owner, words[i]] = 1
    }
    function may(from, to,    room) {
        room = to
        sub(/\/.*/, "", room)
        return (from, to) in allowed || (room == "core" || room == "cache") && (from, room) in allowed
    }
    !($1 in order) { print "src/" $3 ": the folder is not in the table of scripts/check-layering.sh" }
    $1 in order && $1 != $2 && !may($1, $2) { print "src/" $3 ": src/" $1 " may not include src/" $2 }')

check_absent() {
    local what=$1 pattern=$2 hits
    shift 2
    hits=$(grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]+[<\"]($pattern)" "$@" --include='*.h' --include='*.cpp' || true)
    [ -z "$hits" ] || faults+=$'\n'"no $what here:"$'\n'"$hits"
}

mapfile -t without_nginx < <(find src/core src/cache src/tool src/store -type f -not -path 'src/store/nginx/*')
check_absent "nginx headers" 'ngx_|nginx' "${without_nginx[@]}"
check_absent "Redis client" 'hiredis' src/core src/cache
if clocks=$(grep -rnE '_clock::now|clock_gettime|gettimeofday|[^_a-z]time\((nullptr|NULL|0)\)' src/core); then
    faults+=$'\n'"no clock in src/core: time is an argument:"$'\n'"$clocks"
fi

if [ -n "$faults" ]; then
    echo "$faults" >&2
    exit 1
fi
echo "layering: $(find src -name '*.h' -o -name '*.cpp' | wc -l) files"
