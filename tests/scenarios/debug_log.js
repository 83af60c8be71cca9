#!/usr/bin/env node
// The error log at level debug, where nginx writes to the very end of a process: no key in it, and nothing ends before its time, even when
// a reload takes the module out.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { createAccount, createKey, makeTap, startGateway, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();

async function main() {
    const debugLog = path.join(process.env.TEST_DIRECTORY, "debug.log");
    const { key } = createKey(createAccount("debug log"));
    const gateway = await startGateway("location /gif { api_key proxy; empty_gif; }", { main: `error_log ${debugLog} debug;` });
    const get = async (headers) => (await fetch(`${gateway.address}/gif`, { headers: { connection: "close", ...headers } })).status;
    const bearer = { authorization: `Bearer ${key}` };
    const lines = (pattern) => fs.readFileSync(debugLog, "utf8").split("\n").filter((line) => pattern.test(line));
    const reload = async () => {
        const before = lines(/ exited with code 0/).length;
        process.kill(gateway.pid, "SIGHUP");
        await until(() => lines(/ exited (with|on) /).length > before);
    };

    await test("requests are let in, over a reload too", async () => {
        assert.strictEqual(await get(bearer), 200);
        await reload();
        assert.strictEqual(await get(bearer), 200);
    });
    await test("a reload without the module", async () => {
        fs.writeFileSync(
            path.join(gateway.directory, "nginx.conf"),
            `daemon off; pid ${gateway.directory}/nginx.pid; error_log ${debugLog} debug; events { }
            http { access_log off; server { listen 127.0.0.1:${gateway.port}; location /gif { empty_gif; } } }`
        );
        await reload();
        await until(async () => (await get()) === 200);
    });
    await gateway.stop();
    await test("every process ended well", () => {
        assert.deepStrictEqual(lines(/\[(alert|emerg)\]/), []);
        assert.ok(lines(/ exited with code 0/).length >= 3);
    });
    await test("the key is in no line", () => {
        assert.deepStrictEqual(lines(new RegExp(key)), []);
    });
    process.exitCode = finish() ? 0 : 1;
}

main();
