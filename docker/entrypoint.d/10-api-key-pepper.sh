#!/bin/sh
# Makes the pepper at the very first start. Keys are worthless without it: keep /var/lib/api-key, or mount a secret and name it in
# API_KEY_PEPPER.
set -eu

[ -n "${API_KEY_PEPPER:-}" ] || exit 0
[ ! -s "$API_KEY_PEPPER" ] || exit 0

umask 077
echo "1:$(openssl rand -hex 32)" >"$API_KEY_PEPPER"
echo "$0: made a new pepper in $API_KEY_PEPPER; keep it, all keys depend on it" >&2
