#!/bin/sh
# Looks for the pepper before nginx does. Keys are worthless without it, and nodes with two of them disagree: it is made only where
# API_KEY_MAKE_PEPPER=1 says so, at a place that outlives the container.
set -eu

pepper=${API_KEY_PEPPER_FILE:-}
[ -n "$pepper" ] || exit 0
[ ! -s "$pepper" ] || exit 0

if [ "${API_KEY_MAKE_PEPPER:-}" != 1 ]; then
    echo "$0: there is no pepper at $pepper: mount the secret (1:HEX, see README), or set API_KEY_MAKE_PEPPER=1 and API_KEY_PEPPER_FILE to a file in a volume that you keep" >&2
    exit 1
fi
umask 077
random=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
echo "1:$random" >"$pepper"
echo "$0: made a new pepper in $pepper; keep it, all keys depend on it" >&2
