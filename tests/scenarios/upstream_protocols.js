#!/usr/bin/env node
// An application that is asked by uwsgi's protocol, as FastCGI's and SCGI's: what it is told of a body's length is what it gets, where the
// module has put the wish for usage into the body as well.
"use strict";

const assert = require("assert");
const net = require("net");
const path = require("path");
const { createAccount, createKey, makeTap, startGateway } = require("../lib/gateway.js");

const { test, finish } = makeTap();

// The variables of a packet: four bytes, then names and values, each behind its length. Nothing when it has not come whole.
function readVariables(received) {
    const end = received.length < 4 ? Infinity : 4 + received.readUInt16LE(1);
    if (received.length < end) {
        return null;
    }
    const variables = {};
    let at = 4;
    const take = () => {
        const size = received.readUInt16LE(at);
        at += 2 + size;
        return received.subarray(at - size, at).toString();
    };
    while (at < end) {
        const name = take();
        variables[name] = take();
    }
    return { variables, body: received.subarray(end) };
}

function startApplication(socket) {
    const server = net.createServer((connection) => {
        let received = Buffer.alloc(0);
        connection.on("data", (bytes) => {
            received = Buffer.concat([received, bytes]);
            const request = readVariables(received);
            const told = request === null ? Infinity : Number(request.variables.CONTENT_LENGTH);
            if (request !== null && request.body.length >= told) {
                const answer = JSON.stringify({ told, body: request.body.subarray(0, told).toString() });
                connection.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${answer}`);
            }
        });
    });
    return new Promise((resolve) => server.listen(socket, () => resolve(server)));
}

async function main() {
    const socket = path.join(process.env.TEST_DIRECTORY, "uwsgi.sock");
    const application = await startApplication(socket);
    const { key } = createKey(createAccount("upstream protocols"));
    const pass = `uwsgi_param CONTENT_LENGTH $content_length; uwsgi_pass unix:${socket};`;
    const gateway = await startGateway(
        `location /v1/ { api_key proxy; api_key_meter openai; ${pass} }
         location /early/ { set $early $content_length; api_key proxy; api_key_meter openai; ${pass} }`
    );
    const ask = async (place, body) => {
        const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
        const answer = await fetch(`${gateway.address}${place}chat/completions`, { method: "POST", headers, body, duplex: "half" });
        assert.strictEqual(answer.status, 200);
        return answer.json();
    };
    const asking = '{"stream_options":{"include_usage":true},"stream":true,"messages":[]}';

    for (const place of ["/v1/", "/early/"]) {
        await test(`${place}: a body that was made longer`, async () => {
            assert.deepStrictEqual(await ask(place, '{"stream":true,"messages":[]}'), { told: asking.length, body: asking });
        });
        await test(`${place}: one that stays as it is`, async () => {
            assert.deepStrictEqual(await ask(place, '{"messages":[]}'), { told: 15, body: '{"messages":[]}' });
        });
    }
    await test("one that came in chunks", async () => {
        const pieces = new Blob(['{"stream":true,', '"messages":[]}']).stream();
        assert.deepStrictEqual(await ask("/v1/", pieces), { told: asking.length, body: asking });
    });
    await gateway.stop();
    application.close();
    process.exitCode = finish() ? 0 : 1;
}

main();
