#!/usr/bin/env node
// The store goes away in several ways while a gateway runs: nobody gets in who should not, cached keys go on, and all is well again afterwards.
"use strict";

const assert = require("assert");
const net = require("net");
const { makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");
const { execFileSync } = require("child_process");

const { test, finish } = makeTap();
const locations = `
    location /gif { api_key proxy; empty_gif; }
    location /fresh { api_key proxy; api_key_stale 0; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }`;

async function main() {
    const redis = await startRedis();
    const tool = (...words) =>
        JSON.parse(execFileSync(process.env.APIKEYCTL, ["--redis", redis.url, "-o", "json", ...words], { encoding: "utf8" }));
    const account = String(tool("account", "create", "--name", "faults").id);
    const makeKey = (type = "proxy", prefix = "ms-") =>
        tool("key", "create", "--account", account, "--type", type, "--prefix", prefix, "--name", "test");
    const gateway = await startGateway(locations, { store: `${redis.url} timeout=300ms`, main: "worker_processes 2;" });
    const get = async (path, key) => {
        const began = Date.now();
        // a connection of its own: a reload closes idle ones, under the feet of a client that keeps them
        const answer = await fetch(gateway.address + path, { headers: { authorization: `Bearer ${key}`, connection: "close" } });
        const text = await answer.text();
        return { status: answer.status, headers: answer.headers, text, ms: Date.now() - began };
    };
    const cached = makeKey().key;
    const unseen = [makeKey().key, makeKey().key];
    await until(async () => (await get("/gif", cached)).status === 200);

    await test("paused: 503 with Retry-After in bounded time for keys that are not cached, then at once", async () => {
        redis.signal("SIGSTOP");
        const first = await get("/gif", unseen[0]);
        assert.strictEqual(first.status, 503);
        assert.strictEqual(first.headers.get("retry-after"), "1");
        assert.ok(first.ms < 1000, `${first.ms} ms`);
        assert.deepStrictEqual(JSON.parse(first.text), { error: "API key service unavailable" });
    });
    await test("paused: a cached key goes on, but not where api_key_stale is 0", async () => {
        assert.strictEqual((await get("/gif", cached)).status, 200);
        await until(async () => (await get("/fresh", cached)).status === 503, 3);
        assert.strictEqual((await get("/gif", cached)).status, 200);
    });
    await test("paused: clients that hang up leave nothing behind", async () => {
        for (let round = 0; round < 50; round++) {
            const socket = net.connect(gateway.port, "127.0.0.1");
            socket.on("error", () => {});
            socket.write(`GET /gif HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${unseen[1]}\r\n\r\n`);
            await new Promise((resolve) => setTimeout(resolve, 5));
            socket.destroy();
        }
        assert.strictEqual((await get("/gif", cached)).status, 200);
    });
    await test("paused: a reload keeps the cache", async () => {
        process.kill(gateway.pid, "SIGHUP");
        await until(() => gateway.errors().some((line) => /gracefully shutting down/.test(line)));
        assert.strictEqual((await get("/gif", cached)).status, 200);
    });
    await test("resumed: all is well within two seconds", async () => {
        redis.signal("SIGCONT");
        await until(async () => (await get("/gif", unseen[0])).status === 200, 2);
    });
    await test("killed and empty: 503, never 401; a cached key goes on", async () => {
        await redis.stop();
        assert.strictEqual((await get("/gif", cached)).status, 200);
        await until(async () => (await get("/gif", unseen[1])).status === 503);
        await redis.start();
        for (const end = Date.now() + 1500; Date.now() < end; ) {
            assert.strictEqual((await get("/gif", unseen[1])).status, 503);
            assert.strictEqual((await get("/gif", cached)).status, 200);
        }
    });
    await test("a new store instead: its keys open, the old ones do not", async () => {
        tool("account", "create", "--name", "again");
        const key = makeKey().key;
        await until(async () => (await get("/gif", key)).status === 200, 3);
        await until(async () => (await get("/gif", cached)).status === 401, 3);
    });
    await test("scripts flushed, a malformed record, a wrong type: no way in, no crash", async () => {
        redis.cli("script", "flush");
        const { id, key } = makeKey();
        redis.cli("hset", `ak:{k}:${id}`, "ver", "x");
        assert.strictEqual((await get("/gif", key)).status, 503);
        redis.cli("del", `ak:{k}:${id}`);
        redis.cli("set", `ak:{k}:${id}`, "x");
        assert.strictEqual((await get("/gif", key)).status, 503);
        redis.cli("del", `ak:{k}:${id}`);
        assert.strictEqual((await get("/gif", key)).status, 401);
    });
    await test("a worker killed: the next one serves from the same cache", async () => {
        const key = makeKey().key;
        assert.strictEqual((await get("/gif", key)).status, 200);
        const workers = execFileSync("pgrep", ["-P", String(gateway.pid)], { encoding: "utf8" }).trim().split("\n").map(Number);
        workers.forEach((pid) => process.kill(pid, "SIGKILL"));
        await until(async () => (await get("/gif", key)).status === 200, 5);
    });
    await test("the error log tells each change of state, not each request", () => {
        const lines = gateway.errors();
        assert.ok(lines.filter((line) => /is unavailable/.test(line)).length <= 20, lines.join("\n"));
        assert.ok(lines.some((line) => /is available again/.test(line)));
        assert.deepStrictEqual(lines.filter((line) => /\[emerg\]/.test(line)), []);
        assert.deepStrictEqual(lines.filter((line) => /\[alert\]/.test(line) && !/exited on signal 9/.test(line)), []);
        assert.ok(!lines.some((line) => line.includes(cached)));
    });
    await gateway.stop();
    await redis.stop();
    process.exitCode = finish() ? 0 : 1;
}

main();
