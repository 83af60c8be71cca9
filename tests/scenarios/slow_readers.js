#!/usr/bin/env node
// Streams that the module takes the usage chunk out of: every byte else arrives, however they are cut and read, and a client that does not
// read costs no more than without the module.
"use strict";

const assert = require("assert");
const fs = require("fs");
const http = require("http");
const http2 = require("http2");
const net = require("net");
const path = require("path");
const zlib = require("zlib");
const { createHash } = require("crypto");
const { createAccount, createKey, freePort, makeTap, startGateway, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const hash = (text) => createHash("sha256").update(text).digest("hex");

const event = (content) => `data: ${JSON.stringify({ choices: [{ delta: { content } }], usage: null })}\n\n`;
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5}}\n\n';
const done = "data: [DONE]\n\n";

// Events of 60 bytes to 24 KB, numbered: what is lost, doubled or out of order shows.
function* events(bytes) {
    for (let sent = 0, number = 0; sent < bytes; number++) {
        const size = [10, 200, 30, 3000, 90, 1000, 15_000, 24_000, 5][number % 9];
        const text = event(`${number} ${"x".repeat(size)}`);
        sent += text.length;
        yield text;
    }
}

// Streams what a request's body says: { bytes, pieces: [sizes of writes, again and again] | cut, text }. Adds the usage where it was asked for.
function startUpstream(socketPath) {
    const state = { written: 0 };
    const stream = async (response, wanted) => {
        const told = wanted.stream_options?.include_usage ? usage : "";
        let wake = () => {};
        response.on("drain", () => wake()).on("close", () => wake());
        const write = async (text) => {
            state.written += text.length;
            if (!response.write(text) && !response.destroyed) {
                await new Promise((resolve) => (wake = resolve));
            }
        };
        if (wanted.cut !== undefined) {
            const whole = wanted.text + told + done;
            await write(whole.slice(0, wanted.cut));
            await pause(3);
            await write(whole.slice(wanted.cut));
            return response.end();
        }
        for (const text of events(wanted.bytes)) {
            if (response.destroyed) {
                return undefined;
            }
            await write(text);
        }
        return response.end(told + done);
    };
    const server = http.createServer(async (request, response) => {
        const parts = [];
        for await (const part of request) {
            parts.push(part);
        }
        const wanted = JSON.parse(Buffer.concat(parts).toString());
        response.writeHead(200, { "Content-Type": "text/event-stream", ...(wanted.unbuffered ? { "X-Accel-Buffering": "no" } : {}) });
        response.on("error", () => {});
        await stream(response, wanted);
    });
    return new Promise((resolve) => server.listen(socketPath, () => resolve({ state, close: () => server.close() })));
}

function makeRequest(target, key, wanted, headers = {}) {
    const body = JSON.stringify({ stream: true, ...wanted });
    const all = { Host: "x", Authorization: `Bearer ${key}`, "Content-Type": "application/json", "Content-Length": body.length, ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return `POST ${target}/chat/completions HTTP/1.1\r\n${lines.join("")}Connection: close\r\n\r\n${body}`;
}

function ask(port, target, key, wanted, headers = {}) {
    return new Promise((resolve, reject) => {
        const body = JSON.stringify({ stream: true, ...wanted });
        const all = { Authorization: `Bearer ${key}`, "Content-Type": "application/json", ...headers };
        const request = http.request({ port, host: "127.0.0.1", path: `${target}/chat/completions`, method: "POST", headers: all }, resolve);
        request.on("error", reject);
        request.end(body);
    });
}

async function textOf(stream, slowly = false) {
    const parts = [];
    for await (const part of stream) {
        parts.push(part);
        if (slowly && parts.length % 20 === 0) {
            await pause(5);
        }
    }
    return Buffer.concat(parts).toString();
}

function residentBytes(pid) {
    return Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;
}

const childOf = (pid) => Number(fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);

// What the worker grows by while a client that asked for so many bytes reads nothing. gives the client's socket too
async function growth(gateway, upstream, target, key, wanted) {
    const worker = childOf(gateway.pid);
    const before = residentBytes(worker);
    const socket = net.connect({ port: gateway.port, host: "127.0.0.1" });
    socket.pause();
    upstream.state.written = 0;
    socket.write(makeRequest(target, key, wanted));
    let seen = -1;
    await until(() => upstream.state.written > 0);
    while (seen !== upstream.state.written) {
        seen = upstream.state.written;
        await pause(700);
    }
    return { bytes: residentBytes(worker) - before, socket };
}

async function main() {
    const account = createAccount("slow readers");
    const { key } = createKey(account);
    const upstream = await startUpstream(path.join(process.env.TEST_DIRECTORY, "streams.sock"));
    const second = await freePort();
    const start = () =>
        startGateway(
            `listen 127.0.0.1:${second} http2;
            location /buffered/ { proxy_buffering on; api_key proxy; api_key_meter openai; proxy_pass http://streams; }
            location /small/ { proxy_buffering on; proxy_buffer_size 1k; proxy_buffers 4 1k; proxy_busy_buffers_size 2k; proxy_max_temp_file_size 0; api_key proxy; api_key_meter openai; proxy_pass http://streams; }
            location /unbuffered/ { api_key proxy; api_key_meter openai; proxy_pass http://streams; }
            location /gzip/ { gzip on; gzip_types text/event-stream; gzip_proxied any; api_key proxy; api_key_meter openai; proxy_pass http://streams; }
            location /limited/ { limit_rate 300k; api_key proxy; api_key_meter openai; proxy_pass http://streams; }`,
            {
                http: `upstream streams { server unix:${process.env.TEST_DIRECTORY}/streams.sock; }
                    log_format tokens '$uri $status in=$api_key_input_tokens out=$api_key_output_tokens'; access_log access.log tokens;`,
            },
        );
    let gateway = await start();

    await test("a short stream, cut at every byte", async () => {
        const text = `${event("a")}: comment\r\n\r\n${event("b").replaceAll("\n", "\r\n")}${event("c")}`;
        const size = (text + usage + done).length;
        for (const target of ["/unbuffered", "/buffered"]) {
            for (let cut = 1; cut < size; cut += 8) {
                const cuts = Array.from({ length: Math.min(8, size - cut) }, (_, index) => cut + index);
                const answers = await Promise.all(cuts.map(async (one) => textOf(await ask(gateway.port, target, key, { text, cut: one }))));
                answers.forEach((answer, index) => assert.strictEqual(answer, text + done, `${target}, cut at ${cuts[index]}`));
            }
        }
    });

    const bytes = 6_000_000;
    const expected = hash([...events(bytes)].join("") + done);

    for (const target of ["/unbuffered", "/buffered", "/small", "/limited"]) {
        await test(`a long stream read with pauses, ${target}`, async () => {
            const size = target === "/limited" ? 900_000 : bytes;
            const answer = await textOf(await ask(gateway.port, target, key, { bytes: size }), true);
            assert.strictEqual(hash(answer), hash([...events(size)].join("") + done));
        });
    }

    await test("a client that reads nothing for a while gets all of it then", async () => {
        for (const [target, wanted] of [["/unbuffered", {}], ["/buffered", {}], ["/small", {}], ["/buffered", { unbuffered: true }]]) {
            const answer = await ask(gateway.port, target, key, { bytes: 3 * bytes, ...wanted });
            await pause(300);
            assert.strictEqual(hash(await textOf(answer)), hash([...events(3 * bytes)].join("") + done), target);
        }
    });

    await test("compressed by nginx", async () => {
        const answer = await ask(gateway.port, "/gzip", key, { bytes }, { "Accept-Encoding": "gzip" });
        assert.strictEqual(answer.headers["content-encoding"], "gzip");
        assert.strictEqual(hash(await textOf(answer.pipe(zlib.createGunzip()), true)), expected);
    });

    await test("over HTTP/2, several at a time, read with pauses", async () => {
        const session = http2.connect(`http://127.0.0.1:${second}`);
        const one = async (target) => {
            const stream = session.request({ ":method": "POST", ":path": `${target}/chat/completions`, authorization: `Bearer ${key}`, "content-type": "application/json" });
            stream.end(JSON.stringify({ stream: true, bytes }));
            assert.strictEqual(hash(await textOf(stream, true)), expected, target);
        };
        await Promise.all(["/unbuffered", "/buffered", "/small", "/unbuffered"].map(one));
        session.close();
    });

    await test("clients that go away in the middle", async () => {
        for (let round = 0; round < 20; round++) {
            const target = ["/unbuffered", "/buffered", "/small"][round % 3];
            const answer = await ask(gateway.port, target, key, { bytes });
            await new Promise((resolve) => answer.once("data", resolve));
            await pause(round);
            answer.destroy();
        }
        assert.strictEqual(hash(await textOf(await ask(gateway.port, "/unbuffered", key, { bytes }))), expected);
    });

    await test("the tokens of all that came to its end are known", async () => {
        const whole = gateway.requests().filter((line) => line.endsWith("200 in=3 out=5"));
        assert.ok(whole.length > 300, `${whole.length}`);
    });
    assert.deepStrictEqual(gateway.errors().filter((line) => /\[(alert|emerg|crit)\]/.test(line)), []);
    await gateway.stop();

    const large = 60_000_000;
    for (const [target, wanted] of [["/unbuffered", {}], ["/buffered", { unbuffered: true }], ["/buffered", {}], ["/small", {}]]) {
        await test(`a client that does not read costs what it costs without, ${target} ${JSON.stringify(wanted)}`, async () => {
            const grown = [];
            for (const more of [{ stream_options: { include_usage: true } }, {}]) {
                gateway = await start(); // memory that was freed hides growth
                const { bytes: size, socket } = await growth(gateway, upstream, target, key, { bytes: large, ...wanted, ...more });
                grown.push(size);
                socket.destroy();
                await gateway.stop();
            }
            console.log(`# without ${grown[0] >> 10} KB, with ${grown[1] >> 10} KB`);
            assert.ok(grown[1] < grown[0] + (process.env.SANITIZE ? 20_000_000 : 2_000_000), `${grown}`); // the sanitizer keeps what was freed
        });
    }

    upstream.close();
    process.exitCode = finish() ? 0 : 1;
}

main();
