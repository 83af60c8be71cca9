#!/usr/bin/env node
// Random requests, and workers that are killed, over two nodes: nobody pays for what was neither used nor held at a kill, nothing that was
// used is free, and the ledger is the sum of it. MONEY_SEED=n repeats a run.
"use strict";

const assert = require("assert");
const fs = require("fs");
const http = require("http");
const { apikeyctl, createAccount, createKey, startGateway, until, makeTap } = require("../lib/gateway");
const { makeRandom } = require("../soak/random");

const { test, finish } = makeTap();
const seed = Number(process.env.MONEY_SEED ?? Date.now() % 1e6);
console.log(`# MONEY_SEED=${seed}`);
const random = makeRandom(seed);
const micro = (text) => Math.round(Number(text) * 1e6);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The path says what the answer costs and what becomes of it: /<id>/<credits>/<what>/<ms>
function startUpstream() {
    const seen = new Set();
    const server = http.createServer((request, response) => {
        const [, , id, cost, what, ms] = request.url.split("/");
        seen.add(Number(id));
        request.resume();
        response.setHeader("X-Cost", cost);
        setTimeout(() => {
            if (what === "reset") {
                request.socket.destroy();
            } else if (what === "error") {
                response.writeHead(500).end("no");
            } else {
                response.write("some");
                setTimeout(() => (what === "broken" ? response.destroy() : response.end("thing")), Number(ms));
            }
        }, Number(ms));
    });
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve({ server, seen, port: server.address().port })));
}

function send(url, key, abortAfterMs) {
    return new Promise((resolve) => {
        const request = http.request(url, { method: "POST", headers: { authorization: `Bearer ${key}` } }, (response) => {
            response.resume();
            response.on("end", () => resolve(response.statusCode));
            response.on("error", () => resolve("cut"));
        });
        request.on("error", () => resolve("cut"));
        request.end("{}");
        if (abortAfterMs !== undefined) {
            setTimeout(() => request.destroy(), abortAfterMs);
        }
    });
}

const workersOf = (node) => fs.readFileSync(`/proc/${node.pid}/task/${node.pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

(async () => {
    const upstream = await startUpstream();
    const reserve = 0.01;
    const locations = `
        access_log costs.log cost;
        proxy_next_upstream off;
        location /r/ { api_key proxy; api_key_cost $upstream_http_x_cost; api_key_reserve ${reserve}; proxy_pass http://127.0.0.1:${upstream.port}; }
        location /api/ { api_key billing; api_key_manage; }`;
    const options = { main: "worker_processes 2;", http: "log_format cost '$request_uri $status $api_key_cost';" };
    const nodes = [await startGateway(locations, options), await startGateway(locations, options)];

    async function run(credits, count, kills) {
        const account = createAccount("random");
        apikeyctl("account", "topup", String(account), "--amount", credits, "--reference", "first");
        const manager = createKey(account, "billing");
        const keys = [createKey(account).key, createKey(account).key, createKey(account).key];
        const requests = [];
        const lane = async () => {
            while (requests.length < count) {
                const cost = random.next() < 0.05 ? random.between(10_000, 40_000) : random.between(0, 10_000);
                const what = random.one(["end", "end", "end", "end", "broken", "reset", "error"]);
                const request = { id: next++, cost, node: random.between(0, 1) };
                requests.push(request);
                const path = `/r/${request.id}/${(cost / 1e6).toFixed(6)}/${what}/${random.between(0, 30)}`;
                const abort = random.next() < 0.1 ? random.between(0, 40) : undefined;
                request.status = await send(`${nodes[request.node].address}${path}`, random.one(keys), abort);
            }
        };
        const killing = (async () => {
            for (let kill = 0; kill < kills; kill++) {
                await sleep(random.between(200, 500));
                process.kill(random.one(workersOf(random.one(nodes))), "SIGKILL");
            }
        })();
        await Promise.all([killing, ...Array.from({ length: 24 }, lane)]);
        const get = async (route) => (await fetch(`${nodes[0].address}/api${route}`, { headers: { authorization: `Bearer ${manager.key}` } })).json();
        let told; // what was used beyond its hold is told within a second
        await until(async () => {
            const before = told;
            await sleep(1200);
            const { held, balance } = await get("/balance");
            told = balance;
            return held === "0.000000" && balance === before;
        }, 30);
        const { transactions } = await get("/transactions?limit=1000");
        const { balance } = await get("/balance");
        const sum = transactions.reduce((total, one) => total + micro(one.amount), 0);
        assert.strictEqual(sum, micro(balance), "the ledger's sum is the balance");
        return { requests, charged: micro(credits) - micro(balance), balance: micro(balance) };
    }

    // What each request was charged, as the logs have it; those of killed workers are missing.
    function costs() {
        const charged = new Map();
        for (const node of nodes) {
            for (const line of fs.readFileSync(`${node.directory}/costs.log`, "utf8").split("\n").filter((one) => one.startsWith("/r/"))) {
                const [path, , cost] = line.split(" ");
                charged.set(Number(path.split("/")[2]), micro(cost || "0"));
            }
        }
        return charged;
    }
    let next = 1;

    async function check(credits, count, kills) {
        const { requests, charged, balance } = await run(credits, count, kills);
        const logged = costs();
        let least = 0;
        let most = 0;
        let beyond = 0;
        for (const { id, cost, status } of requests) {
            if (logged.has(id)) {
                assert.ok(logged.get(id) <= Math.max(cost, micro(reserve)), `request ${id} of ${cost} was charged ${logged.get(id)}`);
                least += logged.get(id);
                most += logged.get(id);
                beyond += Math.max(logged.get(id) - micro(reserve), 0);
            } else if (kills === 0) {
                assert.strictEqual(status, "cut", `request ${id} is in no log`); // before nginx had read it
            } else {
                most += Math.max(cost, micro(reserve)); // ended with its worker, perhaps just after it was settled
                beyond += Math.max(cost - micro(reserve), 0);
            }
        }
        assert.ok(least <= charged && charged <= most, `charged ${charged}, used ${least} to ${most}`);
        assert.ok(balance >= -beyond, `balance ${balance}: more than the ${beyond} that nobody could hold`);
        return requests;
    }

    await test("plenty of money: each request is charged what it used, to the micro-credit", async () => {
        const requests = await check("1000", 800, 0);
        assert.ok(requests.every(({ status }) => [200, 500, 502, "cut"].includes(status)));
    });
    await test("too little money: no limit is passed but by what nobody could hold", async () => {
        const requests = await check("1.5", 800, 0);
        assert.ok(requests.some(({ status }) => status === 402));
        assert.ok(requests.every(({ status }) => [200, 402, 500, 502, "cut"].includes(status)), JSON.stringify(requests.map(({ status }) => status)));
    });
    await test("killed workers: what they held at most is charged besides", async () => {
        await check("1000", 800, 4);
    });

    await Promise.all(nodes.map((node) => node.stop()));
    upstream.server.closeAllConnections?.();
    upstream.server.close();
    process.exit(finish() ? 0 : 1);
})();
