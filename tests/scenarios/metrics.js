#!/usr/bin/env node
// What the metrics page counts, over all workers, and that Prometheus' own tool finds nothing wrong with it and with docs/monitoring.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const { createAccount, createKey, makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");
const { load, status } = require("../lib/load.js");

const { test, finish } = makeTap();
const monitoring = path.join(__dirname, "../../docs/monitoring");
const locations = `
    location /gif/ { api_key proxy; empty_gif; }
    location /v1/ { api_key proxy; api_key_meter openai; proxy_pass http://demo; }
    location = /metrics { api_key_metrics top=10; }
    location /api/ { api_key billing; api_key_manage; }`;

async function page(node) {
    return (await fetch(`${node.address}/metrics`)).text();
}

// The value of a sample, such as `api_key_requests_total{result="ok"}`.
async function value(node, sample) {
    const line = (await page(node)).split("\n").find((one) => one.startsWith(`${sample} `));
    return Number(line.slice(sample.length + 1));
}

(async () => {
    const redis = await startRedis();
    process.env.APIKEYCTL_REDIS = redis.url;
    const account = createAccount("measured");
    const { key, id } = createKey(account);
    const manager = createKey(account, "billing").key;
    const node = await startGateway(locations, { main: "worker_processes 2;", store: `${redis.url} timeout=300ms` });

    await test("requests by result, the cache, and how long decisions took", async () => {
        await load([node.address], "/gif/", key, 500);
        await load([node.address], "/gif/", "ms-" + "0".repeat(38), 20);
        await status(`${node.address}/gif/`, "");
        assert.strictEqual(await value(node, 'api_key_requests_total{result="ok"}'), 500);
        assert.strictEqual(await value(node, 'api_key_requests_total{result="invalid_key"}'), 20);
        const cached = await Promise.all(["hit", "miss"].map((word) => value(node, `api_key_cache_results_total{result="${word}"}`)));
        assert.ok(cached[0] + cached[1] === 500 && cached[1] >= 1 && cached[1] <= 64, String(cached));
        assert.strictEqual(await value(node, "api_key_decision_seconds_count"), 521);
        assert.strictEqual(await value(node, "api_key_zone_entries"), 1);
    });

    await test("tokens by provider, and answers that did not tell them", async () => {
        const ask = (body) => fetch(`${node.address}/v1/chat/completions`, {
            method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify(body) }).then((answer) => answer.text());
        const messages = [{ role: "user", content: "Hello" }];
        await ask({ model: "gpt-4o-mini", messages });
        await ask({ model: "gpt-4o-mini", messages, stream: true });
        await fetch(`${node.address}/v1/echo`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body: "{}" }).then((answer) => answer.text());
        await until(async () => (await value(node, 'api_key_output_tokens_total{provider="openai"}')) === 8, 2);
        assert.strictEqual(await value(node, 'api_key_input_tokens_total{provider="openai"}'), 4);
        assert.strictEqual(await value(node, 'api_key_unmetered_total{reason="not_told"}'), 1);
    });

    await test("what uses no tokens is not counted as unmetered", async () => {
        const unmetered = async () => (await page(node)).match(/^api_key_unmetered_total\{.*$/gm).join();
        const before = await unmetered();
        assert.strictEqual((await fetch(`${node.address}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status, 200);
        assert.strictEqual(await unmetered(), before);
    });

    await test("the version, the change channel, and how long changes take to be confirmed", async () => {
        assert.match(await page(node), /^api_key_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
        await until(async () => (await value(node, "api_key_change_channel_up")) === 1);
        const change = (count, body = '{"category":"a"}') => fetch(`${node.address}/api/keys/${id}`, { method: "PATCH", headers: { authorization: `Bearer ${manager}` }, body }).then(async (answer) => {
            assert.strictEqual(answer.status, 200);
            assert.strictEqual(await value(node, "api_key_change_confirm_seconds_count"), count);
            return value(node, "api_key_unconfirmed_changes_total");
        });
        assert.strictEqual(await change(1), 0);
        const other = await startGateway(locations, { main: "worker_processes 1;", store: `${redis.url} timeout=300ms` });
        await until(async () => (await value(other, "api_key_change_channel_up")) === 1);
        const worker = Number(execFileSync("pgrep", ["-P", String(other.pid)], { encoding: "utf8" }));
        process.kill(worker, "SIGSTOP");
        assert.strictEqual(await change(2, '{"category":"b"}'), 1);
        process.kill(worker, "SIGCONT");
        await other.stop();
        assert.ok((await value(node, "api_key_change_confirm_seconds_sum")) > 0.5);
    });

    await test("records written, and none dropped", async () => {
        await until(async () => (await value(node, "api_key_log_records_total")) === 506, 3);
        assert.strictEqual(await value(node, "api_key_log_records_dropped_total"), 0);
        assert.strictEqual(await value(node, "api_key_log_records_waiting"), 0);
    });

    await test("the store, up and down", async () => {
        assert.strictEqual(await value(node, "api_key_store_up"), 1);
        assert.ok((await value(node, 'api_key_store_operations_total{outcome="done"}')) > 0);
        redis.signal("SIGSTOP");
        await until(async () => (await value(node, "api_key_store_up")) === 0, 10);
        assert.ok((await value(node, 'api_key_store_operations_total{outcome="unavailable"}')) > 0);
        redis.signal("SIGCONT");
        await until(async () => (await value(node, "api_key_store_up")) === 1, 10);
    });

    await test("promtool finds nothing wrong with the page", async () => {
        execFileSync("promtool", ["check", "metrics"], { input: await page(node), stdio: ["pipe", "pipe", "inherit"] });
    });

    await test("promtool finds nothing wrong with the alert rules, and they fire when they should", () => {
        execFileSync("promtool", ["check", "rules", path.join(monitoring, "alerts.yaml")], { stdio: ["ignore", "pipe", "inherit"] });
        execFileSync("promtool", ["test", "rules", path.join(monitoring, "alerts_test.yaml")], { stdio: ["ignore", "pipe", "inherit"] });
    });

    await test("rules and dashboard name no metric that the page does not have", async () => {
        const text = await page(node);
        for (const file of ["alerts.yaml", "dashboard.json"]) {
            const names = new Set(fs.readFileSync(path.join(monitoring, file), "utf8").match(/expr.*/g).join().match(/\bapi_key_[a-z_]+/g));
            assert.ok(names.size >= 5);
            for (const name of names) {
                assert.ok(text.includes(`${name}{`) || text.includes(`${name} `), `${file}: ${name}`);
            }
        }
        JSON.parse(fs.readFileSync(path.join(monitoring, "dashboard.json"), "utf8"));
    });

    await node.stop();
    await redis.stop();
    process.exit(finish() ? 0 : 1);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
