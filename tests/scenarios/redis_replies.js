#!/usr/bin/env node
// Redis answers in pieces, in part, in nonsense or not at all: the client gets 200 or 503 with JSON in bounded time, and all is well afterwards.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const { createAccount, createKey, makeTap, startGateway, until } = require("../lib/gateway.js");
const { faults, startFaultProxy } = require("../lib/fault_proxy.js");

const { test, finish } = makeTap();
const timeoutMs = 2000;
const locations = `
    location /gif { api_key proxy; add_header X-Cache $api_key_cache always; empty_gif; }
    location /fresh { api_key proxy; api_key_stale 0; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }`;

const isRecord = ([name, key]) => name === "HGETALL" && /:\d+$/.test(key) && !/account/.test(key);
const isAccount = ([name, key]) => name === "HGETALL" && /account/.test(key);
const isIndex = ([name]) => name === "HGET";
const isClock = ([name]) => name === "TIME";
const isUse = ([name, , , ...words]) => /^EVAL/.test(name) && words.length === 3 && words[2] === "used"; // epoch, key, what
const isCreation = ([name, ...words]) => /^EVAL/.test(name) && words.some((word) => /:once:/.test(word));

const noProtocol = ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\xff\x80random\r\n", "$-5\r\n", "$99999999999999999999\r\n", "*2147483647\r\n", "*-5\r\n"];
const tooDeep = "*1\r\n".repeat(100);
const wrongTypes = [":12\r\n", "+OK\r\n", "$5\r\nhello\r\n", "*2\r\n$4\r\nname\r\n:1\r\n"];
const errors = ["-LOADING Redis is loading the dataset in memory\r\n", "-NOPERM no permissions\r\n", "-ERR unknown command\r\n"];

async function main() {
    const account = createAccount("replies");
    const proxy = await startFaultProxy(process.env.TEST_REDIS_SOCKET);
    const gateway = await startGateway(locations, { store: `${proxy.url} timeout=${timeoutMs}ms` });
    const ask = async (path, key, options = {}) => {
        const began = Date.now();
        const answer = await fetch(gateway.address + path, { ...options, headers: { ...options.headers, authorization: `Bearer ${key}` } });
        const text = await answer.text();
        return { status: answer.status, headers: answer.headers, cache: answer.headers.get("x-cache"), text, ms: Date.now() - began };
    };
    const get = (key) => ask("/gif", key);
    const assertUnavailable = ({ status, headers, text, ms }, what) => {
        assert.strictEqual(status, 503, `${status} ${text} after ${JSON.stringify(what)}`);
        assert.deepStrictEqual(JSON.parse(text), { error: "API key service unavailable" });
        assert.strictEqual(headers.get("retry-after"), "1");
        assert.strictEqual(headers.get("content-type"), "application/json");
        assert.ok(ms < timeoutMs * 2, `${ms} ms`);
    };
    const recovered = (key) => until(async () => (await get(key)).status === 200, 5);
    const newKey = () => createKey(account).key;
    // One reply is spoiled: 503, and then 200 for the same key; a cached one does not notice. Where a first use is told to the store, its
    // key is cached already.
    const oneFault = async (how, condition, what) => {
        const key = newKey();
        proxy.spoil(how, condition, 1);
        assertUnavailable(await ask("/gif", key), what);
        assert.strictEqual(proxy.spoiled, 1);
        assert.strictEqual((await get(cached)).status, 200);
        await recovered(key);
    };
    const cached = newKey();
    const manager = createKey(account, "billing").key;
    const send = (path, method, body, headers) => ask(path, manager, { method, headers, body: body && JSON.stringify(body) });
    const worker = execFileSync("pgrep", ["-P", String(gateway.pid)], { encoding: "utf8" });
    await recovered(cached);

    await test("one byte at a time: 200", async () => {
        proxy.spoil(faults.pieces(1));
        const key = newKey();
        assert.deepStrictEqual([(await get(key)).status, (await get(key)).cache], [200, "hit"]);
        assert.strictEqual((await get("ms-0000000000000000000000000000000014VMmE")).status, 401);
        assert.ok(proxy.spoiled >= 6, String(proxy.spoiled));
        proxy.behave();
    });
    await test("a reply of more than 20 KB, whole and in pieces: 200, and none of it lost", async () => {
        const models = Array.from({ length: 100 }, (_, index) => `model-${index}-`.padEnd(200, "x"));
        const made = await send("/api/keys", "POST", { name: "large", models });
        assert.strictEqual(made.status, 201);
        const { id, key } = JSON.parse(made.text);
        proxy.spoil(faults.pieces(97), isRecord);
        assert.strictEqual((await get(key)).status, 200);
        assert.ok(proxy.spoiled >= 1);
        assert.deepStrictEqual(JSON.parse((await send(`/api/keys/${id}`, "GET")).text).models, models);
        proxy.behave();
        assert.deepStrictEqual(JSON.parse((await send(`/api/keys/${id}`, "GET")).text).models, models);
        assert.strictEqual((await get(key)).status, 200);
    });
    await test("and cut in its middle", async () => {
        const models = Array.from({ length: 100 }, () => "x".repeat(200));
        const { id, key } = JSON.parse((await send("/api/keys", "POST", { name: "large too", models })).text);
        proxy.spoil(faults.cut, isRecord, 1);
        assertUnavailable(await get(key));
        await recovered(key);
        proxy.spoil(faults.cut, isRecord, 1);
        assertUnavailable(await send(`/api/keys/${id}`, "GET"));
        await until(async () => (await send(`/api/keys/${id}`, "GET")).status === 200, 5);
    });
    await test("a hundred of them in one list, more than is read in one turn, meanwhile a small one", async () => {
        const copies = `for i = 1, 99 do
            local id = redis.call("INCR", "ak:{k}:next:key")
            redis.call("COPY", "ak:{k}:" .. ARGV[1], "ak:{k}:" .. id)
            redis.call("HSET", "ak:{k}:" .. id, "account", ARGV[2])
            redis.call("ZADD", "ak:{k}:keys:" .. ARGV[2] .. ":proxy", id, id)
        end`;
        const large = JSON.parse((await send("/api/keys?q=large", "GET")).text).keys[0];
        const other = createAccount("large");
        const reader = createKey(other, "billing").key;
        execFileSync("redis-cli", ["-s", process.env.TEST_REDIS_SOCKET, "eval", copies, "0", String(large.id), String(other)]);
        proxy.spoil(faults.pieces(50000), ([name]) => name === "HGETALL");
        const [list, small] = await Promise.all([ask("/api/keys", reader), get(newKey())]);
        proxy.behave();
        assert.strictEqual(small.status, 200);
        let page = JSON.parse(list.text);
        const keys = page.keys;
        while (page.next !== undefined) { // a page ends with a megabyte
            page = JSON.parse((await ask(`/api/keys?cursor=${page.next}`, reader)).text);
            keys.push(...page.keys);
        }
        assert.strictEqual(keys.length, 99);
        keys.forEach((key) => assert.deepStrictEqual(key.models, large.models));
    });
    await test("cut in the middle and closed: 503, then 200", async () => {
        await oneFault(faults.cut, isIndex);
        await oneFault(faults.cut, isRecord);
        await oneFault(faults.cut, isUse);
    });
    await test("closed before a word: 503, then 200", async () => {
        await oneFault(faults.close, isIndex);
        await oneFault(faults.close, isRecord);
        await oneFault(faults.close, isUse);
    });
    await test("reset in the middle: 503, then 200", async () => {
        await oneFault(faults.reset, isIndex);
        await oneFault(faults.reset, isRecord);
        await oneFault(faults.reset, isUse);
    });
    await test("what is no reply at all: 503, then 200", async () => {
        for (const text of noProtocol) {
            await oneFault(faults.instead(text), isRecord, text);
        }
        await oneFault(faults.instead(noProtocol[0]), isIndex);
        await oneFault(faults.instead(tooDeep), isUse);
    });
    await test("errors instead of each reply: 503, then 200", async () => {
        for (const text of errors) {
            for (const condition of [isIndex, isRecord, isAccount, isClock, isUse]) {
                await oneFault(faults.instead(text), condition, [text, condition.name]);
            }
        }
    });
    await test("replies of another kind: 503, then 200", async () => {
        for (const text of wrongTypes) {
            for (const condition of [isIndex, isAccount, isRecord, isClock, isUse]) {
                await oneFault(faults.instead(text), condition, [text, condition.name]);
            }
        }
    });
    await test("a reply without end: 503, then 200", async () => {
        await oneFault(faults.endless("$1000000000\r\n", Buffer.alloc(1 << 20, "x")), isRecord);
        await oneFault(faults.endless("*100000\r\n", Buffer.from("$1\r\nx\r\n".repeat(1000))), isRecord);
    });
    await test("a key that was made, but nobody heard: Idempotency-Key gives the answer again", async () => {
        const body = { name: "heard the second time" };
        proxy.spoil(faults.reset, isCreation, 1);
        assertUnavailable(await send("/api/keys", "POST", body, { "idempotency-key": "once" }));
        assert.strictEqual(proxy.spoiled, 1);
        let again;
        await until(async () => (again = await send("/api/keys", "POST", body, { "idempotency-key": "once" })).status === 201, 5);
        const { id, key } = JSON.parse(again.text);
        await recovered(key);
        const { keys } = JSON.parse((await send("/api/keys?q=heard", "GET")).text);
        assert.deepStrictEqual(keys.map((one) => one.id), [id]);
    });
    await test("a black hole: 503 after the timeout, then at once; what is cached goes on, but not where api_key_stale is 0", async () => {
        const unseen = newKey();
        proxy.spoil(proxy.hold);
        const [first, write] = await Promise.all([get(unseen), send("/api/keys", "POST", { name: "unheard" })]);
        assertUnavailable(first);
        assertUnavailable(write);
        for (let round = 0; round < 20; round++) {
            const next = await get(unseen);
            assertUnavailable(next);
            assert.ok(next.ms < timeoutMs / 2, `${next.ms} ms`);
        }
        await until(async () => (await get(cached)).cache === "stale", 5);
        assert.strictEqual((await get(cached)).status, 200);
        assert.strictEqual((await ask("/fresh", cached)).status, 503);
        proxy.behave();
        await recovered(unseen);
        await until(async () => (await get(cached)).cache === "hit", 5);
        assert.strictEqual((await ask("/fresh", cached)).status, 200);
    });
    await test("the worker is the first one still; the error log has no alert, no key and nothing unprintable", () => {
        assert.strictEqual(execFileSync("pgrep", ["-P", String(gateway.pid)], { encoding: "utf8" }), worker);
        assert.deepStrictEqual(gateway.errors().filter((line) => /\[(alert|emerg)\]|exited on signal/.test(line)), []);
        assert.ok(!gateway.errors().some((line) => line.includes(cached)));
        assert.deepStrictEqual(gateway.errors().filter((line) => /[^ -~]/.test(line)), []);
    });
    await gateway.stop();
    await proxy.stop();
    process.exitCode = finish() ? 0 : 1;
}

main();
