#!/usr/bin/env node
// A store that an earlier version has written is used as it is: its keys, wallets, ledgers, logs and security logs. Each folder of stores/ has one:
//   store.rdb  an account with 25 credits, a billing key, four keys with and without limits, one of them deleted; three requests that were charged
//   pepper, keys.json  what its keys were made with, and the keys
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const { freePort, makeTap, startGateway, until } = require("../lib/gateway.js");
const { startServer } = require("../lib/servers.js");

const { test, finish } = makeTap();
const stores = path.join(__dirname, "stores");
const locations = `
    location /v1/ { api_key proxy; api_key_meter openai; proxy_pass http://demo; }
    location /api/ { api_key billing; api_key_manage; api_key_log off; }`;

// A Redis that begins with this file.
async function startStore(folder) {
    const directory = fs.mkdtempSync(path.join(process.env.TEST_DIRECTORY, "old-store-"));
    fs.copyFileSync(path.join(folder, "store.rdb"), path.join(directory, "dump.rdb"));
    const port = await freePort();
    const pepper = path.join(directory, "pepper");
    fs.copyFileSync(path.join(folder, "pepper"), pepper);
    fs.chmodSync(pepper, 0o600);
    const server = await startServer({ port, words: ["--dir", directory] });
    return { server, url: `redis://127.0.0.1:${port}`, pepper, plans: path.join(directory, "plans.json") };
}

async function tryStore(version) {
    const folder = path.join(stores, version);
    const keys = JSON.parse(fs.readFileSync(path.join(folder, "keys.json"), "utf8"));
    const store = await startStore(folder);
    fs.writeFileSync(store.plans, '{"plans": {"pro": {"per_second": 20, "per_minute": 300}}}');
    const prices = path.join(__dirname, "../../demo/prices.json");
    const node = await startGateway(locations, { store: store.url, pepper: store.pepper, http: `api_key_plans ${store.plans}; api_key_prices ${prices};` });
    const tool = (...words) => JSON.parse(execFileSync(process.env.APIKEYCTL, ["--redis", store.url, "--pepper", store.pepper, "-o", "json", ...words], { encoding: "utf8" }));
    const api = async (route, method = "GET", body = undefined) => {
        const answer = await fetch(`${node.address}/api/${route}`, { method, headers: { authorization: `Bearer ${keys.manager}` }, body: body && JSON.stringify(body) });
        assert.ok(answer.ok, `${route}: ${answer.status} ${answer.ok ? "" : await answer.text()}`);
        return answer.json();
    };
    const chat = async (key, model = "gpt-4o-mini") => {
        const body = JSON.stringify({ model, max_tokens: 50, messages: [{ role: "user", content: "Hello" }] });
        const answer = await fetch(`${node.address}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body });
        await answer.arrayBuffer();
        return answer.status;
    };

    await test(`${version}: its records are there`, async () => {
        const { keys: listed } = await api("keys");
        assert.deepStrictEqual(listed.map((key) => [key.id, key.name, key.active]), [[4, "scoped", true], [3, "inactive", false], [2, "limited", true]]);
        const { alias, category, quotas, monthlyLimit } = listed[2];
        assert.deepStrictEqual({ alias, category, quotas, monthlyLimit },
            { alias: "lim", category: "tests", quotas: { total: 100, daily: 10, weekly: 50, monthly: 70 }, monthlyLimit: "3.500000" });
        assert.deepStrictEqual([listed[0].models, listed[0].allowedIps], [["gpt-4o-mini"], ["127.0.0.0/8"]]);
        assert.strictEqual((await api("balance")).balance, "24.999991");
        assert.deepStrictEqual((await api("transactions")).transactions.map(({ id, type, amount }) => [id, type, amount]), [[2, "usage", "-0.000009"], [1, "topup", "25.000000"]]);
        assert.strictEqual((await api("keys/2/usage")).quotas.total.used, 3);
        assert.deepStrictEqual((await api("logs")).logs.map(({ keyId, status, model }) => [keyId, status, model]),
            [[4, 403, "gpt-4o"], ...Array(3).fill([2, 200, "gpt-4o-mini"])]);
        assert.strictEqual((await api("audit")).entries.length, 9);
    });
    await test(`${version}: its keys are accepted and rejected as before, and charged to the same limits and wallet`, async () => {
        assert.deepStrictEqual([await chat(keys.limited), await chat(keys.inactive), await chat(keys.deleted)], [200, 403, 401]);
        assert.deepStrictEqual([await chat(keys.scoped), await chat(keys.scoped, "gpt-4o")], [200, 403]);
        await until(async () => (await api("balance")).balance === "24.999985");
        assert.strictEqual((await api("keys/2/usage")).quotas.total.used, 4);
        await until(async () => (await api("logs")).logs.length === 8);
    });
    await test(`${version}: its keys can be changed and rotated, and its security log is whole`, async () => {
        assert.strictEqual((await api("keys/3", "PATCH", { active: true })).active, true);
        assert.strictEqual(await chat(keys.inactive), 200);
        const { key } = await api("keys/4/rotate", "POST");
        assert.deepStrictEqual([await chat(keys.scoped), await chat(key)], [401, 200]);
        execFileSync(process.env.APIKEYCTL, ["--redis", store.url, "--pepper", store.pepper, "audit", "verify", "--account", "1"], { stdio: "pipe" });
        assert.strictEqual(tool("account", "topup", "1", "--amount", "25", "--reference", "inv-77").balance, (await api("balance")).balance, "a reference is done once");
    });
    await node.stop();
    await store.server.stop();
    const alerts = node.errors().filter((line) => /\[(alert|emerg|error)\]/.test(line) && !/index.html/.test(line));
    await test(`${version}: no error is logged`, () => assert.deepStrictEqual(alerts, []));
}

(async () => {
    for (const version of fs.readdirSync(stores)) {
        await tryStore(version);
    }
    process.exit(finish() ? 0 : 1);
})();
