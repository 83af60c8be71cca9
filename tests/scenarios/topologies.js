#!/usr/bin/env node
// Sentinel and Cluster, with real servers: the master is found, lost and found again, and slots move, while requests run. No acknowledged change is
// lost, no revoked key is let in.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const { makeTap, startGateway, until } = require("../lib/gateway.js");
const { load, status } = require("../lib/load.js");
const { startCluster, startSentinels } = require("../lib/servers.js");

const { test, finish } = makeTap();
const ourSlot = 7629; // of {k}
const locations = "location /gif { api_key proxy; empty_gif; } location /fresh { api_key proxy; api_key_stale 0; empty_gif; } location /api/ { api_key billing; api_key_manage; }";
const ask = (node, manager, path, method = "GET", body = undefined) =>
    fetch(`${node.address}/api/${path}`, { method, headers: { authorization: `Bearer ${manager}`, connection: "close" }, body: body && JSON.stringify(body) });

function makeTool(url) {
    return (...words) => JSON.parse(execFileSync(process.env.APIKEYCTL, ["--redis", url, "-o", "json", ...words], { encoding: "utf8", timeout: 20000 }));
}

// An account, its manager, and a way to make keys.
function prepare(url) {
    const tool = makeTool(url);
    const account = String(tool("account", "create", "--name", "topology").id);
    const make = (type = "proxy", prefix = "ms-") => tool("key", "create", "--account", account, "--type", type, "--prefix", prefix, "--name", "test");
    return { tool, make, manager: make("billing", "mk-").key };
}

// The status once this worker and that one are connected again.
async function settled(node, key, path = "/gif") {
    let answer;
    await until(async () => (answer = await status(`${node.address}${path}`, key)) !== 503, 3);
    return answer;
}

const noAlerts = (node) => assert.deepStrictEqual(node.errors().filter((line) => /\[(alert|emerg)\]/.test(line)), []);

async function sentinel() {
    const store = await startSentinels();
    const { tool, make, manager } = prepare(store.url);
    const nodes = [];
    for (let index = 0; index < 2; index++) {
        nodes.push(await startGateway(locations, { main: "worker_processes 2;", store: `${store.url} timeout=300ms` }));
    }
    const [here, there] = nodes;

    await test("sentinel: the master is found", async () => {
        const { key } = make();
        assert.strictEqual(await status(`${here.address}/gif`, key), 200);
        assert.strictEqual(tool("doctor").every(({ state }) => state !== "fail"), true);
    });

    await test("sentinel: a master that is killed: cached keys go on, changes that were answered hold, all is well again soon", async () => {
        const key = make();
        const revoked = [];
        assert.deepStrictEqual(await load([here.address, there.address], "/gif", key.key, 50), { 200: 100 });
        for (let index = 0; index < 10; index++) {
            const one = make();
            assert.strictEqual(await status(`${there.address}/gif`, one.key), 200);
            revoked.push(one);
        }
        for (const one of revoked) {
            assert.strictEqual((await ask(here, manager, `keys/${one.id}`, "PATCH", { active: false })).status, 200);
        }
        const limited = await (await ask(here, manager, "keys", "POST", { name: "limited", quotas: { total: 600 } })).json();
        let admitted = (await load([here.address, there.address], "/gif", limited.key, 100, 4))[200];
        const old = store.masterPort();
        const begin = Date.now();
        store.servers.find((one) => one.port === old).stop();
        const running = load([here.address, there.address], "/gif", key.key, 2000, 4);
        const counting = load([here.address, there.address], "/gif", limited.key, 400, 4);
        await until(() => store.masterPort() !== old, 20);
        assert.deepStrictEqual(await running, { 200: 4000 });
        const elected = Date.now();
        await until(async () => (await ask(there, manager, "keys?limit=1")).status === 200, 10);
        console.log(`# a new master after ${elected - begin} ms, changes again ${Date.now() - elected} ms later`);
        for (const one of revoked) {
            assert.strictEqual(await settled(there, one.key), 403);
            assert.strictEqual(await settled(here, one.key), 403);
        }
        await until(async () => (await ask(here, manager, "keys", "POST", { name: "after" })).status === 201, 5);
        admitted += (await counting)[200] ?? 0;
        for (const node of [here, there]) {
            await settled(node, limited.key);
            admitted += (await load([node.address], "/gif", limited.key, 700, 4))[200] ?? 0;
        }
        console.log(`# ${admitted} of 600 admitted over the failover`);
        assert.ok(admitted <= 600, `${admitted}`);
    });

    await test("sentinel: a failover on purpose is followed at once", async () => {
        const before = store.masterPort();
        const { key } = make();
        assert.strictEqual(await settled(here, key), 200);
        await until(() => store.sentinels[0].cli("sentinel", "failover", "primary") === "OK", 20);
        await until(() => store.masterPort() !== before, 20);
        const begin = Date.now();
        await until(async () => (await status(`${here.address}/fresh`, key)) === 200 && (await ask(there, manager, "keys", "POST", { name: "again" })).status === 201, 5);
        console.log(`# followed ${Date.now() - begin} ms after the sentinels knew`);
    });

    await test("sentinel: a change that no replica takes is refused with 503", async () => {
        const { id } = make();
        const replicas = () => store.servers.filter((one) => one.process.signalCode === null && one.port !== store.masterPort());
        const master = store.servers.find((one) => one.port === store.masterPort());
        await until(() => /connected_slaves:1[^]*state=online/.test(master.cli("info", "replication")), 20);
        replicas().forEach((one) => one.signal("SIGSTOP"));
        const answer = await ask(here, manager, `keys/${id}`, "PATCH", { name: "lost?" });
        replicas().forEach((one) => one.signal("SIGCONT"));
        assert.strictEqual(answer.status, 503);
        await until(async () => (await ask(here, manager, `keys/${id}`, "PATCH", { name: "kept" })).status === 200, 5);
    });

    await test("sentinel: all sentinels gone: what is connected goes on", async () => {
        const { key } = make();
        await Promise.all(store.sentinels.map((one) => one.stop()));
        assert.strictEqual(await settled(here, key), 200);
        assert.strictEqual((await ask(there, manager, "keys", "POST", { name: "without sentinels" })).status, 201);
    });
    await Promise.all(nodes.map((node) => node.stop()));
    await test("sentinel: no alert in any log", () => nodes.forEach(noAlerts));
    await store.stop();
}

async function cluster() {
    const store = await startCluster();
    const { make, manager } = prepare(store.url);
    const node = await startGateway(locations, { main: "worker_processes 2;", store: `${store.url} timeout=300ms durable=grants` });
    const limited = async (daily) => (await ask(node, manager, "keys", "POST", { name: "limited", quotas: { daily } })).json();

    await test("cluster: the slot's master is found", async () => {
        const { key } = make();
        assert.strictEqual(await status(`${node.address}/gif`, key), 200);
        assert.ok(store.owner(ourSlot), "the slot has an owner");
    });

    await test("cluster: the slot moves while requests run, and a quota holds to the last one", async () => {
        const { key } = await limited(500);
        const free = make();
        assert.strictEqual(await status(`${node.address}/gif`, free.key), 200);
        const from = store.owner(ourSlot);
        const to = store.servers.find((one) => /role:master/.test(one.cli("info", "replication")) && one !== from);
        const id = (server) => server.cli("cluster", "myid");
        const running = Promise.all([load([node.address], "/gif", key, 700, 8), load([node.address], "/gif", free.key, 2000, 4)]);
        to.cli("cluster", "setslot", String(ourSlot), "importing", id(from));
        from.cli("cluster", "setslot", String(ourSlot), "migrating", id(to));
        for (let keys; (keys = from.cli("cluster", "getkeysinslot", String(ourSlot), "3").split("\n").filter(Boolean)).length; ) {
            from.cli("migrate", "127.0.0.1", String(to.port), "", "0", "5000", "keys", ...keys);
        }
        const asked = () => Number(/cmdstat_asking:calls=(\d+)/.exec(to.cli("info", "commandstats"))?.[1] ?? 0);
        const before = asked();
        const between = ask(node, manager, `keys/${free.id}`, "PATCH", { name: "on its way while the slot is" });
        await until(() => asked() > before + 5);
        [to, from].forEach((one) => one.cli("cluster", "setslot", String(ourSlot), "node", id(to)));
        assert.strictEqual((await between).status, 200);
        const [counted, others] = await running;
        console.log(`# ${JSON.stringify(counted)}`);
        assert.ok(counted[200] <= 500 && Object.keys(others).join() === "200");
        await until(async () => (await load([node.address], "/gif", key, 1, 1))[429] === 1, 5).catch(() => {});
        const rest = await load([node.address], "/gif", key, 700, 8);
        assert.strictEqual(counted[200] + (rest[200] ?? 0), 500);
        await until(async () => (await ask(node, manager, "keys", "POST", { name: "moved" })).status === 201, 3);
        assert.strictEqual(store.owner(ourSlot), to);
    });

    await test("cluster: its master is lost: a replica takes over, cached keys go on, changes that were answered hold", async () => {
        const key = make();
        const revoked = make();
        assert.strictEqual(await status(`${node.address}/gif`, revoked.key), 200);
        assert.strictEqual(await status(`${node.address}/gif`, key.key), 200);
        await until(async () => (await ask(node, manager, `keys/${revoked.id}`, "PATCH", { active: false })).status === 200, 3);
        const lost = store.owner(ourSlot);
        // whoever has just moved to another server's channel looks up its keys again: this one is to be cached
        await until(async () => (await load([node.address], "/gif", key.key, 1000, 4))[200] === 1000);
        const begin = Date.now();
        lost.stop();
        const running = load([node.address], "/gif", key.key, 3000, 4);
        await until(() => store.owner(ourSlot) !== undefined && store.owner(ourSlot) !== lost, 20);
        const elected = Date.now();
        assert.deepStrictEqual(await running, { 200: 3000 });
        await until(async () => (await ask(node, manager, "keys", "POST", { name: "after" })).status === 201, 10);
        console.log(`# another master after ${elected - begin} ms, changes again ${Date.now() - elected} ms later`);
        assert.strictEqual(await settled(node, revoked.key), 403);
    });

    await node.stop();
    await test("cluster: no alert in the log", () => noAlerts(node));
    await store.stop();
}

(async () => {
    await sentinel();
    await cluster();
    process.exit(finish() ? 0 : 1);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
