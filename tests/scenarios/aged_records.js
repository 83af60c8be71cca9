#!/usr/bin/env node
// What is known of a key ages while a request waits, for the store or for its own body: it is decided on what holds when it goes on.
"use strict";

const assert = require("assert");
const net = require("net");
const { createAccount, createKey, makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");
const { startFaultProxy } = require("../lib/fault_proxy.js");

const { test, finish } = makeTap();
const locations = `
    location /gif { api_key proxy; empty_gif; }
    location /body/ { api_key proxy; api_key_model body; proxy_pass http://demo/v1/echo; }
    location /api/ { api_key billing; api_key_manage; }`;
const body = JSON.stringify({ model: "m" });

// A request whose body nginx has asked for; finish() sends it and gives the status.
function beginUpload(gateway, key) {
    return new Promise((resolve, reject) => {
        const socket = net.connect(gateway.port, "127.0.0.1");
        let text = "";
        let answered;
        const answer = new Promise((done) => (answered = done));
        socket.write(`POST /body/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`);
        socket.on("data", (part) => {
            text += part;
            if (text.startsWith("HTTP/1.1 100 ")) {
                resolve({ finish: () => (socket.write(body), answer) });
            } else {
                reject(new Error(text));
            }
        });
        socket.on("error", reject);
        socket.on("close", () => answered(Number(/HTTP\/1\.1 ([2-5]\d\d)/.exec(text.slice(1))?.[1] ?? 0)));
    });
}

(async () => {
    const redis = await startRedis();
    process.env.APIKEYCTL_REDIS = redis.url;
    const proxy = await startFaultProxy(redis.url.slice("unix:".length));
    const start = (store, timeout, stale) => startGateway(locations, { store: `${store} timeout=${timeout}`, http: `api_key_stale ${stale};` });
    const [here, other, hasty] = [await start(redis.url, "5s", "60s"), await start(proxy.url, "5s", "60s"), await start(redis.url, "300ms", "1s")];
    const account = createAccount("aged records");
    const manager = createKey(account, "billing").key;
    const change = async (id, fields) => {
        const answer = await fetch(`${here.address}/api/keys/${id}`, { method: "PATCH", headers: { authorization: `Bearer ${manager}` }, body: JSON.stringify(fields) });
        assert.strictEqual(answer.status, 200);
    };
    const get = async (gateway, key) => (await fetch(`${gateway.address}/gif`, { headers: { authorization: `Bearer ${key}`, connection: "close" } })).status;
    const makeScoped = async () => {
        const made = createKey(account);
        await change(made.id, { models: ["m"] });
        return made;
    };

    await test("a look-up that meets one change after the other: the copy from before them is not gone back to", async () => {
        await until(() => redis.cli("hlen", "ak:{k}:nodes") === "3");
        const { key, id } = createKey(account);
        assert.strictEqual(await get(other, key), 200);
        const changes = [{ active: false }, { name: "a" }, { name: "b" }, { name: "c" }];
        let met = 0;
        // no heartbeat confirms the cache: the store is asked again, and the answer comes after the next change
        proxy.spoil(async (reply, client) => {
            if (reply.includes("pepper")) {
                await change(id, changes[Math.min(met++, changes.length - 1)]);
                client.write(reply);
            } else {
                client.write("-ERR not now\r\n");
            }
        }, ([name, record]) => name === "EVALSHA" || (name === "HGETALL" && record === `ak:{k}:${id}`));
        let last;
        await until(async () => ((last = await get(other, key)), met > 0), 20);
        proxy.behave();
        assert.ok(met >= 3, `${met} look-ups`);
        assert.strictEqual(last, 503);
        await until(async () => (await get(other, key)) === 403);
    });
    await test("a key that is deactivated during the upload, cached before or not", async () => {
        const cached = await makeScoped();
        const unseen = await makeScoped();
        assert.strictEqual(await get(other, cached.key), 200);
        for (const { key, id } of [cached, unseen]) {
            const upload = await beginUpload(other, key);
            await change(id, { active: false });
            assert.strictEqual(await upload.finish(), 403);
        }
    });
    await test("a node that is cut off during the upload for longer than api_key_stale", async () => {
        const cached = await makeScoped();
        const unseen = await makeScoped();
        assert.strictEqual(await get(hasty, cached.key), 200);
        const uploads = [await beginUpload(hasty, cached.key), await beginUpload(hasty, unseen.key), await beginUpload(hasty, cached.key)];
        redis.signal("SIGSTOP");
        await until(async () => (await get(hasty, cached.key)) === 503 && (await get(hasty, unseen.key)) === 503);
        assert.strictEqual(await uploads[0].finish(), 503);
        assert.strictEqual(await uploads[1].finish(), 503);
        redis.signal("SIGCONT");
        await until(async () => (await get(hasty, cached.key)) === 200);
        assert.strictEqual(await uploads[2].finish(), 200);
    });
    for (const gateway of [here, other, hasty]) {
        await gateway.stop();
    }
    await proxy.stop();
    await redis.stop();
    process.exitCode = finish() ? 0 : 1;
})();
