#!/usr/bin/env node
// Thousands of odd requests over HTTP/1.1 and HTTP/2: headers left out, empty, doubled and in any order, odd methods, paths, bodies and
// credentials, to every kind of place. No worker ends, no key stands in a log or in the store, and good requests are let in as before.
// SEED=n repeats a run.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const http2 = require("http2");
const net = require("net");
const path = require("path");
const { createAccount, createKey, freePort, makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");
const { makeRandom } = require("../soak/random.js");

const requests = 3000;
const requests2 = 1000;
const seed = Number(process.env.SEED ?? 15);
const { next, between, one } = makeRandom(seed);
const chance = (probability) => next() < probability;
const { test, finish } = makeTap();

const paths = {
    "/bearer/": "api_key proxy; proxy_pass http://demo/v1/echo/;",
    "/all/": "api_key proxy billing; api_key_from bearer header=x-api-key header=x-goog-api-key query=key; proxy_pass http://demo/v1/echo/;",
    "/forward/": "api_key proxy; api_key_forward on; api_key_from bearer query=key; proxy_pass http://demo/v1/echo/;",
    "/openai/": "api_key proxy; api_key_from bearer query=key; api_key_meter openai; proxy_pass http://demo/v1/;",
    "/anthropic/": "api_key proxy; api_key_from bearer header=x-api-key; api_key_meter anthropic; proxy_pass http://demo/v1/;",
    "/gemini/": "api_key proxy; api_key_from header=x-goog-api-key query=key; api_key_meter gemini; proxy_pass http://demo/v1beta/;",
    "/priced/": "api_key proxy; api_key_model $arg_model; api_key_cost 0.000001; empty_gif;",
    "/any/": "api_key proxy; satisfy any; deny all; auth_request /bearer/ask; proxy_pass http://demo/v1/echo/;",
    "/open/": "proxy_pass http://demo/v1/echo/;",
    "/early/": "api_key proxy; return 404;",
    "/api/": "api_key billing; api_key_manage;",
};
const http = `
    map $http_x_api_key $mapped { default $http_x_api_key; }
    limit_req_zone $http_authorization zone=a:1m rate=100000r/s;
    limit_req_zone $mapped$request_uri zone=b:1m rate=100000r/s;
    log_format all '$request|$request_uri|$uri|$args|$arg_key|$http_authorization|$http_x_api_key|$http_x_goog_api_key|$http_cookie|'
                   '$http_referer|$http_user_agent|$http_x_other|$remote_user|$host|$mapped|$request_body|$api_key_name|$api_key_model|$status';`;

const optional = (...choices) => () => (chance(0.4) ? undefined : one(choices));
const makeHeaders = (keys) => ({
    host: () => (chance(0.95) ? "localhost" : one(["", "other.example", "[::1", keys.any()])),
    authorization: () => one([undefined, `Bearer ${keys.any()}`, `Bearer ${keys.any()}`, `bEARER   ${keys.any()} `, "Bearer", "Bearer ", "", keys.any(), `Basic ${Buffer.from(`${keys.any()}:x`).toString("base64")}`, "Basic", "Basic ="]),
    "x-api-key": () => one([undefined, undefined, undefined, keys.any(), ""]),
    "x-goog-api-key": () => one([undefined, undefined, undefined, keys.any(), ""]),
    "x-other": () => one([undefined, keys.any(), "", "x"]),
    "content-type": optional("", "application/json", "application/json; charset=utf-8", "multipart/form-data", "multipart/form-data; boundary=b", "multipart/form-data; boundary=", "MULTIPART/form-data;boundary=\"b", "text/plain", ";", "x".repeat(300)),
    "content-encoding": () => one([undefined, undefined, undefined, "", "identity", "gzip"]),
    accept: optional("", "*/*", "text/event-stream", "application/problem+json"),
    cookie: () => one([undefined, "", "=", `api_key_session=${"a".repeat(64)}`, "api_key_session=", `api_key_session=x; api_key_session=${keys.any()}`, `k=${keys.any()}`]),
    referer: () => one([undefined, "", "?", `http://x/?key=${keys.any()}`, `?key=${keys.encoded()}#`]),
    "user-agent": optional("", "curl/8", keys.any()),
    origin: optional("", "null", "http://localhost", "https://evil.example"),
    "sec-fetch-site": optional("", "same-origin", "cross-site"),
    "idempotency-key": optional("", "a", "b", "i".repeat(300)),
    "x-forwarded-for": optional("", "::1", "x", "192.0.2.1, ::1"),
    "if-match": () => one([undefined, undefined, "", "*", '"x"']),
    range: () => one([undefined, undefined, "", "bytes=0-", "bytes=9-1"]),
});

// Names and values in any order; some twice, some empty.
function oddHeaders(makers) {
    const headers = [];
    for (const [name, make] of Object.entries(makers)) {
        for (let count = chance(0.04) ? 2 : 1; count > 0; count--) {
            const value = make();
            if (value !== undefined) {
                headers.push([chance(0.2) ? name.toUpperCase() : name, value]);
            }
        }
    }
    return headers.map((header) => [next(), header]).sort(([a], [b]) => a - b).map(([, header]) => header);
}

function oddPath(keys) {
    const place = one(Object.keys(paths));
    const rest = one(["", "chat/completions", "completions", "messages", "messages/count_tokens", "models/m:generateContent", "models/m:streamGenerateContent", "models", "keys", "keys/1", "keys/x/rotate", "session", "me", "usage", "logs", "%00", "%", "..%2f", "a//b/../c", "ü", keys.any(), keys.encoded(), "x".repeat(2000)]);
    const query = one(["", "", "?", "?&&=&", `?key=${keys.any()}`, `?key=${keys.encoded()}&key=`, `?a=1&%6bey=${keys.any()}`, "?key", "?model=m&alt=sse", `?limit=${one(["1", "-1", "x", ""])}&q=%`, `?x=${keys.any()}`]);
    return one([place, place, place, place, "/none/", "//"]) + rest + query;
}

function oddBody(keys) {
    const json = {
        model: one(["m", "other", "", 1, null, keys.any()]), stream: one([true, false, "x"]), max_tokens: one([1, -1, 1e30, "x", null]), n: one([1, 0, 3]),
        messages: [{ role: "user", content: one(["Grüße", "", "x".repeat(5000), keys.any()]) }], name: "a", key: one([keys.any(), ""]),
    };
    for (const name of Object.keys(json)) {
        if (chance(0.3)) {
            delete json[name];
        }
    }
    const text = JSON.stringify(json);
    return Buffer.from(one([text, text, text, text.slice(0, between(0, text.length)), text.replace(/"/g, "'"), `${text}${text}`, "", "{}", "[]", "null", "\0", "{".repeat(2000),
        '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--b--\r\n', "--b\r\n\r\n--b--", "--b", '{"model":"m","model":"other"}', `{"model":"\\ud800"}`, "x".repeat(between(1, 70000))]));
}

function chunked(body) {
    const middle = between(0, body.length);
    const chunk = (part) => (part.length ? Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]) : Buffer.alloc(0));
    return Buffer.concat([chunk(body.subarray(0, middle)), chunk(body.subarray(middle)), Buffer.from(one(["0\r\n\r\n", "0\r\n\r\n", "0\r\n\r\n", "zz\r\n", ""]))]);
}

const methods = ["GET", "GET", "POST", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "ODD", "get"];

function oddRequest(keys, makers) {
    const headers = oddHeaders(makers).map(([name, value]) => `${name}: ${value}`);
    const body = chance(0.7) ? oddBody(keys) : Buffer.alloc(0);
    const isChunked = chance(0.2);
    if (isChunked) {
        headers.splice(between(0, headers.length), 0, "Transfer-Encoding: chunked");
    } else if (chance(0.9)) {
        headers.splice(between(0, headers.length), 0, `Content-Length: ${chance(0.95) ? body.length : one(["", "x", "-1", body.length + 5, body.length - 1])}`);
    }
    if (chance(0.1)) {
        headers.push(one(["Expect: 100-continue", "Upgrade: websocket", "Connection: keep-alive, Upgrade", " folded: x", ": x", "a"]));
    }
    const line = `${one(methods)} ${oddPath(keys)} ${chance(0.97) ? "HTTP/1.1" : one(["HTTP/1.0", "HTTP/9", ""])}`;
    return Buffer.concat([Buffer.from([line, "Connection: close", ...headers, "", ""].join("\r\n")), isChunked ? chunked(body) : body]);
}

// Gives the status; 0 when nothing came before the server or the clock ended it.
function send(port, bytes) {
    return new Promise((resolve) => {
        const socket = net.connect(port, "127.0.0.1", () => socket.write(bytes));
        let answer = "";
        socket.setTimeout(300, () => socket.destroy());
        socket.on("data", (part) => (answer += answer.length < 100 ? part.toString("latin1") : ""));
        socket.on("error", () => {});
        socket.on("close", () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)));
    });
}

function send2(session, keys, makers) {
    const headers = { ":method": one(methods), ":path": oddPath(keys).replace(/[^!-~]/g, "") };
    for (const [name, value] of oddHeaders(makers)) {
        const key = name.toLowerCase();
        headers[key] = key in headers && !["authorization", "content-type", "host", "referer", "user-agent", "range", "if-match", "origin", "content-encoding"].includes(key) ? [headers[key], value].flat() : value;
    }
    return new Promise((resolve) => {
        let status = 0;
        const stream = session.request(headers, { endStream: false });
        stream.setTimeout(300, () => stream.close(http2.constants.NGHTTP2_CANCEL));
        stream.on("response", (fields) => (status = fields[":status"]));
        stream.on("error", () => {});
        stream.on("close", () => resolve(status));
        stream.resume();
        stream.end(chance(0.7) ? oddBody(keys) : undefined);
    });
}

// At most 32 at a time; gives how often each status came.
async function sendAll(count, sendOne) {
    const statuses = {};
    await Promise.all(Array.from({ length: 32 }, async () => {
        while (count-- > 0) {
            const status = await sendOne();
            statuses[status] = (statuses[status] ?? 0) + 1;
        }
    }));
    return statuses;
}

(async () => {
    const redis = await startRedis("--rdbcompression", "no");
    process.env.APIKEYCTL_REDIS = redis.url;
    const prices = path.join(process.env.TEST_DIRECTORY, "odd-prices.json");
    fs.writeFileSync(prices, JSON.stringify({ m: { input_cost_per_token: 1e-6, output_cost_per_token: 1e-6, max_output_tokens: 100 } }));
    const port2 = await freePort();
    const locations = `
        listen 127.0.0.1:${port2} http2;
        access_log logs-all.log all;
        limit_req zone=a burst=100000 nodelay;
        limit_req zone=b burst=100000 nodelay;
        client_header_timeout 1s; client_body_timeout 1s; client_max_body_size 64k;
        ${Object.entries(paths).map(([place, lines]) => `location ${place} { ${lines} }`).join("\n")}`;
    const gateway = await startGateway(locations, { main: "worker_processes 2;", store: `${redis.url} timeout=5s`, http: `api_key_prices ${prices}; ${http}` });
    const workers = () => execFileSync("pgrep", ["-P", String(gateway.pid)], { encoding: "utf8" }).trim();
    const account = createAccount("odd requests");
    const other = createAccount("its manager meets odd requests too");
    const good = createKey(account);
    const scoped = createKey(account);
    const ended = createKey(account);
    const manager = createKey(account, "billing").key;
    const victim = createKey(other, "billing").key;
    const manage = (route, method, body) =>
        fetch(`${gateway.address}/api/${route}`, { method, headers: { authorization: `Bearer ${manager}` }, body: JSON.stringify(body) });
    assert.strictEqual((await manage(`keys/${scoped.id}`, "PATCH", { models: ["m"] })).status, 200);
    assert.strictEqual((await manage(`keys/${ended.id}`, "PATCH", { active: false })).status, 200);
    execFileSync(process.env.APIKEYCTL, ["account", "topup", String(account), "--amount", "1000", "--reference", "odd"]);
    const secrets = [good.key, scoped.key, ended.key, victim, `ms-${"Unknown0".repeat(4)}abcdef`];
    const keys = {
        any: () => one(secrets),
        encoded: () => Array.from(one(secrets), (c) => (chance(0.5) ? c : `%${c.charCodeAt(0).toString(16)}`)).join(""),
    };
    const makers = makeHeaders(keys);
    const before = workers();

    await test(`${requests} odd requests over HTTP/1.1 (SEED=${seed})`, async () => {
        const statuses = await sendAll(requests, () => send(gateway.port, oddRequest(keys, makers)));
        for (const status of [200, 400, 401, 403, 404]) {
            assert.ok(statuses[status] >= 20, JSON.stringify(statuses));
        }
        assert.ok(!statuses[500], JSON.stringify(statuses));
    });
    await test(`${requests2} over HTTP/2`, async () => {
        const session = http2.connect(`http://127.0.0.1:${port2}`);
        session.on("error", () => {});
        let current = session;
        const statuses = await sendAll(requests2, () => {
            if (current.closed || current.destroyed) {
                current = http2.connect(`http://127.0.0.1:${port2}`);
                current.on("error", () => {});
            }
            return send2(current, keys, makers);
        });
        current.destroy();
        for (const status of [200, 400, 401, 404]) {
            assert.ok(statuses[status] >= 10, JSON.stringify(statuses));
        }
        assert.ok(!statuses[500], JSON.stringify(statuses));
    });
    await test("good requests are let in at every place", async () => {
        const body = (place) => JSON.stringify(place.startsWith("/gemini/")
            ? { contents: [{ parts: [{ text: "x" }] }], generationConfig: { maxOutputTokens: 10 } }
            : { model: "m", max_tokens: 10, messages: [{ role: "user", content: "x" }] });
        const post = (place, headers) => fetch(gateway.address + place, { method: "POST", body: body(place), headers });
        assert.strictEqual((await post("/bearer/x", { authorization: `Bearer ${good.key}` })).status, 200);
        assert.strictEqual((await post("/all/x", { "x-api-key": good.key })).status, 200);
        assert.strictEqual((await post("/openai/chat/completions", { authorization: `Bearer ${scoped.key}` })).status, 200);
        assert.strictEqual((await post("/anthropic/messages", { "x-api-key": scoped.key })).status, 200);
        assert.strictEqual((await post("/gemini/models/m:generateContent", { "x-goog-api-key": scoped.key })).status, 200);
        assert.strictEqual((await manage("keys", "POST", { name: "after" })).status, 201);
    });
    await test("the same workers run, without an alert", () => {
        assert.strictEqual(workers(), before);
        assert.deepStrictEqual(gateway.errors().filter((line) => /\[(alert|emerg)\]|exited on signal/.test(line)), []);
    });
    await test("no key stands in a log", () => {
        const decode = (text) => text.replace(/(?:%[0-9a-f]{2})+/gi, (part) => Buffer.from(part.replaceAll("%", ""), "hex").toString("latin1"));
        const log = fs.readFileSync(path.join(gateway.directory, "logs-all.log"), "latin1").split("\n");
        assert.ok(log.length > (requests + requests2) / 2, `${log.length} lines`);
        const bad = [...log, ...gateway.requests(), ...gateway.errors()].filter((line) => secrets.some((secret) => decode(line).includes(secret.slice(8, -6))));
        assert.deepStrictEqual(bad.slice(0, 3), []);
    });
    await test("nor in the store", async () => {
        await until(() => Number(redis.cli("xlen", "ak:{k}:0") || 0) >= 0);
        redis.cli("save");
        const dump = fs.readFileSync(path.join(redis.directory, "dump.rdb"), "latin1");
        assert.ok(dump.includes("/bearer/"));
        assert.deepStrictEqual(secrets.filter((secret) => dump.includes(secret.slice(8, -6))), []);
    });
    await gateway.stop();
    await redis.stop();
    process.exitCode = finish() ? 0 : 1;
})();
