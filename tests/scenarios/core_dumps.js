#!/usr/bin/env node
// What a core dump of nginx would hold: all of a process's memory but what is left out of dumps. The pepper is not in it.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const { createAccount, createKey, makeTap, startGateway } = require("../lib/gateway.js");

if (process.env.SANITIZE) {
    console.log("1..0 # SKIP the address sanitizer keeps what was freed, and maps terabytes");
    process.exit(0);
}
const { test, finish } = makeTap();
const piece = 16 * 1024 * 1024;

// The readable regions of a process; `dumped` says whether a core dump has them.
function regionsOf(pid) {
    const regions = [];
    for (const line of fs.readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
        const region = /^([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \S+ *(.*)/.exec(line);
        if (region !== null) {
            regions.push({ begin: parseInt(region[1], 16), end: parseInt(region[2], 16), name: region[3], dumped: true });
        } else if (line.startsWith("VmFlags:") && regions.length) {
            regions[regions.length - 1].dumped = !/ dd( |$)/.test(line);
        }
    }
    return regions.filter(({ name }) => !/^\[(vvar|vsyscall)/.test(name));
}

function holds(file, { begin, end }, secret) {
    for (let at = begin; at < end; at += piece) {
        const bytes = Buffer.alloc(Math.min(piece + secret.length, end - at));
        const size = fs.readSync(file, bytes, 0, bytes.length, at);
        if (bytes.subarray(0, size).includes(secret)) {
            return true;
        }
    }
    return false;
}

// The regions that have the secret, and are dumped or not.
function find(pid, secret) {
    const file = fs.openSync(`/proc/${pid}/mem`, "r");
    const found = regionsOf(pid).filter((region) => holds(file, region, secret));
    fs.closeSync(file);
    return found;
}

(async () => {
    const locations = "location /gif { api_key proxy; empty_gif; } location /api/ { api_key billing; api_key_manage; }";
    const gateway = await startGateway(locations);
    const account = createAccount("core dumps");
    const [first, last] = [createKey(account).key, createKey(account).key];
    const manager = createKey(account, "billing").key;
    const [, hex] = /^\d+:([0-9a-f]+)/m.exec(fs.readFileSync(process.env.APIKEYCTL_PEPPER, "utf8"));
    const worker = Number(execFileSync("pgrep", ["-P", String(gateway.pid)], { encoding: "utf8" }).trim());

    await test("keys are looked up, made and sealed", async () => {
        assert.strictEqual((await fetch(`${gateway.address}/gif`, { headers: { authorization: `Bearer ${first}` } })).status, 200);
        const headers = { authorization: `Bearer ${manager}`, "idempotency-key": "once" };
        assert.strictEqual((await fetch(`${gateway.address}/api/keys`, { method: "POST", headers, body: '{"name":"made"}' })).status, 201);
        assert.strictEqual((await fetch(`${gateway.address}/gif`, { headers: { authorization: `Bearer ${last}` } })).status, 200);
    });
    await test("the pepper is in memory that is not dumped", () => {
        for (const pid of [gateway.pid, worker]) {
            const regions = find(pid, Buffer.from(hex, "hex"));
            assert.ok(regions.length >= 1); // it was looked for in the right way
            assert.deepStrictEqual(regions.filter(({ dumped }) => dumped), []);
        }
    });
    await test("nor is the text of its file", () => {
        for (const pid of [gateway.pid, worker]) {
            assert.deepStrictEqual(find(pid, Buffer.from(hex)).filter(({ dumped }) => dumped), []);
        }
    });
    await gateway.stop();
    process.exitCode = finish() ? 0 : 1;
})();
