#!/usr/bin/env node
// The store is ill in ways that it tells of, or does not: down at start, a black hole, half-open, slow, a replica, loading, full, closed to us, its disk full,
// its clock wrong, in two halves. Nobody gets in who should not, no limit is passed, and all is well again soon, by itself.
"use strict";

const assert = require("assert");
const { execFile, execFileSync, spawn } = require("child_process");
const fs = require("fs");
const net = require("net");
const path = require("path");
const { promisify } = require("util");
const { freePort, makeTap, startGateway, until } = require("../lib/gateway.js");
const { load, status } = require("../lib/load.js");
const { startNameServer } = require("../lib/name_server.js");
const { startServer } = require("../lib/servers.js");

const { test, finish } = makeTap();
const locations = `
    location /gif { api_key proxy; empty_gif; }
    location /fresh { api_key proxy; api_key_stale 0; empty_gif; }
    location /metrics { api_key_metrics; }
    location /api/ { api_key billing; api_key_manage; }`;
const defaultTimeoutMs = 100;

async function timed(node, key, url = "/gif") {
    const begin = process.hrtime.bigint();
    const answer = await fetch(node.address + url, { headers: { authorization: `Bearer ${key}`, connection: "close" } });
    const text = await answer.text();
    return { status: answer.status, text, retry: answer.headers.get("retry-after"), ms: Number(process.hrtime.bigint() - begin) / 1e6 };
}

function assertUnavailable(answer, most) {
    assert.strictEqual(answer.status, 503);
    assert.strictEqual(answer.text, '{"error":"API key service unavailable"}');
    assert.strictEqual(answer.retry, "1");
    assert.ok(answer.ms <= most, `${answer.ms} ms`);
}

// A store with an account, and the means to change things. Without a gateway.
async function prepare(server) {
    const url = `redis://127.0.0.1:${server.port}`;
    const run = promisify(execFile);
    const tool = async (...words) => JSON.parse((await run(process.env.APIKEYCTL, ["--redis", url, "-o", "json", ...words])).stdout);
    const account = String((await tool("account", "create", "--name", "faults")).id);
    const make = (type = "proxy", prefix = "ms-") => tool("key", "create", "--account", account, "--type", type, "--prefix", prefix, "--name", "test");
    return { url, tool, account, make, manager: (await make("billing", "mk-")).key };
}

const start = (url, options = {}) => startGateway(locations, { main: "worker_processes 1;", store: url, ...options });
const manage = (node, manager, route, method = "GET", body = undefined) =>
    fetch(`${node.address}/api/${route}`, { method, headers: { authorization: `Bearer ${manager}`, connection: "close" }, body: body && JSON.stringify(body) });
const limited = async (node, manager, total) => (await manage(node, manager, "keys", "POST", { name: "limited", quotas: { total } })).json();

// As a wire to a server that can be held, cut and slowed. gives { url, mode, connections, stop() }
function startWire(port) {
    const wire = { mode: "pass", connections: 0, delayMs: 0 };
    const sockets = new Set();
    const server = net.createServer((client) => {
        wire.connections++;
        sockets.add(client);
        client.on("error", () => {});
        if (wire.mode === "hole") {
            return; // taken, and never a word
        }
        const other = net.connect(port, "127.0.0.1");
        sockets.add(other);
        other.on("error", () => {});
        const pipe = (from, to) => from.on("data", (bytes) => {
            if (wire.mode === "pass") {
                setTimeout(() => !to.destroyed && to.write(bytes), wire.delayMs);
            }
        });
        pipe(client, other);
        pipe(other, client);
        client.on("close", () => other.destroy());
        other.on("close", () => client.destroy());
    });
    wire.stop = () => {
        sockets.forEach((socket) => socket.destroy());
        return new Promise((resolve) => server.close(resolve));
    };
    wire.cut = () => sockets.forEach((socket) => socket.destroy());
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(Object.assign(wire, { url: `redis://127.0.0.1:${server.address().port}` }))));
}

async function withServer(words, body) {
    const server = await startServer({ words });
    try {
        await body(server, await prepare(server));
    } finally {
        await server.stop();
    }
}

const alerts = [];
async function ended(node) {
    await node.stop();
    alerts.push(...node.errors().filter((line) => /\[(alert|emerg)\]/.test(line)));
}

(async () => {
    await test("down when nginx starts: it starts, answers 503 at once, and serves within 2 s of the store's start", async () => {
        const port = await freePort();
        const node = await start(`redis://127.0.0.1:${port}`);
        assert.strictEqual((await timed(node, `ms-${"a".repeat(38)}`)).status, 401); // malformed: the store is not asked
        const donor = await startServer(); // knows the same pepper: its keys look good
        const { key } = await (await prepare(donor)).make();
        await donor.stop();
        assertUnavailable(await timed(node, key), 2 * defaultTimeoutMs + 60);
        const server = await startServer({ port });
        const good = await (await prepare(server)).make();
        const begin = Date.now();
        await until(async () => (await timed(node, good.key)).status === 200, 2);
        console.log(`# ${Date.now() - begin} ms`);
        await ended(node);
        await server.stop();
    });

    await withServer([], async (server, { make, manager }) => {
        const wire = await startWire(server.port);
        const node = await start(wire.url);
        const cached = await make();
        const unseen = await make();
        assert.strictEqual(await status(`${node.address}/gif`, cached.key), 200);

        await test("a black hole: the first requests within connect and command timeout, then refused in 2 ms, at most one attempt for a back-off step", async () => {
            wire.mode = "hole";
            wire.cut();
            const first = await Promise.all([1, 2, 3].map(() => timed(node, unseen.key)));
            first.forEach((one) => assertUnavailable(one, 2 * defaultTimeoutMs + 60));
            await until(async () => (await timed(node, unseen.key)).ms < 20, 2);
            const before = wire.connections;
            const begin = Date.now();
            const quick = [];
            for (let round = 0; round < 100; round++) {
                quick.push((await timed(node, unseen.key)).ms);
            }
            quick.sort((a, b) => a - b);
            console.log(`# refused in ${quick[50].toFixed(2)} ms (median, client's own time included)`);
            assert.ok(quick[50] < 4, `${quick[50]} ms`);
            await new Promise((resolve) => setTimeout(resolve, 3000 - (Date.now() - begin)));
            // steps of 50 ms to 1 s, each with an attempt of 100 ms: at most 10 in 3 s
            assert.ok(wire.connections - before <= 10, `${wire.connections - before} attempts in 3 s`);
            assert.strictEqual(await status(`${node.address}/gif`, cached.key), 200);
        });

        await test("and 2 s after it heals all is well", async () => {
            wire.mode = "pass";
            await until(async () => (await timed(node, unseen.key)).status === 200, 2);
            await until(async () => (await manage(node, manager, "keys?limit=1")).status === 200, 2);
        });

        await test("half-open: the other side has gone and nobody said so: 503 in bounded time, then well again", async () => {
            const other = await make();
            wire.mode = "drop"; // what is connected stays so, and nothing passes
            assertUnavailable(await timed(node, other.key), 2 * defaultTimeoutMs + 60);
            wire.mode = "pass";
            wire.cut();
            await until(async () => (await timed(node, other.key)).status === 200, 2);
        });

        await test("slow, within the timeout: 200; beyond it: 503, cached keys go on", async () => {
            wire.delayMs = 20;
            assert.strictEqual((await timed(node, (await make()).key)).status, 200);
            wire.delayMs = 150;
            assertUnavailable(await timed(node, (await make()).key), 4 * defaultTimeoutMs);
            assert.strictEqual(await status(`${node.address}/gif`, cached.key), 200);
            wire.delayMs = 0;
            await until(async () => (await timed(node, (await make()).key)).status === 200, 3);
        });
        await ended(node);
        await wire.stop();
    });

    await withServer([], async (server, { url, make, manager }) => {
        const node = await start(`${url} timeout=300ms`);
        const cached = await make();
        const good = async (seconds = 3) => until(async () => (await manage(node, manager, "keys", "POST", { name: "well" })).status === 201, seconds);
        assert.strictEqual(await status(`${node.address}/gif`, cached.key), 200);

        await test("a replica without its master's role: changes are 503, cached keys go on, well again when it is promoted", async () => {
            const { key, id } = await limited(node, manager, 100);
            assert.strictEqual(await status(`${node.address}/gif`, key), 200);
            server.cli("replicaof", "127.0.0.1", "1");
            server.cli("config", "set", "replica-serve-stale-data", "yes");
            assert.strictEqual((await manage(node, manager, `keys/${id}`, "PATCH", { active: false })).status, 503);
            assert.strictEqual(await status(`${node.address}/gif`, cached.key), 200);
            server.cli("replicaof", "no", "one");
            await good();
            assert.strictEqual((await manage(node, manager, `keys/${id}`, "PATCH", { active: false })).status, 200);
            assert.strictEqual(await status(`${node.address}/gif`, key), 403);
        });

        await test("out of memory: what writes is 503, and no limit is passed", async () => {
            const { key } = await limited(node, manager, 30);
            const others = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => make()));
            server.cli("config", "set", "maxmemory", "1");
            const during = await load([node.address], "/gif", key, 50, 4);
            assert.deepStrictEqual(Object.keys(during).filter((one) => !["200", "429", "503"].includes(one)), []);
            for (const other of others) { // looked up well, and then
                await status(`${node.address}/gif`, other.key);
                assert.strictEqual((await manage(node, manager, "keys", "POST", { name: "full" })).status, 503);
            }
            const told = node.errors().filter((line) => /Redis operation failed: .*OOM/.test(line)).map((line) => line.replace(/.*Redis operation failed/, ""));
            assert.ok(told.length >= 1 && told.length === new Set(told).size, told.join("\n"));
            server.cli("config", "set", "maxmemory", "0");
            await good();
            const after = await load([node.address], "/gif", key, 60, 4);
            assert.strictEqual((during[200] ?? 0) + (after[200] ?? 0), 30);
        });

        await test("its disk is full: what writes is 503, and no limit is passed", async () => {
            const { key } = await limited(node, manager, 30);
            server.cli("config", "set", "stop-writes-on-bgsave-error", "yes");
            server.cli("config", "set", "save", "1 1");
            fs.mkdirSync(path.join(server.directory, "dump.rdb"), { recursive: true }); // as good as full: it cannot be written
            try { server.cli("bgsave"); } catch { /* refused */ }
            await until(() => /rdb_last_bgsave_status:err/.test(server.cli("info", "persistence")), 10);
            const during = await load([node.address], "/gif", key, 50, 4);
            assert.strictEqual((await manage(node, manager, "keys", "POST", { name: "full" })).status, 503);
            server.cli("config", "set", "save", "");
            server.cli("config", "set", "stop-writes-on-bgsave-error", "no");
            await good();
            const after = await load([node.address], "/gif", key, 60, 4);
            assert.strictEqual((during[200] ?? 0) + (after[200] ?? 0), 30);
        });

        await test("a password is asked for, and we have none: 503, the log says so, well again without it", async () => {
            const other = await make();
            server.cli("config", "set", "requirepass", "secret-of-redis");
            server.cli("-a", "secret-of-redis", "client", "kill", "type", "normal");
            assertUnavailable(await timed(node, other.key), 800);
            await until(() => node.errors().some((line) => /NOAUTH/.test(line)), 3);
            server.cli("-a", "secret-of-redis", "config", "set", "requirepass", "");
            await until(async () => (await timed(node, other.key)).status === 200, 3);
        });

        await test("no permission for what we ask: 503, the log says so, well again with it", async () => {
            const other = await make();
            server.cli("acl", "setuser", "default", "-hgetall", "-hmget", "-evalsha");
            assertUnavailable(await timed(node, other.key), 800);
            await until(() => node.errors().some((line) => /NOPERM/.test(line)), 3);
            server.cli("acl", "setuser", "default", "+@all");
            await until(async () => (await timed(node, other.key)).status === 200, 3);
        });

        await test("busy with a script that does not end: 503 in bounded time, well again when it is killed", async () => {
            const other = await make();
            server.cli("config", "set", "busy-reply-threshold", "50");
            const busy = spawn("redis-cli", ["-p", String(server.port), "eval", "while true do end", "0"], { stdio: "ignore" });
            await new Promise((resolve) => setTimeout(resolve, 200));
            assertUnavailable(await timed(node, other.key), 1000);
            assert.strictEqual(await status(`${node.address}/gif`, cached.key), 200);
            server.cli("script", "kill");
            busy.kill();
            await until(async () => (await timed(node, other.key)).status === 200, 3);
        });

        await test("records by hand that are none of ours: 503 or 401 for these, nothing for others", async () => {
            const one = await make();
            for (const [field, value] of [["ver", "-1"], ["active", "perhaps"], ["daily", "many"], ["expires", "soon"], ["models", "\xff\xfe"], ["acct", ""]]) {
                const { id, key } = await make();
                server.cli("hset", `ak:{k}:${id}`, field, value);
                const answer = await timed(node, key);
                assert.ok([200, 401, 403, 429, 503].includes(answer.status), `${field}: ${answer.status}`);
            }
            server.cli("set", "ak:{k}:sequence", "not a number");
            await new Promise((resolve) => setTimeout(resolve, 600));
            server.cli("set", "ak:{k}:sequence", "0");
            await until(async () => (await timed(node, one.key)).status === 200, 3);
            await good();
        });
        await ended(node);
    });

    await test("the clock of the store moved by an hour, forth and back: no limit is passed", async () => {
        const file = path.join(process.env.TEST_DIRECTORY, "moved-clock");
        const set = (ms) => {
            const bytes = Buffer.alloc(8);
            bytes.writeBigInt64LE(BigInt(ms) * 1000n);
            const descriptor = fs.openSync(file, fs.existsSync(file) ? "r+" : "w");
            fs.writeSync(descriptor, bytes, 0, 8, 0);
            fs.closeSync(descriptor);
        };
        const now = Date.now();
        set(now);
        Object.assign(process.env, { LD_PRELOAD: `${process.env.API_KEY_BUILD}/tests/lib/set_clock.so`, SET_CLOCK_FILE: file });
        const server = await startServer();
        delete process.env.LD_PRELOAD;
        const { url, manager } = await prepare(server);
        const node = await start(`${url} timeout=300ms`);
        const { key } = await (await manage(node, manager, "keys", "POST", { name: "limited", quotas: { daily: 100 } })).json();
        let admitted = 0;
        for (const hours of [0, 1, 0, -1, 0]) {
            set(now + hours * 3600000);
            admitted += (await load([node.address], "/gif", key, 40, 4))[200] ?? 0;
        }
        assert.ok(admitted <= 100 && admitted >= 60, `${admitted}`);
        assert.strictEqual((await load([node.address], "/gif", key, 40, 4))[200] ?? 0, 100 - admitted);
        await ended(node);
        await server.stop();
    });

    await test("split brain: a node that sees only the old master admits no more than what it holds, and hears of revocations after it is whole", async () => {
        const master = await startServer({ words: ["--min-replicas-to-write", "1", "--min-replicas-max-lag", "1"] });
        const replica = await startServer({ words: ["--replicaof", "127.0.0.1", String(master.port), "--repl-diskless-sync-delay", "0"] });
        await until(() => master.cli("wait", "1", "500") === "1", 20);
        const { url, manager, make } = await prepare(master);
        const wire = await startWire(master.port);
        const cutOff = await start(`${wire.url} timeout=300ms`, { http: "api_key_stale 2s;" });
        const { key } = await limited(cutOff, manager, 200);
        const open = await make();
        assert.strictEqual(await status(`${cutOff.address}/gif`, open.key), 200);
        const before = (await load([cutOff.address], "/gif", key, 20, 2))[200];
        replica.cli("replicaof", "no", "one"); // the other half elects another
        await until(() => /NOREPLICAS/.test(master.cli("set", "probe", "1")), 10);
        const other = await start(`redis://127.0.0.1:${replica.port} timeout=300ms`);
        await until(async () => (await manage(other, manager, `keys/${open.id}`, "PATCH", { active: false })).status === 200, 5);
        const there = (await load([other.address], "/gif", key, 300, 4))[200] ?? 0;
        const here = (await load([cutOff.address], "/gif", key, 300, 4))[200] ?? 0;
        assert.ok(before + here + there <= 200, `${before} + ${here} + ${there}`);
        assert.ok(url);
        await Promise.all([ended(cutOff), ended(other)]);
        await wire.stop();
        await Promise.all([master.stop(), replica.stop()]);
    });

    await test("the store's name has another address: found again by nginx's resolver", async () => {
        const names = await startNameServer("127.0.0.1");
        const first = await startServer();
        const { make } = await prepare(first);
        const node = await start(`redis://redis.test:${first.port} timeout=300ms`, { http: `resolver 127.0.0.1:${names.port} ipv6=off valid=1s;` });
        const { key } = await make();
        assert.strictEqual(await status(`${node.address}/gif`, key), 200);
        const asked = names.asked;
        names.address = "127.0.0.2";
        await first.stop();
        const moved = await startServer({ port: first.port, host: "127.0.0.2" });
        execFileSync(process.env.APIKEYCTL, ["--redis", `redis://127.0.0.2:${first.port}`, "account", "create", "--name", "moved"]);
        const other = JSON.parse(execFileSync(process.env.APIKEYCTL, ["--redis", `redis://127.0.0.2:${first.port}`, "-o", "json", "key", "create", "--account", "1", "--type", "proxy",
            "--prefix", "ms-", "--name", "moved"], { encoding: "utf8" }));
        await until(async () => (await timed(node, other.key)).status === 200, 5);
        assert.ok(names.asked > asked);
        await ended(node);
        await Promise.all([moved.stop(), names.stop()]);
    });

    await test("what its settings endanger stands in the log, once", async () => {
        await withServer(["--maxmemory-policy", "allkeys-lru"], async (server, { url, tool }) => {
            const node = await start(url);
            await until(() => node.errors().some((line) => /eviction: maxmemory-policy is allkeys-lru/.test(line)), 3);
            assert.strictEqual(node.errors().filter((line) => /needs attention, persistence/.test(line)).length, 1);
            await assert.rejects(tool("doctor"), /the store is not fit for use/);
            process.kill(node.pid, "SIGHUP");
            server.cli("set", "ak:{k}:schema", "7");
            await until(() => node.errors().some((line) => /its schema version is/.test(line)), 3);
            await ended(node);
        });
    });

    await test("no alert in any log", () => assert.deepStrictEqual(alerts, []));
    process.exit(finish() ? 0 : 1);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
