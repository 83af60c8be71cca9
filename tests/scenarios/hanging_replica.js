#!/usr/bin/env node
// A change waits for a replica: for one of them, so that another one that hangs holds nobody up.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const { makeTap, startGateway, until } = require("../lib/gateway.js");
const { startServer } = require("../lib/servers.js");

const { test, finish } = makeTap();
const locations = "location /api/ { api_key billing; api_key_manage; }";
const replicaOf = (port) => ({ words: ["--replicaof", "127.0.0.1", String(port), "--repl-diskless-sync-delay", "0"] });
const all = (status, count) => Array(count).fill(status);

(async () => {
    const master = await startServer();
    const replicas = [await startServer(replicaOf(master.port)), await startServer(replicaOf(master.port))];
    await until(() => /(state=online[^]*){2}/.test(master.cli("info", "replication")), 20);
    const url = `redis://127.0.0.1:${master.port}`;
    const tool = (...words) => JSON.parse(execFileSync(process.env.APIKEYCTL, ["--redis", url, "-o", "json", ...words], { encoding: "utf8" }));
    const account = String(tool("account", "create", "--name", "replicas").id);
    const make = (type, prefix) => tool("key", "create", "--account", account, "--type", type, "--prefix", prefix, "--name", "test");
    const headers = { authorization: `Bearer ${make("billing", "mk-").key}` };
    const keys = Array.from({ length: 8 }, () => make("proxy", "ms-"));
    const node = await startGateway(locations, { main: "worker_processes 1;", store: `${url} timeout=1s` });
    const change = async (key, name) =>
        (await fetch(`${node.address}/api/keys/${key.id}`, { method: "PATCH", headers, body: JSON.stringify({ name }) })).status;
    try {
        await test("changes are answered as ever while one of two replicas hangs", async () => {
            assert.deepStrictEqual(await Promise.all(keys.map((key) => change(key, "both are there"))), all(200, 8));
            replicas[0].signal("SIGSTOP");
            const begin = Date.now();
            assert.deepStrictEqual(await Promise.all(keys.map((key) => change(key, "one hangs"))), all(200, 8));
            assert.ok(Date.now() - begin < 450, `${Date.now() - begin} ms`); // a WAIT for both would take half a second
        });
        await test("and are 503 while both hang", async () => {
            replicas[1].signal("SIGSTOP");
            assert.strictEqual(await change(keys[0], "nobody takes it"), 503);
            replicas.forEach((one) => one.signal("SIGCONT"));
            await until(async () => (await change(keys[0], "again")) === 200, 5);
        });
    } finally {
        replicas.forEach((one) => one.signal("SIGCONT"));
        await node.stop();
        await Promise.all([master, ...replicas].map((one) => one.stop()));
    }
    process.exit(finish() ? 0 : 1);
})();
