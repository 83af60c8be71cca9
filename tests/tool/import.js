#!/usr/bin/env node
// Keys of other stores, from files in their own formats: what they opened there they open here, on a real nginx, without a re-issue.
"use strict";

const assert = require("assert");
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const { spawnSync } = require("child_process");
const { makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const file = (name) => path.join(__dirname, "foreign", name);

async function main() {
    const redis = await startRedis();
    const run = (words, input = "") => {
        const { status, stdout, stderr } = spawnSync(process.env.APIKEYCTL, ["--redis", redis.url, "-o", "json", ...words], { encoding: "utf8", input });
        return { status, said: stderr, printed: stdout && JSON.parse(stdout) };
    };
    const account = String(run(["account", "create", "--name", "acme"]).printed.id);
    const locations = `
        location /old/ { api_key old; api_key_from bearer query=key; empty_gif; }
        location /any/ { api_key any; empty_gif; }
        location /ours/ { api_key proxy; empty_gif; }`;
    const types = "api_key_type any prefix= format=any; api_key_type old prefix=sk- format=any;";
    const gateway = await startGateway(locations, { store: `${redis.url} timeout=5s`, http: types });
    const status = async (place, key) =>
        (await fetch(`${gateway.address}${place}`, { headers: { authorization: `Bearer ${key}`, connection: "close" } })).status;
    const importFile = (format, name, type, ...more) => run(["import", file(name), "--from", format, "--account", account, "--type", type, ...more]);
    const keys = () => run(["key", "list", "--account", account]).printed;
    const keyNamed = (name) => keys().find((key) => key.name === name);
    await until(() => redis.cli("HLEN", "ak:{k}:nodes:settings") === "1");

    await test("a type that no node has is refused", () => {
        const { status: code, said } = importFile("csv", "keys.csv", "nosuch");
        assert.strictEqual(code, 1);
        assert.match(said, /no node has a type "nosuch".*"any", "old", "proxy", "billing"/);
    });

    await test("a dry run changes nothing", () => {
        const { status: code, printed } = importFile("csv", "keys.csv", "old", "--dry-run");
        assert.strictEqual(code, 1);
        assert.deepStrictEqual([printed.dryRun, printed.toBeCreated, printed.present, printed.leftOut], [true, 3, 0, 7]);
        assert.strictEqual(keys().length, 0);
    });

    await test("keys from CSV, and a report of what was left out", () => {
        const report = path.join(process.env.TEST_DIRECTORY, "left-out");
        const { status: code, printed, said } = importFile("csv", "keys.csv", "old", "--report", report);
        assert.strictEqual(code, 1);
        assert.deepStrictEqual([printed.created, printed.present, printed.leftOut], [3, 0, 7]);
        assert.deepStrictEqual(printed.leftOutFields, [{ field: "team", keys: 1, reason: "a key has no such field here" }]);
        const lines = fs.readFileSync(report, "utf8").trim().split("\n").map((line) => JSON.parse(line));
        const reasons = Object.fromEntries(lines.map((line) => [line.where, line.reason]));
        assert.match(reasons["row 4"], /expires_at: this date has passed/);
        assert.match(reasons["row 5"], /in the file twice/);
        assert.match(reasons["row 6"], /sha256: expected a SHA-256/);
        assert.match(reasons["row 7"], /the nodes do not take it for a key of type "old"/);
        assert.match(reasons["row 8"], /alias is in the file twice/);
        assert.match(reasons["row 9"], /neither a key nor its SHA-256/);
        assert.match(reasons["row 10"], /quotas.daily: expected a whole number/);
        assert.match(said, /row 4 left out/);
    });

    await test("they pass without a re-issue, with their limits", async () => {
        assert.strictEqual(await status("/old/", "sk-csv-first-0001"), 200);
        assert.strictEqual(await status("/old/", "sk-csv-second-0002"), 200);
        assert.strictEqual((await fetch(`${gateway.address}/old/?key=sk-csv-second-0002`)).status, 200);
        assert.strictEqual(await status("/old/", "sk-csv-disabled-03"), 403);
        assert.strictEqual(await status("/old/", "sk-csv-first-0002"), 401);
        assert.strictEqual(await status("/any/", "sk-csv-first-0001"), 403);
        const first = keyNamed("First, with a comma");
        assert.deepStrictEqual(
            [first.alias, first.category, first.expiresAt, first.models, first.allowedIps, first.quotas, first.monthlyLimit, first.prefix],
            ["csv-1", "apps", "2099-01-01T00:00:00Z", ["gpt-4o", "claude-*"], ["127.0.0.1"], { daily: 100 }, "25.500000", "sk-c"],
        );
    });

    await test("run again, it goes on where it was", () => {
        const { printed } = importFile("csv", "keys.csv", "old");
        assert.deepStrictEqual([printed.created, printed.present], [0, 3]);
    });

    await test("the security log has the import, and is whole", () => {
        const [entry] = run(["audit", "list", "--account", account, "--action", "key.import"]).printed;
        assert.deepStrictEqual(entry.after, { source: "csv", type: "old", keys: 3, firstId: 1, lastId: 3 });
        assert.strictEqual(run(["audit", "verify"]).status, 0);
    });

    await test("Kong's declarative configuration", async () => {
        const { status: code, printed, said } = importFile("kong", "kong.yaml", "any");
        assert.strictEqual(code, 1);
        assert.deepStrictEqual([printed.created, printed.leftOut], [4, 1]);
        assert.match(said, /consumers\[1\]\.keyauth_credentials\[1\] left out: its key is in a vault/);
        assert.deepStrictEqual(printed.leftOutFields.map((one) => one.field), ["consumer.plugins", "tags"]);
        for (const key of ["TvZm4hUqkpYqPq6w1vYJ", "alice.second/key+with=signs", "bob-Kong-Key_2", "00000000-1111-2222-3333-444444444444"]) {
            assert.strictEqual(await status("/any/", key), 200, key);
        }
        assert.strictEqual(keyNamed("customer-1").category, "alice");
        assert.strictEqual(keyNamed("bob").expiresAt, "2099-01-01T01:00:00Z");
        assert.strictEqual(keyNamed("carol").category, "carol");
    });

    await test("LiteLLM's keys as JSON", async () => {
        const { printed } = importFile("litellm", "litellm.json", "old");
        assert.deepStrictEqual([printed.created, printed.leftOut], [2, 0]);
        const left = Object.fromEntries(printed.leftOutFields.map((one) => [one.field, one.reason]));
        assert.match(left["max_budget in 7d"], /calendar month/);
        assert.match(left.spend, /starts at zero/);
        assert.match(left.tpm_limit, /no limit of tokens/);
        assert.strictEqual(await status("/old/", "sk-LiteLLM-first-key"), 200);
        assert.strictEqual(await status("/old/", "sk-LiteLLM-blocked-key"), 403);
        const key = keyNamed("team-a-prod");
        assert.deepStrictEqual([key.monthlyLimit, key.models, key.expiresAt, key.category], ["10.000000", ["gpt-4o-mini"], "2099-04-15T10:30:00Z", "team-a"]);
    });

    await test("... and as a dump of its table", async () => {
        assert.strictEqual(importFile("litellm", "litellm.csv", "old").printed.created, 1);
        assert.strictEqual(await status("/old/", "sk-LiteLLM-from-a-dump"), 200);
        const key = keyNamed("from-a-dump");
        assert.deepStrictEqual([key.monthlyLimit, key.models, key.expiresAt], ["3.250000", ["gpt-4o", "claude-3-5-sonnet"], "2099-04-15T10:30:00Z"]);
    });

    await test("Unkey's hashes", async () => {
        const { printed } = importFile("unkey", "unkey.json", "old");
        assert.strictEqual(printed.created, 2);
        assert.deepStrictEqual(printed.leftOutFields.map((one) => one.field), ["meta.stripe", "ratelimits"]);
        assert.strictEqual(await status("/old/", "sk-unkey-first-key"), 200);
        assert.strictEqual(await status("/old/", "sk-unkey-second-key"), 403);
        assert.deepStrictEqual(keyNamed("First").quotas, { total: 100 });
        assert.deepStrictEqual(keyNamed("Second").quotas, { daily: 50 });
        assert.strictEqual(keyNamed("First").prefix, "sk-unke");
    });

    await test("nginx's map", async () => {
        const { printed, said } = importFile("nginx", "keys.map", "old");
        assert.deepStrictEqual([printed.created, printed.leftOut], [2, 1]);
        assert.match(said, /line 6 left out: it has neither a key nor its SHA-256/);
        assert.strictEqual(await status("/old/", "sk-map-first-key"), 200);
        assert.strictEqual(await status("/old/", "sk-map-second-key"), 200);
        assert.strictEqual(await status("/old/", "sk-map-off"), 401);
    });

    await test("keys of our own form keep their own type", async () => {
        const made = run(["key", "create", "--account", account, "--type", "proxy", "--name", "ours"]).printed.key;
        assert.strictEqual(await status("/ours/", made), 200);
        assert.strictEqual(await status("/any/", made), 403);
    });

    await test("an account that is not there", () => {
        const { status: code, said } = run(["import", "-", "--from", "csv", "--account", "99", "--type", "old"], "key,name\nsk-nobody-has-this,x\n");
        assert.strictEqual(code, 1);
        assert.match(said, /row 1 \(x\) left out: there is no account 99/);
    });

    await test("a file of another form", () => {
        assert.strictEqual(run(["import", "-", "--from", "kong", "--account", account, "--type", "any"], "a: [").status, 2);
        assert.strictEqual(run(["import", "-", "--from", "litellm", "--account", account, "--type", "old"], '{"keys": 1}').status, 2);
        assert.strictEqual(run(["import", "-", "--from", "csv", "--account", account, "--type", "old"], 'key\n"a').status, 2);
        assert.strictEqual(run(["import", "-", "--from", "nginx", "--account", account, "--type", "old"], "events { }").status, 2);
        assert.strictEqual(run(["import", "/nowhere", "--from", "csv", "--account", account, "--type", "old"]).status, 2);
    });

    await test("a file larger than one batch", async () => {
        const lines = ["sha256,name"];
        for (let number = 0; number < 1000; number++) {
            lines.push(`${crypto.createHash("sha256").update(`sk-many-${number}-of-them`).digest("hex")},many ${number}`);
        }
        const { status: code, printed } = run(["import", "-", "--from", "csv", "--account", account, "--type", "old"], lines.join("\n"));
        assert.deepStrictEqual([code, printed.created], [0, 1000]);
        assert.strictEqual(await status("/old/", "sk-many-999-of-them"), 200);
        assert.strictEqual(run(["audit", "verify"]).status, 0);
    });

    await test("no imported key is in a log", () => {
        const logs = fs.readFileSync(`${gateway.directory}/access.log`, "utf8") + fs.readFileSync(`${gateway.directory}/error.log`, "utf8");
        assert.ok(!logs.includes("sk-csv-second-0002"));
    });

    await gateway.stop();
    await redis.stop();
    process.exit(finish() ? 0 : 1);
}

main();
