#!/usr/bin/env node
// What keys are used for while it happens: the log as it grows, the keys with most requests, and the sums of an account.
"use strict";

const assert = require("assert");
const { spawn, spawnSync } = require("child_process");
const { apikeyctl, createAccount, createKey, makeTap, startGateway, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();

// A command that goes on: { lines(), end() }
function start(command, ...words) {
    const child = spawn(command, words, { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (piece) => (said += piece));
    const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
    return {
        said: () => said,
        lines: () => said.split("\n").filter(Boolean),
        end: () => {
            child.kill("SIGINT");
            return ended;
        },
    };
}

async function main() {
    const account = String(createAccount("live"));
    const [busy, dear] = [createKey(account, "proxy", "busy"), createKey(account, "proxy", "dear")];
    const locations = `
        location /cheap/ { api_key proxy; api_key_cost 0.01; empty_gif; }
        location /dear/ { api_key proxy; api_key_cost 2.5; empty_gif; }`;
    apikeyctl("account", "topup", account, "--amount", "100", "--reference", "live");
    const gateway = await startGateway(locations);
    const request = async (path, { key }) =>
        assert.strictEqual((await fetch(gateway.address + path, { headers: { authorization: `Bearer ${key}` } })).status, 200);

    await request("/cheap/before", busy);
    await until(() => apikeyctl("logs", "--account", account).length === 1);
    const followed = start(process.env.APIKEYCTL, "-o", "json", "logs", "-f", "--account", account);
    const filtered = start(process.env.APIKEYCTL, "-o", "json", "logs", "-f", "--account", account, "--key", String(dear.id));
    const table = start(process.env.APIKEYCTL, "-o", "table", "logs", "-f", "--account", account);
    await until(() => followed.lines().length === 1 && table.lines().length === 2);
    for (let count = 0; count < 4; count++) {
        await request(`/cheap/${count}`, busy);
    }
    await request("/dear/", dear);

    await test("the log goes on with new requests, each once, the newest last", async () => {
        await until(() => followed.lines().length >= 6 && filtered.lines().length >= 1 && table.lines().length >= 7);
        await request("/cheap/last", busy);
        await until(() => followed.lines().length >= 7);
        await new Promise((resolve) => setTimeout(resolve, 2500)); // a request that was printed twice would be by then
        const entries = followed.lines().map((line) => JSON.parse(line));
        assert.deepStrictEqual(entries.map((entry) => entry.path).sort(), ["/cheap/0", "/cheap/1", "/cheap/2", "/cheap/3", "/cheap/before", "/cheap/last", "/dear/"]);
        assert.deepStrictEqual([entries[0].path, entries[6].path], ["/cheap/before", "/cheap/last"]);
        assert.deepStrictEqual(filtered.lines().map((line) => JSON.parse(line).path), ["/dear/"]);
        assert.strictEqual(table.lines().filter((line) => line.startsWith("AT ")).length, 1);
        assert.strictEqual(table.lines().length, 8);
    });
    for (const one of [followed, filtered, table]) {
        assert.strictEqual(await one.end(), "SIGINT");
    }

    await test("--follow has no end", () => {
        const { status, stderr } = spawnSync(process.env.APIKEYCTL, ["logs", "-f", "--account", account, "--to", "now"], { encoding: "utf8" });
        assert.deepStrictEqual([status, stderr], [2, "apikeyctl: --follow: has no end, and does not go with --to\n"]);
    });

    await until(() => apikeyctl("account", "usage", account).requests === 7);
    await test("the sums of an account", () => {
        const { id, name, from, to, keys, requests, credits } = apikeyctl("account", "usage", account, "--from", "1h");
        assert.deepStrictEqual([id, name, keys, requests, credits], [Number(account), "live", 2, 7, "2.560000"]);
        assert.ok(Date.parse(from) < Date.now() && Date.parse(to) > Date.parse(from));
        assert.strictEqual(apikeyctl("account", "usage", account, "--from", "90d").requests, 7);
    });

    await test("the keys with most requests, and with the highest cost", () => {
        const top = (...words) => apikeyctl("top", "--account", account, ...words).map((row) => [row.keyId, row.name, row.requests, row.credits]);
        const rows = [[busy.id, "busy", 6, "0.060000"], [dear.id, "dear", 1, "2.500000"]];
        assert.deepStrictEqual(top(), rows);
        assert.deepStrictEqual(top("--by", "credits"), [...rows].reverse());
        assert.deepStrictEqual(top("--by", "credits", "--last", "2d", "--limit", "1"), [rows[1]]);
        assert.ok(apikeyctl("top").some((row) => row.keyId === busy.id && row.account === Number(account)));
    });

    await test("live on a terminal", async () => {
        const terminal = start("script", "-qec", `stty cols 80 rows 24; exec "$APIKEYCTL" top --account ${account} --interval 1s`, "/dev/null");
        await until(() => terminal.said().split("Keys by requests").length > 3, 20);
        const screen = terminal.said().split("\u001b[2J").at(-2);
        await terminal.end();
        assert.match(screen, /^ACCOUNT +KEY ID +NAME +ALIAS +REQUESTS +CREDITS +REFUSED\r$/m);
        assert.match(screen, /busy +- +6 +0\.06/);
    });

    await gateway.stop();
    process.exit(finish() ? 0 : 1);
}

main();
