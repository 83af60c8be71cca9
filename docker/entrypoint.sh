#!/bin/sh
# As in nginx's official image: before nginx starts, the scripts of /docker-entrypoint.d run in order, *.envsh in this shell and
# executable *.sh by themselves. NGINX_ENTRYPOINT_QUIET_LOGS silences it.
set -eu

say() {
    [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: $*" >&2
}

if [ "${1:-}" = nginx ] || [ "${1:-}" = nginx-debug ]; then
    for script in /docker-entrypoint.d/*; do
        case $script in
            *.envsh)
                if [ -x "$script" ]; then
                    say "sourcing $script"
                    . "$script"
                fi
                ;;
            *.sh)
                if [ -x "$script" ]; then
                    say "running $script"
                    "$script"
                else
                    say "skipping $script, it is not executable"
                fi
                ;;
        esac
    done
fi

exec "$@"
