#!/usr/bin/env node
// api_key_health through a store's failures: 200 while the store answers and changes arrive, 503 with what is missing else.
"use strict";

const assert = require("assert");
const { createAccount, createKey, makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const locations = `
    location /v1/ { api_key proxy; empty_gif; }
    location = /health { api_key_health; }
    location = /metrics { api_key_metrics; }`;

(async () => {
    const redis = await startRedis();
    process.env.APIKEYCTL_REDIS = redis.url;
    const { key } = createKey(createAccount("healthy"));
    const node = await startGateway(locations, { main: "worker_processes 1;", store: `${redis.url} timeout=300ms` });
    const health = async () => {
        const response = await fetch(`${node.address}/health`);
        return { type: response.headers.get("content-type"), cache: response.headers.get("cache-control"), ...(await response.json()), code: response.status };
    };
    const channelUp = async () => Number(/^api_key_change_channel_up (\d)$/m.exec(await (await fetch(`${node.address}/metrics`)).text())[1]);

    await test("a node that has its store and all changes", async () => {
        await until(async () => (await health()).code === 200);
        await fetch(`${node.address}/v1/`, { headers: { authorization: `Bearer ${key}` } });
        const { status, zone, node: name, ...rest } = await health();
        assert.deepStrictEqual(rest, { type: "application/json", cache: "no-store", store: "up", channel: "up", code: 200 });
        assert.ok(status === "ok" && zone.entries === 1 && zone.capacity > 100 && name.includes("/"), JSON.stringify({ status, zone, name }));
        assert.strictEqual(await channelUp(), 1);
    });

    await test("one whose channel is lost, while its store answers", async () => {
        redis.cli("ACL", "SETUSER", "default", "resetchannels"); // commands are allowed, the subscription is not
        redis.cli("CLIENT", "KILL", "TYPE", "pubsub");
        await until(async () => (await health()).channel === "down");
        const { code, status, store } = await health();
        assert.deepStrictEqual({ code, status, store }, { code: 503, status: "unavailable", store: "up" });
        assert.strictEqual(await channelUp(), 0);
        redis.cli("ACL", "SETUSER", "default", "allchannels");
        await until(async () => (await health()).code === 200);
    });

    await test("one whose store is away, and is back", async () => {
        redis.signal("SIGSTOP");
        await until(async () => (await health()).store === "down");
        assert.strictEqual((await health()).code, 503);
        redis.signal("SIGCONT");
        await until(async () => (await health()).code === 200);
    });

    await node.stop();
    await redis.stop();
    process.exit(finish() ? 0 : 1);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
