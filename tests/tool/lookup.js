#!/usr/bin/env node
// From a secret, a prefix or an alias to its key, in any account.
"use strict";

const assert = require("assert");
const { execFileSync, spawnSync } = require("child_process");
const { apikeyctl, createAccount, createKey, makeTap } = require("../lib/gateway.js");

const { test, finish } = makeTap();

const run = (input, ...words) => {
    const { status, stdout, stderr } = spawnSync(process.env.APIKEYCTL, ["-o", "json", "key", "lookup", ...words], { encoding: "utf8", input });
    return { status, stdout, stderr };
};
const found = (input, ...words) => {
    const { status, stdout, stderr } = run(input, ...words);
    assert.strictEqual(status, 0, stderr);
    return JSON.parse(stdout);
};

async function main() {
    const [one, other] = [createAccount("lookup one"), createAccount("lookup other")];
    const first = createKey(one, "proxy", "leaked");
    const second = createKey(other, "billing", "manager");
    apikeyctl("key", "update", String(first.id), "--alias", "lookup-alias");
    apikeyctl("key", "update", String(second.id), "--alias", "lookup-alias");

    await test("a secret's key, in whatever account", () => {
        const [key, ...more] = found(`${first.key}\n`);
        assert.deepStrictEqual(more, []);
        assert.deepStrictEqual([key.account, key.accountName, key.accountActive, key.id, key.name, key.active], [one, "lookup one", true, first.id, "leaked", true]);
        assert.strictEqual(found(`  ${second.key} \r\n`)[0].id, second.id);
        assert.ok(!run(first.key).stdout.includes(first.key));
    });

    await test("its ID alone, for a pipe", () => {
        assert.strictEqual(execFileSync(process.env.APIKEYCTL, ["-o", "ids", "key", "lookup"], { encoding: "utf8", input: first.key }), `${first.id}\n`);
    });

    await test("a secret that was replaced is found until its end", () => {
        apikeyctl("key", "rotate", String(first.id), "--prefix", "ms-", "--overlap", "1h");
        const [key] = found(first.key);
        assert.strictEqual(key.id, first.id);
        assert.ok(Date.parse(key.replacedSecretUntil) > Date.now());
    });

    await test("keys by what they begin with", () => {
        const shown = second.key.slice(0, 8);
        assert.deepStrictEqual(found("", "--prefix", shown).map((key) => key.id), [second.id]);
        assert.deepStrictEqual(found("", "--prefix", second.key.slice(0, 12)).map((key) => key.id), [second.id]);
        assert.ok(found("", "--prefix", "mk-").some((key) => key.id === second.id));
    });

    await test("keys by their alias, in all accounts", () => {
        assert.deepStrictEqual(found("", "--alias", "lookup-alias").map((key) => key.account).sort(), [one, other].sort());
        assert.deepStrictEqual(found("", "--alias", "lookup-alias", "--prefix", "mk-").map((key) => key.id), [second.id]);
    });

    await test("what is not there is said", () => {
        assert.deepStrictEqual(run("ms-00000000000000000000000000000000000000"), { status: 1, stdout: "", stderr: "apikeyctl: a key with this secret not found\n" });
        assert.strictEqual(run("", "--alias", "lookup").status, 1);
        assert.strictEqual(run("", "--prefix", "zz-").status, 1);
        const { status, stderr } = run("\n");
        assert.deepStrictEqual([status, stderr], [2, "apikeyctl: no secret on standard input\n"]);
    });

    process.exit(finish() ? 0 : 1);
}

main();
