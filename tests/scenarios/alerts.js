#!/usr/bin/env node
// What an operator is told of: each crossing once, by one of all nodes, signed, tried again until it is taken.
"use strict";

const assert = require("assert");
const { createHmac } = require("crypto");
const { execFileSync } = require("child_process");
const fs = require("fs");
const http = require("http");
const https = require("https");
const path = require("path");
const { apikeyctl, createAccount, createKey, makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");
const { load } = require("../lib/load.js");

const { test, finish } = makeTap();
const secret = "alerts-are-signed-with-this";
const secretFile = path.join(process.env.TEST_DIRECTORY, "alert-secret");
fs.writeFileSync(secretFile, `${secret}\n`);
const locations = `
    location /v1/ { api_key proxy; empty_gif; }
    location /paid/ { api_key proxy; api_key_cost 1; empty_gif; }
    location /metrics { api_key_metrics; }
    location /api/ { api_key billing; api_key_manage; }`;

// Takes alerts, or answers with `receiver.status`, or what `receiver.statusOf` says of one. gives { port, got, refused, status }
function startReceiver(server = http.createServer()) {
    const receiver = { got: [], refused: 0, status: 200 };
    server.on("request", (request, response) => {
        let body = "";
        request.on("data", (part) => (body += part));
        request.on("end", () => {
            const [, time, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(request.headers["x-api-key-signature"]);
            assert.strictEqual(mac, createHmac("sha256", secret).update(`${time}.${body}`).digest("hex"));
            const alert = JSON.parse(body);
            const status = receiver.statusOf?.(alert) ?? receiver.status;
            if (status === 200) {
                receiver.got.push(alert);
            } else {
                receiver.refused++;
            }
            response.writeHead(status);
            response.end();
        });
    });
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(Object.assign(receiver, { server, port: server.address().port }))));
}

(async () => {
    const receiver = await startReceiver();
    const redis = await startRedis();
    process.env.APIKEYCTL_REDIS = redis.url;
    const start = (port) => startGateway(locations, { main: "worker_processes 2;", store: `${redis.url} timeout=500ms`, http: `api_key_alert http://127.0.0.1:${port}/hook secret_file=${secretFile} dashboard=https://gateway.example.com/dashboard/;` });
    const nodes = [await start(receiver.port), await start(receiver.port)];
    const addresses = nodes.map((node) => node.address);
    const account = createAccount("alerted");
    const manager = createKey(account, "billing").key;
    const make = async (body) =>
        (await fetch(`${addresses[0]}/api/keys`, { method: "POST", headers: { authorization: `Bearer ${manager}` }, body: JSON.stringify(body) })).json();
    const of = (type) => receiver.got.filter((alert) => alert.type === type);
    const settle = () => new Promise((resolve) => setTimeout(resolve, 2500)); // more would have come by then

    await test("a quota at 80 % and at its end, once each, over two nodes", async () => {
        const { key, id } = await make({ name: "limited", quotas: { daily: 200 } });
        await load(addresses, "/v1/", key, 90);
        await until(() => of("key.quota").length === 1, 10);
        const [{ id: name, at, used, text, ...first }] = of("key.quota");
        const url = `https://gateway.example.com/dashboard/#/keys/${id}`;
        assert.deepStrictEqual(first, { type: "key.quota", account, accountName: "alerted", keyId: id, keyName: "limited", window: "daily", threshold: 80, limit: 200, url });
        assert.strictEqual(text, `API key ${id} (limited) of account ${account} (alerted) has used ${used} of 200 requests (daily quota)`);
        assert.ok(name && Math.abs(Date.parse(at) - Date.now()) < 10000 && used >= 160 && used < 200);
        await load(addresses, "/v1/", key, 60);
        await until(() => of("key.quota").length === 2, 10);
        await load(addresses, "/v1/", key, 60);
        await settle();
        assert.deepStrictEqual(of("key.quota").map((alert) => alert.threshold), [80, 100]);
    });

    await test("a key's monthly limit and the wallet", async () => {
        apikeyctl("account", "topup", String(account), "--amount", "100", "--reference", "one");
        const spending = await make({ name: "spending", monthlyLimit: "20" });
        await load([addresses[0]], "/paid/", spending.key, 25, 1);
        await until(() => of("key.spend").length === 2, 10);
        assert.deepStrictEqual(of("key.spend").map(({ threshold, limit, window }) => [threshold, limit, window]), [[80, "20.000000", "month"], [100, "20.000000", "month"]]);
        assert.ok(Number(of("key.spend")[0].used) >= 16 && of("key.spend")[1].used === "20.000000", JSON.stringify(of("key.spend"))); // spent, not held
        const free = await make({ name: "free" });
        await load([addresses[1]], "/paid/", free.key, 90, 1);
        await until(() => of("wallet").length === 2, 10);
        assert.deepStrictEqual(of("wallet").map(({ threshold, keyId, url }) => [threshold, keyId, url]), [80, 100].map((threshold) => [threshold, undefined, "https://gateway.example.com/dashboard/"]));
        apikeyctl("account", "topup", String(account), "--amount", "100", "--reference", "two");
        await load([addresses[1]], "/paid/", free.key, 85, 1);
        await until(() => of("wallet").length === 3, 10);
        assert.strictEqual(of("wallet")[2].threshold, 80);
    });

    await test("a key that expires within a week", async () => {
        const soon = await make({ name: "soon", expiresAt: new Date(Date.now() + 6 * 86400000).toISOString() });
        await make({ name: "later", expiresAt: new Date(Date.now() + 8 * 86400000).toISOString() });
        await until(() => of("key.expiring").length === 1, 10);
        assert.strictEqual(of("key.expiring")[0].keyId, soon.id);
        await settle();
        assert.strictEqual(of("key.expiring").length, 1);
    });

    await test("what is not taken is tried again, and nobody waits for it", async () => {
        receiver.status = 500;
        const { key } = await make({ name: "again", quotas: { total: 10 } });
        await load(addresses, "/v1/", key, 4);
        await until(() => receiver.refused >= 2, 15);
        const lease = redis.cli("GET", "ak:{k}:alerts:lease");
        await new Promise((resolve) => setTimeout(resolve, 12000)); // longer than the lease of a node that does not renew it
        assert.strictEqual(redis.cli("GET", "ak:{k}:alerts:lease"), lease);
        const begin = Date.now();
        assert.deepStrictEqual(await load([addresses[0]], "/v1/", (await make({ name: "other" })).key, 20), { 200: 20 });
        assert.ok(Date.now() - begin < 2000);
        receiver.status = 200;
        const before = of("key.quota").length;
        await until(() => of("key.quota").length === before + 1, 40);
        await settle();
        assert.strictEqual(of("key.quota").length, before + 1);
        const metrics = await (await fetch(`${addresses[0]}/metrics`)).text() + (await (await fetch(`${addresses[1]}/metrics`)).text());
        assert.match(metrics, /api_key_alerts_total\{result="failed"\} [1-9]/);
    });

    await test("one that its receiver does not take stops no other: refused, it is dropped, else it is tried again", async () => {
        const [refused, failing, good] = await Promise.all(["refused", "failing", "good"].map((name) => make({ name, quotas: { total: 1 } })));
        const tried = { [refused.id]: [], [failing.id]: [], [good.id]: [] };
        receiver.statusOf = ({ id, keyId }) => {
            tried[keyId]?.push(id);
            return { [refused.id]: 422, [failing.id]: 500 }[keyId] ?? 200;
        };
        for (const { key } of [refused, failing, good]) {
            await load([addresses[0]], "/v1/", key, 1);
        }
        await until(() => receiver.got.some((alert) => alert.keyId === good.id), 20);
        await until(() => tried[failing.id].length >= 3, 20);
        assert.strictEqual(tried[refused.id].length, 1);
        assert.ok(nodes.some((node) => node.errors().some((line) => /an alert was rejected by its receiver and is dropped: HTTP status 422: .*"type":"key.quota"/.test(line))));
        receiver.statusOf = undefined;
        await until(() => receiver.got.some((alert) => alert.keyId === failing.id), 30);
        assert.strictEqual(new Set(tried[failing.id]).size, 1);
        assert.strictEqual(receiver.got.find((alert) => alert.keyId === failing.id).id, tried[failing.id][0]);
    });

    await test("each node tells that the store went away and came back", async () => {
        redis.signal("SIGSTOP");
        await until(() => of("store.down").length === 2, 15);
        redis.signal("SIGCONT");
        await until(() => of("store.up").length === 2, 15);
        assert.ok(of("store.up").every((alert) => alert.node && !alert.account));
    });

    await Promise.all(nodes.map((node) => node.stop()));

    await test("over TLS only to a certificate that is good, and the log says so", async () => {
        const name = path.join(process.env.TEST_DIRECTORY, "alert-tls");
        execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", `${name}.key`, "-out", `${name}.crt`, "-days", "1", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost"], { stdio: "ignore" });
        const tls = await startReceiver(https.createServer({ key: fs.readFileSync(`${name}.key`), cert: fs.readFileSync(`${name}.crt`) }));
        const withTls = (environment) => startGateway(locations, { main: environment, store: redis.url, http: `api_key_alert https://localhost:${tls.port}/hook secret_file=${secretFile};` });
        redis.cli("DEL", "ak:{k}:alerts:lease");
        const node = await withTls("");
        const limited = await (await fetch(`${node.address}/api/keys`, { method: "POST", headers: { authorization: `Bearer ${manager}` }, body: '{"name":"tls","quotas":{"total":1}}' })).json();
        await load([node.address], "/v1/", limited.key, 1);
        await until(() => node.errors().some((line) => /an alert could not be delivered and will be retried: certificate verify failed: self-signed certificate/.test(line)), 15);
        assert.strictEqual(tls.got.length, 0);
        await node.stop();
        process.env.SSL_CERT_FILE = `${name}.crt`;
        redis.cli("DEL", "ak:{k}:alerts:lease");
        const trusting = await withTls("env SSL_CERT_FILE;");
        await until(() => tls.got.some((alert) => alert.keyId === limited.id), 20);
        await trusting.stop();
        tls.server.close();
    });

    await redis.stop();
    receiver.server.close();
    process.exit(finish() ? 0 : 1);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
