# What the scripts share; to be sourced by bash. Nothing here outlives the script: `start` remembers what it starts, `stop_all` ends it.

free_port() {
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport, "\n"'
}

# wait_until SECONDS COMMAND...: until the command succeeds
wait_until() {
    local tries=$(($1 * 20))
    shift
    while [ "$tries" -gt 0 ]; do
        if "$@" >/dev/null 2>&1; then
            return 0
        fi
        tries=$((tries - 1))
        sleep 0.05
    done
    return 1
}

started_pids=()

start() {
    "$@" &
    started_pids+=($!)
}

stop_all() {
    local pid
    for pid in "${started_pids[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in "${started_pids[@]}"; do
        wait "$pid" 2>/dev/null || true
    done
    started_pids=()
}

# start_redis SOCKET [redis-server arguments]: in memory, on the socket alone
start_redis() {
    local socket=$1
    shift
    start redis-server --port 0 --unixsocket "$socket" --unixsocketperm 777 --save '' --appendonly no --daemonize no \
        --logfile "$socket.log" --dir "$(dirname "$socket")" "$@"
    if ! wait_until 10 redis-cli -s "$socket" ping; then
        cat "$socket.log" >&2
        echo "Redis did not start" >&2
        return 1
    fi
}

# start_upstream SOCKET: the demonstration upstream
start_upstream() {
    start node demo/upstream.js --listen "$1" --delay-ms 5 >"$1.log" 2>&1
    wait_until 10 curl -sf --unix-socket "$1" http://demo/echo || {
        cat "$1.log" >&2
        echo "the demonstration upstream did not start" >&2
        return 1
    }
    chmod 777 "$1"
}

make_pepper() {
    (umask 077 && echo "1:$(openssl rand -hex 32)" >"$1")
}

# preload_sanitizer DIRECTORY: the stock nginx is not built with the sanitizer, DIRECTORY/bin/nginx starts it with its library. Reports of
# all processes land in DIRECTORY/reports.
preload_sanitizer() {
    mkdir "$1/bin" "$1/reports"
    chmod 1777 "$1/reports"
    export ASAN_OPTIONS="detect_leaks=0,abort_on_error=0,detect_odr_violation=0,handle_sigill=1,log_path=$1/reports/sanitizer"
    printf '#!/bin/sh\nexec env LD_PRELOAD=%s %s "$@"\n' "$(realpath "$(g++ -print-file-name=libasan.so)")" "$(command -v nginx)" >"$1/bin/nginx"
    chmod 755 "$1/bin/nginx"
}
