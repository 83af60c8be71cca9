#!/usr/bin/env node
// nginx's own life under load: workers killed at the worst moments, reloads, a binary upgrade and back, a zone that is full or gets another size, no descriptors
// left. No request fails that need not, no limit is passed.
"use strict";

const assert = require("assert");
const { execFileSync, spawn } = require("child_process");
const fs = require("fs");
const http = require("http");
const net = require("net");
const { createAccount, createKey, makeTap, startGateway, until } = require("../lib/gateway.js");
const { load, status } = require("../lib/load.js");

const { test, finish } = makeTap();
const locations = `
    location /gif { api_key proxy; empty_gif; }
    location /slow/ { api_key proxy; proxy_pass http://demo/; }
    location /metrics { api_key_metrics; }
    location /api/ { api_key billing; api_key_manage changes=off; }`;
const workersOf = (pid) => {
    try {
        return execFileSync("pgrep", ["-P", String(pid), "-f", "nginx: worker"], { encoding: "utf8" }).trim().split("\n").map(Number);
    } catch (error) {
        return [];
    }
};
const alertsOf = (node) => node.errors().filter((line) => /\[(alert|emerg)\]/.test(line) && !/exited on signal 9|was locked by/.test(line));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Requests, each on a connection of its own, until `stop` is called. stop() gives { 200: n, … }
function steadyLoad(node, key, lanes = 4) {
    const statuses = {};
    let running = true;
    const ended = Promise.all(Array.from({ length: lanes }, async () => {
        while (running) {
            const answer = await status(`${node.address}/gif`, key, false);
            statuses[answer] = (statuses[answer] ?? 0) + 1;
        }
    }));
    return { stop: async () => { running = false; await ended; return statuses; } };
}

(async () => {
    const account = createAccount("processes");
    const manager = createKey(account, "billing").key;
    const node = await startGateway(locations, { main: "worker_processes 2;" });
    const make = async (body) => (await fetch(`${node.address}/api/keys`, { method: "POST", headers: { authorization: `Bearer ${manager}` }, body: JSON.stringify(body) })).json();
    const free = createKey(account).key;

    await test("workers killed while idle: the next ones serve, a limit holds", async () => {
        const { key } = await make({ name: "idle", quotas: { total: 300 } });
        let admitted = (await load([node.address], "/gif", key, 100, 4))[200];
        const workers = workersOf(node.pid);
        workers.forEach((pid) => process.kill(pid, "SIGKILL"));
        await until(() => workersOf(node.pid).length === 2 && !workersOf(node.pid).some((pid) => workers.includes(pid)));
        admitted += (await load([node.address], "/gif", key, 400, 4))[200] ?? 0;
        assert.ok(admitted <= 300 && admitted >= 200, `${admitted}`);
    });

    await test("workers killed with requests in flight, ten times: a limit holds, and what it lost counts as used", async () => {
        const { key, id } = await make({ name: "in flight", quotas: { total: 5000 } });
        let admitted = 0;
        for (let round = 0; round < 10; round++) {
            const running = load([node.address], "/gif", key, 300, 16);
            await pause(20);
            const [victim] = workersOf(node.pid);
            process.kill(victim, "SIGKILL");
            admitted += (await running)[200] ?? 0;
            await until(() => workersOf(node.pid).length === 2);
        }
        admitted += (await load([node.address], "/gif", key, 5000, 16))[200] ?? 0;
        const answer = await fetch(`${node.address}/api/keys/${id}/usage`, { headers: { authorization: `Bearer ${manager}` } });
        const { used } = (await answer.json()).quotas.total;
        console.log(`# ${admitted} admitted, ${used} used`);
        assert.ok(admitted <= 5000 && used === 5000, `${admitted}, ${used}`);
    });

    await test("a worker killed while it holds the zone's lock: the others go on", async () => {
        const [victim] = workersOf(node.pid);
        const attached = `${node.directory}/attached`;
        const steps = ["break ngx_shmtx_unlock", `shell touch ${attached}`, "continue", "kill"];
        const debuggerOf = spawn("gdb", ["-p", String(victim), "-batch", ...steps.flatMap((step) => ["-ex", step])], { stdio: ["ignore", "pipe", "ignore"] });
        let said = "";
        debuggerOf.stdout.on("data", (piece) => { said += piece; });
        let isOver = false;
        const ended = new Promise((resolve) => debuggerOf.on("close", resolve)).then(() => { isOver = true; });
        await until(() => fs.existsSync(attached) || isOver, 60);
        const keys = [];
        await until(async () => { // each key is a fill; which of the workers fills is not known
            const some = Array.from({ length: 10 }, () => createKey(account).key);
            keys.push(...some);
            await Promise.race([ended, Promise.all(some.map((key) => status(`${node.address}/gif`, key, false)))]);
            return isOver;
        }, 60).finally(() => debuggerOf.kill("SIGKILL"));
        await ended;
        assert.match(said, /Breakpoint 1, .*ngx_shmtx_unlock/);
        await until(() => workersOf(node.pid).length === 2 && !workersOf(node.pid).includes(victim));
        const answers = await Promise.all(keys.map((key) => status(`${node.address}/gif`, key, false)));
        assert.ok(answers.every((one) => one === 200), answers.join());
    });

    await test("60 reloads under load: no request fails", async () => {
        const { key } = await make({ name: "reloaded", quotas: { daily: 1000000 } });
        const loads = [steadyLoad(node, free), steadyLoad(node, key)];
        for (let round = 0; round < 60; round++) {
            process.kill(node.pid, "SIGHUP");
            await pause(500);
        }
        const [ofFree, ofLimited] = await Promise.all(loads.map((one) => one.stop()));
        console.log(`# ${JSON.stringify([ofFree, ofLimited])}`);
        assert.deepStrictEqual([Object.keys(ofFree), Object.keys(ofLimited)], [["200"], ["200"]]);
        await until(() => workersOf(node.pid).length === 2, 20);
    });

    await test("binary upgrade and back under load: no request fails, a limit holds over both", async () => {
        const daemon = await startGateway(locations, { main: "worker_processes 2; env LD_PRELOAD; env ASAN_OPTIONS;", daemon: true }); // which a sanitizer needs
        const { key } = await make({ name: "upgraded", quotas: { total: 3000 } });
        const running = steadyLoad(daemon, free);
        let admitted = (await load([daemon.address], "/gif", key, 500, 4))[200];
        const master = (file) => Number(fs.readFileSync(`${daemon.directory}/${file}`, "utf8"));
        process.kill(daemon.pid, "SIGUSR2");
        await until(() => fs.existsSync(`${daemon.directory}/nginx.pid.oldbin`) && workersOf(master("nginx.pid")).length === 2);
        const next = master("nginx.pid");
        assert.notStrictEqual(next, daemon.pid);
        process.kill(daemon.pid, "SIGWINCH");
        await until(() => workersOf(daemon.pid).length === 0, 10);
        admitted += (await load([daemon.address], "/gif", key, 500, 4))[200];
        process.kill(daemon.pid, "SIGHUP"); // back again
        await until(() => workersOf(daemon.pid).length === 2, 10);
        process.kill(next, "SIGQUIT");
        await until(() => !fs.existsSync(`${daemon.directory}/nginx.pid.oldbin`), 10);
        admitted += (await load([daemon.address], "/gif", key, 4000, 8))[200];
        assert.deepStrictEqual(Object.keys(await running.stop()), ["200"]);
        assert.strictEqual(admitted, 3000);
        await daemon.stop();
        assert.deepStrictEqual(alertsOf(daemon), []);
    });

    await test("another size of the zone: empty again, and right", async () => {
        const file = `${node.directory}/nginx.conf`;
        const { key } = await make({ name: "resized", quotas: { total: 200 } });
        const first = (await load([node.address], "/gif", key, 100, 4))[200];
        fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("zone=keys:2m", "zone=keys:4m"));
        const running = steadyLoad(node, free);
        process.kill(node.pid, "SIGHUP");
        await until(async () => /api_key_zone_bytes 4/.test(await (await fetch(`${node.address}/metrics`, { headers: { connection: "close" } })).text()), 10);
        await until(() => workersOf(node.pid).length === 2, 10);
        assert.deepStrictEqual(Object.keys(await running.stop()), ["200"]);
        assert.strictEqual((await load([node.address], "/gif", key, 300, 4))[200], 200 - first);
    });

    assert.deepStrictEqual(alertsOf(node), []);
    await node.stop();

    await test("a zone that is too small for its keys: each still gets its own answer", async () => {
        const small = await startGateway(locations, { main: "worker_processes 2;", zone: "512k" });
        const manage = (route, method, body) => fetch(`${small.address}/api/${route}`, { method, headers: { authorization: `Bearer ${manager}` }, body: JSON.stringify(body) });
        const keys = [];
        for (let number = 0; number < 1500; number += 50) {
            keys.push(...await Promise.all(Array.from({ length: 50 }, async () => (await manage("keys", "POST", { name: "one of many", quotas: { total: 2 } })).json())));
        }
        const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
        const ask = () => Promise.all(keys.map(({ key }) => status(`${small.address}/gif`, key, agent)));
        assert.ok((await ask()).every((one) => one === 200));
        assert.ok((await ask()).every((one) => one === 200));
        assert.ok((await ask()).every((one) => one === 429));
        agent.destroy();
        await small.stop();
        assert.deepStrictEqual(alertsOf(small), []);
    });

    await test("no descriptors left: nothing breaks, and all is well when there are some", async () => {
        const poor = await startGateway(locations, { main: "worker_processes 1; worker_rlimit_nofile 48;" });
        const key = createKey(account).key;
        assert.strictEqual(await status(`${poor.address}/gif`, key, false), 200);
        const sockets = Array.from({ length: 80 }, () => net.connect(poor.port, "127.0.0.1").on("error", () => {}));
        await pause(1500);
        sockets.forEach((socket) => socket.destroy());
        const other = createKey(account).key;
        await until(async () => (await status(`${poor.address}/gif`, other, false)) === 200, 3);
        await poor.stop();
        assert.deepStrictEqual(alertsOf(poor), []);
    });

    process.exit(finish() ? 0 : 1);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
