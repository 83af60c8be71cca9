#!/usr/bin/env node
// What requests and changes leave behind: each in the log once, counted once, found again; over two nodes, reloads, a store that is away and
// a worker that is killed.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const { apikeyctl, createAccount, createKey, makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");
const { load, status } = require("../lib/load.js");

const { test, finish } = makeTap();
const locations = `
    location /v1/ { api_key proxy; api_key_from bearer query=key; empty_gif; }
    location /quiet/ { api_key proxy; api_key_log off; empty_gif; }
    location /free/ { api_key proxy; try_files /none =404; }
    location /api/ { api_key billing; api_key_manage; }`;

async function ask(node, manager, route, options = {}) {
    const answer = await fetch(`${node.address}/api/${route}`, { ...options, headers: { authorization: `Bearer ${manager}` } });
    assert.ok(answer.ok, `${route}: ${answer.status}`);
    return answer.headers.get("content-type").includes("json") ? answer.json() : answer.text();
}

// All of a key's log, page by page.
async function logOf(node, manager, id, query = "") {
    const all = [];
    for (let cursor = ""; ; ) {
        const page = await ask(node, manager, `keys/${id}/logs?limit=1000${query}${cursor}`);
        all.push(...page.logs);
        if (!page.next) {
            return all;
        }
        cursor = `&cursor=${page.next}`;
    }
}

async function total(node, manager, id) {
    const { series } = await ask(node, manager, `keys/${id}/usage?bucket=day`);
    const point = series[series.length - 1];
    return { requests: point.requests, refused: Object.values(point.refused).reduce((sum, one) => sum + one, 0) };
}

const workersOf = (node) => execFileSync("pgrep", ["-P", String(node.pid)], { encoding: "utf8" }).trim().split("\n").map(Number);

(async () => {
    const account = createAccount("records");
    const manager = createKey(account, "billing").key;
    const options = { main: "worker_processes 2;", http: "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; api_key_log_keep count=100000 age=7d;" };
    const nodes = [await startGateway(locations, options), await startGateway(locations, options)];
    const addresses = nodes.map((node) => node.address);
    const [here, there] = nodes;

    await test("a request is on record with all that is known of it, by the id that its answer named", async () => {
        const { key, id } = createKey(account);
        const answer = await fetch(`${here.address}/v1/some/path?key=${key}&x=1`);
        const requestId = answer.headers.get("x-request-id");
        let found = [];
        await until(async () => (found = (await ask(there, manager, `logs?request_id=${requestId}`)).logs).length === 1, 2);
        const { at, firstByteMs, ...rest } = found[0];
        assert.ok(Math.abs(Date.parse(at) - Date.now()) < 5000 && firstByteMs >= 0 && firstByteMs < 1000);
        assert.deepStrictEqual(rest, { keyId: id, keyName: "test", keyType: "proxy", method: "GET", path: "/v1/some/path", status: 200, result: "ok", address: "127.0.0.1", requestId });
    });

    await test("2,000 requests over two nodes are there once each, refused ones too, and the counters say the same", async () => {
        const { key, id } = createKey(account);
        await fetch(`${here.address}/api/keys/${id}`, { method: "PATCH", headers: { authorization: `Bearer ${manager}` }, body: '{"quotas":{"daily":1500}}' });
        const statuses = await load(addresses, "/v1/", key, 1000);
        assert.deepStrictEqual(statuses, { 200: 1500, 429: 500 });
        await until(async () => (await logOf(here, manager, id)).length === 2000, 5);
        const log = await logOf(here, manager, id);
        assert.strictEqual(new Set(log.map((entry) => entry.requestId)).size, 2000);
        assert.strictEqual((await logOf(here, manager, id, "&status=429")).length, 500);
        assert.strictEqual(log.filter((entry) => entry.result === "quota_exceeded").length, 500);
        await until(async () => (await total(there, manager, id)).requests === 1500, 5);
        assert.deepStrictEqual(await total(there, manager, id), { requests: 1500, refused: 500 });
    });

    await test("filters, and CSV whose values are no formulas", async () => {
        const { key, id } = createKey(account);
        for (const path of ["/v1/=1+1", "/v1/b", "/free/c"]) {
            await status(here.address + path, key);
        }
        await until(async () => (await logOf(here, manager, id)).length === 3, 2);
        assert.deepStrictEqual((await logOf(here, manager, id)).map((entry) => entry.path), ["/free/c", "/v1/b", "/v1/=1+1"]);
        assert.strictEqual((await logOf(here, manager, id, "&path=/v1/")).length, 2);
        assert.strictEqual((await logOf(here, manager, id, "&status=4xx")).length, 1);
        assert.strictEqual((await logOf(here, manager, id, "&method=POST")).length, 0);
        assert.strictEqual((await logOf(here, manager, id, `&from=${new Date(Date.now() + 60000).toISOString()}`)).length, 0);
        const csv = await ask(here, manager, `keys/${id}/logs?format=csv`);
        assert.strictEqual(csv.split("\r\n").length, 5);
        assert.ok(csv.startsWith("at,keyId,keyName,keyAlias,method,path,status,"));
    });

    await test("what is not to be logged is counted all the same", async () => {
        const { key, id } = createKey(account);
        await status(`${here.address}/quiet/`, key);
        await until(async () => (await total(here, manager, id)).requests === 1, 2);
        assert.deepStrictEqual(await logOf(here, manager, id), []);
    });

    await test("the log of a deleted key is still found, and nobody else's is", async () => {
        const { key, id } = createKey(account);
        await status(`${here.address}/v1/`, key);
        await until(async () => (await logOf(here, manager, id)).length === 1, 2);
        apikeyctl("key", "delete", String(id));
        assert.strictEqual((await logOf(here, manager, id)).length, 1);
        const other = createKey(createAccount("other"), "billing").key;
        assert.deepStrictEqual(await logOf(here, other, id), []);
        assert.ok((await ask(here, other, "audit")).entries.every((entry) => entry.keyId !== id));
    });

    await test("use by key, category and model", async () => {
        const body = JSON.stringify({ name: "shop", category: "web", alias: "shop" });
        const { key, id } = await ask(here, manager, "keys", { method: "POST", body });
        await load([here.address], "/v1/", key, 20);
        const used = async (query) => (await ask(here, manager, `usage?bucket=day&${query}`)).series;
        await until(async () => (await used("group_by=category&category=web"))[0]?.total.requests === 20, 2);
        assert.deepStrictEqual((await used("group_by=key&alias=shop")).map((one) => [one.keyId, one.total.requests]), [[id, 20]]);
        assert.deepStrictEqual((await used("group_by=key&category=web")).map((one) => one.keyId), [id]);
        assert.deepStrictEqual(await used("group_by=key&category=nothing"), []);
        assert.deepStrictEqual((await used("group_by=key&limit=1")).length, 1);
        assert.ok(Date.now() - Date.parse((await ask(here, manager, `keys/${id}`)).lastUsedAt) < 5000);
    });

    await test("a reload under load loses no record", async () => {
        const { key, id } = createKey(account);
        const running = load([here.address], "/v1/", key, 2000);
        for (let reload = 0; reload < 3; reload++) {
            await new Promise((resolve) => setTimeout(resolve, 100));
            process.kill(here.pid, "SIGHUP");
        }
        const statuses = await running;
        await until(async () => (await logOf(there, manager, id)).length >= statuses[200], 10);
        assert.strictEqual((await logOf(there, manager, id)).length, statuses[200]);
        await until(async () => (await total(there, manager, id)).requests === statuses[200], 5);
    });

    await test("a killed worker loses at most what it did within the last interval", async () => {
        const { key, id } = createKey(account);
        await load([here.address], "/v1/", key, 500);
        await until(async () => (await logOf(there, manager, id)).length === 500, 5);
        process.kill(workersOf(here)[0], "SIGKILL");
        await until(async () => (await status(`${here.address}/v1/`, key)) === 200);
        await load([here.address], "/v1/", key, 500);
        await until(async () => (await logOf(there, manager, id)).length >= 1000, 5);
        const { key: other, id: otherId } = createKey(account);
        await load([here.address], "/v1/", other, 20);
        const workers = workersOf(here);
        workers.forEach((pid) => process.kill(pid, "SIGKILL"));
        await until(() => workersOf(here).length === 2 && !workersOf(here).some((pid) => workers.includes(pid)));
        await until(async () => (await logOf(there, manager, otherId)).length === 20, 5); // they waited in shared memory
    });

    await test("while Redis is unavailable records wait; what has no room is counted, and the log says so", async () => {
        const redis = await startRedis();
        const environment = process.env.APIKEYCTL_REDIS;
        process.env.APIKEYCTL_REDIS = redis.url;
        const own = createAccount("away");
        const { key, id } = createKey(own);
        const owner = createKey(own, "billing").key;
        process.env.APIKEYCTL_REDIS = environment;
        const node = await startGateway(locations, { store: `${redis.url} timeout=200ms` });
        await status(`${node.address}/v1/`, key);
        await until(async () => (await logOf(node, owner, id)).length === 1, 2);
        redis.signal("SIGSTOP");
        assert.deepStrictEqual(await load([node.address], "/v1/", key, 100), { 200: 100 });
        redis.signal("SIGCONT");
        await until(async () => (await logOf(node, owner, id)).length === 101, 10);
        await until(async () => (await total(node, owner, id)).requests === 101, 10);
        redis.signal("SIGSTOP");
        assert.deepStrictEqual(await load([node.address], "/v1/", key, 3000), { 200: 3000 });
        await until(() => node.errors().some((line) => /requests were not logged so far/.test(line)), 5);
        redis.signal("SIGCONT");
        await until(async () => (await total(node, owner, id)).requests === 3101, 10);
        const kept = (await logOf(node, owner, id)).length;
        assert.ok(kept >= 101 + 256 && kept < 3101, `${kept}`);
        await node.stop();
        await redis.stop();
    });

    await test("the security log has who did what, and is whole", async () => {
        const { id } = await ask(here, manager, "keys", { method: "POST", body: '{"name":"audited"}' });
        const change = (body) => ask(here, manager, `keys/${id}`, { method: "PATCH", body: JSON.stringify(body) });
        await change({ name: "renamed" });
        await change({ active: false });
        await change({ active: true });
        await change({ quotas: { daily: 5 }, alias: "a-1" });
        const secret = (await ask(here, manager, `keys/${id}/rotate`, { method: "POST", body: "{}" })).key;
        const clone = await ask(here, manager, `keys/${id}/clone`, { method: "POST", body: '{"alias":"a-2"}' });
        await fetch(`${here.address}/api/keys/${id}`, { method: "DELETE", headers: { authorization: `Bearer ${manager}` } });
        const { entries } = await ask(there, manager, `audit?key=${id}`);
        assert.deepStrictEqual(entries.map((entry) => entry.action),
            ["key.delete", "key.rotate", "key.update", "key.enable", "key.disable", "key.rename", "key.create"]);
        assert.deepStrictEqual([entries[5].before, entries[5].after], [{ name: "audited" }, { name: "renamed" }]);
        assert.ok(entries.every((entry) => entry.actor.keyId > 0 && entry.address === "127.0.0.1" && /^[0-9a-f]{32}$/.test(entry.requestId)));
        const cloned = (await ask(there, manager, `audit?action=key.clone`)).entries[0];
        assert.strictEqual(cloned.after.clonedFrom, id);
        assert.ok(!JSON.stringify(await ask(there, manager, "audit?limit=1000")).includes(secret) && !JSON.stringify(entries).includes(clone.key));
        assert.ok(apikeyctl("audit", "verify").every((one) => one.state === "ok"));
    });

    await test("a hundred changes at once are a hundred links of one chain", async () => {
        const own = createAccount("busy");
        const owner = createKey(own, "billing").key;
        await Promise.all(Array.from({ length: 50 }, (_, number) => [here, there].map((node) =>
            ask(node, owner, "keys", { method: "POST", body: JSON.stringify({ name: `key ${number}` }) }))).flat());
        const [one] = apikeyctl("audit", "verify", "--account", String(own));
        assert.deepStrictEqual([one.state, one.entries], ["ok", 102]);
    });

    await test("failed attempts are in it, each once a minute", async () => {
        const expired = createKey(account, "billing");
        apikeyctl("key", "disable", String(expired.id));
        for (let times = 0; times < 3; times++) {
            assert.strictEqual(await status(`${here.address}/api/keys`, expired.key), 403);
        }
        const denied = async () => (await ask(here, manager, "audit?action=access.denied")).entries;
        await until(async () => (await denied()).length > 0, 2);
        assert.deepStrictEqual((await denied()).map(({ keyId, after, actor }) => [keyId, after, actor.type]), [[expired.id, { reason: "inactive_key" }, "unknown"]]);
        assert.strictEqual(await status(`${here.address}/api/keys`, "mk-" + "0".repeat(38)), 401);
        await until(() => apikeyctl("audit", "list", "--account", "0").some((entry) => entry.after.reason === "invalid_key"), 2);
    });

    await test("a flood of them from everywhere fills neither the log nor the store's time", async () => {
        const from = (number) => fetch(`${there.address}/api/keys`, { headers: { authorization: `Bearer mk-${"0".repeat(38)}`, "x-forwarded-for": `192.0.${number >> 8}.${number & 255}` } });
        for (let number = 0; number < 300; number += 20) {
            const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => from(number + index)));
            assert.ok(answers.every((answer) => answer.status === 401));
        }
        const wrong = () => apikeyctl("audit", "list", "--account", "0").filter((entry) => entry.after.reason === "invalid_key").length;
        await until(() => wrong() >= 99, 5);
        assert.ok(wrong() <= 101, `${wrong()} entries`);
    });

    await Promise.all(nodes.map((node) => node.stop()));
    await test("no alert in any log but that of the killed worker", () => {
        for (const node of nodes) {
            assert.deepStrictEqual(node.errors().filter((line) => /\[(alert|emerg)\]/.test(line) && !/exited on signal 9/.test(line)), []);
        }
    });
    process.exit(finish() ? 0 : 1);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
