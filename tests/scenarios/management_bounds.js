#!/usr/bin/env node
// What one tenant asks of the management API and changes by it takes nothing from the others: neither the worker's time and memory nor the
// store.
"use strict";

const assert = require("assert");
const fs = require("fs");
const http = require("http");
const { execFileSync } = require("child_process");
const { apikeyctl, createAccount, createKey, makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const locations = (upstream) => `
    location /v1/ { api_key proxy; empty_gif; }
    location ~ ^/models/(?<model>[^/]+)/ { api_key proxy; api_key_model $model; proxy_pass http://127.0.0.1:${upstream}; }
    location /api/ { api_key billing; api_key_manage changes=30r/m burst=40 keys=60; }
    location /open/ { api_key billing; api_key_manage changes=off keys=off; }`;
const day = 86_400_000;

const ask = (node, key, path, options = {}) => fetch(node.address + path, { ...options, headers: { authorization: `Bearer ${key}` } });
const change = (node, key, path, method, body) => ask(node, key, path, { method, body: body && JSON.stringify(body) });
const workerOf = (node) => execFileSync("pgrep", ["-P", String(node.pid)], { encoding: "utf8" }).trim().split("\n")[0];
const peakMegabytes = (pid) => Number(fs.readFileSync(`/proc/${pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)[1]) / 1024;

(async () => {
    const redis = await startRedis();
    process.env.APIKEYCTL_REDIS = redis.url;
    const upstream = http.createServer((request, response) => {
        response.statusCode = request.url.startsWith("/models/known") ? 200 : 404;
        response.end("{}");
    });
    await new Promise((resolve) => upstream.listen(0, "127.0.0.1", resolve));
    const node = await startGateway(locations(upstream.address().port), { main: "worker_processes 1;", store: `${redis.url} timeout=5s`, http: "api_key_log_keep count=1000000 age=30d;" });
    const tenant = createAccount("tenant");
    const manager = createKey(tenant, "billing").key;
    const other = createKey(createAccount("other"), "billing").key;
    // add(buckets ago, field, number, …) to the counters by key
    const fill = (account, bucket, now, lua) => redis.cli("EVAL", `local function add(past, ...) redis.call('HSET', ARGV[1] .. string.format('%.0f', ARGV[2] - past), ...) end ${lua}`, "0",
        `ak:{k}:use:${account}:key:${bucket}:`, String(now));

    await test("600 keys in minutes over a day: a small answer, and little memory", async () => {
        fill(tenant, "minute", Math.floor(Date.now() / 60000), "for i = 1, 600 do add(i % 60, 'n:' .. i, i, 'c:' .. i, 1) end");
        const worker = workerOf(node);
        const before = peakMegabytes(worker);
        const answer = await ask(node, manager, `/api/usage?group_by=key&bucket=minute&from=${new Date(Date.now() - day + 120_000).toISOString()}`);
        const { series } = await answer.json();
        assert.strictEqual(answer.status, 200);
        assert.deepStrictEqual(series.map((one) => [one.keyId, one.total.requests, one.points.length]), Array.from({ length: 50 }, (_, index) => [600 - index, 600 - index, 1]));
        assert.ok(peakMegabytes(worker) - before < 30, `${peakMegabytes(worker) - before} MB`);
    });

    await test("50 keys busy in every minute of a day: the whole answer, in pieces, to a client that reads slowly", async () => {
        const minute = Math.floor(Date.now() / 60000);
        const busy = createAccount("busy");
        const busyManager = createKey(busy, "billing").key;
        for (let past = 0; past < 1440; past += 60) {
            fill(busy, "minute", minute - past, "for past = 0, 59 do for i = 1, 50 do add(past, 'n:' .. i, 3, 'i:' .. i, 5) end end");
        }
        const path = `/api/usage?bucket=minute&from=${new Date((minute - 1439) * 60000).toISOString()}&to=${new Date((minute + 1) * 60000).toISOString()}`;
        const answer = await ask(node, busyManager, path);
        const reader = answer.body.getReader();
        const parts = [];
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
            parts.push(piece.value);
            if (parts.length < 5) {
                assert.strictEqual((await ask(node, other, "/api/keys")).status, 200);
            }
        }
        const { series } = JSON.parse(Buffer.concat(parts).toString());
        assert.strictEqual(series.length, 50);
        assert.ok(series.every((one) => one.points.length === 1440 && one.total.requests === 3 * 1440 && one.total.inputTokens === 5 * 1440));

        const stopped = new AbortController();
        const unread = [];
        for (let number = 0; number < 10; number++) {
            unread.push(await ask(node, busyManager, path, { signal: stopped.signal }));
        }
        assert.deepStrictEqual(unread.map((one) => one.status), [200, 200, 200, 200, 200, 200, 200, 200, 429, 429]);
        assert.strictEqual(unread[9].headers.get("retry-after"), "1");
        assert.strictEqual((await ask(node, manager, "/api/usage")).status, 200);
        stopped.abort();
        await until(async () => (await ask(node, busyManager, "/api/usage")).status === 200);
    });

    await test("an account with 13,000 keys used in a day is answered", async () => {
        fill(tenant, "day", Math.floor(Date.now() / day), "for i = 1, 13000 do add(0, 'n:' .. i, 1, 'i:' .. i, 1, 'o:' .. i, 1, 'c:' .. i, i, 'rate_limited:' .. i, 1) end");
        for (const query of ["bucket=day&limit=10", "bucket=day", "bucket=day&alias=none", "bucket=day&group_by=category"]) {
            const answer = await ask(node, manager, `/api/usage?${query}`);
            assert.strictEqual(answer.status, 200, query);
        }
    });

    await test("more counters than are read for one answer: 400 at once", async () => {
        const many = createAccount("many");
        const manyManager = createKey(many, "billing").key;
        for (let past = 0; past < 60; past++) {
            fill(many, "minute", Math.floor(Date.now() / 60000) - past, "for i = 1, 35000 do add(0, 'n:' .. i, 1) end");
        }
        const answer = await ask(node, manyManager, `/api/usage?bucket=minute&from=${new Date(Date.now() - 3_700_000).toISOString()}`);
        assert.strictEqual(answer.status, 400);
        assert.match(await answer.text(), /more counters than are read for one answer/);
        redis.cli("EVAL", "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('UNLINK', key) end", "0", `ak:{k}:use:${many}:*`);
    });

    await test("a log with entries of 40 KB, and batches of 512 requests behind a quiet present, stop nobody", async () => {
        const entry = JSON.stringify({ number: 1, action: "key.update", before: { models: ["x".repeat(40_000)] } });
        for (let number = 1000; number < 1500; number++) {
            redis.cli("XADD", `ak:{k}:audit:${tenant}`, `${number}-0`, "entry", entry, "mac", "1:00");
        }
        let running = true;
        const statuses = { tenant: {}, other: {} };
        const count = (whose, status) => (statuses[whose][status] = (statuses[whose][status] ?? 0) + 1);
        const loops = Array.from({ length: 3 }, async () => {
            while (running) {
                const answer = await ask(node, manager, "/api/audit?verify=true&limit=1000");
                count("tenant", answer.status);
                assert.ok((await answer.text()).length < 1_200_000);
            }
        });
        for (let number = 0; number < 50; number++) {
            count("other", (await ask(node, other, "/api/keys")).status);
        }
        running = false;
        await Promise.all(loops);
        assert.deepStrictEqual(statuses.other, { 200: 50 });
        assert.deepStrictEqual(Object.keys(statuses.tenant), ["200"]);
        redis.cli("DEL", `ak:{k}:audit:${tenant}`, `ak:{k}:audit:head:${tenant}`);
    });

    await test("pages of large keys end with a megabyte, and the next one goes on", async () => {
        const large = createAccount("large");
        const owner = createKey(large, "billing").key;
        const models = Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(195, "m"));
        for (let number = 0; number < 120; number += 10) {
            const made = await Promise.all(Array.from({ length: 10 }, (_, index) => change(node, owner, "/open/keys", "POST", { name: `k${number + index}`, models })));
            assert.ok(made.every((answer) => answer.status === 201));
        }
        const ids = new Set();
        let pages = 0;
        for (let cursor = ""; ; pages++) {
            const text = await (await ask(node, owner, `/api/keys?limit=1000${cursor}`)).text();
            assert.ok(text.length < 1_200_000, String(text.length));
            const page = JSON.parse(text);
            page.keys.forEach((key) => ids.add(key.id));
            if (!page.next) {
                break;
            }
            cursor = `&cursor=${page.next}`;
        }
        assert.deepStrictEqual([ids.size, pages], [120, 2]);
    });

    await test("changes are counted for each account: 429 with a sentence and when to come back", async () => {
        const account = createAccount("changes");
        const owner = createKey(account, "billing").key;
        const { id } = createKey(account);
        const length = () => Number(redis.cli("XLEN", `ak:{k}:audit:${account}`));
        const before = length();
        const answers = [];
        for (let number = 0; number < 60; number += 4) {
            answers.push(...await Promise.all([0, 1, 2, 3].map((index) => change(node, owner, `/api/keys/${id}`, "PATCH", { name: `name ${number + index}` }))));
        }
        const refused = answers.filter((answer) => answer.status === 429);
        assert.ok(refused.length >= 15 && answers.every((answer) => [200, 429].includes(answer.status)), `${refused.length} refused`);
        assert.strictEqual(length() - before, 60 - refused.length);
        assert.ok(refused.every((answer) => Number(answer.headers.get("retry-after")) >= 1 && Number(answer.headers.get("retry-after")) <= 2));
        assert.match(await refused[0].text(), /This account changes too much at once: try again in [12] s/);
        assert.strictEqual((await change(node, owner, "/api/keys", "POST", { name: "new" })).status, 429);
        assert.strictEqual((await change(node, owner, `/api/keys/${id}/rotate`, "POST")).status, 429);
        assert.strictEqual((await change(node, other, "/api/keys", "POST", { name: "theirs" })).status, 201);
        assert.strictEqual((await ask(node, owner, "/api/keys")).status, 200);
        assert.strictEqual((await change(node, owner, `/api/keys/${id}`, "PATCH", { active: false })).status, 200);
        assert.strictEqual((await change(node, owner, `/api/keys/${id}`, "DELETE")).status, 204);
        apikeyctl("key", "disable", String(createKey(account).id)); // the operator may
    });

    await test("keys of an account are counted: 409 with a sentence", async () => {
        const account = createAccount("keys");
        const owner = createKey(account, "billing").key;
        for (let number = 0; number < 58; number++) {
            createKey(account);
        }
        const last = await change(node, owner, "/api/keys", "POST", { name: "60th" });
        assert.strictEqual(last.status, 201);
        for (const path of ["/api/keys", "/api/billing-keys", `/api/keys/${(await last.json()).id}/clone`]) {
            const answer = await change(node, owner, path, "POST", path.endsWith("clone") ? { alias: "second" } : { name: "one more" });
            assert.strictEqual(answer.status, 409, path);
            assert.match(await answer.text(), /This account has as many keys as it may have/);
        }
        assert.strictEqual((await change(node, owner, "/open/keys", "POST", { name: "elsewhere" })).status, 201);
    });

    await test("a model has a name in the counters once it was answered, and a hundred have", async () => {
        const account = createAccount("models");
        const owner = createKey(account, "billing").key;
        const { key } = createKey(account);
        const names = ["known-1", ...Array.from({ length: 30 }, (_, index) => `invented-${index}`), `known-${"x".repeat(70)}`];
        for (const name of names) {
            await (await ask(node, key, `/models/${name}/`)).text();
        }
        let series = [];
        const sum = () => series.reduce((total, one) => total + one.total.requests, 0);
        await until(async () => {
            series = (await (await ask(node, owner, "/api/usage?group_by=model")).json()).series;
            return sum() === names.length;
        }, 5);
        assert.deepStrictEqual(series.map((one) => [one.model, one.total.requests]), [["(others)", 31], ["known-1", 1]]);
    });

    await node.stop();
    await redis.stop();
    upstream.close();
    await test("nothing went wrong in the worker", () => {
        assert.deepStrictEqual(node.errors().filter((line) => /\[(alert|emerg)\]|malformed reply|timed out/.test(line)), []);
    });
    process.exit(finish() ? 0 : 1);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
