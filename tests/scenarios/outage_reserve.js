#!/usr/bin/env node
// What a node holds for an outage of the store (`api_key_stale … reserve=N`): keys with limits pass that often, no limit is exceeded, and what was held is
// not lost.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const { makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");
const { load } = require("../lib/load.js");

const { test, finish } = makeTap();
const locations = `
    location /gif { api_key proxy; empty_gif; }
    location /held { api_key proxy; api_key_stale 60s reserve=10; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }`;

async function main() {
    const redis = await startRedis("--appendonly", "yes", "--appendfsync", "always");
    const tool = (...words) => JSON.parse(execFileSync(process.env.APIKEYCTL, ["--redis", redis.url, "-o", "json", ...words], { encoding: "utf8" }));
    const plans = path.join(process.env.TEST_DIRECTORY, "outage_plans.json");
    fs.writeFileSync(plans, '{"plans": {"rated": {"per_second": 50}}}');
    const account = String(tool("account", "create", "--name", "outage").id);
    const manager = tool("key", "create", "--account", account, "--type", "billing", "--prefix", "mk-", "--name", "ops").key;
    const options = { main: "worker_processes 2;", store: `${redis.url} timeout=300ms`, http: `api_key_plans ${plans};` };
    const [node, other] = await Promise.all([startGateway(locations, options), startGateway(locations, options)]);
    const manage = async (method, route, body) => {
        let answer;
        await until(async () => { // a worker may not have heard yet that Redis is back
            answer = await fetch(`${node.address}/api/${route}`, { method, headers: { authorization: `Bearer ${manager}` }, body: body && JSON.stringify(body) });
            return answer.status !== 503;
        });
        assert.ok(answer.ok, `${method} ${route}: ${answer.status}`);
        return answer.json();
    };
    const make = (quotas) => manage("POST", "keys", { name: "limited", quotas });
    const get = async (url, key) => {
        const answer = await fetch(url, { headers: { authorization: `Bearer ${key}`, connection: "close" } });
        await answer.arrayBuffer();
        return answer.status;
    };
    // How many of so many requests pass, one after the other.
    const count = async (gateway, location, key, requests) => {
        let passed = 0;
        for (let index = 0; index < requests; index++) {
            passed += (await get(`${gateway.address}${location}`, key)) === 200 ? 1 : 0;
        }
        return passed;
    };
    const used = async (id, window) => (await manage("GET", `keys/${id}/usage`)).quotas[window].used;
    const isHeld = (id, window, requests) => until(async () => (await used(id, window)) === requests);
    const outage = async (body) => {
        await redis.stop();
        try {
            await body();
        } finally {
            await redis.start();
        }
        await until(async () => (await manage("GET", "keys")).keys.length > 0);
    };
    const keep = await make({ daily: 1000 });
    const plain = await make({ daily: 1000 });

    await test("without Redis, a key passes as often as its reserve, then 503; without a reserve, not at all", async () => {
        assert.strictEqual(await count(node, "/held", keep.key, 1), 1);
        assert.strictEqual(await count(node, "/gif", plain.key, 1), 1);
        await isHeld(keep.id, "daily", 11);
        await isHeld(plain.id, "daily", 1);
        await outage(async () => {
            assert.strictEqual(await get(`${node.address}/gif`, keep.key), 503, "where api_key_stale has no reserve");
            assert.strictEqual(await count(node, "/held", keep.key, 14), 10);
            assert.strictEqual(await get(`${node.address}/gif`, plain.key), 503);
        });
    });
    await test("what was used of it stays counted, and a new reserve is held with the next request", async () => {
        assert.strictEqual(await used(keep.id, "daily"), 11);
        await until(async () => (await get(`${node.address}/held`, keep.key)) === 200);
        await isHeld(keep.id, "daily", 22);
    });
    await test("under a plan's rate, too", async () => {
        const rated = await make({ daily: 1000 });
        tool("key", "plan", String(rated.id), "rated");
        await until(async () => (await get(`${node.address}/held`, rated.key)) === 200);
        await isHeld(rated.id, "daily", 11);
        await outage(async () => assert.strictEqual(await count(node, "/held", rated.key, 12), 10));
    });
    await test("a node at the limit uses its own reserve: both nodes together reach the limit to the last request and no more", async () => {
        const { key, id } = await make({ total: 300 });
        assert.strictEqual(await count(node, "/held", key, 1), 1);
        await isHeld(id, "total", 11);
        await outage(async () => assert.strictEqual(await count(node, "/held", key, 4), 4));
        await until(async () => (await get(`${node.address}/held`, key)) === 200);
        const admitted = 6 + ((await load([node.address, other.address], "/held", key, 1200, 8))[200] ?? 0);
        assert.ok(admitted <= 300, `${admitted}`);
        const rest = (await count(node, "/held", key, 25)) + (await count(other, "/held", key, 25));
        assert.strictEqual(admitted + rest, 300);
        assert.strictEqual(await used(id, "total"), 300);
    });
    await test("a worker that ends gives it back, and one that ends in an outage leaves it to the next", async () => {
        const { key, id } = await make({ weekly: 1000 });
        assert.strictEqual(await count(node, "/held", key, 1), 1);
        await isHeld(id, "weekly", 11);
        const reload = async () => {
            const ended = node.errors().filter((line) => /exited with code 0/.test(line)).length;
            process.kill(node.pid, "SIGHUP");
            await until(() => node.errors().filter((line) => /exited with code 0/.test(line)).length === ended + 2);
        };
        await reload();
        await isHeld(id, "weekly", 1);
        assert.strictEqual(await count(node, "/held", key, 1), 1);
        await isHeld(id, "weekly", 12);
        await outage(async () => {
            await reload();
            assert.strictEqual(await count(node, "/held", key, 12), 10);
        });
    });
    await Promise.all([node.stop(), other.stop()]);
    const alerts = [node, other].flatMap((one) => one.errors().filter((line) => /\[(alert|emerg)\]/.test(line)));
    await test("no [alert], no [emerg]", () => assert.deepStrictEqual(alerts, []));
    await redis.stop();
    process.exit(finish() ? 0 : 1);
}

main();
