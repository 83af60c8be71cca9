#!/usr/bin/env node
// Money: never a micro-credit over, and every request is charged once, whatever happens to it. Two nodes of two workers, one Redis.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const http = require("http");
const path = require("path");
const { apikeyctl, createAccount, createKey, startGateway, until, makeTap } = require("../lib/gateway");
const { load, status } = require("../lib/load");

const { test, finish } = makeTap();
const prices = path.join(process.env.TEST_DIRECTORY, "scenario-prices.json");
// one credit for a thousand tokens in or out: the reserve of these requests is 0.1 and a bit more than a credit
fs.writeFileSync(prices, JSON.stringify({ m: { input_cost_per_token: 1e-3, output_cost_per_token: 1e-3, max_output_tokens: 100, max_input_tokens: 8000 } }));

// An upstream that counts what it was asked, and does what the path says.
function startUpstream() {
    const upstream = { asked: 0, held: [] };
    const usage = { prompt_tokens: 5, completion_tokens: 7 };
    const chunk = (extra) => `data: ${JSON.stringify({ choices: [{ delta: { content: "word " } }], ...extra })}\n\n`;
    const server = http.createServer((request, response) => {
        upstream.asked++;
        request.resume();
        const told = /\/told\/([0-9.]+)/.exec(request.url);
        if (told) {
            response.setHeader("X-Cost", told[1]);
        }
        if (request.url.includes("hold")) {
            return upstream.held.push(response);
        }
        if (request.url.includes("reset")) {
            return request.socket.destroy();
        }
        if (request.url.includes("fail")) {
            response.writeHead(500, { "Content-Type": "application/json" });
            return response.end('{"error":{"message":"overloaded"}}');
        }
        if (request.url.includes("broken") || request.url.includes("slow")) {
            response.writeHead(200, { "Content-Type": "text/event-stream" });
            response.write(chunk());
            return request.url.includes("broken") ? setTimeout(() => response.destroy(), 5) : upstream.held.push(response);
        }
        response.writeHead(200, { "Content-Type": "application/json" });
        response.end(JSON.stringify({ choices: [], usage }));
    });
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(Object.assign(upstream, { server, port: server.address().port }))));
}

function locations(port) {
    return `
    access_log costs.log cost;
    proxy_next_upstream off;
    location /v1/ { api_key proxy; api_key_meter openai; api_key_model $arg_model; proxy_pass http://127.0.0.1:${port}; }
    location /fixed/ { api_key proxy; api_key_cost 0.01; proxy_pass http://127.0.0.1:${port}; }
    location /told/ { api_key proxy; api_key_cost $upstream_http_x_cost; api_key_reserve 0.01; proxy_pass http://127.0.0.1:${port}; }
    location /large/ { api_key proxy; api_key_cost 0.97; empty_gif; }
    location /gif/ { api_key proxy; api_key_cost 0.01; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }`;
}

function post(url, key, options = {}) {
    return new Promise((resolve) => {
        const request = http.request(url, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, ...options }, (response) => {
            options.onResponse?.(request, response);
            response.resume();
            response.on("end", () => resolve(response.statusCode));
            response.on("error", () => resolve("cut"));
            response.on("aborted", () => resolve("cut"));
        });
        request.on("error", () => resolve("error"));
        request.end('{"max_tokens":100}');
    });
}

async function get(node, manager, route) {
    const answer = await fetch(`${node.address}/api${route}`, { headers: { authorization: `Bearer ${manager.key}` } });
    assert.strictEqual(answer.status, 200, route);
    return answer.json();
}

const micro = (text) => Math.round(Number(text) * 1e6);

(async () => {
    const upstream = await startUpstream();
    const http_lines = `api_key_prices ${prices}; log_format cost '$request_uri $status $api_key_account $api_key_cost';`;
    const start = (workers = 2, options = {}) =>
        startGateway(locations(upstream.port), { main: `worker_processes ${workers};`, http: http_lines, ...options });
    const nodes = [await start(), await start()];
    const addresses = nodes.map((node) => node.address);

    // An account with so many credits: { account, key, id, manager }
    function rich(credits) {
        const account = createAccount("rich");
        apikeyctl("account", "topup", String(account), "--amount", credits, "--reference", "first");
        return { account, ...createKey(account), manager: createKey(account, "billing") };
    }

    async function manage(owner, method, route, body) {
        const headers = { authorization: `Bearer ${owner.manager.key}`, "content-type": "application/json" };
        const answer = await fetch(`${addresses[0]}/api${route}`, { method, headers, body: JSON.stringify(body) });
        assert.ok(answer.ok, `${method} ${route}: ${answer.status}`);
        return answer.json();
    }

    // So many keys of the account of this one.
    const moreKeys = (owner, count) => Promise.all(Array.from({ length: count }, () => manage(owner, "POST", "/keys", { name: "more" })));

    const redis = (...words) => execFileSync("redis-cli", ["-s", process.env.TEST_REDIS_SOCKET, ...words], { encoding: "utf8" });

    // What is settled: all is given back, and the ledger adds up to the balance. gives what was charged, in micro-credits
    async function settled(owner, least = 0) {
        await until(async () => (await get(nodes[1], owner.manager, "/balance")).held === "0.000000");
        const { balance } = await get(nodes[1], owner.manager, "/balance");
        const { transactions } = await get(nodes[1], owner.manager, "/transactions?limit=1000");
        const sum = (type) => transactions.filter((one) => one.type === type).reduce((total, one) => total + micro(one.amount), 0);
        assert.strictEqual(sum("topup") + sum("usage"), micro(balance));
        assert.ok(micro(balance) >= least, balance);
        return -sum("usage");
    }

    function logged(owner, running = nodes) {
        let total = 0;
        for (const node of running) {
            for (const line of fs.readFileSync(`${node.directory}/costs.log`, "utf8").split("\n")) {
                const [, , account, cost] = line.split(" ");
                total += account === String(owner.account) ? micro(cost || "0") : 0;
            }
        }
        return total;
    }

    await test("a wallet for 150 of 1,000 concurrent requests of a fixed cost lets in 150", async () => {
        const owner = rich("1.505");
        const statuses = await load(addresses, "/gif/", owner.key, 500, 64);
        assert.deepStrictEqual(statuses, { 200: 150, 402: 850 });
        assert.strictEqual(await settled(owner), 1_500_000);
        assert.strictEqual(logged(owner), 1_500_000);
    });

    await test("a wallet for 9,990 requests is used to the end", async () => {
        const owner = rich("99.9");
        const statuses = await load(addresses, "/gif/", owner.key, 12000, 32);
        assert.deepStrictEqual(statuses, { 200: 9990, 402: 14010 });
        assert.strictEqual(await settled(owner), 99_900_000);
    });

    await test("a key's monthly limit holds over both nodes, and its account's other key goes on", async () => {
        const owner = rich("100");
        await manage(owner, "PATCH", `/keys/${owner.id}`, { monthlyLimit: "0.7" });
        assert.deepStrictEqual(await load(addresses, "/gif/", owner.key, 200, 64), { 200: 70, 402: 330 });
        assert.strictEqual(await status(`${addresses[0]}/gif/`, createKey(owner.account).key), 200);
        assert.strictEqual(await settled(owner), 710_000);
        const { spend } = await get(nodes[0], owner.manager, `/keys/${owner.id}/usage`);
        assert.deepStrictEqual([spend.used, spend.limit, spend.remaining], ["0.700000", "0.700000", "0.000000"]);
    });

    await test("metered requests against a wallet that suffices for some: never over, and the ledger is the sum of what they cost", async () => {
        const owner = rich("3");
        const lanes = Array.from({ length: 64 }, async (_, lane) => {
            const statuses = [];
            for (let round = 0; round < 16; round++) {
                statuses.push(await post(`${addresses[lane % 2]}/v1/chat?model=m`, owner.key));
            }
            return statuses;
        });
        const statuses = (await Promise.all(lanes)).flat();
        const passed = statuses.filter((one) => one === 200).length;
        assert.ok(passed > 0 && passed <= 250 && statuses.every((one) => one === 200 || one === 402), `${passed} of ${statuses.length}`);
        assert.strictEqual(await settled(owner), passed * 12_000);
        assert.strictEqual(logged(owner), passed * 12_000);
    });

    await test("aborts, broken streams, resets and errors are each charged once", async () => {
        const owner = rich("10000");
        const rounds = 40;
        const abort = { onResponse: (request) => setTimeout(() => request.destroy(), 5) };
        const kinds = [["chat"], ["slow", abort], ["broken"], ["reset"], ["fail"]];
        for (const [kind, options] of kinds) {
            await Promise.all(Array.from({ length: rounds }, (_, index) => post(`${addresses[index % 2]}/v1/${kind}?model=m`, owner.key, options)));
        }
        await until(() => fs.readFileSync(`${nodes[0].directory}/costs.log`, "utf8").split("slow").length > rounds / 2);
        const charged = await settled(owner);
        assert.strictEqual(charged, logged(owner));
        const reserve = (1024 + 18 + 100) * 1000; // what is used was not told: an abort, a broken stream
        assert.strictEqual(charged, rounds * 12_000 + 2 * rounds * reserve);
    });

    await test("a killed worker: its requests cost what was reserved for them, once, and nothing else does", async () => {
        const node = await start(1);
        const owner = rich("5");
        const before = upstream.asked;
        assert.strictEqual(await status(`${node.address}/gif/`, owner.key), 200);
        const hanging = Array.from({ length: 10 }, () => post(`${node.address}/fixed/hold`, owner.key));
        await until(() => upstream.asked === before + 10);
        const [worker] = fs.readFileSync(`/proc/${node.pid}/task/${node.pid}/children`, "utf8").trim().split(" ");
        process.kill(Number(worker), "SIGKILL");
        await Promise.all(hanging);
        assert.strictEqual(await settled(owner), 110_000);
        assert.strictEqual(await status(`${node.address}/gif/`, owner.key), 200);
        assert.strictEqual(await settled(owner), 120_000);
        await node.stop();
    });

    await test("a reload in the middle of requests charges each once", async () => {
        const owner = rich("1000");
        const running = load(addresses, "/gif/", owner.key, 3000, 16);
        const before = upstream.asked;
        const hanging = Array.from({ length: 5 }, () => post(`${addresses[0]}/fixed/hold`, owner.key));
        await until(() => upstream.asked >= before + 5);
        for (let reload = 0; reload < 3; reload++) {
            process.kill(nodes[0].pid, "SIGHUP");
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        const statuses = await running; // nginx closes connections that a client might just use again
        assert.strictEqual(statuses[200] + (statuses.error ?? 0), 6000);
        upstream.held.splice(0).forEach((response) => response.writableEnded || response.end("done"));
        assert.deepStrictEqual(await Promise.all(hanging), [200, 200, 200, 200, 200]);
        const charged = statuses[200] * 10_000 + 50_000;
        assert.strictEqual(await settled(owner), charged);
        assert.strictEqual(logged(owner), charged);
    });

    await test("a node that is stopped in the middle of a request charges what was reserved", async () => {
        const node = await start(1);
        const owner = rich("5");
        const before = upstream.asked;
        const hanging = Array.from({ length: 3 }, () => post(`${node.address}/fixed/hold`, owner.key));
        await until(() => upstream.asked === before + 3);
        await node.stop();
        await Promise.all(hanging);
        assert.strictEqual(await settled(owner), 30_000);
    });

    await test("credits that are added are there at once, on every node, and once for each reference", async () => {
        const owner = rich("0.01");
        assert.deepStrictEqual(await load(addresses, "/gif/", owner.key, 10, 1), { 200: 1, 402: 19 });
        const topUp = (amount) => apikeyctl("account", "topup", String(owner.account), "--amount", amount, "--reference", "second");
        assert.deepStrictEqual(topUp("0.05"), { balance: "0.050000" });
        assert.deepStrictEqual(topUp("0.05"), { balance: "0.050000" });
        await until(async () => (await status(`${addresses[1]}/gif/`, owner.key)) === 200, 1);
        assert.deepStrictEqual(await load(addresses, "/gif/", owner.key, 10, 1), { 200: 4, 402: 16 });
        assert.strictEqual(await settled(owner), 60_000);
    });

    await test("what was used beyond all that was there is owed, and nobody of the account gets in before it is paid", async () => {
        const owner = rich("0.05");
        const second = createKey(owner.account);
        assert.strictEqual(await post(`${addresses[0]}/told/0.2`, owner.key), 200);
        await until(async () => micro((await get(nodes[0], owner.manager, "/balance")).balance) === -150_000);
        for (const address of addresses) {
            assert.deepStrictEqual([await post(`${address}/told/0.001`, owner.key), await post(`${address}/told/0.001`, second.key)], [402, 402]);
        }
        const topUp = (amount) => apikeyctl("account", "topup", String(owner.account), "--amount", amount, "--reference", amount);
        assert.deepStrictEqual(topUp("0.15"), { balance: "0.000000" });
        assert.strictEqual(await post(`${addresses[1]}/told/0.001`, owner.key), 402);
        topUp("1");
        await until(async () => (await post(`${addresses[1]}/told/0.001`, owner.key)) === 200, 2);
        assert.strictEqual(await settled(owner), 201_000);
    });

    await test("parallel requests that cost more than was held are all paid for", async () => {
        const owner = rich("0.05");
        const statuses = await Promise.all(Array.from({ length: 20 }, (_, index) => post(`${addresses[index % 2]}/told/0.02`, owner.key)));
        const passed = statuses.filter((one) => one === 200).length;
        assert.ok(passed >= 2 && passed <= 5, statuses.join());
        await until(async () => (await settled(owner, -50_000)) === passed * 20_000);
        await until(() => logged(owner) === passed * 20_000);
    });

    await test("what others hold and do not need is called back before anybody is refused", async () => {
        const owner = rich("1");
        for (let round = 0; round < 3; round++) {
            assert.strictEqual(await status(`${addresses[0]}/gif/`, owner.key), 200); // which holds some in advance
        }
        assert.notStrictEqual((await get(nodes[1], owner.manager, "/balance")).held, "0.000000");
        assert.strictEqual(await status(`${addresses[1]}/large/`, owner.key), 200);
        assert.strictEqual(await settled(owner), 1_000_000);
    });

    await test("402 says whether it is worth trying again", async () => {
        const owner = rich("0.015");
        const before = upstream.held.length;
        const running = post(`${addresses[0]}/told/0.001/hold`, owner.key);
        await until(() => upstream.held.length === before + 1);
        const ask = () => fetch(`${addresses[1]}/told/0.001`, { method: "POST", headers: { authorization: `Bearer ${owner.key}` } });
        const held = await ask();
        assert.deepStrictEqual([held.status, held.headers.get("retry-after"), held.headers.get("x-should-retry")], [402, "1", "true"]);
        assert.strictEqual((await held.json()).needed, "0.010000");
        upstream.held.splice(before).forEach((response) => response.end("done"));
        assert.strictEqual(await running, 200);
        await until(async () => (await ask()).status === 200, 3);
        assert.strictEqual(await settled(owner), 2_000);
        while ((await ask()).status === 200);
        let refused;
        await until(async () => (refused = await ask()).status === 402 && refused.headers.get("x-should-retry") === "false");
        assert.strictEqual(refused.headers.get("retry-after"), null);
    });

    await test("a store that forgot the time, or was away, charges nobody for what was not used", async () => {
        const owner = rich("1");
        const other = createKey(owner.account);
        const before = upstream.held.length;
        const running = Array.from({ length: 6 }, (_, index) => post(`${addresses[index % 2]}/told/0.002/hold`, owner.key));
        await until(() => upstream.held.length === before + 6);
        const deadlines = `ak:{k}:deadlines:${owner.account}`;
        for (const hold of redis("zrange", deadlines, "0", "-1").trim().split("\n")) {
            redis("zadd", deadlines, "1", hold);
        }
        redis("del", "ak:{k}:nodes"); // none was heard of for long
        assert.strictEqual(await status(`${addresses[0]}/gif/`, other.key), 200); // ends the holds
        upstream.held.splice(before).forEach((response) => response.end("done"));
        assert.deepStrictEqual(await Promise.all(running), [200, 200, 200, 200, 200, 200]);
        assert.strictEqual(await settled(owner), 22_000);
        assert.strictEqual(logged(owner), 22_000);
    });

    await test("one account cannot take all the zone has for money, and what is idle makes room", async () => {
        const node = await start(1, { zone: "512k" });
        const greedy = rich("100");
        const other = rich("1");
        const before = upstream.held.length;
        const keys = await moreKeys(greedy, 160);
        const running = keys.map((key) => post(`${node.address}/told/0.001/hold`, key.key));
        await until(() => upstream.held.length >= before + 100);
        assert.strictEqual(await status(`${node.address}/gif/`, other.key), 200);
        const refused = await Promise.race([Promise.any(running), new Promise((resolve) => setTimeout(resolve, 5000))]);
        assert.strictEqual(refused, 503);
        upstream.held.splice(before).forEach((response) => response.end("done"));
        const statuses = await Promise.all(running);
        assert.strictEqual(await settled(greedy), statuses.filter((one) => one === 200).length * 1_000);
        const twice = [...keys, ...keys].map((key) => status(`${node.address}/gif/`, key.key));
        assert.ok((await Promise.all(twice)).every((one) => one === 200));
        await settled(greedy);
        await node.stop();
    });

    for (const node of nodes) {
        assert.ok(!node.errors().some((line) => /\[(alert|emerg)\]/.test(line) && !/exited on signal 9/.test(line)));
        await node.stop();
    }
    upstream.server.closeAllConnections?.();
    upstream.server.close();
    process.exit(finish() ? 0 : 1);
})();
