#!/bin/bash
# Runs one test file for prove: scripts/run-test-file.sh FILE. What it has started ends with it, at the latest after TEST_SECONDS (300), so that one
# test that hangs, or leaves a process with prove's pipe behind, is one that fails and does not hold up the run.
limit=${TEST_SECONDS:-300}
case $1 in
    *.t) command=(perl "$1") ;;
    *) command=("$1") ;;
esac
timeout --kill-after=10 "$limit" "${command[@]}" & # makes a process group, of which it is the leader
group=$!
trap 'kill -- "-$group" 2>/dev/null; exit 130' INT TERM
wait "$group"
status=$?
[ "$status" != 124 ] || echo "# $1 was stopped after $limit s" >&2
kill -- "-$group" 2>/dev/null
exit "$status"
