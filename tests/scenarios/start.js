#!/usr/bin/env node
// No request is refused because nginx has just been started or reloaded: the first one waits for the connection to the store.
"use strict";

const assert = require("assert");
const { spawn } = require("child_process");
const fs = require("fs");
const path = require("path");
const { createAccount, createKey, freePort, makeTap, startGateway } = require("../lib/gateway.js");
const { status } = require("../lib/load.js");
const { startServer } = require("../lib/servers.js");

const { test, finish } = makeTap();
const locations = "location /gif { api_key proxy; empty_gif; }";
const store = process.env.APIKEYCTL_REDIS; // with the timeout that is the default

function writePrices(megabytes) {
    const prices = {};
    const entry = { input_cost_per_token: 2.5e-06, output_cost_per_token: 1e-05, max_output_tokens: 16384, mode: "chat", source: "x".repeat(100) };
    const size = JSON.stringify(entry).length + 20;
    for (let index = 0; index * size < megabytes * 1e6; index++) {
        prices[`model-${String(index).padStart(8, "0")}`] = entry;
    }
    const file = path.join(process.env.TEST_DIRECTORY, "many_prices.json");
    fs.writeFileSync(file, JSON.stringify(prices));
    return file;
}

const asking = (key) => ({ first: ["/gif", { headers: { authorization: `Bearer ${key}` } }] });

// The status of the very first request of each of so many starts, counted.
async function firstAnswers(rounds, key, options) {
    const statuses = {};
    for (let round = 0; round < rounds; round++) {
        const node = await startGateway(locations, { store, ...asking(key), ...options });
        statuses[node.first.status] = (statuses[node.first.status] ?? 0) + 1;
        await node.stop();
    }
    return statuses;
}

// A worker that leaves may close a connection unread: that is no answer.
async function answer(node, key) {
    for (;;) {
        const one = await status(`${node.address}/gif`, key);
        if (one !== "error") {
            return one;
        }
    }
}

async function withGateway(options, body) {
    const node = await startGateway(locations, { store, ...options });
    try {
        await body(node);
    } finally {
        await node.stop();
    }
}

async function whileBusy(processes, body) {
    const busy = Array.from({ length: processes }, () => spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }));
    try {
        await body();
    } finally {
        busy.forEach((one) => one.kill("SIGKILL"));
    }
}

(async () => {
    const { key } = createKey(createAccount("start"));
    const prices = writePrices(12);

    await test("with a price file of 12 MB the first request is let in", async () => {
        assert.deepStrictEqual(await firstAnswers(20, key, { http: `api_key_prices ${prices};` }), { 200: 20 });
    });

    await test("and the first after each reload", () => withGateway({ http: `api_key_prices ${prices};` }, async (node) => {
        const workers = () => node.errors().filter((line) => /start worker process \d/.test(line)).length;
        for (let round = 0; round < 5; round++) {
            const before = workers();
            process.kill(node.pid, "SIGHUP");
            while (workers() === before) {
                assert.strictEqual(await answer(node, key), 200);
            }
            assert.strictEqual(await answer(node, createKey(createAccount("reload")).key), 200);
        }
    }));

    await test("on a busy machine too", () => whileBusy(6, async () => {
        assert.deepStrictEqual(await firstAnswers(15, key, {}), { 200: 15 });
    }));

    await test("a store that comes up a moment after nginx: the first request waits for it", async () => {
        const server = await startServer();
        await server.stop();
        const starting = withGateway({ store: `redis://127.0.0.1:${server.port} timeout=3s`, ...asking(key) }, async (node) => {
            assert.strictEqual(node.first.status, 503); // it answers, and is empty
            assert.ok(node.errors().some((line) => /Redis responds, but it is empty/.test(line)));
            assert.ok(!node.errors().some((line) => /is unavailable/.test(line)));
        });
        await new Promise((resolve) => setTimeout(resolve, 300)); // the moment
        await server.start();
        await starting.finally(() => server.stop());
    });

    await test("and one that does not come up is waited for no longer than the timeout", async () => {
        const begin = Date.now();
        await withGateway({ store: `redis://127.0.0.1:${await freePort()} timeout=300ms`, ...asking(key) }, async (node) => {
            assert.strictEqual(node.first.status, 503);
            assert.ok(Date.now() - begin >= 300);
            const asked = Date.now();
            assert.strictEqual(await status(`${node.address}/gif`, key), 503);
            assert.ok(Date.now() - asked < 100, "and the next one is refused at once");
        });
    });
    process.exitCode = finish() ? 0 : 1;
})();
