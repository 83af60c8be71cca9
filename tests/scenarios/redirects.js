#!/usr/bin/env node
// Servers that send a command elsewhere, or take none: each of them is answered in bounded time, and all is well once the servers are.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const { makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");
const { faults, startFaultProxy } = require("../lib/fault_proxy.js");

const { test, finish } = makeTap();
const locations = "location /gif { api_key proxy; api_key_stale 0; empty_gif; } location /api/ { api_key billing; api_key_manage; }";
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const isCreation = ([name, ...words]) => /^EVAL/.test(name) && words.some((word) => /:once:/.test(word));

// A gateway, and a store behind a proxy. create() makes a key over HTTP and gives { status, ms },
// look() asks for what needs the store's word.
async function prepare(timeoutMs) {
    const redis = await startRedis();
    const tool = (...words) => JSON.parse(execFileSync(process.env.APIKEYCTL, ["--redis", redis.url, "-o", "json", ...words], { encoding: "utf8" }));
    const account = String(tool("account", "create", "--name", "redirects").id);
    const manager = tool("key", "create", "--account", account, "--type", "billing", "--prefix", "mk-", "--name", "test").key;
    const proxy = await startFaultProxy(`${redis.directory}/redis.sock`);
    const gateway = await startGateway(locations, { store: `${proxy.url} timeout=${timeoutMs}ms` });
    let made = 0;
    const create = async () => {
        const begin = Date.now();
        const answer = await fetch(`${gateway.address}/api/keys`, {
            method: "POST", headers: { authorization: `Bearer ${manager}`, connection: "close", "idempotency-key": String(made++) }, body: JSON.stringify({ name: "test" }), signal: AbortSignal.timeout(5000),
        });
        await answer.text();
        return { status: answer.status, ms: Date.now() - begin };
    };
    await until(async () => (await create()).status === 201, 5);
    const unknown = { headers: { authorization: `Bearer ${tool("key", "create", "--account", account, "--type", "proxy", "--prefix", "ms-", "--name", "test").key}` } };
    const look = async () => (await fetch(`${gateway.address}/gif`, unknown)).status;
    const stop = async () => {
        await gateway.stop();
        await proxy.stop();
        await redis.stop();
        assert.deepStrictEqual(gateway.errors().filter((line) => /\[(alert|emerg)\]/.test(line)), []);
    };
    return { redis, proxy, gateway, create, look, stop };
}

// Another server that the store says the slot is on its way to, which is the same behind another proxy.
async function withTarget(timeoutMs, body) {
    const store = await prepare(timeoutMs);
    const target = await startFaultProxy(`${store.redis.directory}/redis.sock`);
    const asks = faults.instead(`-ASK 7629 127.0.0.1:${new URL(target.url).port}\r\n`);
    store.proxy.spoil(asks, isCreation);
    await body(store, target);
    store.proxy.behave();
    target.behave();
    await until(async () => (await store.create()).status === 201, 3);
    await store.stop();
    await target.stop();
}

async function main() {
    for (const timeoutMs of [200, 500]) {
        await test(`the server that ASK names hangs while others ask it too: 503 in bounded time, with ${timeoutMs} ms`, () => withTarget(timeoutMs, async ({ create }, target) => {
            assert.strictEqual((await create()).status, 201);
            target.spoil(target.hold, ([name]) => name !== "PING");
            const running = [];
            for (let index = 0; index < 40; index++) {
                running.push(create());
                await pause(50);
            }
            const answers = await Promise.all(running);
            console.log(`# ${Math.max(...answers.map(({ ms }) => ms))} ms at most`);
            answers.forEach(({ status, ms }) => assert.ok(status === 503 && ms < timeoutMs + 400, `${status} after ${ms} ms`));
        }));

        await test(`the server that ASK names is slow, but within the timeout: nothing is lost, with ${timeoutMs} ms`, () => withTarget(timeoutMs, async ({ create }, target) => {
            target.spoil(faults.late(timeoutMs / 4), isCreation);
            const one = async () => {
                const seen = [];
                for (const end = Date.now() + 1500; Date.now() < end; ) {
                    seen.push((await create()).status);
                }
                return seen;
            };
            const seen = (await Promise.all([1, 2, 3, 4, 5, 6].map(one))).flat();
            assert.ok(target.spoiled >= 10, `${target.spoiled} were asked for`);
            assert.deepStrictEqual(seen.filter((status) => status !== 201), []);
        }));
    }

    await test("a replica that closes the connection, and is promoted: changes go on", async () => {
        const { redis, create, stop } = await prepare(300);
        for (const waitMs of [0, 40, 80, 150]) {
            await pause(1100); // a connection that was used for a second is opened again at once
            redis.cli("replicaof", "127.0.0.1", "1");
            const first = create();
            await pause(waitMs);
            redis.cli("client", "kill", "type", "normal");
            await pause(300);
            redis.cli("replicaof", "no", "one");
            await first;
            await until(async () => (await create()).status === 201, 3);
        }
        await stop();
    });

    await test("a further connection that cannot be made: refused at once, looked up by the other one, told of, and well again", async () => {
        const { proxy, gateway, create, look, stop } = await prepare(300);
        proxy.spoil(faults.close, isCreation, 1);
        assert.strictEqual((await create()).status, 503);
        proxy.spoil(faults.instead("-ERR max number of clients reached\r\n"), ([name]) => name === "PING");
        const slow = [];
        for (const end = Date.now() + 4000; Date.now() < end; ) {
            const { status, ms } = await create();
            assert.strictEqual(status, 503);
            slow.push(...(ms > 150 ? [ms] : []));
            assert.strictEqual(await look(), 200);
        }
        assert.deepStrictEqual(slow, []);
        assert.strictEqual(gateway.errors().filter((line) => /another connection to Redis .* is unavailable: PING was refused: ERR max/.test(line)).length, 1);
        assert.ok(!gateway.errors().some((line) => / Redis .* is unavailable/.test(line.replace("another connection to Redis", ""))));
        proxy.behave();
        await until(async () => (await create()).status === 201, 2);
        assert.ok(gateway.errors().some((line) => /another connection to Redis .* is available again/.test(line)));
        await stop();
    });

    await test("two servers that name each other: not asked again without a pause, and well again when they agree", async () => {
        const { redis, proxy, create, stop } = await prepare(300);
        const other = await startFaultProxy(`${redis.directory}/redis.sock`);
        const moved = (to) => faults.instead(`-MOVED 7629 127.0.0.1:${new URL(to.url).port}\r\n`);
        const connections = () => Number(/total_connections_received:(\d+)/.exec(redis.cli("info", "stats"))[1]);
        proxy.spoil(moved(other), isCreation);
        other.spoil(moved(proxy), isCreation);
        const before = connections();
        for (const end = Date.now() + 3000; Date.now() < end; ) {
            assert.ok((await create()).ms < 3000);
        }
        const made = connections() - before;
        console.log(`# ${made} connections in 3 s`);
        assert.ok(made < 300, String(made));
        other.behave();
        await until(async () => (await create()).status === 201, 3);
        await stop();
        await other.stop();
    });

    await test("servers that send a command round for longer than it lasts: the way that the last one shows is taken", async () => {
        const { redis, proxy, create, stop } = await prepare(1500);
        const other = await startFaultProxy(`${redis.directory}/redis.sock`);
        proxy.spoil(async (reply, client) => {
            await pause(1200);
            client.write(`-MOVED 7629 127.0.0.1:${new URL(other.url).port}\r\n`);
        }, isCreation);
        assert.strictEqual((await create()).status, 503);
        const { status, ms } = await create();
        assert.ok(status === 201 && ms < 1000, `${status} after ${ms} ms`);
        await stop();
        await other.stop();
    });

    await test("a server that is none of a cluster, and nobody who waits: asked no more often than the back-off says", async () => {
        const redis = await startRedis();
        const proxy = await startFaultProxy(`${redis.directory}/redis.sock`);
        const gateway = await startGateway(locations, { store: `${proxy.url.replace("redis:", "redis+cluster:")} timeout=100ms` });
        await until(() => gateway.errors().some((line) => /cluster support disabled/.test(line)), 5);
        await pause(2000);
        proxy.spoil(faults.late(0), ([name]) => name === "CLUSTER");
        await pause(3000);
        assert.ok(proxy.spoiled >= 1 && proxy.spoiled <= 8, String(proxy.spoiled)); // half a second to one second each time
        await gateway.stop();
        await proxy.stop();
        await redis.stop();
    });
    process.exit(finish() ? 0 : 1);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
