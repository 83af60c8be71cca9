#!/usr/bin/env node
// An export, restored into another store: accounts, keys, limits, use, ledgers and logs are all there, and the keys pass.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { spawnSync } = require("child_process");
const { makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();

async function main() {
    const [from, to] = [await startRedis(), await startRedis()];
    const run = (redis, ...words) => {
        const { status, stdout, stderr } = spawnSync(process.env.APIKEYCTL, ["--redis", redis.url, "-o", "json", ...words], { encoding: "utf8", maxBuffer: 1e9 });
        return { status, said: stderr, stdout };
    };
    const tool = (redis, ...words) => JSON.parse(run(redis, ...words).stdout);
    const locations = `
        location /gif/ { api_key proxy; api_key_cost 0.25; empty_gif; }
        location /api/ { api_key billing; api_key_manage; }`;
    const account = String(tool(from, "account", "create", "--name", "acme", "--plan", "pro").id);
    tool(from, "account", "topup", account, "--amount", "10", "--reference", "inv-1");
    const create = (type, prefix, name) => tool(from, "key", "create", "--account", account, "--type", type, "--prefix", prefix, "--name", name);
    const manager = create("billing", "mk-", "ops");
    const app = create("proxy", "ms-", "app ß");
    const rotated = create("proxy", "ms-", "rotated");
    const rotatedAgain = tool(from, "key", "rotate", String(rotated.id), "--prefix", "ms-", "--overlap", "3600");
    const gateway = await startGateway(locations, { store: `${from.url} timeout=5s` });
    const status = async (node, key) => (await fetch(`${node.address}/gif/`, { headers: { authorization: `Bearer ${key}`, connection: "close" } })).status;
    const manage = async (node, route, method = "GET", body = undefined) => {
        const headers = { authorization: `Bearer ${manager.key}`, connection: "close" };
        const answer = await fetch(`${node.address}/api${route}`, { method, headers, body: body && JSON.stringify(body) });
        assert.ok(answer.ok, `${method} ${route}: ${answer.status}`);
        return answer.json();
    };
    await manage(gateway, `/keys/${app.id}`, "PATCH", { quotas: { daily: 5 }, alias: "app-1", expires_at: "2099-01-01T00:00:00Z" });
    for (let count = 0; count < 3; count++) {
        assert.strictEqual(await status(gateway, app.key), 200);
    }
    await until(() => tool(from, "logs", "--account", account, "--key", String(app.id)).length === 3);
    await gateway.stop(); // it gives back what it was granted
    const file = path.join(process.env.TEST_DIRECTORY, "export.jsonl");

    await test("an export goes into a new file that only its owner may read", () => {
        assert.strictEqual(run(from, "export", file).status, 0);
        assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600);
        const again = run(from, "export", file);
        assert.strictEqual(again.status, 2);
        assert.match(again.said, /File exists/);
    });

    const lines = fs.readFileSync(file, "utf8").trim().split("\n");

    await test("it has JSON lines with a heading and an end, and no secret", () => {
        const parsed = lines.map((line) => JSON.parse(line));
        assert.strictEqual(parsed[0].export, "apikeyctl");
        assert.deepStrictEqual(parsed.at(-1), { end: lines.length - 2 });
        const names = parsed.map((line) => line.name);
        for (const name of [`account:${account}`, String(app.id), `day:${app.id}`, `wallet:${account}`, `ledger:${account}`, `audit:${account}`, `log:${account}`]) {
            assert.ok(names.includes(name), name);
        }
        for (const secret of [manager.key, app.key, rotated.key, rotatedAgain.key]) {
            assert.ok(!lines.some((line) => line.includes(secret)));
        }
        assert.strictEqual(parsed.find((line) => line.name === String(app.id)).hash.name, "app ß");
    });

    await test("without the request logs", () => {
        const { stdout } = run(from, "export", "--without-logs");
        assert.ok(!stdout.includes('"name":"log:') && stdout.includes('"name":"audit:'));
    });

    await test("a store that is in use is refused", () => {
        const { status: code, said } = run(from, "restore", file);
        assert.strictEqual(code, 1);
        assert.match(said, /has accounts already/);
    });

    await test("so is another pepper", () => {
        const other = path.join(process.env.TEST_DIRECTORY, "other-pepper");
        fs.writeFileSync(other, `1:${"ab".repeat(32)}\n`);
        const { status: code, said } = run(to, "--pepper", other, "restore", file);
        assert.strictEqual(code, 1);
        assert.match(said, /not the one of the exported store/);
        assert.strictEqual(to.cli("DBSIZE"), "0");
    });

    await test("what is cut off is not put to use, and can be restored later", () => {
        const part = path.join(process.env.TEST_DIRECTORY, "part.jsonl");
        fs.writeFileSync(part, lines.slice(0, -3).join("\n"));
        const { status: code, said } = run(to, "restore", part);
        assert.strictEqual(code, 2);
        assert.match(said, /cut off/);
        assert.strictEqual(run(to, "doctor").status, 1);
    });

    await test("what is no export is refused", () => {
        const { status: code, said } = run(to, "restore", process.env.APIKEYCTL_PEPPER);
        assert.strictEqual(code, 2);
        assert.match(said, /does not begin as/);
    });

    await test("it is restored", () => {
        const { status: code, stdout } = run(to, "restore", file);
        assert.strictEqual(code, 0);
        assert.strictEqual(JSON.parse(stdout).restored, lines.length - 2);
    });

    await test("all of it is there", () => {
        for (const words of [
            ["account", "list"],
            ["account", "show", account],
            ["account", "transactions", account],
            ["key", "list", "--account", account],
            ["logs", "--account", account],
            ["usage", "--account", account],
            ["audit", "list", "--account", account],
        ]) {
            assert.deepStrictEqual(tool(to, ...words), tool(from, ...words), words.join(" "));
        }
        assert.strictEqual(run(to, "audit", "verify").status, 0);
        assert.strictEqual(tool(to, "audit", "list", "--account", "0")[0].action, "store.import");
        for (const name of [`day:${app.id}`, `use:`]) {
            const [found] = to.cli("--scan", "--pattern", `ak:{k}:${name}*`).split("\n");
            assert.ok(Math.abs(Number(to.cli("PTTL", found)) - Number(from.cli("PTTL", found))) < 5000, found);
        }
    });

    await test("its keys pass, within what is left of their limits", async () => {
        const node = await startGateway(locations, { store: `${to.url} timeout=5s` });
        assert.strictEqual(await status(node, rotated.key), 200);
        assert.strictEqual(await status(node, rotatedAgain.key), 200);
        assert.deepStrictEqual([await status(node, app.key), await status(node, app.key), await status(node, app.key)], [200, 200, 429]);
        const usage = await manage(node, `/keys/${app.id}/usage`);
        assert.strictEqual(usage.quotas.daily.used, 5);
        await node.stop();
    });

    await test("a new key does not take the id of an old one", () => {
        assert.strictEqual(tool(to, "key", "create", "--account", account, "--type", "proxy", "--prefix", "ms-", "--name", "new").id, rotated.id + 1);
    });

    await from.stop();
    await to.stop();
    process.exit(finish() ? 0 : 1);
}

main();
