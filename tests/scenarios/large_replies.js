#!/usr/bin/env node
// What one tenant reads may be larger than anybody should take, or slow to come: its request ends by itself, and nobody else notices.
"use strict";

const assert = require("assert");
const { createAccount, createKey, makeTap, startGateway, startRedis } = require("../lib/gateway.js");
const { faults, startFaultProxy } = require("../lib/fault_proxy.js");

const { test, finish } = makeTap();
const timeoutMs = 500;
const locations = `
    location /gif { api_key proxy; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }`;
const isRecord = (id) => ([name, key]) => name === "HGETALL" && key.endsWith(`:${id}`);

(async () => {
    const redis = await startRedis();
    process.env.APIKEYCTL_REDIS = redis.url;
    const tenant = (name) => {
        const account = createAccount(name);
        return { account, manager: createKey(account, "billing").key, key: createKey(account) };
    };
    const [one, other, auditor] = [tenant("one"), tenant("other"), tenant("auditor")];
    const fill = `for i = 1, 500 do
        local last = redis.call("XREVRANGE", KEYS[1], "+", "-", "COUNT", 1)[1][1]
        redis.call("XADD", KEYS[1], (tonumber(string.match(last, "^%d+")) + 1) .. "-0", "entry", '{"action":"' .. string.rep("x", 40000) .. '"}', "mac", "x")
    end`;
    redis.cli("eval", fill, "1", `ak:{k}:audit:${auditor.account}`); // before there is a proxy, which would stand still meanwhile
    const proxy = await startFaultProxy(redis.url.slice("unix:".length));
    const node = await startGateway(locations, { main: "worker_processes 1;", store: `${proxy.url} timeout=${timeoutMs}ms` });
    const manage = async ({ manager }, path, method = "GET", body = undefined, at = node) => {
        const answer = await fetch(`${at.address}/api/${path}`, { method, headers: { authorization: `Bearer ${manager}` }, body: body && JSON.stringify(body) });
        await answer.text();
        return answer.status;
    };
    const isUnavailable = (at = node) => at.errors().some((line) => /is unavailable/.test(line));
    // What another tenant does while `running` runs, and at least ten times: how it was answered.
    const meanwhile = async (running, at = node) => {
        let ended = false;
        running.finally(() => (ended = true)).catch(() => {});
        const statuses = {};
        for (let round = 0; round < 10 || !ended; round++) {
            const change = manage(other, `keys/${other.key.id}`, "PATCH", { name: `round ${round}` }, at);
            for (const status of await Promise.all([manage(other, "keys", "GET", undefined, at), change])) {
                statuses[status] = (statuses[status] ?? 0) + 1;
            }
        }
        return Object.keys(statuses);
    };
    assert.deepStrictEqual(await meanwhile(manage(one, "keys")), ["200"]);

    const tooLarge = {
        "a string of 20 MB": `$${20e6}\r\n${"x".repeat(20e6)}\r\n`,
        "many strings in arrays, 20 MB together": `*20\r\n${`*100\r\n${`$9994\r\n${"x".repeat(9994)}\r\n`.repeat(100)}`.repeat(20)}`,
        "120,000 numbers in two arrays": `*2\r\n${`*60000\r\n${":1\r\n".repeat(60000)}`.repeat(2)}`,
        "an array that says it has more than that": `*200000\r\n${"$-1\r\n".repeat(200000)}`,
        "a line without end, nearly": `+${"x".repeat(20e6)}\r\n`,
    };
    for (const [what, text] of Object.entries(tooLarge)) {
        await test(`${what}: 503 for who asked, all others are served over the same connections`, async () => {
            proxy.spoil(faults.instead(text), isRecord(one.key.id), 1);
            const running = manage(one, `keys/${one.key.id}`);
            assert.deepStrictEqual(await meanwhile(running), ["200"]);
            assert.strictEqual(await running, 503);
            assert.strictEqual(proxy.spoiled, 1);
            assert.ok(!isUnavailable());
            assert.strictEqual(await manage(one, `keys/${one.key.id}`), 200);
        });
    }

    await test("the same where a request looks for its key", async () => {
        const fresh = createKey(one.account);
        const ask = async (key) => (await fetch(`${node.address}/gif`, { headers: { authorization: `Bearer ${key}` } })).status;
        proxy.spoil(faults.instead(tooLarge["a string of 20 MB"]), isRecord(fresh.id), 1);
        const running = ask(fresh.key);
        const unseen = createKey(other.account).key;
        assert.deepStrictEqual(await Promise.all([ask(unseen), ask(other.key.key)]), [200, 200]);
        assert.strictEqual(await running, 503);
        assert.strictEqual(await ask(fresh.key), 200);
        assert.ok(!isUnavailable());
    });

    await test("a security log of 20 MB, read to its end again and again: others are served", async () => {
        const direct = await startGateway(locations, { main: "worker_processes 1;", store: `${redis.url} timeout=${timeoutMs}ms` });
        const reading = (async () => {
            for (let round = 0; round < 5; round++) {
                await Promise.all([1, 2, 3].map(() => manage(auditor, "audit?verify=true&limit=1", "GET", undefined, direct)));
            }
        })();
        assert.deepStrictEqual(await meanwhile(reading, direct), ["200"]);
        assert.ok(!isUnavailable(direct));
        await direct.stop();
    });

    await test("a reply that is longer on its way than the timeout, and comes: it is waited for, and so are those behind it", async () => {
        const models = Array.from({ length: 100 }, (_, index) => `model-${index}-`.padEnd(200, "x"));
        assert.strictEqual(await manage(one, `keys/${one.key.id}`, "PATCH", { models }), 200);
        proxy.spoil(async (reply, client) => {
            for (let at = 0; at < reply.length && !client.destroyed; at += 5000) {
                client.write(reply.subarray(at, at + 5000));
                await new Promise((resolve) => setTimeout(resolve, 0.6 * timeoutMs));
            }
        }, isRecord(one.key.id), 1);
        const begin = Date.now();
        const answers = [manage(one, `keys/${one.key.id}`), manage(other, "keys"), manage(other, `keys/${other.key.id}`)];
        assert.deepStrictEqual(await Promise.all(answers), [200, 200, 200]);
        assert.ok(proxy.spoiled === 1 && Date.now() - begin > 2 * timeoutMs);
        assert.ok(!isUnavailable());
    });

    await test("one that stops in its middle is given up", async () => {
        proxy.spoil(async (reply, client) => {
            client.write(reply.subarray(0, 5000));
            await new Promise((resolve) => client.once("close", resolve));
        }, isRecord(one.key.id), 1);
        const begin = Date.now();
        assert.strictEqual(await manage(one, `keys/${one.key.id}`), 503);
        assert.ok(Date.now() - begin < 4 * timeoutMs);
        assert.strictEqual(await manage(other, `keys/${other.key.id}`, "PATCH", { name: "meanwhile" }), 200);
    });

    await node.stop();
    await test("no alert in the log", () => assert.deepStrictEqual(node.errors().filter((line) => /\[(alert|emerg)\]|exited on signal/.test(line)), []));
    await proxy.stop();
    await redis.stop();
    process.exitCode = finish() ? 0 : 1;
})();
