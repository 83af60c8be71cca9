#!/usr/bin/env node
// Redis over TLS: who is let in, whom the gateway trusts, and what both it and apikeyctl say of what is not good.
"use strict";

const assert = require("assert");
const { spawnSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const { makeTap, startGateway, until } = require("../lib/gateway.js");
const { status } = require("../lib/load.js");
const { makeCertificates, startServer } = require("../lib/servers.js");

const { test, finish } = makeTap();
const locations = "location /gif { api_key proxy; empty_gif; } location /api/ { api_key billing; api_key_manage; }";
const password = "acl-password-of-the-gateway";

async function main() {
    const files = makeCertificates();
    const serverWords = (name) => ["--tls-cert-file", files[name].crt, "--tls-key-file", files[name].key, "--tls-ca-cert-file", files.ca.crt, "--tls-auth-clients", "yes"];
    const clientWords = ["--tls", "--cacert", files.ca.crt, "--cert", files.client.crt, "--key", files.client.key];
    const passwordFile = path.join(process.env.TEST_DIRECTORY, "acl-password");
    fs.writeFileSync(passwordFile, `${password}\n`);
    const server = await startServer({ tls: { server: serverWords("server"), client: clientWords } });
    server.cli("acl", "setuser", "gateway", "on", `>${password}`, "~ak:*", "&ak:*", "+@all", "-@admin", "-@dangerous", "+info", "+config|get");
    const url = `rediss://127.0.0.1:${server.port}`;
    const login = `user=gateway password_file=${passwordFile}`;
    const own = `tls_cert=${files.client.crt} tls_key=${files.client.key}`;
    const tool = (words, address = url) => spawnSync(process.env.APIKEYCTL, ["--redis", address, "--tls-ca", files.ca.crt, "--tls-cert", files.client.crt, "--tls-key", files.client.key,
        "--user", "gateway", "--password-file", passwordFile, "-o", "json", ...words], { encoding: "utf8" });
    const made = (...words) => JSON.parse(tool(words).stdout);
    const gateway = (store) => startGateway(locations, { main: "worker_processes 2;", store: `${store} timeout=500ms` });

    let account, key;
    await test("apikeyctl: with the client's certificate and an ACL user", async () => {
        account = made("account", "create", "--name", "tls").id;
        key = made("key", "create", "--account", String(account), "--type", "proxy", "--prefix", "ms-", "--name", "test").key;
        assert.strictEqual(tool(["doctor"]).status, 0, tool(["doctor"]).stdout);
        const bare = spawnSync(process.env.APIKEYCTL, ["--redis", url, "--tls-ca", files.ca.crt, "account", "list"], { encoding: "utf8" });
        assert.strictEqual(bare.status, 3, bare.stderr);
        const wrong = spawnSync(process.env.APIKEYCTL, ["--redis", url, "--tls-ca", files.otherCa.crt, "account", "list"], { encoding: "utf8" });
        assert.strictEqual(wrong.status, 3);
        assert.match(wrong.stderr, /certificate verify failed: unable to get local issuer certificate|self-signed certificate in certificate chain/);
    });

    await test("a gateway with the authority, its own certificate and a user", async () => {
        const node = await gateway(`${url} tls_ca=${files.ca.crt} ${own} ${login}`);
        assert.strictEqual(await status(`${node.address}/gif`, key), 200);
        assert.strictEqual(await status(`${node.address}/gif`, key.slice(0, -1) + (key.endsWith("A") ? "B" : "A")), 401);
        const { id } = made("key", "create", "--account", String(account), "--type", "proxy", "--prefix", "ms-", "--name", "other");
        made("key", "disable", String(id));
        await node.stop();
        assert.deepStrictEqual(node.errors().filter((line) => /api_key: |\[(alert|emerg|crit)\]/.test(line) && !/ persistence: /.test(line)), []);
    });

    const refused = [
        ["an unknown authority", `${url} tls_ca=${files.otherCa.crt} ${own} ${login}`, /certificate verify failed: (unable to get local issuer|self-signed)/],
        ["the system's authorities", `${url} ${own} ${login}`, /certificate verify failed: /],
        ["another name", `${url} tls_ca=${files.ca.crt} tls_name=elsewhere.test ${own} ${login}`, /certificate verify failed: hostname mismatch/i],
        ["no certificate of one's own", `${url} tls_ca=${files.ca.crt} ${login}`, /is unavailable: /],
        ["a foreign certificate of one's own", `${url} tls_ca=${files.ca.crt} tls_cert=${files.foreign.crt} tls_key=${files.foreign.key} ${login}`, /is unavailable: /],
        ["plain text to a TLS port", `redis://127.0.0.1:${server.port} ${login}`, /is unavailable: /],
        ["a wrong password", `${url} tls_ca=${files.ca.crt} ${own} user=gateway password_file=${process.env.APIKEYCTL_PEPPER}`, /AUTH was refused: WRONGPASS/],
    ];
    for (const [what, store, line] of refused) {
        await test(`${what}: 503 in bounded time, and the log says why`, async () => {
            const node = await gateway(store);
            const begin = Date.now();
            assert.strictEqual(await status(`${node.address}/gif`, key), 503);
            assert.ok(Date.now() - begin < 1500);
            await until(() => node.errors().some((one) => line.test(one)), 3);
            await node.stop();
            assert.ok(!node.errors().some((one) => one.includes(password) || /\[(alert|emerg)\]/.test(one)), node.errors().join("\n"));
        });
    }

    await test("by name: tls_name is what the certificate is for", async () => {
        const node = await gateway(`${url} tls_ca=${files.ca.crt} tls_name=redis.test ${own} ${login}`);
        assert.strictEqual(await status(`${node.address}/gif`, key), 200);
        await node.stop();
    });

    await test("verification off, when told", async () => {
        const node = await gateway(`${url} tls_verify=off ${own} ${login}`);
        assert.strictEqual(await status(`${node.address}/gif`, key), 200);
        await node.stop();
    });

    await test("an expired certificate", async () => {
        const expired = await startServer({ tls: { server: serverWords("expired"), client: ["--insecure", ...clientWords] } });
        const node = await gateway(`rediss://127.0.0.1:${expired.port} tls_ca=${files.ca.crt} ${own}`);
        assert.strictEqual(await status(`${node.address}/gif`, key), 503);
        await until(() => node.errors().some((one) => /certificate verify failed: certificate has expired/.test(one)), 3);
        await node.stop();
        await expired.stop();
    });

    await test("the certificate and the password change on reload", async () => {
        const node = await gateway(`${url} tls_ca=${files.ca.crt} ${own} ${login}`);
        assert.strictEqual(await status(`${node.address}/gif`, key), 200);
        server.cli("acl", "setuser", "gateway", "resetpass", ">another-password");
        fs.writeFileSync(passwordFile, "another-password\n");
        process.kill(node.pid, "SIGHUP");
        await until(() => node.errors().filter((line) => /gracefully shutting down/.test(line)).length >= 2, 5);
        server.cli("client", "kill", "user", "gateway");
        const other = made("key", "create", "--account", String(account), "--type", "proxy", "--prefix", "ms-", "--name", "later").key;
        await until(async () => (await status(`${node.address}/gif`, other)) === 200, 3);
        await node.stop();
    });

    await server.stop();
    process.exitCode = finish() ? 0 : 1;
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
