#!/usr/bin/env node
// HTTP/2: each stream is decided by itself, and one that is reset while the store is asked for its key takes nobody with it.
"use strict";

const assert = require("assert");
const http2 = require("http2");
const net = require("net");
const { execFileSync } = require("child_process");
const { freePort, makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();

function connect(port) {
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, "127.0.0.1");
        const session = http2.connect(`http://127.0.0.1:${port}`, { createConnection: () => socket });
        session.reset = () => socket.resetAndDestroy();
        session.once("connect", () => resolve(session));
        session.on("error", reject); // later ones are of no interest
    });
}

// The answer to one stream; `stream` itself has close(), and end() where the body is null.
function send(session, path, headers = {}, body = undefined) {
    const stream = session.request({ ":path": path, ...headers }, { endStream: body === undefined });
    const answer = new Promise((resolve) => {
        const parts = [];
        let received = {};
        stream.on("response", (fields) => (received = fields));
        stream.on("data", (part) => parts.push(part));
        stream.on("error", () => {});
        stream.on("close", () => resolve({ status: received[":status"], headers: received, text: Buffer.concat(parts).toString(), code: stream.rstCode }));
    });
    if (body) {
        stream.end(body);
    }
    return { stream, answer };
}

// Frames are read in their order: nginx has dealt with all that was sent before.
function processed(session) {
    return new Promise((resolve, reject) => session.ping((error) => (error ? reject(error) : resolve())));
}

const bearer = (key) => ({ authorization: `Bearer ${key}` });
const unknown = "ms-0000000000000000000000000000000014VMmE"; // well-formed
const post = { ":method": "POST", "content-type": "application/json" };

async function main() {
    const redis = await startRedis();
    const tool = (...words) => JSON.parse(execFileSync(process.env.APIKEYCTL, ["--redis", redis.url, "-o", "json", ...words], { encoding: "utf8" }));
    const account = String(tool("account", "create", "--name", "http2").id);
    const makeKey = (type = "proxy", prefix = "ms-", name = "test") => tool("key", "create", "--account", account, "--type", type, "--prefix", prefix, "--name", name);
    const port = await freePort();
    const gateway = await startGateway(
        `listen 127.0.0.1:${port} http2;
         location /gif { api_key proxy; empty_gif; }
         location /v1/ { api_key proxy; proxy_pass http://demo; }
         location /messages { api_key proxy; api_key_from bearer header=x-api-key; api_key_error_format anthropic; empty_gif; }
         location /delayed { auth_delay 50ms; api_key proxy; empty_gif; }
         location /named { api_key proxy; proxy_pass http://demo/v1/echo; add_header X-Key-Name $api_key_name; }
         location /modelled { api_key proxy; api_key_model body; proxy_pass http://demo/v1/echo; add_header X-Key-Name $api_key_name; }
         location /api/ { api_key billing; api_key_manage; }`,
        { store: `${redis.url} timeout=30s` },
    );
    const workers = () => execFileSync("pgrep", ["-P", String(gateway.pid)], { encoding: "utf8" });
    const firstWorkers = workers();
    const session = await connect(port);
    const get = (path, key) => send(session, path, key ? bearer(key) : {}).answer;
    const { key } = makeKey();
    const manager = makeKey("billing", "mk-").key;
    const { id: deletedId, key: deleted } = makeKey();
    tool("key", "delete", String(deletedId));
    const cancelled = () => gateway.requests().filter((line) => /" 499 /.test(line)).length;

    await test("allowed: the answer is the upstream's, and the key does not reach it", async () => {
        const { status, text } = await get("/v1/echo", key);
        assert.strictEqual(status, 200);
        const { url, headers } = JSON.parse(text);
        assert.strictEqual(url, "/v1/echo");
        assert.ok(!("authorization" in headers), text);
    });
    await test("refused: JSON with all its headers", async () => {
        const { status, headers, text } = await get("/gif", deleted);
        assert.strictEqual(status, 401);
        assert.deepStrictEqual(JSON.parse(text), { error: "Invalid API Key" });
        assert.strictEqual(headers["content-type"], "application/json");
        assert.strictEqual(headers["content-length"], String(text.length));
        assert.strictEqual(headers["cache-control"], "no-store");
        assert.strictEqual(headers["www-authenticate"], 'Bearer realm="api", error="invalid_token"');
        assert.strictEqual(headers["x-should-retry"], "false");
        assert.match(headers["x-request-id"], /^[0-9a-f]{32}$/);
    });
    await test("the request id in the body is the header's", async () => {
        const { headers, text } = await get("/messages");
        assert.strictEqual(JSON.parse(text).request_id, headers["x-request-id"]);
    });
    await test("HEAD has no body; after auth_delay the answer is the same", async () => {
        const head = await send(session, "/gif", { ":method": "HEAD" }).answer;
        assert.deepStrictEqual([head.status, head.headers["content-length"], head.text], [401, "27", ""]);
        const delayed = await get("/delayed");
        assert.deepStrictEqual([delayed.status, delayed.text], [401, '{"error":"Missing API Key"}']);
    });
    await test("two keys in one stream: 400", async () => {
        const both = await send(session, "/messages", { ...bearer(key), "x-api-key": key }).answer;
        const twice = await send(session, "/messages", { "x-api-key": [key, key] }).answer;
        assert.deepStrictEqual([both.status, twice.status], [400, 400]);
        assert.strictEqual(JSON.parse(twice.text).error.message, "More than one API key was sent");
    });
    await test("a body that is refused unread does not disturb the other streams", async () => {
        const refused = send(session, "/v1/echo", post, Buffer.alloc(200000, "a")).answer;
        const allowed = send(session, "/v1/echo", { ...post, ...bearer(key) }, "hello").answer;
        assert.strictEqual((await refused).text, '{"error":"Missing API Key"}');
        assert.strictEqual(JSON.parse((await allowed).text).body, "hello");
    });
    await test("the management API", async () => {
        const made = await send(session, "/api/keys", { ...post, ...bearer(manager) }, '{"name":"by http2"}').answer;
        assert.strictEqual(made.status, 201);
        assert.strictEqual((await get("/gif", JSON.parse(made.text).key)).status, 200);
    });
    await test("120 streams at once: each gets the answer to its own key", async () => {
        const fresh = Array.from({ length: 10 }, () => makeKey().key);
        const kinds = [
            ...fresh.map((one) => [one, 200, /^GIF/]),
            [key, 200, /^GIF/],
            [undefined, 401, /Missing/],
            ["ms-short", 401, /Invalid/],
            [deleted, 401, /Invalid/],
            [manager, 403, /kind/],
        ];
        const asked = Array.from({ length: 120 }, (_, index) => kinds[index % kinds.length]);
        const answers = await Promise.all(asked.map(([one]) => get("/gif", one)));
        answers.forEach(({ status, text }, index) => {
            assert.strictEqual(status, asked[index][1]);
            assert.match(text, asked[index][2]);
        });
    });
    await test("a stream that lasts keeps the record of its own key, while others are sent over its connection, and its own changes", async () => {
        const [first, second] = ["first", "second"].map((name) => makeKey("proxy", "ms-", name));
        const nameFor = async (one) => (await get("/named", one.key)).headers["x-key-name"];
        for (let round = 0; round < 2; round++) {
            assert.deepStrictEqual([await nameFor(first), await nameFor(second), await nameFor(first)], ["first", "second", "first"]);
        }
        const upload = send(session, "/named", { ...post, ...bearer(first.key) }, null);
        await processed(session);
        assert.strictEqual(await nameFor(second), "second");
        tool("key", "update", String(first.id), "--name", "another");
        assert.strictEqual(await nameFor(first), "another");
        assert.strictEqual(await nameFor(second), "second");
        upload.stream.end("hello");
        assert.strictEqual((await upload.answer).headers["x-key-name"], "first");
        tool("key", "delete", String(first.id));
        assert.deepStrictEqual([(await get("/named", first.key)).status, await nameFor(second)], [401, "second"]);
    });
    await test("a key that changes while the body of its stream is awaited is read again", async () => {
        const one = makeKey("proxy", "ms-", "before");
        tool("key", "update", String(one.id), "--models", "m"); // so that the body is read before the decision
        for (let round = 0; round < 2; round++) {
            assert.strictEqual((await get("/named", one.key)).headers["x-key-name"], "before");
        }
        const upload = send(session, "/modelled", { ...post, ...bearer(one.key) }, null);
        await processed(session);
        tool("key", "update", String(one.id), "--name", "after");
        upload.stream.end('{"model":"m"}');
        const { status, headers } = await upload.answer;
        assert.deepStrictEqual([status, headers["x-key-name"]], [200, "after"]);
    });
    await test("paused: streams that are reset while they wait are gone; those that wait for the same key, or another, are answered", async () => {
        const shared = makeKey().key;
        const alone = makeKey().key;
        const before = cancelled();
        redis.signal("SIGSTOP");
        const first = send(session, "/gif", bearer(shared)); // the one that asked
        const stays = send(session, "/gif", bearer(shared));
        const others = Array.from({ length: 30 }, () => send(session, "/v1/echo", bearer(shared)));
        const onlyOne = send(session, "/gif", bearer(alone)); // nobody is left to hear about this key
        const managing = send(session, "/api/keys", { ...post, ...bearer(manager) }, '{"name":"unheard"}');
        const listing = send(session, "/api/keys", bearer(manager));
        const stranger = send(session, "/messages", { "x-api-key": unknown });
        await processed(session);
        for (const { stream } of [first, ...others, onlyOne, managing, stranger]) {
            stream.close(http2.constants.NGHTTP2_CANCEL);
        }
        await processed(session);
        await until(() => cancelled() === before + 34);
        assert.strictEqual(stays.stream.closed, false);
        redis.signal("SIGCONT");
        assert.strictEqual((await stays.answer).status, 200);
        assert.strictEqual((await listing.answer).status, 200);
        assert.strictEqual((await get("/gif", alone)).status, 200);
    });
    await test("paused: a stream reset and sent again, over and over", async () => {
        const unseen = makeKey().key;
        redis.signal("SIGSTOP");
        for (let round = 0; round < 100; round++) {
            const { stream } = send(session, "/gif", bearer(unseen));
            await processed(session);
            stream.close(http2.constants.NGHTTP2_CANCEL);
        }
        const last = send(session, "/gif", bearer(unseen));
        await processed(session);
        redis.signal("SIGCONT");
        assert.strictEqual((await last.answer).status, 200);
    });
    await test("paused: a connection that breaks with all its streams waiting", async () => {
        const unseen = [makeKey().key, makeKey().key];
        const second = await connect(port);
        const before = cancelled();
        redis.signal("SIGSTOP");
        for (let index = 0; index < 50; index++) {
            send(second, "/gif", bearer(unseen[index % 2]));
        }
        await processed(second);
        second.reset();
        await until(() => cancelled() === before + 50);
        redis.signal("SIGCONT");
        assert.strictEqual((await get("/gif", unseen[0])).status, 200);
        assert.strictEqual((await get("/gif", unseen[1])).status, 200);
    });
    await test("the worker is the first one still, and no log has an alert or a key", () => {
        assert.strictEqual(workers(), firstWorkers);
        assert.deepStrictEqual(gateway.errors().filter((line) => /\[(alert|emerg|crit)\]|exited on signal/.test(line)), []);
        assert.ok(![...gateway.errors(), ...gateway.requests()].some((line) => line.includes(key)));
    });
    session.close();
    await gateway.stop();
    await redis.stop();
    process.exitCode = finish() ? 0 : 1;
}

main();
