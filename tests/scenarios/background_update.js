#!/usr/bin/env node
// A cached answer that nginx brings up to date in the background, with `log_subrequest on`: the update is no request of its own.
"use strict";

const assert = require("assert");
const { apikeyctl, createAccount, createKey, makeTap, startGateway, until } = require("../lib/gateway.js");

async function main() {
    const { test, finish } = makeTap();
    const account = createAccount("background update");
    const proxy = createKey(account);
    const billing = createKey(account, "billing");
    apikeyctl("account", "topup", String(account), "--amount", "10", "--reference", "first");
    const gateway = await startGateway(
        `log_subrequest on;
        location /v1/ {
            api_key proxy;
            api_key_cost 0.001;
            proxy_buffering on;
            proxy_cache answers;
            proxy_cache_key x;
            proxy_cache_valid 1s;
            proxy_cache_use_stale updating;
            proxy_cache_background_update on;
            add_header X-Cache $upstream_cache_status;
            proxy_pass http://demo/;
        }
        location /api/ { api_key billing; api_key_manage; }`,
        { http: "proxy_cache_path cache keys_zone=answers:1m;" },
    );

    await test("an update in the background costs nothing, and the request that caused it what it costs", async () => {
        const seen = [];
        const ask = async () => {
            const response = await fetch(`${gateway.address}/v1/echo`, { headers: { Authorization: `Bearer ${proxy.key}` } });
            await response.text();
            seen.push(response.headers.get("x-cache"));
            return seen.at(-1);
        };
        await until(async () => (await ask()) === "STALE");
        await until(async () => (await ask()) === "HIT");
        const charged = (10 - 0.001 * seen.length).toFixed(6);
        await until(async () => {
            const response = await fetch(`${gateway.address}/api/balance`, { headers: { Authorization: `Bearer ${billing.key}` } });
            const { balance, held } = await response.json();
            return held === "0.000000" && balance === charged;
        });
        assert.strictEqual(gateway.requests().filter((line) => line.includes(" /v1/echo ")).length, seen.length + 1);
    });

    await gateway.stop();
    process.exitCode = finish() ? 0 : 1;
}

main();
