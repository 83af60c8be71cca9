#!/usr/bin/env node
// Revocation as a barrier: when the answer to a change is sent, no live node acts on what was before; one that does not confirm is named.
"use strict";

const assert = require("assert");
const { execFile, execFileSync } = require("child_process");
const http = require("http");
const { promisify } = require("util");
const { createAccount, createKey, makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");
const { faults, startFaultProxy } = require("../lib/fault_proxy.js");
const { status } = require("../lib/load.js");

const { test, finish } = makeTap();
const locations = `
    location /gif { api_key proxy; empty_gif; }
    location /v1/ { api_key proxy; api_key_model $arg_model; empty_gif; }
    location /body/ { api_key proxy; api_key_model body; proxy_pass http://demo/echo; }
    location /metrics { api_key_metrics; }
    location /api/ { api_key billing; api_key_manage; }`;
const workersOf = (node) => execFileSync("pgrep", ["-P", String(node.pid)], { encoding: "utf8" }).trim().split("\n").map(Number);

(async () => {
    const redis = await startRedis();
    process.env.APIKEYCTL_REDIS = redis.url;
    const proxy = await startFaultProxy(`${redis.url.slice("unix:".length)}`);
    const start = (store, stale = "60s") => startGateway(locations, { main: "worker_processes 2;", store: `${store} timeout=300ms`, http: `api_key_stale ${stale};` });
    const [here, second, third] = [await start(redis.url), await start(redis.url), await start(proxy.url, "2s")];
    const others = [second, third];
    const account = createAccount("barrier");
    const manager = createKey(account, "billing").key;
    const change = (path, method = "PATCH", body = undefined) =>
        fetch(`${here.address}/api/${path}`, { method, headers: { authorization: `Bearer ${manager}` }, body: body && JSON.stringify(body) });
    const nameOf = async (node) => /api_key_node_info\{node="([^"]+)"\} 1/.exec(await (await fetch(`${node.address}/metrics`)).text())[1];
    const agents = new Map(others.map((node) => [node, new http.Agent({ keepAlive: true, maxSockets: 20 })]));
    // Fires `count` requests at each of the other nodes, and gives how many were let in.
    const fire = async (key, count, path = "/gif") => {
        let admitted = 0;
        await Promise.all(others.map(async (node) => {
            for (let left = count; left > 0; left -= 20) {
                const answers = await Promise.all(Array.from({ length: Math.min(left, 20) }, () => status(`${node.address}${path}`, key, agents.get(node))));
                admitted += answers.filter((one) => one === 200).length;
            }
        }));
        return admitted;
    };
    await until(() => redis.cli("hlen", "ak:{k}:nodes") === "3");

    const revocations = [
        ["deactivated", (id) => change(`keys/${id}`, "PATCH", { active: false })],
        ["deleted", (id) => change(`keys/${id}`, "DELETE")],
        ["rotated", (id) => change(`keys/${id}/rotate`, "POST", {})],
        ["kept to another address", (id) => change(`keys/${id}`, "PATCH", { allowedIps: ["192.0.2.1"] })],
        ["kept to another model", (id) => change(`keys/${id}`, "PATCH", { models: ["gpt-4o"] }), "/v1/chat?model=other"],
    ];
    const rounds = 20;
    for (const [what, revoke, path = "/gif"] of revocations) {
        await test(`${what}: 0 of ${rounds * 1000} requests at two other nodes after the answer`, async () => {
            let admitted = 0;
            proxy.spoil(faults.late(20), ([name]) => name === undefined); // messages have no command: one node hears of it later
            for (let round = 0; round < rounds; round++) {
                const { id, key } = createKey(account);
                assert.deepStrictEqual(await Promise.all(others.map((node) => status(`${node.address}${path}`, key))), [200, 200]);
                // some are on their way while it is revoked
                const busy = fire(key, 100, path);
                const answer = await revoke(id);
                const unconfirmed = answer.headers.get("x-unconfirmed-nodes");
                assert.ok(answer.ok && unconfirmed === null, `${answer.status} ${unconfirmed}`);
                admitted += await fire(key, 500, path);
                await busy;
            }
            proxy.behave();
            assert.strictEqual(admitted, 0);
        });
    }

    await test("what apikeyctl changes holds when it ends", async () => {
        for (let round = 0; round < 10; round++) {
            const { id, key } = createKey(account);
            assert.deepStrictEqual(await Promise.all(others.map((node) => status(`${node.address}/gif`, key))), [200, 200]);
            // beside this process, in which the proxy of a node runs
            await promisify(execFile)(process.env.APIKEYCTL, ["key", "disable", String(id)]);
            assert.strictEqual(await fire(key, 50), 0);
        }
    });

    await test("a hundred changes at once are all confirmed, quickly", async () => {
        const keys = Array.from({ length: 100 }, () => createKey(account));
        await Promise.all(keys.flatMap(({ key }) => others.map((node) => status(`${node.address}/gif`, key))));
        const begin = Date.now();
        const answers = await Promise.all(keys.map(({ id }) => change(`keys/${id}`, "PATCH", { active: false })));
        assert.ok(answers.every((answer) => answer.status === 200 && !answer.headers.get("x-unconfirmed-nodes")));
        const took = Date.now() - begin;
        console.log(`# ${took} ms`);
        assert.ok(took < (process.env.SANITIZE ? 1600 : 800), `${took} ms`);
        const after = await Promise.all(keys.flatMap(({ key }) => others.map((node) => status(`${node.address}/gif`, key))));
        assert.ok(after.every((one) => one === 403 || one === 503), after.join()); // 503: too busy to ask the store in time
    });

    await test("a body that is still on its way does not carry an old decision in", async () => {
        const { id, key } = createKey(account);
        await change(`keys/${id}`, "PATCH", { models: ["gpt-4o"] });
        const body = '{"model":"gpt-4o"}';
        const request = http.request(`${second.address}/body/`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-length": body.length, connection: "close" } });
        const answered = new Promise((resolve, reject) => request.on("response", (response) => resolve(response.statusCode)).on("error", reject));
        request.write(body.slice(0, 5));
        await new Promise((resolve) => setTimeout(resolve, 100));
        assert.strictEqual((await change(`keys/${id}`, "PATCH", { active: false })).status, 200);
        request.end(body.slice(5));
        assert.strictEqual(await answered, 403);
    });

    await test("a fill on its way does not revive a key", async () => {
        const { id, key } = createKey(account);
        proxy.spoil(proxy.hold, ([name, what]) => name === "HGETALL" && what === `ak:{k}:${id}`, 1);
        const waiting = status(`${third.address}/gif`, key);
        await until(() => proxy.spoiled === 1);
        assert.strictEqual((await change(`keys/${id}`, "PATCH", { active: false })).status, 200);
        proxy.behave();
        await waiting;
        assert.strictEqual(await fire(key, 100), 0);
    });

    await test("the channel cut: changes still hold within a second, and the answer waits for that or names the node", async () => {
        proxy.spoil(proxy.hold, ([name]) => name === undefined); // messages have no command
        const { id, key } = createKey(account);
        assert.strictEqual(await status(`${third.address}/gif`, key), 200);
        const begin = Date.now();
        const answer = await change(`keys/${id}`, "PATCH", { active: false });
        const took = Date.now() - begin;
        const unconfirmed = answer.headers.get("x-unconfirmed-nodes");
        assert.ok(answer.status === 200 && took < 1200, `${took} ms`);
        assert.ok(unconfirmed === null || unconfirmed === (await nameOf(third)), unconfirmed);
        if (unconfirmed === null) {
            assert.strictEqual(await fire(key, 50), 0);
        }
        await until(async () => (await status(`${third.address}/gif`, key)) === 403, 1.1);
        proxy.behave();
    });

    await test("a node that hangs is named within a second", async () => {
        const { id, key } = createKey(account);
        assert.strictEqual(await status(`${third.address}/gif`, key), 200);
        const name = await nameOf(third);
        workersOf(third).forEach((pid) => process.kill(pid, "SIGSTOP"));
        const begin = Date.now();
        const answer = await change(`keys/${id}`, "PATCH", { active: false });
        const took = Date.now() - begin;
        workersOf(third).forEach((pid) => process.kill(pid, "SIGCONT"));
        assert.ok(took < 1200, `${took} ms`);
        assert.strictEqual(answer.headers.get("x-unconfirmed-nodes"), name);
        assert.deepStrictEqual((await answer.json()).unconfirmedNodes, [name]);
        await until(async () => (await status(`${third.address}/gif`, key)) === 403, 2);
        assert.ok(here.errors().some((line) => line.includes(`is not confirmed by ${name}`)));
    });

    await test("cut off from the store: named at once when it was silent, and its cache is trusted no longer than api_key_stale", async () => {
        const { id, key } = createKey(account);
        assert.strictEqual(await status(`${third.address}/gif`, key), 200);
        const name = await nameOf(third);
        proxy.spoil(proxy.hold);
        const cut = Date.now();
        await new Promise((resolve) => setTimeout(resolve, 1700));
        const begin = Date.now();
        const answer = await change(`keys/${id}`, "PATCH", { active: false });
        assert.ok(Date.now() - begin < 500, `${Date.now() - begin} ms`);
        assert.strictEqual(answer.headers.get("x-unconfirmed-nodes"), name);
        await until(async () => (await status(`${third.address}/gif`, key)) === 503, 5);
        assert.ok(Date.now() - cut < 4500, `${Date.now() - cut} ms`);
        proxy.behave();
        await until(async () => (await status(`${third.address}/gif`, key)) === 403, 3);
    });

    await test("a node that has ended holds nobody up; one that was killed is named until nobody trusts its cache", async () => {
        const confirmed = async () => (await change(`keys/${createKey(account).id}`, "PATCH", { active: false })).headers.get("x-unconfirmed-nodes") === null;
        await until(confirmed, 3);
        await second.stop();
        const one = createKey(account);
        let begin = Date.now();
        assert.strictEqual((await change(`keys/${one.id}`, "PATCH", { active: false })).headers.get("x-unconfirmed-nodes"), null);
        assert.ok(Date.now() - begin < 900, `${Date.now() - begin} ms`);
        const name = await nameOf(third);
        const workers = workersOf(third);
        process.kill(third.pid, "SIGKILL");
        workers.forEach((pid) => process.kill(pid, "SIGKILL"));
        const two = createKey(account);
        assert.strictEqual((await change(`keys/${two.id}`, "PATCH", { active: false })).headers.get("x-unconfirmed-nodes"), name);
        await until(confirmed, 6);
        assert.strictEqual(redis.cli("hlen", "ak:{k}:nodes"), "1");
    });

    await test("no alert in any log", () => {
        for (const node of [here, second, third]) {
            assert.deepStrictEqual(node.errors().filter((line) => /\[(alert|emerg)\]/.test(line)), []);
        }
    });
    agents.forEach((agent) => agent.destroy());
    await here.stop();
    await proxy.stop();
    await redis.stop();
    process.exit(finish() ? 0 : 1);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
