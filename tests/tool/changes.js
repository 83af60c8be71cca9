#!/usr/bin/env node
// What apikeyctl changes holds on the nodes by the time it answers, as what the management API changes.
"use strict";

const assert = require("assert");
const { apikeyctl, createAccount, createKey, makeTap, startGateway } = require("../lib/gateway.js");

const { test, finish } = makeTap();

async function main() {
    const account = String(createAccount("changes"));
    const { id, key } = createKey(account);
    const locations = "location /gif { api_key proxy; empty_gif; } location /api/ { api_key billing; api_key_manage; }";
    const nodes = [await startGateway(locations), await startGateway(locations)];
    const statuses = () =>
        Promise.all(nodes.map(async (node) => (await fetch(`${node.address}/gif`, { headers: { authorization: `Bearer ${key}`, connection: "close" } })).status));

    await test("a key's new limits hold on all nodes", async () => {
        assert.deepStrictEqual(await statuses(), [200, 200]);
        apikeyctl("key", "update", String(id), "--allowed-ips", "192.0.2.0/24");
        assert.deepStrictEqual(await statuses(), [403, 403]);
        apikeyctl("key", "update", String(id), "--allowed-ips", "none", "--total", "1");
        assert.deepStrictEqual(await statuses(), [429, 429]); // it was used twice
        apikeyctl("key", "update", String(id), "--total", "none");
        assert.deepStrictEqual(await statuses(), [200, 200]);
    });

    await test("the keys of a disabled account are refused on all nodes, and pass when it is enabled", async () => {
        apikeyctl("account", "disable", account);
        assert.deepStrictEqual(await statuses(), [403, 403]);
        apikeyctl("account", "update", account, "--active", "on", "--name", "renamed");
        assert.deepStrictEqual(await statuses(), [200, 200]);
        assert.ok(apikeyctl("audit", "verify", "--account", account).every((one) => one.state === "ok"));
    });

    await test("a clone passes by itself", async () => {
        const clone = apikeyctl("key", "clone", String(id), "--alias", "copy");
        apikeyctl("key", "disable", String(id));
        assert.deepStrictEqual(await statuses(), [403, 403]);
        const answer = await fetch(`${nodes[0].address}/gif`, { headers: { authorization: `Bearer ${clone.key}` } });
        assert.strictEqual(answer.status, 200);
    });

    await Promise.all(nodes.map((node) => node.stop()));
    process.exit(finish() ? 0 : 1);
}

main();
