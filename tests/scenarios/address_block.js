#!/usr/bin/env node
// Addresses that guess keys are blocked on all nodes.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const { createAccount, createKey, startGateway, startRedis, until, makeTap } = require("../lib/gateway");

const { test, finish } = makeTap();
const locations = `
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Real-IP;
    location /v1/ { api_key proxy; empty_gif; }`;

async function status(node, address, key) {
    const answer = await fetch(`${node.address}/v1/`, { headers: { authorization: `Bearer ${key}`, "x-real-ip": address } });
    await answer.arrayBuffer();
    return answer.status;
}

(async () => {
    const redis = await startRedis();
    process.env.APIKEYCTL_REDIS = redis.url;
    const { key } = createKey(createAccount("acme"));
    const options = { store: `${redis.url} timeout=1s`, http: "api_key_block failed=4 window=1m for=1h;" };
    const nodes = [await startGateway(locations, options), await startGateway(locations, options)];
    const brief = await startGateway(locations, { ...options, http: "api_key_block failed=1 window=1m for=1s;" });
    const block = (...words) => execFileSync(process.env.APIKEYCTL, ["block", ...words], { encoding: "utf8" });

    await test("failures at two nodes are counted together, and block at both within a second", async () => {
        assert.strictEqual(await status(nodes[0], "192.0.2.1", "wrong1"), 401);
        assert.strictEqual(await status(nodes[1], "192.0.2.1", "wrong2"), 401);
        assert.strictEqual(await status(nodes[0], "192.0.2.1", "wrong3"), 401);
        assert.strictEqual(await status(nodes[1], "192.0.2.1", "wrong4"), 401);
        assert.strictEqual(await status(nodes[1], "192.0.2.1", key), 403);
        await until(async () => (await status(nodes[0], "192.0.2.1", key)) === 403, 1);
        assert.strictEqual(await status(nodes[0], "192.0.2.2", key), 200);
    });

    await test("a block ends by itself", async () => {
        assert.strictEqual(await status(brief, "192.0.2.3", "wrong"), 401);
        assert.strictEqual(await status(brief, "192.0.2.3", key), 403);
        await until(async () => (await status(brief, "192.0.2.3", key)) === 200, 3);
    });

    await test("apikeyctl sets and ends a block within a second", async () => {
        block("add", "2001:db8::1");
        await until(async () => (await status(nodes[0], "2001:db8::2", key)) === 403, 1);
        await until(async () => (await status(nodes[1], "2001:db8::2", key)) === 403, 1);
        assert.match(block("list"), /"2001:db8::\/64"/);
        block("remove", "2001:db8::/64");
        await until(async () => (await status(nodes[0], "2001:db8::2", key)) === 200, 1);
        await until(async () => (await status(nodes[1], "2001:db8::2", key)) === 200, 1);
    });

    await test("a node that starts later knows the blocks", async () => {
        const late = await startGateway(locations, options);
        await until(async () => (await status(late, "192.0.2.1", key)) === 403, 2);
        await late.stop();
    });

    await test("a reload keeps the blocks", async () => {
        process.kill(nodes[0].pid, "SIGHUP");
        for (let round = 0; round < 50; round++) {
            assert.strictEqual(await status(nodes[0], "192.0.2.1", key), 403);
        }
    });

    await test("without the store blocks stand, and failures are nobody's fault", async () => {
        await redis.stop();
        assert.strictEqual(await status(nodes[1], "192.0.2.1", key), 403);
        for (let attempt = 0; attempt < 6; attempt++) {
            assert.strictEqual(await status(nodes[1], "192.0.2.4", `wrong${attempt}`), 401);
        }
        assert.strictEqual(await status(nodes[1], "192.0.2.4", key), 200);
    });

    await Promise.all([...nodes, brief].map((node) => node.stop()));
    await test("no alert in any log", () => {
        for (const node of [...nodes, brief]) {
            assert.deepStrictEqual(node.errors().filter((line) => /\[(alert|emerg)\]/.test(line)), []);
        }
    });
    process.exitCode = finish() ? 0 : 1;
})();
