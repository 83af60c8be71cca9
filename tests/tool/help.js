#!/usr/bin/env node
// Help, the version and errors of usage: each command is explained with examples that are right, and a mistyped word is told what it may mean.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { spawnSync } = require("child_process");
const { createAccount, makeTap } = require("../lib/gateway.js");

const { test, finish } = makeTap();

const run = (...words) => {
    const { status, stdout, stderr } = spawnSync(process.env.APIKEYCTL, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    return { status, stdout, stderr };
};

// A command and those below it: [words, help].
function commands(words = []) {
    const help = run("help", ...words);
    assert.strictEqual(help.status, 0, help.stderr);
    const [, section] = help.stdout.match(/^Commands:\n((?: .*\n)+)/m) ?? [];
    const below = [...(section ?? "").matchAll(/^ {2}(\S+)/gm)].map(([, name]) => commands([...words, name]));
    return [[words, help.stdout], ...below.flat()];
}

// The words of an example as a shell would have them.
const split = (line) => [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c);

async function main() {
    const all = commands();

    await test("each command is explained, with examples and exit codes", () => {
        assert.ok(all.length > 30, String(all.length));
        for (const [words, help] of all) {
            assert.match(help, new RegExp(`^Usage: ${["apikeyctl", ...words].join(" ")}\\b`), words.join(" "));
            assert.match(help, /^Examples:\n {2}apikeyctl /m, words.join(" "));
            assert.match(help, /^Exit codes: 0 done, 1 refused, 2 wrong usage, 3 /m, words.join(" "));
            assert.strictEqual(run(...words, "--help").stdout, help, words.join(" "));
        }
    });

    await test("nothing of it is in CLI11's own words, or too wide", () => {
        for (const [words, help] of all) {
            assert.doesNotMatch(help, /REQUIRED|\bINT\b|\bTEXT\b|UINT|\{|SUBCOMMAND/, words.join(" "));
            for (const line of help.split("\n")) {
                assert.ok(line.length <= 110, line);
            }
        }
    });

    await test("each example is one", () => {
        const changes = new Set(["init", "completion", "manual", "help", "export", "context"]); // these would write, or need no Redis
        for (const [, help] of all) {
            for (const [, example] of help.matchAll(/^ {2}apikeyctl (.*)$/gm)) {
                const words = split(example.replace(/ [|<>].*/, ""));
                const { status, stderr } = words[0] === "help" ? run(...words) : run("--redis", "unix:/nowhere/redis.sock", ...words);
                assert.doesNotMatch(stderr, /^See "/m, example);
                assert.ok(changes.has(words[0]) || status === 3 || /^apikeyctl \d/.test(run(...words).stdout) || /cannot read|no secret/.test(stderr), `${example}: ${status} ${stderr}`);
            }
        }
    });

    await test("the table of docs/apikeyctl.md has all commands", () => {
        const table = fs.readFileSync(path.join(__dirname, "../../docs/apikeyctl.md"), "utf8").match(/^\| Command \|.*?\n\n/ms)[0];
        const written = table.split("\n").slice(2).flatMap((row) => {
            const [, heads, below] = row.split("|");
            const names = (text) => [...(text ?? "").matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
            return names(below).length === 0 ? names(heads) : names(below).map((name) => `${names(heads)[0]} ${name}`);
        });
        const leaves = all.filter(([, help]) => !/^Commands:/m.test(help)).map(([words]) => words.join(" "));
        assert.deepStrictEqual(written.sort(), leaves.sort());
    });

    await test("the version", () => {
        assert.match(run("--version").stdout, /^apikeyctl \d+\.\d+/);
        assert.deepStrictEqual(run("version"), run("--version"));
    });

    const refused = [
        [["acount", "list"], 'unknown command "acount"; did you mean "account"?', "apikeyctl"],
        [["key", "lst", "--account", "1"], 'unknown command "lst"; did you mean "list"?', "apikeyctl key"],
        [["key", "destroy", "1"], 'unknown command "destroy"', "apikeyctl key"],
        [["key", "list", "--acount", "1"], 'unknown option "--acount"; did you mean "--account"?', "apikeyctl key list"],
        [["key", "list", "--account", "1", "--ouptut=json"], 'unknown option "--ouptut"; did you mean "--output"?', "apikeyctl key list"],
        [["key", "show", "1", "2"], 'unexpected argument "2"', "apikeyctl key show"],
        [["key", "list"], "--account is required", "apikeyctl key list"],
        [["key", "list", "--account", "1", "-o", "xml"], "--output: expected one of table", "apikeyctl key list"],
        [["key", "list", "--account"], "--account: expected a value", "apikeyctl key list"],
        [["key", "show", "x"], "id: ", "apikeyctl key show"],
        [["key"], "a command is missing: create, list", "apikeyctl key"],
        [[], "a command is missing: account", "apikeyctl"],
        [["help", "key", "rotat"], 'unknown command "rotat"; did you mean "rotate"?', "apikeyctl key"],
        [["\u001b[31m"], 'unknown command "\\x1b[31m"', "apikeyctl"],
    ];
    for (const [words, problem, command] of refused) {
        await test(`apikeyctl ${JSON.stringify(words.join(" "))} is wrong usage`, () => {
            const { status, stdout, stderr } = run(...words);
            const [first, last, end] = stderr.split("\n");
            assert.deepStrictEqual([status, stdout, last, end], [2, "", `See "${command} --help".`, ""], stderr);
            assert.ok(first.startsWith(`apikeyctl: ${problem}`), first);
        });
    }

    await test("a reader of the output may end before it", () => {
        const { status, stderr } = spawnSync("bash", ["-c", '"$APIKEYCTL" manual | true; exit "${PIPESTATUS[0]}"'], { encoding: "utf8" });
        assert.ok(status === 0 || status === 1, String(status));
        assert.strictEqual(stderr, "");
    });

    await test("what is not found is named", () => {
        createAccount("help"); // a store without one is empty
        assert.strictEqual(run("key", "show", "4000000").stderr, "apikeyctl: key 4000000 not found\n");
        assert.strictEqual(run("account", "show", "4000000").stderr, "apikeyctl: account 4000000 not found\n");
        assert.strictEqual(run("block", "remove", "192.0.2.9").stderr, "apikeyctl: a block of 192.0.2.9 not found\n");
    });

    process.exit(finish() ? 0 : 1);
}

main();
