#!/bin/sh
# Turns Lua scripts into a C++ header: embed_scripts.sh OUT.h FILE.lua …
#
# The comment at the head of a script says what it is called with, and both sides have it from there:
#   -- KEYS  epoch, key (words about it), lists...      `lists...`: as many more as there are
#   -- ARGV  id, label; each: account, count            after `; each:` what is passed for each of several things
#   -- ANSWERS  ok, gone (words about it)               the words that its answer may begin with
#   -- USES  audit, clock                               shared/audit.lua and shared/clock.lua come before it
#
# Lua has a local for each name; of `lists...` first_lists and last_lists, which are places in KEYS or ARGV; of `each` how many there are,
# each_count, and the function each(index), which gives a table of what was passed for one. C++ has scripts::<file>::Keys and ::Arguments with a
# member for each name, none of which can be left out, and call(), which puts them where the script looks for them.
#
# An answer is written as `return {'word', …}` or `answer = {'word', …}`; its word is one of those declared, and each declared one is used. C++
# has scripts::<file>::Answer, an enumeration of the words of the script and of the shared files that it uses, except those of
# shared/answers.lua, which are the same for all scripts: scripts::answers::Answer.
#
# A shared file that names KEYS has them after the script's own, and its ARGV before them (audit.lua alone does). Its line `-- FROM  name`
# stands for the Lua text that the C++ function api_key::store::name() makes.
set -eu
out=$1
shift
mkdir -p "$(dirname "$out")"
# shellcheck disable=SC2016 # awk's variables
awk '
function fail(what) {
    print "embed_scripts: " path ": " what > "/dev/stderr"
    failed = 1
    exit 1
}

# The list after `-- WORD  ` and in the lines that are indented below it, without the words about its names.
function declared(file, word,    line, list, inside) {
    list = ""
    inside = 0
    while ((getline line < file) > 0 && line ~ /^--/) {
        if (index(line, "-- " word "  ") == 1) {
            inside = 1
            list = substr(line, length(word) + 6)
        } else if (inside && line ~ /^--       /) {
            list = list " " substr(line, 3)
        } else {
            inside = 0
        }
    }
    close(file)
    while (gsub(/\([^()]*\)/, "", list)) {
    }
    gsub(/[ \t]*,[ \t]*/, ",", list)
    gsub(/[ \t]*;[ \t]*/, ";", list)
    gsub(/each:[ \t]*/, "each:", list)
    gsub(/^[ \t]+|[ \t]+$/, "", list)
    return list
}

# Splits a list into names[1..count], rest and each_names[1..each_size].
function parse(list,    halves, index_of_name) {
    rest = ""
    each_size = 0
    if (sub(/^each:/, ";each:", list) == 0 && list !~ /;each:/) {
        halves[1] = list
    } else {
        split(list, halves, ";each:")
        each_size = split(halves[2], each_names, ",")
    }
    count = split(halves[1], names, ",")
    if (count > 0 && names[count] ~ /\.\.\.$/) {
        rest = substr(names[count], 1, length(names[count]) - 3)
        count--
    }
    for (index_of_name = 1; index_of_name <= count; index_of_name++) {
        check_name(names[index_of_name])
    }
    for (index_of_name = 1; index_of_name <= each_size; index_of_name++) {
        check_name(each_names[index_of_name])
    }
}

function check_name(name) {
    if (name !~ /^[a-z][a-z0-9_]*$/) {
        fail("\"" name "\" is no name: put words about a name in parentheses")
    }
}

function joined(list, size, before,    text, place) {
    text = ""
    for (place = 1; place <= size; place++) {
        text = text (place > 1 ? ", " : "") before list[place]
    }
    return text
}

# Splits the declared answers of a file into words[1..], returns how many there are, and checks that the code of the file gives just these.
function answers_of(file, words,    size, line, word, place, given, known) {
    size = split(declared(file, "ANSWERS"), words, ",")
    for (place = 1; place <= size; place++) {
        known[words[place]] = 1
    }
    while ((getline line < file) > 0) {
        if (line ~ /^ *--/ || line !~ /return |answer = /) {
            continue
        }
        if (size > 0 && line ~ /return \{[^'\'']/) {
            fail("an answer begins with a word: " line)
        }
        while (match(line, /\{'\''[a-z_]+'\''/)) {
            word = substr(line, RSTART + 2, RLENGTH - 3)
            if (!(word in known)) {
                fail("the answer \"" word "\" is not declared")
            }
            given[word] = 1
            line = substr(line, RSTART + RLENGTH)
        }
    }
    close(file)
    for (place = 1; place <= size; place++) {
        if (!(words[place] in given) && file != shared "answers.lua") {
            fail("the answer \"" words[place] "\" is declared and never given")
        }
    }
    return size
}

# The enumeration of these answers, and their words for answer_of() of the flows.
function enumeration(name, words, size,    place, names_of_all, texts) {
    for (place = 1; place <= size; place++) {
        names_of_all = names_of_all (place > 1 ? ", " : "") words[place]
        texts = texts (place > 1 ? ", " : "") "\"" words[place] "\""
    }
    return "enum class Answer : std::uint8_t { " names_of_all " };\nconstexpr AnswerWords<" size "> words_of(Answer) {\n    return {\"" name \
        "\", {" texts "}};\n}\n"
}

# The answers of a script and of the files it uses, without those that are the same for all scripts.
function own_answers(name, used, uses,    words, all, size, place, count_of_file, index_of_word) {
    size = 0
    for (place = 0; place <= uses; place++) {
        count_of_file = answers_of(place == 0 ? path : shared used[place] ".lua", words)
        for (index_of_word = 1; index_of_word <= count_of_file; index_of_word++) {
            if (!(words[index_of_word] in common)) {
                all[++size] = words[index_of_word]
            }
        }
    }
    return size > 0 ? enumeration(name, all, size) : ""
}

# The locals of KEYS or ARGV, of which so many before and after are those of a shared file.
function locals(word, before, after,    text, last) {
    text = ""
    last = "#" word (after > 0 ? " - " after : "")
    if (count > 0) {
        text = "local " joined(names, count, "") " = unpack(" word ", " before + 1 ", " before + count ")\n"
    }
    if (rest != "") {
        text = text "local first_" rest ", last_" rest " = " before + count + 1 ", " last "\n"
    }
    return text
}

# What each(index) takes from KEYS or ARGV.
function each_members(word, before,    text, place) {
    text = ""
    for (place = 1; place <= each_size; place++) {
        text = text ", " each_names[place] " = " word "[index * " each_size " + " before + count - each_size + place "]"
    }
    return text
}

function member_lines(list, size, indent,    text, place) {
    text = ""
    for (place = 1; place <= size; place++) {
        text = text indent "Text " list[place] ";\n"
    }
    return text
}

function structure(type,    text) {
    text = "struct " type " {\n" member_lines(names, count, "    ")
    if (each_size > 0) {
        text = text "    struct Each {\n" member_lines(each_names, each_size, "        ") "    };\n    std::vector<Each> each;\n"
    }
    if (rest != "") {
        text = text "    std::vector<std::string> " rest ";\n"
    }
    text = text "    static constexpr std::size_t fixed_count = " count ";\n    void append_to(std::vector<std::string>& texts) && {\n"
    if (count > 0) {
        text = text "        append(texts, " joined(names, count, "") ");\n"
    }
    if (each_size > 0) {
        text = text "        for (Each& one : each) {\n            append(texts, " joined(each_names, each_size, "one.") ");\n        }\n"
    }
    if (rest != "") {
        text = text "        append(texts, " rest ");\n"
    }
    if (count + each_size == 0 && rest == "") {
        text = text "        static_cast<void>(texts);\n"
    }
    return text "    }\n};\n"
}

# A file as the inside of a raw string; what C++ makes is put between two of them.
function embed(file,    line) {
    while ((getline line < file) > 0) {
        if (line ~ /^-- FROM  /) {
            printf ")lua\", %s(), R\"lua(", substr(line, 10)
        } else {
            print line
        }
    }
    close(file)
}

# `shared_keys` and `shared_arguments`: how many those of the used files have.
function shared_locals(used, uses,    text, place, list) {
    text = ""
    shared_keys = shared_arguments = 0
    for (place = 1; place <= uses; place++) {
        list = declared(shared used[place] ".lua", "KEYS")
        if (list != "") {
            parse(list)
            shared_keys = count
            text = text "local " joined(names, count, "") " = unpack(KEYS, #KEYS - " count - 1 ")\n"
            parse(declared(shared used[place] ".lua", "ARGV"))
            shared_arguments = count
            text = text locals("ARGV", 0, 0)
        }
    }
    return text
}

function script(    name, uses, used, place, before, lua, type, members, each_count, default_value) {
    name = path
    sub(/.*\//, "", name)
    sub(/\.lua$/, "", name)
    uses = split(declared(path, "USES"), used, ",")
    before = shared_locals(used, uses)
    lua = ""
    type = shared_keys > 0 ? "AuditedCall" : "ScriptCall"
    printf "\nnamespace %s {\n\n%s", name, own_answers(name, used, uses)
    parse(declared(path, "KEYS"))
    printf "%s\n", structure("Keys")
    lua = lua locals("KEYS", 0, shared_keys)
    members = each_members("KEYS", 0)
    each_count = "(#KEYS - " count + shared_keys ") / " each_size
    parse(declared(path, "ARGV"))
    printf "%s\n", structure("Arguments")
    default_value = count + each_size == 0 && rest == "" ? " = {}" : ""
    lua = lua locals("ARGV", shared_arguments, 0)
    members = members each_members("ARGV", shared_arguments)
    if (members != "") {
        lua = lua "local each_count = " each_count "\nlocal function each(index)\n  return {" substr(members, 3) "}\nend\n"
    }
    printf "inline const Script& script() {\n    static const Script* const script = new Script({R\"lua(%s", before
    for (place = 1; place <= uses; place++) {
        embed(shared used[place] ".lua")
    }
    printf "%s", lua
    embed(path)
    printf ")lua\"});\n    return *script;\n}\n\n"
    printf "inline %s call(Keys keys, Arguments arguments%s) {\n", type, default_value
    printf "    return make_call<%s>(script(), std::move(keys), std::move(arguments));\n}\n\n} // namespace %s\n", type, name
}

BEGIN {
    shared = ARGV[1]
    sub(/[^\/]*$/, "shared/", shared)
    print "// Made by scripts/embed_scripts.sh from src/store/scripts/*.lua.\n#pragma once\n"
    print "#include <cstddef>\n#include <cstdint>\n#include <string>\n#include <utility>\n#include <vector>\n"
    print "#include \"store/script.h\"\n#include \"store/window_table.h\"\n"
    print "namespace api_key::store::scripts {\n"
    path = shared "answers.lua"
    common_size = answers_of(path, common_words)
    for (place_of_word = 1; place_of_word <= common_size; place_of_word++) {
        common[common_words[place_of_word]] = 1
    }
    print "namespace answers {\n\n" enumeration("answers", common_words, common_size) "\n} // namespace answers\n"
    path = shared "audit.lua"
    parse(declared(path, "KEYS"))
    print "namespace audit {\n\n" structure("Keys")
    parse(declared(path, "ARGV"))
    print structure("Arguments")
    print "} // namespace audit"
    for (place_of_file = 1; place_of_file < ARGC; place_of_file++) {
        path = ARGV[place_of_file]
        script()
    }
    print "\n} // namespace api_key::store::scripts"
}

END {
    if (failed) {
        exit 1
    }
}' "$@" > "$out.new"
mv "$out.new" "$out"
