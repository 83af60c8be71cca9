#!/usr/bin/env node
// The soak: two nodes of two workers, a store behind a fault proxy for each, mixed load and random faults for SOAK_SECONDS; then the accounts
// are made up. scripts/soak.sh starts it. The same SOAK_SEED draws the same faults.
"use strict";

const fs = require("fs");
const http = require("http");
const path = require("path");
const { apikeyctl, createAccount, createKey, freePort, startGateway, startRedis, until } = require("../lib/gateway.js");
const { startFaultProxy } = require("../lib/fault_proxy.js");
const hostile = require("../lib/hostile.js");
const { makeFaults, sleep, workersOf } = require("./faults.js");
const { makeLoad } = require("./load.js");
const { makeRandom } = require("./random.js");
const { memoryOf, openFiles, check } = require("./checks.js");

const seconds = Number(process.env.SOAK_SECONDS || 600);
const seed = Number(process.env.SOAK_SEED || Date.now() % 1000000);
const file = (name) => path.join(process.env.TEST_DIRECTORY, name);

// JSON with usage, or a stream that has it at its end.
function startUpstream() {
    const usage = { prompt_tokens: 5, completion_tokens: 7 };
    const server = http.createServer((request, response) => {
        request.resume();
        if (!request.url.includes("stream")) {
            response.writeHead(200, { "Content-Type": "application/json" });
            return response.end(JSON.stringify({ choices: [], usage }));
        }
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        const words = [..."abcdefgh"].map((text) => ({ choices: [{ delta: { content: text } }] }));
        const chunks = [...words, { choices: [], usage }].map((one) => `data: ${JSON.stringify(one)}\n\n`).concat("data: [DONE]\n\n");
        const timer = setInterval(() => (chunks.length ? response.write(chunks.shift()) : response.end()), 15);
        response.on("close", () => clearInterval(timer));
    });
    const socket = process.env.TEST_UPSTREAM_SOCKET;
    return new Promise((resolve) => server.listen(socket, () => resolve(fs.chmodSync(socket, 0o777))));
}

async function startNode(proxy) {
    const port = await freePort();
    const locations = `
        listen 127.0.0.1:${port} http2;
        access_log requests.log soak;
        keepalive_requests 10000;
        location /free/ { api_key proxy; empty_gif; add_header X-Cache $api_key_cache; }
        location /life/ { api_key proxy; api_key_stale 0; empty_gif; }
        location /v1/ { api_key proxy; api_key_meter openai; api_key_model $arg_model; proxy_pass http://demo; }
        location /fixed/ { api_key proxy; api_key_cost 0.01; proxy_pass http://demo; }
        location /gif/ { api_key proxy; api_key_cost 0.01; empty_gif; }
        ${hostile.locations}
        location /api/ { api_key billing; api_key_manage; }
        location /open/ { api_key billing; api_key_manage changes=off; }
        location = /metrics { access_log off; api_key_metrics; }`;
    const fields = "$msec $pid n=$arg_n $status id=$api_key_id account=$api_key_account $api_key_result cost=$api_key_cost $uri";
    const lines = `upstream hostile { server unix:${file("hostile.sock")}; } log_format soak '${fields}'; api_key_prices ${file("prices.json")}; api_key_plans ${file("plans.json")}; api_key_log_keep count=10000000;`;
    const node = await startGateway(locations, { main: "worker_processes 2;", http: lines, store: `${proxy.url} timeout=500ms` });
    return Object.assign(node, { http2: `http://127.0.0.1:${port}` });
}

function ownedKey(name, credits, options = []) {
    const account = apikeyctl("account", "create", "--name", name, ...options).id;
    if (credits) {
        apikeyctl("account", "topup", String(account), "--amount", credits, "--reference", "first");
    }
    return { account, manager: createKey(account, "billing"), ...createKey(account) };
}

async function limitedKey(node, owner, limits) {
    let made;
    const post = async () => {
        const answer = await fetch(`${node.address}/open/keys`, {
            method: "POST",
            headers: { authorization: `Bearer ${owner.manager.key}` },
            body: JSON.stringify({ name: "limited", ...limits }),
        });
        made = await answer.json();
        return answer.status === 201;
    };
    await until(post); // apikeyctl has kept this process, and its proxies, from answering
    return { ...made, account: owner.account, manager: owner.manager };
}

// The accounts and keys that the load uses.
async function makeWorld(node) {
    const free = ownedKey("free");
    const limited = ownedKey("limited");
    const rate = ownedKey("rate", null, ["--plan", "pro"]);
    const paid = ownedKey("paid", "1000000");
    const poor = ownedKey("poor", "1");
    const quotas = [{ total: 40 }, { total: 2000 }, { daily: 300 }, { weekly: 5000, daily: 1000 }, { monthly: 100000 }];
    const deleted = createKey(free.account);
    apikeyctl("key", "delete", String(deleted.id));
    return {
        accounts: { free, limited, rate, paid, poor },
        free: [free, createKey(free.account), createKey(free.account)],
        limited: await Promise.all(quotas.map((one) => limitedKey(node, limited, { quotas: one }))),
        rate: [rate, createKey(rate.account)],
        paid: [paid, createKey(paid.account), await limitedKey(node, paid, { monthlyLimit: "1000000" })],
        poor,
        manager: free.manager,
        deleted: deleted.key,
    };
}

const sum = (list) => list.reduce((total, one) => total + one, 0);

function tell(began, load, faults, nodes) {
    const passed = Math.round((Date.now() - began) / 1000);
    const time = `${Math.floor(passed / 60)}:${String(passed % 60).padStart(2, "0")}`;
    const statuses = Object.entries(load.counts).map(([status, count]) => `${status}: ${count}`);
    const memory = nodes.flatMap(workersOf).map((pid) => (memoryOf(pid) / 1024).toFixed(1));
    console.log(`${time.padStart(6)}  ${statuses.join("  ")}  faults: ${faults.history.length}  workers' MB: ${memory.join(" ")}`);
}

async function main() {
    console.log(`soak: ${seconds} s, SOAK_SEED=${seed}`);
    fs.writeFileSync(file("prices.json"), JSON.stringify({ m: { input_cost_per_token: 1e-3, output_cost_per_token: 1e-3, max_output_tokens: 100, max_input_tokens: 8000 } }));
    fs.writeFileSync(file("plans.json"), JSON.stringify({ plans: { pro: { per_second: 15, per_minute: 400 } } }));
    const redis = await startRedis("--appendonly", "yes", "--appendfsync", "always");
    process.env.APIKEYCTL_REDIS = redis.url;
    await startUpstream();
    createAccount("first"); // makes the store's epoch
    const proxies = [await startFaultProxy(redis.url.slice("unix:".length)), await startFaultProxy(redis.url.slice("unix:".length))];
    const nodes = await Promise.all(proxies.map(startNode));
    const world = await makeWorld(nodes[0]);
    const tenant = await hostile.makeTenant({ addresses: nodes.map((node) => node.address), redis, upstream: file("hostile.sock") });
    await sleep(1000);
    const filesBefore = nodes.flatMap(workersOf).map(openFiles);

    const random = makeRandom(seed);
    const faults = makeFaults({ redis, proxies, nodes, random: makeRandom(seed ^ 0x5bd1e995) });
    const load = makeLoad({ nodes, store: redis.url, random, world, faults, hostile: await hostile.startHostile(tenant) });
    const began = Date.now();
    const end = began + seconds * 1000;
    const calm = began + seconds * 500;
    load.start();
    const faulting = faults.run(end, calm);
    const telling = setInterval(() => tell(began, load, faults, nodes), Math.min(60000, seconds * 200));
    await sleep(seconds * 600);
    const memoryBefore = new Map(nodes.flatMap(workersOf).map((pid) => [pid, memoryOf(pid)]));
    await faulting;
    const memoryAfter = new Map(nodes.flatMap(workersOf).map((pid) => [pid, memoryOf(pid)]));
    await load.stop();
    clearInterval(telling);
    tell(began, load, faults, nodes);

    const passed = await check({ nodes, redis, world, load, faults, memoryBefore, memoryAfter, filesBefore });
    console.log(`${sum(Object.values(load.counts))} requests, ${load.lives} keys revoked, ${faults.kills.length} workers killed, ${faults.reloads.length} reloads, ${faults.history.length} faults in all`);
    await Promise.all(nodes.map((node) => node.stop()));
    process.exit(passed ? 0 : 1);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
