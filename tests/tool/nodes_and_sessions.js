#!/usr/bin/env node
// Who is signed in, and which nodes there are: apikeyctl shows both, and signs sessions out.
"use strict";

const assert = require("assert");
const { spawnSync } = require("child_process");
const { makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();

async function main() {
    const redis = await startRedis();
    const run = (...words) => {
        const { status, stdout, stderr } = spawnSync(process.env.APIKEYCTL, ["--redis", redis.url, "-o", "json", ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
        return { status, stdout, stderr };
    };
    const tool = (...words) => JSON.parse(run(...words).stdout);
    const account = String(tool("account", "create", "--name", "acme").id);
    const create = (name) => tool("key", "create", "--account", account, "--type", "billing", "--prefix", "mk-", "--name", name);
    const [ops, other] = [create("ops"), create("other")];

    await test("without nodes and sessions the lists are empty", () => {
        assert.deepStrictEqual([tool("node", "list"), tool("session", "list")], [[], []]);
    });

    const options = { store: `${redis.url} timeout=5s` };
    const locations = "location /api/ { api_key billing; api_key_manage; }";
    const [here, there] = [await startGateway(locations, options), await startGateway(locations, options)];
    const signIn = async (key) => {
        const answer = await fetch(`${here.address}/api/session`, { method: "POST", headers: { "content-type": "application/json", origin: here.address }, body: JSON.stringify({ key }) });
        assert.strictEqual(answer.status, 201, await answer.text());
        return answer.headers.get("set-cookie").split(";")[0];
    };
    const status = async (cookie) => (await fetch(`${there.address}/api/session`, { headers: { cookie } })).status;

    await test("each node with its last heartbeat", async () => {
        tool("key", "disable", String(other.id));
        tool("key", "enable", String(other.id));
        await until(() => tool("node", "list").length === 2 && tool("node", "list").every((node) => node.state === "ok" && node.confirmed));
        for (const node of tool("node", "list")) {
            assert.ok(Math.abs(Date.parse(node.lastHeartbeatAt) - Date.now()) < 2000, node.lastHeartbeatAt);
        }
    });

    await test("a node that is stuck is silent, and has not confirmed the change", async () => {
        const pids = spawnSync("pgrep", ["-P", String(there.pid)], { encoding: "utf8" }).stdout.split("\n").filter(Boolean).map(Number);
        pids.forEach((pid) => process.kill(pid, "SIGSTOP"));
        tool("key", "disable", String(other.id));
        await until(() => tool("node", "list").some((node) => node.state === "silent"), 10);
        const states = tool("node", "list").map((node) => [node.state, node.confirmed]).sort();
        pids.forEach((pid) => process.kill(pid, "SIGCONT"));
        assert.deepStrictEqual(states, [["ok", true], ["silent", false]]);
        tool("key", "enable", String(other.id));
        await until(() => tool("node", "list").every((node) => node.state === "ok" && node.confirmed));
    });

    await test("sessions are listed, and signed out by their IDs", async () => {
        const cookies = [await signIn(ops.key), await signIn(ops.key), await signIn(other.key)];
        const listed = tool("session", "list");
        assert.strictEqual(listed.length, 3);
        assert.deepStrictEqual(tool("session", "list", "--key", String(other.id)).map((one) => [one.account, one.keyId]), [[Number(account), other.id]]);
        assert.ok(listed.every((one) => /^[0-9a-f]{16}$/.test(one.id) && Date.parse(one.until) > Date.parse(one.idleUntil)));
        const [{ id }] = tool("session", "list", "--key", String(other.id));
        assert.strictEqual(await status(cookies[2]), 200);
        assert.deepStrictEqual(tool("session", "revoke", id.slice(0, 10), "--dry-run").map((one) => one.id), [id]);
        assert.strictEqual(await status(cookies[2]), 200);
        assert.deepStrictEqual(tool("session", "revoke", id.slice(0, 10)).map((one) => one.id), [id]);
        assert.strictEqual(await status(cookies[2]), 401);
        assert.strictEqual(await status(cookies[0]), 200);
        assert.strictEqual(tool("session", "revoke", "--key", String(ops.id)).length, 2);
        assert.deepStrictEqual(await Promise.all(cookies.map(status)), [401, 401, 401]);
        assert.deepStrictEqual(tool("session", "list"), []);
    });

    await test("the security log says so", () => {
        const [entry] = tool("audit", "list", "--account", account, "--action", "session.delete");
        assert.deepStrictEqual(entry.actor, { type: "operator", name: "apikeyctl" });
        assert.ok(tool("audit", "verify").every((one) => one.state === "ok"));
    });

    await test("what is not there, or not meant, is refused", () => {
        assert.deepStrictEqual([run("session", "revoke", "0123").status, run("session", "revoke", "0123").stderr], [1, "apikeyctl: session 0123 not found\n"]);
        assert.strictEqual(run("session", "revoke").status, 2);
        assert.deepStrictEqual(tool("session", "revoke", "--account", "99"), []);
    });

    await Promise.all([here.stop(), there.stop()]);
    await test("a node that has ended is no longer one", () => {
        assert.deepStrictEqual(tool("node", "list"), []);
    });
    await redis.stop();
    process.exit(finish() ? 0 : 1);
}

main();
