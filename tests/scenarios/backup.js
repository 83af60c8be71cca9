#!/usr/bin/env node
// Backup and restore, as docs/operations.md says: what the backup has is all there again, what came after it is gone on every node, and an
// anchor of the security log that was kept elsewhere tells that something is missing.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { execFileSync, spawnSync } = require("child_process");
const { makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const locations = `
    location /gif/ { api_key proxy; empty_gif; }
    location /fresh/ { api_key proxy; api_key_stale 0; empty_gif; }
    location /paid/ { api_key proxy; api_key_cost 0.01; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }`;

// How a backup is taken, and what Redis starts from.
const kinds = {
    RDB: { options: [], files: "dump.rdb", take: (redis) => redis.cli("SAVE") },
    AOF: {
        options: ["--appendonly", "yes", "--appendfsync", "always"],
        files: "appendonlydir",
        take: (redis) => {
            redis.cli("CONFIG", "SET", "auto-aof-rewrite-percentage", "0"); // no file goes while they are copied
            assert.match(redis.cli("INFO", "persistence"), /aof_rewrite_in_progress:0/);
        },
    },
};

async function drill(name, { options, files, take }) {
    const redis = await startRedis(...options);
    const words = (...more) => ["--redis", redis.url, "-o", "json", ...more];
    const tool = (...more) => JSON.parse(execFileSync(process.env.APIKEYCTL, words(...more), { encoding: "utf8" }));
    const exitCode = (...more) => spawnSync(process.env.APIKEYCTL, words(...more)).status;
    const account = String(tool("account", "create", "--name", "acme").id);
    const makeKey = (type = "proxy", prefix = "ms-") =>
        tool("key", "create", "--account", account, "--type", type, "--prefix", prefix, "--name", "test");
    const store = { store: `${redis.url} timeout=500ms` };
    const nodes = [await startGateway(locations, store), await startGateway(locations, store)];
    const [here, there] = nodes;
    const manager = makeKey("billing", "mk-").key;
    const status = async (node, key, place = "/gif/") =>
        (await fetch(node.address + place, { headers: { authorization: `Bearer ${key}`, connection: "close" } })).status;
    const manage = async (route, method = "GET", body = undefined) => {
        const headers = { authorization: `Bearer ${manager}`, connection: "close" };
        const answer = await fetch(`${here.address}/api${route}`, { method, headers, body: body && JSON.stringify(body) });
        assert.ok(answer.ok, `${method} ${route}: ${answer.status}`);
        return answer.status === 204 ? null : answer.json();
    };
    const onBoth = (key, wanted, place) => until(async () => (await status(here, key, place)) === wanted && (await status(there, key, place)) === wanted, 5);
    const head = () => tool("audit", "verify", "--account", account)[0].head;
    const state = async (id) => ({
        quotas: (await manage(`/keys/${id}/usage`)).quotas,
        balance: await manage("/balance"),
        transactions: (await manage("/transactions")).transactions,
        audit: head(),
    });
    // what a node was granted and has not used comes back by itself
    const settled = (id, used) =>
        until(async () => redis.cli("HGET", `ak:{k}:${id}`, "count") === String(used) && (await manage("/balance")).held === "0.000000");

    const kept = makeKey();
    const revokedLater = makeKey();
    const limited = await manage("/keys", "POST", { name: "limited", quotas: { total: 20, daily: 20 } });
    tool("account", "topup", account, "--amount", "1", "--reference", "first");

    let before, anchor, backup, made;
    await test(`${name}: keys are used, and a backup is taken`, async () => {
        for (let uses = 0; uses < 5; uses++) {
            assert.strictEqual(await status(nodes[uses % 2], limited.key), 200);
            assert.strictEqual(await status(nodes[uses % 2], kept.key, "/paid/"), 200);
        }
        await onBoth(revokedLater.key, 200);
        await settled(limited.id, 5);
        take(redis);
        before = await state(limited.id);
        assert.strictEqual(before.balance.balance, "0.950000");
        backup = `${redis.directory}/backup`;
        fs.cpSync(path.join(redis.directory, files), backup, { recursive: true });
    });

    await test(`${name}: life goes on: a key is made, one is disabled, one is used up`, async () => {
        made = await manage("/keys", "POST", { name: "made after the backup" });
        await onBoth(made.key, 200);
        await manage(`/keys/${revokedLater.id}`, "PATCH", { active: false });
        await onBoth(revokedLater.key, 403);
        for (let uses = 0; uses < 15; uses++) {
            assert.strictEqual(await status(here, limited.key), 200);
        }
        assert.strictEqual(await status(there, limited.key), 429);
        anchor = head();
    });

    await test(`${name}: emptied, the store is not one without keys: 503, never 401`, async () => {
        redis.cli("FLUSHALL");
        await onBoth(kept.key, 503, "/fresh/");
        assert.strictEqual(await status(here, makeUnknown()), 503);
        assert.strictEqual(await status(here, manager, "/api/me"), 503);
        assert.strictEqual(exitCode("doctor"), 1);
        assert.ok(here.errors().some((line) => /\[crit\].*it is empty/.test(line)));
        assert.strictEqual(await status(there, kept.key), 200, "what is cached goes on for api_key_stale");
    });

    await test(`${name}: restored, what the backup has is there: keys, limits, money, security log`, async () => {
        await redis.stop();
        fs.rmSync(path.join(redis.directory, files), { recursive: true, force: true });
        fs.cpSync(backup, path.join(redis.directory, files), { recursive: true });
        await redis.start();
        await onBoth(kept.key, 200, "/fresh/");
        assert.strictEqual(exitCode("doctor"), 0);
        assert.deepStrictEqual(await state(limited.id), before);
        for (let uses = 0; uses < 15; uses++) {
            assert.strictEqual(await status(nodes[uses % 2], limited.key), 200);
        }
        await onBoth(limited.key, 429);
        assert.strictEqual(await status(there, kept.key, "/paid/"), 200);
        await until(async () => (await manage("/balance")).balance === "0.940000");
    });

    await test(`${name}: what came after it is gone on the nodes that knew it`, async () => {
        await onBoth(made.key, 401);
        await onBoth(revokedLater.key, 200);
        const again = await manage("/keys", "POST", { name: "takes the same id" });
        assert.strictEqual(again.id, made.id);
        assert.strictEqual(await status(there, again.key), 200);
        assert.strictEqual(await status(here, made.key), 401);
    });

    await test(`${name}: the security log is sound, and an anchor kept elsewhere finds what is missing`, () => {
        assert.strictEqual(exitCode("audit", "verify"), 0);
        assert.strictEqual(exitCode("audit", "verify", "--account", account, "--anchor", before.audit), 0);
        assert.strictEqual(exitCode("audit", "verify", "--account", account, "--anchor", anchor), 1);
    });

    await test(`${name}: no alert in any log`, () => {
        for (const node of nodes) {
            assert.deepStrictEqual(node.errors().filter((line) => /\[(alert|emerg)\]/.test(line)), []);
        }
    });
    await Promise.all(nodes.map((node) => node.stop()));
    await redis.stop();
}

// well-formed, and nobody's
function makeUnknown() {
    return "ms-0000000000000000000000000000000014VMmE";
}

// Nodes are told by the number of the last change that the store went back.
async function goBack() {
    const redis = await startRedis();
    const tool = (...words) => JSON.parse(execFileSync(process.env.APIKEYCTL, ["--redis", redis.url, "-o", "json", ...words], { encoding: "utf8" }));
    const account = String(tool("account", "create", "--name", "acme").id);
    const makeKey = () => tool("key", "create", "--account", account, "--type", "proxy", "--prefix", "ms-", "--name", "test");
    const kept = makeKey();
    redis.cli("SAVE");
    const node = await startGateway(locations, { store: `${redis.url} timeout=500ms` });
    const get = async (key) => (await fetch(`${node.address}/gif/`, { headers: { authorization: `Bearer ${key}`, connection: "close" } })).status;
    const later = makeKey();
    tool("key", "disable", String(kept.id));
    await until(async () => (await get(later.key)) === 200 && (await get(kept.key)) === 403);

    await test("a store that went back is noticed by the number of its last change", async () => {
        await redis.stop();
        await redis.start();
        await until(async () => (await get(later.key)) === 401 && (await get(kept.key)) === 200, 5);
    });
    await test("even when it has been changed as often again meanwhile", async () => {
        const another = makeKey();
        tool("key", "disable", String(kept.id));
        await until(async () => (await get(another.key)) === 200 && (await get(kept.key)) === 403);
        await redis.stop();
        await redis.start();
        const other = makeKey();
        tool("key", "disable", String(other.id));
        await until(async () => (await get(another.key)) === 401 && (await get(kept.key)) === 200, 5);
    });
    await node.stop();
    await redis.stop();
}

async function main() {
    for (const [name, kind] of Object.entries(kinds)) {
        await drill(name, kind);
    }
    await goBack();
    process.exitCode = finish() ? 0 : 1;
}

main();
