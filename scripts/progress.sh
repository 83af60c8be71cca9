#!/bin/sh
# Says which file is compiled, of how many: progress.sh COUNT-FILE TOTAL NAME
echo >>"$1"
printf '[%*d/%d] %s\n' "${#2}" "$(wc -l <"$1")" "$2" "$3"
