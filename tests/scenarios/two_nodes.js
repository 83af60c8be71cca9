#!/usr/bin/env node
// Two nodes on one store: what one of them changes holds on the other by the time the change is answered.
"use strict";

const assert = require("assert");
const http = require("http");
const { apikeyctl, createAccount, createKey, makeTap, startGateway, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const locations = "location /gif { api_key proxy; empty_gif; } location /api/ { api_key billing; api_key_manage; }";
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function status(node, key, path = "/gif", method = "GET", body = undefined) {
    return new Promise((resolve, reject) => {
        const request = http.request(node.address + path, { method, agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
            response.resume();
            response.on("end", () => resolve(response.statusCode));
        });
        request.on("error", reject);
        request.end(body);
    });
}

async function main() {
    const account = createAccount("two nodes");
    const { id, key } = createKey(account);
    const manager = createKey(account, "billing").key;
    const here = await startGateway(locations, { main: "worker_processes 2;" });
    const there = await startGateway(locations, { main: "worker_processes 2;" });
    const change = async (node, active) =>
        assert.strictEqual(await status(node, manager, `/api/keys/${id}`, "PATCH", JSON.stringify({ active })), 200);

    await test("the node that changes a key refuses it in all its workers at once, 200 times", async () => {
        for (let round = 0; round < 200; round++) {
            await change(here, true);
            assert.strictEqual(await status(here, key), 200);
            await change(here, false);
            const answers = await Promise.all([1, 2, 3, 4].map(() => fetch(`${here.address}/gif`, { headers: { authorization: `Bearer ${key}` } })));
            assert.deepStrictEqual(answers.map((answer) => answer.status), [403, 403, 403, 403]);
        }
    });
    await test("the other node has taken it in when the answer comes", async () => {
        await change(here, true);
        assert.strictEqual(await status(there, key), 200);
        await change(here, false);
        assert.strictEqual(await status(there, key), 403);
    });
    await test("and what apikeyctl does", async () => {
        apikeyctl("key", "enable", String(id));
        assert.deepStrictEqual([await status(here, key), await status(there, key)], [200, 200]);
        apikeyctl("key", "delete", String(id));
        assert.deepStrictEqual([await status(here, key), await status(there, key)], [401, 401]);
    });
    await test("a rotation with overlap keeps the old secret until its end, on both nodes", async () => {
        const second = createKey(account);
        const rotated = apikeyctl("key", "rotate", String(second.id), "--prefix", "ms-", "--overlap", "2");
        for (const node of [here, there]) {
            assert.strictEqual(await status(node, second.key), 200);
            assert.strictEqual(await status(node, rotated.key), 200);
        }
        await until(async () => (await status(here, second.key)) !== 200 && (await status(there, second.key)) !== 200, 5);
        assert.strictEqual(await status(here, rotated.key), 200);
    });
    await test("no alert in any log", () => {
        for (const node of [here, there]) {
            assert.deepStrictEqual(node.errors().filter((line) => /\[(alert|emerg)\]/.test(line)), []);
        }
    });
    await Promise.all([here.stop(), there.stop()]);
    agent.destroy();
    process.exitCode = finish() ? 0 : 1;
}

main();
