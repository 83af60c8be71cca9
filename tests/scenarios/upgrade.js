#!/usr/bin/env node
// What becomes of upgraded connections: nothing is tunnelled where something holds for requests that would not hold for it.
"use strict";

const assert = require("assert");
const http = require("http");
const net = require("net");
const path = require("path");
const { createAccount, createKey, freePort, makeTap, startGateway, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();

// Answers 101 to everything, whatever was asked for, and keeps what comes then.
function startEagerUpstream(socketPath) {
    const tunnelled = [];
    let requests = 0;
    const server = net.createServer((socket) => {
        let head = "";
        socket.on("error", () => {});
        socket.on("data", (bytes) => {
            if (head.includes("\r\n\r\n")) {
                tunnelled.push(bytes.toString());
                return;
            }
            head += bytes.toString("latin1");
            if (head.includes("\r\n\r\n")) {
                requests++;
                socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nwelcome");
            }
        });
    });
    return new Promise((resolve) => server.listen(socketPath, () => resolve({ tunnelled, requests: () => requests, close: () => server.close() })));
}

// Sends a request by hand, and once something has been answered what an upgraded connection would carry. gives what was answered
function offer(port, target, key, lines) {
    return new Promise((resolve) => {
        const socket = net.connect(port, "127.0.0.1");
        let answer = "";
        const end = () => {
            socket.destroy();
            resolve(answer);
        };
        socket.on("error", end);
        socket.on("close", end);
        socket.on("data", (bytes) => {
            answer += bytes.toString();
            if (/^HTTP\/1.1 101[^]*welcome/.test(answer)) {
                socket.write(`secret of ${target}`);
                setTimeout(end, 300);
            } else if (/^HTTP\/1.1 4/.test(answer)) {
                end();
            }
        });
        socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`);
    });
}

// One request in frames made by hand: libraries do not send an Upgrade header over HTTP/2. gives what came, as text
function overHttp2(port, headers) {
    const frame = (type, flags, stream, payload) => {
        const head = Buffer.alloc(9);
        head.writeUIntBE(payload.length, 0, 3);
        head.writeUInt8(type, 3);
        head.writeUInt8(flags, 4);
        head.writeUInt32BE(stream, 5);
        return Buffer.concat([head, payload]);
    };
    const text = (value) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
    const block = Buffer.concat(headers.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
    return new Promise((resolve) => {
        const socket = net.connect(port, "127.0.0.1");
        let answer = "";
        socket.on("error", () => {});
        socket.on("close", () => resolve(answer));
        socket.on("data", (bytes) => {
            answer += bytes.toString("latin1");
            if (answer.includes("}}")) {
                socket.destroy();
            }
        });
        socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        socket.write(Buffer.concat([frame(4, 0, 0, Buffer.alloc(0)), frame(1, 5, 1, block)]));
    });
}

const websocket = ["Upgrade: websocket", "Connection: Upgrade"];

async function main() {
    const account = createAccount("upgrade");
    const { key } = createKey(account);
    const upstream = await startEagerUpstream(path.join(process.env.TEST_DIRECTORY, "eager.sock"));
    const secure = await freePort();
    const proxy = (name, more) => `location /${name}/ {
            api_key proxy; ${more}
            proxy_set_header Connection upgrade;
            proxy_pass http://unix:${process.env.TEST_DIRECTORY}/eager.sock;
        }`;
    const asked = "proxy_set_header Upgrade $http_upgrade;";
    const gateway = await startGateway(
        `listen 127.0.0.1:${secure} http2;
        ${proxy("open", asked)}
        ${proxy("metered", `${asked} api_key_meter openai;`)}
        ${proxy("always", "proxy_set_header Upgrade websocket; api_key_meter openai;")}
        ${proxy("known", `${asked} api_key_meter openai; api_key_upgrade pass;`)}`,
    );

    await test("where nothing holds, nginx tunnels as ever", async () => {
        assert.match(await offer(gateway.port, "/open/", key, websocket), /^HTTP\/1.1 101/);
        assert.deepStrictEqual(upstream.tunnelled, ["secret of /open/"]);
    });

    await test("where a meter stands, the upstream is not even asked", async () => {
        const before = upstream.requests();
        for (const lines of [websocket, ["upgrade: h2c", "UPGRADE: WebSocket"], ["Upgrade: foo/1, websocket"]]) {
            assert.match(await offer(gateway.port, "/metered/", key, lines), /^HTTP\/1.1 426 [^]*\r\n\r\n\{"error":/);
        }
        assert.strictEqual(upstream.requests(), before);
    });

    await test("an upstream that takes an offer which nobody passed on gets no bytes", async () => {
        await offer(gateway.port, "/metered/", key, ["Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP__"]);
        await offer(gateway.port, "/always/", key, ["Upgrade: h2c", "Connection: Upgrade"]);
        await offer(gateway.port, "/always/", key, ["Upgrade:"]);
        await offer(gateway.port, "/always/", key, []);
        assert.deepStrictEqual(upstream.tunnelled, ["secret of /open/"]);
    });

    await test("a client's library reads the answer and may go on", async () => {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        const ask = () =>
            new Promise((resolve, reject) => {
                const headers = { Authorization: `Bearer ${key}`, Upgrade: "websocket", Connection: "Upgrade" };
                const request = http.get(`${gateway.address}/metered/`, { headers, agent }, (response) => {
                    response.resume().on("end", () => resolve(response));
                });
                request.on("upgrade", () => reject(new Error("upgraded")));
                request.on("error", reject);
            });
        for (const response of [await ask(), await ask()]) {
            assert.strictEqual(response.statusCode, 426);
            assert.strictEqual(response.headers.upgrade, "HTTP/1.1");
        }
        agent.destroy();
    });

    await test("over HTTP/2 too", async () => {
        const frames = await overHttp2(secure, [
            [":method", "GET"],
            [":scheme", "http"],
            [":path", "/metered/"],
            [":authority", "x"],
            ["authorization", `Bearer ${key}`],
            ["upgrade", "websocket"],
        ]);
        assert.ok(frames.includes("426"), frames);
        assert.ok(frames.includes('"code":"upgrade_refused"'), frames);
    });

    await test("let by knowingly, it is one request", async () => {
        const before = upstream.tunnelled.length;
        assert.match(await offer(gateway.port, "/known/", key, websocket), /^HTTP\/1.1 101/);
        await until(() => upstream.tunnelled.length === before + 1);
        await until(() => gateway.requests().filter((line) => line.includes('"GET /known/ HTTP/1.1" 101')).length === 1);
    });

    await gateway.stop();
    upstream.close();
    process.exitCode = finish() ? 0 : 1;
}

main();
