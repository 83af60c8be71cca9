#!/bin/bash
# What the build makes of the head of a script, for Lua and for C++.
set -u
cd "$(dirname "$0")/../.."
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
mkdir "$directory/shared"
count=0
failed=0

check() {
    count=$((count + 1))
    if eval "$2"; then
        echo "ok $count - $1"
    else
        failed=1
        echo "not ok $count - $1"
    fi
}

embed() {
    scripts/embed_scripts.sh "$directory/out.h" "$directory/one.lua" 2>"$directory/said"
}

has() {
    grep -qF -- "$1" "$directory/out.h"
}

cp src/store/scripts/shared/audit.lua src/store/scripts/shared/answers.lua "$directory/shared/"
echo 'local function now() end' >"$directory/shared/clock.lua"

cat >"$directory/one.lua" <<'END'
-- A script, for which
-- KEYS  epoch, key (its words, and more), lists...
-- ARGV  id,
--       label (may be empty); each: account, count
-- ANSWERS  ok
-- USES  clock
return {'ok'}
END
check "a script is embedded" embed
check "its keys, without the words about them" 'has "local epoch, key = unpack(KEYS, 1, 2)"'
check "the places of those that are more" 'has "local first_lists, last_lists = 3, #KEYS"'
check "its arguments, over two lines" 'has "local id, label = unpack(ARGV, 1, 2)"'
check "what it uses comes before it" 'has "local function now() end"'
check "what is passed for each" 'has "return {account = ARGV[index * 2 + 1], count = ARGV[index * 2 + 2]}"'
check "the same for C++" 'has "append(texts, id, label);" && has "append(texts, one.account, one.count);" && has "append(texts, lists);"'

sed -i 's/^-- USES .*/-- USES  audit, clock/' "$directory/one.lua"
check "one that writes into the security log" embed
check "its arguments come after those of the log" 'has "local id, label = unpack(ARGV, 5, 6)"'
check "its keys come before those of the log" 'has "local first_lists, last_lists = 3, #KEYS - 2"'
check "C++ cannot call it without the log" 'has "inline AuditedCall call("'

sed -i 's/label (may be empty)/its label/' "$directory/one.lua"
check "words that are no name end the build" '! embed && grep -q "one.lua: \"its label\" is no name" "$directory/said"'

cat >"$directory/one.lua" <<'END'
-- KEYS  epoch
-- ANSWERS  ok, empty, late (a later one has come before),
--       lost
-- USES  audit
local answer = {'ok'}
if epoch then
  return late and {'late'} or {'lost'}
end
return epoch and answer or {'empty'}
END
check "answers are an enumeration, without those that all scripts have in common" 'embed && has "enum class Answer : std::uint8_t { ok, late, lost };"'
check "... which are one for all" 'has "enum class Answer : std::uint8_t { empty, gone, behind, too_often, too_many };"'
sed 's/or {.lost.}/or {'"'lots'"'}/' -i "$directory/one.lua"
check "a misspelt answer ends the build" '! embed && grep -q "the answer \"lots\" is not declared" "$directory/said"'
sed 's/or {.lots.}/or nil/' -i "$directory/one.lua"
check "... and one that is never given" '! embed && grep -q "the answer \"lost\" is declared and never given" "$directory/said"'
sed 's/return late and .*/return {late}/' -i "$directory/one.lua"
check "... and one that is no word" '! embed && grep -q "an answer begins with a word" "$directory/said"'

echo "1..$count"
exit "$failed"
