#!/usr/bin/env node
// Sessions of the dashboard on two nodes: signed in at one, good at the other, until they end on both.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const http = require("http");
const http2 = require("http2");
const path = require("path");
const { apikeyctl, createAccount, createKey, freePort, makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const locations = "location /gif { api_key proxy; empty_gif; } location /api/ { api_key billing; api_key_manage; }";

// gives { status, headers, body }
function ask(node, path, { method = "GET", headers = {}, body, agent } = {}) {
    return new Promise((resolve, reject) => {
        const request = http.request(node.address + path, { method, headers, agent }, (response) => {
            let text = "";
            response.on("data", (data) => (text += data));
            response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: text ? JSON.parse(text) : undefined }));
        });
        request.on("error", reject);
        request.end(body);
    });
}

const json = { "content-type": "application/json" };

async function signIn(node, key) {
    const answer = await ask(node, "/api/session", { method: "POST", headers: json, body: JSON.stringify({ key }) });
    assert.strictEqual(answer.status, 201);
    const [cookie] = answer.headers["set-cookie"];
    assert.match(cookie, /^api_key_session=[0-9a-f]{64}; Path=\/api; HttpOnly; SameSite=Strict$/);
    return cookie.split(";")[0];
}

async function status(node, cookie, path = "/api/session", options = {}) {
    return (await ask(node, path, { ...options, headers: { cookie, ...options.headers } })).status;
}

function makeCertificate() {
    const [key, certificate] = ["key", "certificate"].map((name) => path.join(process.env.TEST_DIRECTORY, `session-${name}.pem`));
    const subject = ["-subj", "/CN=gateway.example", "-days", "2"];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, ...subject], { stdio: "ignore" });
    return `ssl_certificate ${certificate}; ssl_certificate_key ${key};`;
}

// gives { status, headers, body } of one stream
function askSecurely(session, fields, body) {
    return new Promise((resolve, reject) => {
        const stream = session.request({ ":authority": "gateway.example", ...fields }, { endStream: body === undefined });
        let headers;
        let text = "";
        stream.on("response", (received) => (headers = received));
        stream.on("data", (data) => (text += data));
        stream.on("end", () => resolve({ status: headers[":status"], headers, body: text ? JSON.parse(text) : undefined }));
        stream.on("error", reject);
        stream.end(body);
    });
}

async function main() {
    const redis = await startRedis();
    process.env.APIKEYCTL_REDIS = redis.url;
    const account = createAccount("sessions");
    const options = { main: "worker_processes 2;", store: `${redis.url} timeout=1s` };
    const here = await startGateway(locations, options);
    const there = await startGateway(locations, options);
    const nodes = [here, there];
    const everywhere = async (cookie, expected) => {
        for (const node of [here, there]) {
            assert.strictEqual(await status(node, cookie), expected);
        }
    };
    const sessions = () => redis.cli("keys", "ak:{k}:session:*").split("\n").filter(Boolean);

    await test("signed in at one node, good at both", async () => {
        const { id, key } = createKey(account, "billing", "ops");
        const cookie = await signIn(here, key);
        for (const node of nodes) {
            const { status: code, body } = await ask(node, "/api/session", { headers: { cookie } });
            assert.strictEqual(code, 200);
            assert.deepStrictEqual([body.account, body.keyId, body.name], [account, id, "ops"]);
            const hours = (Date.parse(body.expiresAt) - Date.now()) / 3600e3;
            assert.ok(hours > 11.9 && hours <= 12, body.expiresAt);
        }
    });
    await test("the store has neither the token nor the key's digest", async () => {
        const { key } = createKey(account, "billing");
        const token = (await signIn(here, key)).split("=")[1];
        const dump = sessions().map((name) => name + redis.cli("--no-raw", "hgetall", name)).join("\n");
        const sha = (text) => require("crypto").createHash("sha256").update(text).digest("hex");
        for (const secret of [token, key, sha(token), sha(key)]) {
            assert.ok(!dump.includes(secret));
            assert.ok(!dump.replace(/\\x/g, "").includes(secret));
        }
    });
    await test("it ends with its key: disabled, rotated, deleted", async () => {
        for (const change of [
            (id) => apikeyctl("key", "disable", String(id)),
            (id) => apikeyctl("key", "rotate", String(id), "--prefix", "mk-"),
            (id) => apikeyctl("key", "delete", String(id)),
        ]) {
            const { id, key } = createKey(account, "billing");
            const cookie = await signIn(here, key);
            await everywhere(cookie, 200);
            change(id);
            await everywhere(cookie, 401);
        }
    });
    await test("a key that is enabled again does not bring back a session that was used meanwhile", async () => {
        const { id, key } = createKey(account, "billing");
        const before = sessions().length;
        const cookie = await signIn(here, key);
        apikeyctl("key", "disable", String(id));
        await everywhere(cookie, 401);
        await until(() => sessions().length === before);
        apikeyctl("key", "enable", String(id));
        await everywhere(cookie, 401);
        await everywhere(await signIn(there, key), 200);
    });
    await test("rotated by itself, it is over at once on every worker of both nodes", async () => {
        const { id, key } = createKey(account, "billing");
        const cookie = await signIn(here, key);
        await everywhere(cookie, 200);
        const rotated = await ask(here, `/api/billing-keys/${id}/rotate`, { method: "POST", headers: { cookie } });
        assert.strictEqual(rotated.status, 200);
        for (let round = 0; round < 8; round++) {
            assert.strictEqual(await status(here, cookie), 401);
        }
        assert.strictEqual(await status(there, cookie), 401);
        await everywhere(await signIn(there, rotated.body.key), 200);
    });
    await test("a rotation with overlap leaves it until the old secret's end", async () => {
        const { id, key } = createKey(account, "billing");
        const cookie = await signIn(here, key);
        apikeyctl("key", "rotate", String(id), "--prefix", "mk-", "--overlap", "2");
        await everywhere(cookie, 200);
        await until(async () => (await status(here, cookie)) === 401 && (await status(there, cookie)) === 401, 5);
    });
    await test("signed out at one node, over at both at once, and in the security log", async () => {
        const { id, key } = createKey(account, "billing");
        const cookie = await signIn(here, key);
        const other = await signIn(here, key);
        await everywhere(cookie, 200);
        assert.strictEqual(await status(there, cookie, "/api/session", { method: "DELETE", headers: { "sec-fetch-site": "same-origin" } }), 204);
        await everywhere(cookie, 401);
        await everywhere(other, 200);
        const { body } = await ask(here, `/api/audit?action=session&key=${id}`, { headers: { cookie: other } });
        assert.deepStrictEqual(body.entries.map((entry) => [entry.action, entry.actor.keyId]), [
            ["session.delete", id],
            ["session.create", id],
            ["session.create", id],
        ]);
    });
    await test("30 minutes without a request end it; each minute of use renews it, up to 12 hours", async () => {
        redis.cli(...["del", ...sessions()]);
        const cookie = await signIn(here, createKey(account, "billing").key);
        const [name] = sessions();
        const left = () => Number(redis.cli("pttl", name));
        assert.ok(left() > 1795e3 && left() <= 1800e3, `${left()}`);
        redis.cli("pexpire", name, "1750000");
        await everywhere(cookie, 200);
        assert.ok(left() <= 1750e3, "not a minute yet");
        redis.cli("pexpire", name, "1000");
        await everywhere(cookie, 200);
        assert.ok(left() > 1795e3, `${left()}`);
        redis.cli("hset", name, "until", String(Date.now() + 100e3));
        redis.cli("pexpire", name, "1000");
        await everywhere(cookie, 200);
        assert.ok(left() > 95e3 && left() <= 100e3, `${left()}`);
        redis.cli("pexpire", name, "1");
        await new Promise((resolve) => setTimeout(resolve, 20));
        await everywhere(cookie, 401);
    });
    await test("20 requests at once cost the store a few commands each at most", async () => {
        const cookie = await signIn(here, createKey(account, "billing").key);
        const commands = () => Number(/total_commands_processed:(\d+)/.exec(redis.cli("info", "stats"))[1]);
        await everywhere(cookie, 200);
        const scripts = () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(redis.cli("info", "commandstats"))[1]);
        const before = { commands: commands(), scripts: scripts() };
        const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
        const answers = await Promise.all(Array.from({ length: 20 }, () => ask(here, "/api/session", { headers: { cookie }, agent })));
        agent.destroy();
        assert.ok(answers.every((answer) => answer.status === 200));
        const used = { commands: commands() - before.commands, scripts: scripts() - before.scripts };
        console.log(`# ${used.scripts} scripts, ${used.commands} commands with those in the scripts`);
        assert.ok(used.scripts <= 25, JSON.stringify(used));
        assert.ok(used.commands <= 140, JSON.stringify(used));
    });
    await test("over HTTPS and HTTP/2, with the cookie in pieces", async () => {
        const port = await freePort();
        const gateway = await startGateway(
            `listen 127.0.0.1:${port} ssl http2; ${makeCertificate()} access_log cookies.log cookies; ${locations}`,
            { ...options, http: "log_format cookies '$http_cookie|$cookie_api_key_session|$sent_http_set_cookie|$status';" },
        );
        const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
        const { key } = createKey(account, "billing", "tls");
        const post = { ":method": "POST", ":path": "/api/session", "content-type": "application/json", origin: "https://gateway.example" };
        const signed = await askSecurely(session, post, JSON.stringify({ key }));
        assert.strictEqual(signed.status, 201);
        assert.match(signed.headers["set-cookie"][0], /^api_key_session=[0-9a-f]{64}; Path=\/api; Secure; HttpOnly; SameSite=Strict$/);
        const cookie = ["a=b", signed.headers["set-cookie"][0].split(";")[0], "c=d"];
        for (const fields of [{ cookie }, { cookie: cookie.join("; ") }]) {
            const answers = await Promise.all(Array.from({ length: 10 }, () => askSecurely(session, { ":path": "/api/session", ...fields })));
            assert.deepStrictEqual(answers.map((answer) => [answer.status, answer.body.name]), Array(10).fill([200, "tls"]));
        }
        const away = { ":method": "DELETE", ":path": "/api/session", cookie };
        assert.strictEqual((await askSecurely(session, { ...away, "sec-fetch-site": "cross-site" })).status, 403);
        assert.strictEqual((await askSecurely(session, { ...away, "sec-fetch-site": "same-origin" })).status, 204);
        assert.strictEqual((await askSecurely(session, { ":path": "/api/keys", cookie })).status, 401);
        session.close();
        await gateway.stop();
        const lines = fs.readFileSync(path.join(gateway.directory, "cookies.log"), "utf8");
        assert.match(lines, /^a=b; api_key_session=\*{64}; c=d\|\*{64}\|-\|200$/m);
        assert.match(lines, /\|api_key_session=\*{64}; Path=\/api; Secure; HttpOnly; SameSite=Strict\|201$/m);
        assert.ok(!/[0-9a-f]{64}/.test(lines));
        nodes.push(gateway); // its logs are looked at below
    });
    await test("without the store: 503, and with it again: as before", async () => {
        const cookie = await signIn(here, createKey(account, "billing").key);
        await everywhere(cookie, 200);
        redis.signal("SIGSTOP");
        const answer = await ask(here, "/api/session", { headers: { cookie } });
        assert.strictEqual(answer.status, 503);
        assert.strictEqual(answer.headers["retry-after"], "1");
        assert.deepStrictEqual(answer.body, { error: "API key service unavailable" });
        redis.signal("SIGCONT");
        await until(async () => (await status(here, cookie)) === 200 && (await status(there, cookie)) === 200);
    });
    await test("it survives a restart of the store", async () => {
        const cookie = await signIn(here, createKey(account, "billing").key);
        redis.cli("save");
        await redis.stop();
        await everywhere(cookie, 503);
        await redis.start();
        await until(async () => (await status(here, cookie)) === 200 && (await status(there, cookie)) === 200);
    });
    await test("an emptied store is no reason to send anybody away: 503", async () => {
        const cookie = await signIn(here, createKey(account, "billing").key);
        redis.cli("flushall");
        await everywhere(cookie, 503);
    });
    await test("clients that hang up while their session is read", async () => {
        createAccount("again");
        for (let round = 0; round < 50; round++) {
            const request = http.request(`${here.address}/api/session`, { headers: { cookie: `api_key_session=${"0".repeat(64)}` } });
            request.on("error", () => {});
            request.end();
            setTimeout(() => request.destroy(), round % 5);
        }
        await until(async () => (await status(here, `api_key_session=${"0".repeat(64)}`)) === 401);
    });
    await test("nothing secret and no alert in any log", () => {
        for (const node of nodes) {
            const lines = [...node.errors(), ...node.requests()];
            assert.deepStrictEqual(lines.filter((line) => /\[(alert|emerg)\]|mk-[0-9A-Za-z]{12}|[0-9a-f]{64}/.test(line)), []);
        }
    });
    await Promise.all([here.stop(), there.stop()]);
    await redis.stop();
    process.exitCode = finish() ? 0 : 1;
}

main();
