#!/usr/bin/env node
// HTTP/3: a request with a key over QUIC is decided, counted and logged as any other. Needs an nginx and a curl that have it.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { execFileSync, spawnSync } = require("child_process");
const { apikeyctl, createAccount, createKey, freePort, makeTap, startGateway, until } = require("../lib/gateway.js");
const { makeCertificates } = require("../lib/servers.js");

function missing() {
    const built = spawnSync(process.env.NGINX_BINARY, ["-V"], { encoding: "utf8" }).stderr;
    if (!built.includes("--with-http_v3_module")) {
        return "this nginx is built without --with-http_v3_module";
    }
    return execFileSync("curl", ["--version"], { encoding: "utf8" }).includes("HTTP3") ? undefined : "this curl has no HTTP/3";
}

async function main() {
    const reason = missing();
    if (reason) {
        console.log(`1..0 # SKIP ${reason}`);
        return;
    }
    const { test, finish } = makeTap();
    const files = makeCertificates();
    const account = createAccount("http3");
    const { id, key } = createKey(account);
    const billing = createKey(account, "billing").key;
    const port = await freePort();
    const gateway = await startGateway(
        `listen 127.0.0.1:${port} quic;
         ssl_certificate ${files.server.crt};
         ssl_certificate_key ${files.server.key};
         location /gif { api_key proxy; empty_gif; }
         location /v1/ { api_key proxy; proxy_pass http://demo; }
         location /api/ { api_key billing; api_key_manage; }`);
    const url = `https://127.0.0.1:${port}`;
    // the answer's version, status and body; a secret stays out of the arguments that others on this machine can read
    const ask = (address, secret, ...words) => {
        const headers = path.join(gateway.directory, "headers");
        fs.writeFileSync(headers, secret ? `authorization: Bearer ${secret}\n` : "accept: */*\n", { mode: 0o600 });
        const said = execFileSync("curl", ["-s", "--http3-only", "--cacert", files.ca.crt, "-H", `@${headers}`, "-w", "\n%{http_version} %{http_code}", ...words, address],
            { encoding: "utf8", maxBuffer: 1 << 24 });
        const [, body, version, status] = /^([^]*)\n(\S+) (\d+)$/.exec(said);
        assert.strictEqual(version, "3");
        return { status: Number(status), body };
    };

    await test("with the key, without one, with an unknown one", async () => {
        assert.strictEqual(ask(`${url}/gif`, key, "-o", "/dev/null").status, 200);
        const refused = ask(`${url}/gif`);
        assert.strictEqual(refused.status, 401);
        assert.strictEqual(JSON.parse(refused.body).error, "Missing API Key");
        assert.strictEqual(ask(`${url}/gif`, "ms-0000000000000000000000000000000014VMmE").status, 401);
    });
    await test("proxied, with a body of a megabyte", async () => {
        const body = path.join(gateway.directory, "megabyte");
        fs.writeFileSync(body, "x".repeat(1 << 20));
        const answer = ask(`${url}/v1/echo`, key, "--data-binary", `@${body}`);
        assert.ok(answer.status < 500 && answer.status !== 401, String(answer.status));
    });
    await test("several streams of one connection, a quota to the last request", async () => {
        const limited = JSON.parse(ask(`${url}/api/keys`, billing, "-d", '{"name":"three","quotas":{"total":3}}').body);
        const headers = path.join(gateway.directory, "streams");
        fs.writeFileSync(headers, `authorization: Bearer ${limited.key}\n`, { mode: 0o600 });
        const said = execFileSync("curl", ["-s", "-Z", "--http3-only", "--cacert", files.ca.crt, "-H", `@${headers}`, "-w", "%{http_code}\n", ...Array(8).fill(["-o", "/dev/null", `${url}/gif`]).flat()],
            { encoding: "utf8" });
        const statuses = said.trim().split("\n").sort();
        assert.deepStrictEqual(statuses, ["200", "200", "200", "429", "429", "429", "429", "429"]);
    });
    await test("the API over HTTP/3; a key that is switched off is rejected at once", async () => {
        assert.strictEqual(ask(`${url}/api/keys/${id}`, billing, "-X", "PATCH", "-d", '{"active":false}').status, 200);
        assert.strictEqual(ask(`${url}/gif`, key).status, 403);
        assert.strictEqual(ask(`${url}/api/keys/${id}`, billing, "-X", "PATCH", "-d", '{"active":true}').status, 200);
    });
    await test("each request is in the key's log", async () => {
        await until(() => apikeyctl("logs", "--account", String(account), "--key", String(id)).length >= 3, 10);
    });
    await gateway.stop();
    assert.deepStrictEqual(gateway.errors().filter((line) => /\[(alert|emerg|crit)\]/.test(line)), []);
    assert.ok(!gateway.errors().some((line) => line.includes(key) || line.includes(billing)));
    finish();
}

main();
