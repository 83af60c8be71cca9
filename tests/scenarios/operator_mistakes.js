#!/usr/bin/env node
// What an operator may get wrong beside a running gateway: another pepper, in nginx or in apikeyctl, and plans, types and prefixes that no
// node has. None of it makes keys that are dead, or says of good ones that they are unknown.
"use strict";

const assert = require("assert");
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const { spawnSync } = require("child_process");
const { makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const locations = `
    location /gif/ { api_key proxy; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }`;

function write(directory, name, text, mode = 0o600) {
    const file = path.join(directory, name);
    fs.writeFileSync(file, text, { mode });
    return file;
}

const line = (version) => `${version}:${crypto.randomBytes(32).toString("hex")}\n`;
const first = line(1);
const second = line(2);

async function main() {
    const redis = await startRedis();
    const right = write(redis.directory, "right", first);
    const wrong = write(redis.directory, "wrong", line(1));
    const elsewhere = write(redis.directory, "elsewhere", line(2));
    const rotated = write(redis.directory, "rotated", second + first);
    const mistyped = write(redis.directory, "mistyped", line(2) + first);
    const plans = write(redis.directory, "plans.json", '{"plans": {"pro": {"per_second": 1000}, "free": {}}}', 0o644);

    // gives { code, out, said }
    const tool = (pepper, ...words) => {
        const run = spawnSync(process.env.APIKEYCTL, ["--redis", redis.url, "--pepper", pepper, "-o", "json", ...words], { encoding: "utf8" });
        return { code: run.status, out: run.stdout && JSON.parse(run.stdout), said: run.stderr };
    };
    const good = (...words) => {
        const { code, out, said } = tool(right, ...words);
        assert.strictEqual(code, 0, said);
        return out;
    };
    const refuses = ({ code, out, said }, words) => {
        assert.strictEqual(code, 1, said);
        assert.strictEqual(out, "");
        assert.match(said, words);
    };
    const status = async (node, key, route = "/gif/") =>
        (await fetch(node.address + route, { headers: { authorization: `Bearer ${key}`, connection: "close" } })).status;
    const contents = () => redis.cli("--scan").split("\n").filter((name) => !/:(nodes|sequence|alerts|sender|log|use|expiring)/.test(name)).sort().map((name) => redis.cli("DUMP", name) + name).join();
    const criticals = (node, words) => node.errors().filter((one) => one.includes("[crit]") && words.test(one));

    const account = String(good("account", "create", "--name", "acme").id);
    const makeKey = (type, prefix) => good("key", "create", "--account", account, "--type", type, "--prefix", prefix, "--name", "test").key;
    const key = makeKey("proxy", "ms-");
    const manager = makeKey("billing", "mk-");

    await test("apikeyctl changes nothing with another pepper of the same version", async () => {
        const before = contents();
        for (const words of [
            ["account", "create", "--name", "other"],
            ["account", "topup", account, "--amount", "1", "--reference", "x"],
            ["account", "plan", account, "pro"],
            ["key", "create", "--account", account, "--type", "proxy", "--prefix", "ms-", "--name", "dead"],
            ["key", "rotate", "1", "--prefix", "ms-"],
            ["key", "disable", "1"],
            ["audit", "verify"],
        ]) {
            refuses(tool(wrong, ...words), /version 1 of the pepper differs from the one known to Redis; nothing was changed/);
            refuses(tool(elsewhere, ...words), /has none of the versions known to Redis: 1; nothing was changed/);
        }
        assert.strictEqual(contents(), before);
        assert.strictEqual(good("audit", "verify", "--account", account)[0].state, "ok");
    });

    await test("doctor names it", async () => {
        const { code, out } = tool(wrong, "doctor");
        assert.strictEqual(code, 1);
        assert.match(out.find((row) => row.check === "pepper").detail, /version 1 of the pepper differs/);
        assert.strictEqual(good("doctor").find((row) => row.check === "pepper").state, "ok");
    });

    await test("nginx with another pepper says 503 of good keys, and why in one line", async () => {
        for (const pepper of [wrong, elsewhere]) {
            const node = await startGateway(locations, { store: `${redis.url} timeout=1s`, pepper, main: "worker_processes 1;" });
            for (let round = 0; round < 3; round++) {
                assert.strictEqual(await status(node, key), 503);
                assert.strictEqual(await status(node, manager, "/api/keys"), 503);
            }
            assert.strictEqual(await status(node, "ms-malformed"), 401);
            await until(() => criticals(node, /pepper/).length > 0);
            assert.strictEqual(criticals(node, /pepper/).length, 1);
            await node.stop();
        }
    });

    await test("a version that is mistyped leaves the keys of the others alone", async () => {
        good("key", "show", "1");
        assert.strictEqual(tool(rotated, "key", "create", "--account", account, "--type", "proxy", "--prefix", "ms-", "--name", "new").code, 0);
        const node = await startGateway(locations, { store: `${redis.url} timeout=1s`, pepper: mistyped });
        assert.strictEqual(await status(node, key), 200);
        const made = await fetch(`${node.address}/api/keys`, { method: "POST", headers: { authorization: `Bearer ${manager}` }, body: '{"name": "dead"}' });
        assert.strictEqual(made.status, 503);
        await node.stop();
        assert.strictEqual(tool(rotated, "audit", "verify", "--account", account).out[0].state, "ok");
    });

    await test("a new version is known by the first change that it signs, through the API too", async () => {
        const third = write(redis.directory, "third", line(3) + second + first);
        const node = await startGateway(locations, { store: `${redis.url} timeout=1s`, pepper: third });
        const made = await fetch(`${node.address}/api/keys`, { method: "POST", headers: { authorization: `Bearer ${manager}` }, body: '{"name": "new"}' });
        assert.strictEqual(made.status, 201);
        assert.strictEqual(await status(node, (await made.json()).key), 200);
        await node.stop();
        assert.deepStrictEqual(tool(third, "pepper", "list").out.map((row) => row.state), ["ok", "ok", "ok"]);
        refuses(tool(write(redis.directory, "not the third", line(3) + first), "key", "disable", "1"), /version 3 of the pepper differs/);
    });

    await test("a store that was made before it kept fingerprints knows its own by its security log", async () => {
        redis.cli("DEL", "ak:{k}:peppers");
        refuses(tool(wrong, "key", "disable", "1"), /the first entry of the security log was signed with another pepper; nothing was changed/);
        const stranger = await startGateway(locations, { store: `${redis.url} timeout=1s`, pepper: wrong });
        await until(() => criticals(stranger, /pepper/).length > 0);
        assert.strictEqual(await status(stranger, key), 503);
        await stranger.stop();
        const node = await startGateway(locations, { store: `${redis.url} timeout=1s`, pepper: right });
        await until(() => redis.cli("HEXISTS", "ak:{k}:peppers", "1") === "1");
        assert.strictEqual(await status(node, key), 200);
        await node.stop();
    });

    await test("plans, types and prefixes that no node has are refused, with what there is", async () => {
        assert.strictEqual(tool(rotated, "account", "plan", account, "whatever").code, 0, "no node with plans has been there");
        assert.strictEqual(tool(rotated, "account", "plan", account, "").code, 0);
        const node = await startGateway(locations, { store: `${redis.url} timeout=1s`, pepper: rotated, http: `api_key_plans ${plans};` });
        await until(() => redis.cli("HVALS", "ak:{k}:nodes:settings").includes("free"));
        const state = () => [redis.cli("HGET", `ak:{k}:account:${account}`, "plan"), redis.cli("ZCARD", "ak:{k}:accounts"), redis.cli("ZCARD", `ak:{k}:keys:${account}:proxy`)].join();
        const before = state();
        const make = (...words) => tool(rotated, "key", "create", "--account", account, "--name", "dead", ...words);
        refuses(tool(rotated, "account", "plan", account, "nosuchplan"), /a plan "nosuchplan".*plans: "pro", "free"/);
        refuses(tool(rotated, "account", "create", "--name", "dead", "--plan", "nosuchplan"), /a plan "nosuchplan"/);
        refuses(tool(rotated, "key", "plan", "1", "nosuchplan"), /a plan "nosuchplan"/);
        refuses(make("--type", "nosuch", "--prefix", "ms-"), /no node has a type "nosuch".*"proxy \(ms-\)", "billing \(mk-\)"/);
        refuses(make("--type", "nosuch"), /no node has a type "nosuch"/);
        refuses(make("--type", "proxy", "--prefix", "mk-"), /the prefix of type "proxy" is "ms-", not "mk-"/);
        assert.strictEqual(state(), before);
        assert.strictEqual(await status(node, key), 200);
        const made = make("--type", "proxy");
        assert.match(made.out.key, /^ms-/);
        assert.strictEqual(await status(node, made.out.key), 200);
        assert.match(tool(rotated, "key", "rotate", String(made.out.id)).out.key, /^ms-/);
        assert.strictEqual(tool(rotated, "account", "plan", account, "pro").code, 0);
        assert.strictEqual(tool(rotated, "key", "plan", "1", "nosuchplan", "--force").code, 0);
        assert.strictEqual(make("--type", "nosuch", "--prefix", "ns-", "--force").code, 0);

        fs.writeFileSync(plans, '{"plans": {"other": {}}}');
        process.kill(node.pid, "SIGHUP");
        const refusesPro = () => refuses(tool(rotated, "account", "plan", account, "pro"), /plans: "other"/) ?? true;
        await until(refusesPro, 5);
        await node.stop();
        refusesPro();
    });
    await redis.stop();
}

main().then(() => process.exit(finish() ? 0 : 1), (error) => {
    console.error(error);
    process.exit(1);
});
