#!/bin/sh
# /etc/nginx/templates/NAME.template becomes /tmp/nginx-conf.d/NAME, with the variables of the environment in it (and no others,
# so that nginx's own $variables stay).
set -eu

templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/tmp/nginx-conf.d}
filter=${NGINX_ENVSUBST_FILTER:-}

[ -d "$templates" ] || exit 0
mkdir -p "$output"

names=$(awk -v filter="$filter" 'BEGIN { for (name in ENVIRON) if (name ~ /^[A-Za-z_][A-Za-z0-9_]*$/ && name ~ filter) printf "${%s} ", name }')

find "$templates" -follow -type f -name "*$suffix" | while read -r template; do
    name=${template#"$templates"/}
    target=$output/${name%"$suffix"}
    mkdir -p "$(dirname "$target")"
    envsubst "$names" <"$template" >"$target"
done
