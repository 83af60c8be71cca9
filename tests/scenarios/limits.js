#!/usr/bin/env node
// Limits hold to the last request: two nodes of two workers each, one Redis, exact counts.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const { apikeyctl, createAccount, createKey, startGateway, startRedis, until, makeTap } = require("../lib/gateway");
const { startFaultProxy } = require("../lib/fault_proxy");
const { load, status } = require("../lib/load");

const { test, finish } = makeTap();
const locations = `
    location /v1/ { api_key proxy; empty_gif; }
    location = /metrics { api_key_metrics; }
    location /api/ { api_key billing; api_key_manage; }`;
const plans = path.join(process.env.TEST_DIRECTORY, "plans.json");
fs.writeFileSync(plans, JSON.stringify({ plans: { pro: { per_second: 20, per_minute: 50 }, slow: { per_minute: 30 } } }));

function startNode(options = {}) {
    return startGateway(locations, { main: "worker_processes 2;", http: `api_key_plans ${plans};`, ...options });
}

async function manage(node, manager, method, route, body) {
    const answer = await fetch(`${node.address}/api${route}`, {
        method,
        headers: { authorization: `Bearer ${manager.key}`, "content-type": "application/json" },
        body: body && JSON.stringify(body),
    });
    assert.ok(answer.status < 300, `${method} ${route}: ${answer.status} ${await answer.clone().text()}`);
    return answer.status === 204 ? undefined : answer.json();
}

// A key of an account of its own (with that plan); gives { id, key, manager }
async function limitedKey(node, limits, plan) {
    const account = apikeyctl("account", "create", "--name", "limited", ...(plan ? ["--plan", plan] : [])).id;
    const manager = createKey(account, "billing");
    const made = await manage(node, manager, "POST", "/keys", { name: "limited", ...limits });
    return { ...made, manager };
}

async function used(node, key, window = "daily") {
    const { quotas } = await manage(node, key.manager, "GET", `/keys/${key.id}/usage`);
    return quotas[window].used;
}

(async () => {
    createAccount("first"); // makes the store's epoch
    const nodes = [await startNode(), await startNode()];
    const addresses = nodes.map((node) => node.address);

    for (const limit of [1, 3, 100, 10000]) {
        const windows = limit === 10000 ? ["weekly"] : ["total", "daily", "weekly", "monthly"];
        for (const window of windows) {
            await test(`exactly ${limit} of a ${window} quota of ${limit}`, async () => {
                const key = await limitedKey(nodes[0], { quotas: { [window]: limit } });
                const count = Math.max(200, limit);
                const statuses = await load(addresses, "/v1/", key.key, count);
                assert.deepStrictEqual(statuses, { 200: limit, 429: 2 * count - limit });
            });
        }
    }

    await test("the smallest of several quotas decides, and all count the same", async () => {
        const key = await limitedKey(nodes[0], { quotas: { total: 1000, daily: 200, weekly: 150, monthly: 300 } });
        const statuses = await load(addresses, "/v1/", key.key, 300);
        assert.deepStrictEqual(statuses, { 200: 150, 429: 450 });
        await until(async () => (await used(nodes[0], key, "weekly")) === 150);
        for (const window of ["total", "daily", "monthly"]) {
            assert.strictEqual(await used(nodes[1], key, window), 150);
        }
    });

    await test("an account's rate counts over all its keys", async () => {
        const key = await limitedKey(nodes[0], {}, "slow");
        const second = await manage(nodes[0], key.manager, "POST", "/keys", { name: "second" });
        const both = await Promise.all([load(addresses, "/v1/", key.key, 40), load(addresses, "/v1/", second.key, 40)]);
        assert.strictEqual((both[0][200] ?? 0) + (both[1][200] ?? 0), 30);
        assert.strictEqual((both[0][429] ?? 0) + (both[1][429] ?? 0), 130);
    });

    await test("what is not used comes back, and all of the limit can be used", async () => {
        const key = await limitedKey(nodes[0], { quotas: { daily: 1000 } });
        assert.deepStrictEqual(await load([addresses[0]], "/v1/", key.key, 300), { 200: 300 });
        const start = Date.now();
        await until(async () => (await used(nodes[1], key)) === 300);
        assert.ok(Date.now() - start <= 1000);
        assert.deepStrictEqual(await load([addresses[1]], "/v1/", key.key, 1000), { 200: 700, 429: 300 });
    });

    await test("a limit that has room again is no change of its key: nobody reads the key again, or answers 503", async () => {
        const proxy = await startFaultProxy(process.env.TEST_REDIS_SOCKET);
        const node = await startNode({ store: `${proxy.url} timeout=1s`, main: "worker_processes 1;" });
        const holding = await startNode({ main: "worker_processes 1;" });
        const key = await limitedKey(nodes[0], { quotas: { total: 1000 } });
        const [worker] = fs.readFileSync(`/proc/${holding.pid}/task/${holding.pid}/children`, "utf8").trim().split(" ");
        const granted = () => Number(execFileSync("redis-cli", ["-s", process.env.TEST_REDIS_SOCKET, "HGET", `ak:{k}:${key.id}`, "count"]));
        let sent = 0;
        while (sent === 0 || granted() - sent < 5) {
            assert.strictEqual(await status(`${holding.address}/v1/`, key.key), 200);
            sent++;
        }
        process.kill(Number(worker), "SIGSTOP"); // it keeps what it was granted in advance
        assert.deepStrictEqual(Object.keys(await load([node.address], "/v1/", key.key, 1000, 8)).sort(), ["200", "429"]);
        proxy.spoil(proxy.hold, ([name]) => name === "HGETALL");
        process.kill(Number(worker), "SIGCONT");
        await holding.stop(); // gives back what it held
        const statuses = [];
        await until(async () => statuses.push(await status(`${node.address}/v1/`, key.key)) && statuses.at(-1) !== 429);
        assert.strictEqual(statuses.at(-1), 200);
        const rest = await load([node.address], "/v1/", key.key, 100, 100);
        proxy.behave();
        assert.ok(Object.keys(rest).every((one) => one === "200" || one === "429"), JSON.stringify(rest));
        await node.stop();
        await proxy.stop();
    });

    await test("a node that was refused hears when another gives something back", async () => {
        const key = await limitedKey(nodes[0], { quotas: { total: 1000 } });
        await load([addresses[0]], "/v1/", key.key, 500);
        const statuses = await load([addresses[1]], "/v1/", key.key, 600);
        const missing = 500 - statuses[200];
        let more = 0;
        await until(async () => {
            more += (await status(`${addresses[1]}/v1/`, key.key)) === 200 ? 1 : 0;
            return more === missing;
        });
        assert.strictEqual(await status(`${addresses[1]}/v1/`, key.key), 429);
    });

    await test("a raised limit works at once, a lowered one too", async () => {
        const key = await limitedKey(nodes[0], { quotas: { daily: 10 } });
        assert.deepStrictEqual(await load([addresses[0]], "/v1/", key.key, 20), { 200: 10, 429: 10 });
        await manage(nodes[0], key.manager, "PATCH", `/keys/${key.id}`, { quotas: { daily: 15 } });
        assert.deepStrictEqual(await load([addresses[0]], "/v1/", key.key, 20), { 200: 5, 429: 15 });
        await manage(nodes[0], key.manager, "PATCH", `/keys/${key.id}`, { quotas: { daily: 1000 } });
        assert.deepStrictEqual(await load([addresses[0]], "/v1/", key.key, 300), { 200: 300 });
        await manage(nodes[0], key.manager, "PATCH", `/keys/${key.id}`, { quotas: { daily: 200 } });
        assert.deepStrictEqual(await load([addresses[0]], "/v1/", key.key, 20), { 429: 20 });
        await manage(nodes[0], key.manager, "PATCH", `/keys/${key.id}`, { quotas: { daily: null } });
        assert.deepStrictEqual(await load([addresses[0]], "/v1/", key.key, 20), { 200: 20 });
    });

    await test("a reload under load loses no request and passes no limit", async () => {
        const key = await limitedKey(nodes[0], { quotas: { daily: 3000 } });
        const running = load(addresses, "/v1/", key.key, 2500, 8);
        for (let reload = 0; reload < 3; reload++) {
            process.kill(nodes[0].pid, "SIGHUP");
            await new Promise((resolve) => setTimeout(resolve, 150));
        }
        const statuses = await running;
        assert.ok(statuses[200] <= 3000, JSON.stringify(statuses));
        let more = 0;
        await until(async () => {
            more += (await status(`${addresses[1]}/v1/`, key.key)) === 200 ? 1 : 0;
            return statuses[200] + more >= 3000;
        });
        assert.strictEqual(statuses[200] + more, 3000);
    });

    await test("a killed worker passes no limit", async () => {
        const key = await limitedKey(nodes[0], { quotas: { daily: 3000 } });
        const running = load(addresses, "/v1/", key.key, 2500, 8);
        for (let kill = 0; kill < 3; kill++) {
            await new Promise((resolve) => setTimeout(resolve, 100));
            const children = fs.readFileSync(`/proc/${nodes[0].pid}/task/${nodes[0].pid}/children`, "utf8").trim().split(" ");
            process.kill(Number(children[0]), "SIGKILL");
        }
        const statuses = await running;
        assert.ok(statuses[200] <= 3000, JSON.stringify(statuses));
        const rest = await load([addresses[1]], "/v1/", key.key, 3000, 8);
        assert.ok(statuses[200] + (rest[200] ?? 0) <= 3000);
    });

    await test("a node that is stopped in the middle passes no limit", async () => {
        const third = await startNode();
        const key = await limitedKey(nodes[0], { quotas: { daily: 2000 } });
        const running = load([...addresses, third.address], "/v1/", key.key, 1500, 8);
        await new Promise((resolve) => setTimeout(resolve, 200));
        await third.stop();
        const statuses = await running;
        assert.ok(statuses[200] <= 2000, JSON.stringify(statuses));
    });

    await test("a busy key costs the store next to nothing, a refused one nothing", async () => {
        const redis = await startRedis();
        const node = await startNode({ store: redis.url });
        const environment = process.env.APIKEYCTL_REDIS;
        process.env.APIKEYCTL_REDIS = redis.url;
        const key = await limitedKey(node, { quotas: { total: 100000, daily: 100000, weekly: 100000, monthly: 20000 } });
        process.env.APIKEYCTL_REDIS = environment;
        const grants = async () => Number(/^api_key_grants_total (\d+)$/m.exec(await (await fetch(`${node.address}/metrics`)).text())[1]);
        const before = await grants();
        assert.deepStrictEqual(await load([node.address], "/v1/", key.key, 10000), { 200: 10000 });
        const busy = (await grants()) - before;
        assert.ok(busy <= 50, `${busy} grants for 10,000 requests`);
        await load([node.address], "/v1/", key.key, 10100);
        const atLimit = await grants();
        assert.deepStrictEqual(await load([node.address], "/v1/", key.key, 2000), { 429: 2000 });
        assert.strictEqual(await grants(), atLimit);
        await redis.stop();
        assert.deepStrictEqual(await load([node.address], "/v1/", key.key, 10), { 429: 10 });
        await node.stop();
    });

    await test("without the store a node spends what it holds, then says so, and no count goes back", async () => {
        const redis = await startRedis();
        const node = await startNode({ store: `${redis.url} timeout=1s` });
        const environment = process.env.APIKEYCTL_REDIS;
        process.env.APIKEYCTL_REDIS = redis.url;
        const key = await limitedKey(node, { quotas: { daily: 10000 } });
        process.env.APIKEYCTL_REDIS = environment;
        assert.deepStrictEqual(await load([node.address], "/v1/", key.key, 1000), { 200: 1000 });
        redis.signal("SIGSTOP");
        const held = await load([node.address], "/v1/", key.key, 5000);
        assert.ok(held[200] > 0 && held[503] > 0 && held[200] + held[503] === 5000, JSON.stringify(held));
        redis.signal("SIGCONT");
        await until(async () => (await status(`${node.address}/v1/`, key.key)) === 200);
        const rest = await load([node.address], "/v1/", key.key, 10000);
        const all = 1000 + held[200] + 1 + rest[200];
        assert.ok(all <= 10000, `${all} of 10000`);
        await node.stop();
        await redis.stop();
    });

    await Promise.all(nodes.map((node) => node.stop()));
    await test("no alert in any log but that of the killed workers", () => {
        for (const node of nodes) {
            const bad = node.errors().filter((line) => /\[(alert|emerg|crit)\]/.test(line) && !/exited on signal 9/.test(line));
            assert.deepStrictEqual(bad, []);
        }
    });
    process.exitCode = finish() ? 0 : 1;
})();
