#!/usr/bin/env node
// The request log names keys by id, name and alias, clones and deleted ones too; two systems of one account see each other's requests, use and
// changes nowhere.
"use strict";

const assert = require("assert");
const fs = require("fs");
const { createAccount, createKey, makeTap, startGateway, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const types = `
    api_key_type second prefix=kb-;
    api_key_type second-billing prefix=mb- manages;`;
const locations = `
    location /v1/ { api_key proxy second; empty_gif; }
    location /one/api/ { api_key billing; api_key_log off; api_key_manage types=proxy,billing; }
    location /two/api/ { api_key second-billing; api_key_log off; api_key_manage types=second,second-billing; }
    location /all/api/ { api_key billing; api_key_log off; api_key_manage; }`;

(async () => {
    const account = createAccount("labels");
    const first = createKey(account, "billing").key;
    const node = await startGateway(locations, { http: types });
    const ask = async (place, key, path, method = "GET", body = undefined) => {
        const answer = await fetch(`${node.address}/${place}/api${path}`, { method, headers: { authorization: `Bearer ${key}` }, body: body && JSON.stringify(body) });
        const text = await answer.text();
        return { status: answer.status, text, ...(/^[{[]/.test(text) ? JSON.parse(text) : {}) };
    };
    const use = async (key, path) => assert.strictEqual((await fetch(`${node.address}/v1/${path}`, { headers: { authorization: `Bearer ${key}` } })).status, 200);
    const one = (path, ...more) => ask("one", first, path, ...more);
    const second = (await ask("all", first, "/billing-keys", "POST", { name: "other", type: "second-billing" })).key;
    const two = (path, ...more) => ask("two", second, path, ...more);

    const original = await one("/keys", "POST", { name: "web", alias: "w-1" });
    const clone = await one(`/keys/${original.id}/clone`, "POST", { alias: "w-2" });
    const gone = await one("/keys", "POST", { name: "old", alias: "w-9" });
    const other = await two("/keys", "POST", { name: "web", alias: "w-3" });
    await use(original.key, "original");
    await use(clone.key, "clone");
    await use(gone.key, "gone");
    await use(other.key, "other");
    await until(async () => (await ask("all", first, "/logs")).logs.length === 4);
    assert.strictEqual((await one(`/keys/${gone.id}`, "DELETE")).status, 204);
    const listed = (answer) => answer.logs.map((entry) => [entry.path, entry.keyId, entry.keyName, entry.keyAlias]).sort();
    const rows = { original: ["/v1/original", original.id, "web", "w-1"], clone: ["/v1/clone", clone.id, "web", "w-2"], gone: ["/v1/gone", gone.id, "old", "w-9"], other: ["/v1/other", other.id, "web", "w-3"] };

    await test("an entry names its key by id, name and alias; a clone's are told from the original's, a deleted key's stay", async () => {
        assert.deepStrictEqual(listed(await ask("all", first, "/logs")), [rows.clone, rows.gone, rows.original, rows.other]);
        const csv = (await ask("all", first, "/logs?format=csv&alias=w-2")).text.trim().split("\r\n");
        assert.match(csv[0], /^at,keyId,keyName,keyAlias,method,/);
        assert.match(csv[1], new RegExp(`^"[^"]+","${clone.id}","web","w-2","GET","/v1/clone"`));
        assert.strictEqual(csv.length, 2);
    });

    await test("each of them is a filter", async () => {
        assert.deepStrictEqual(listed(await ask("all", first, "/logs?name=web")), [rows.clone, rows.original, rows.other]);
        assert.deepStrictEqual(listed(await ask("all", first, "/logs?alias=w-9")), [rows.gone]);
        assert.deepStrictEqual(listed(await ask("all", first, `/logs?key=${original.id}&name=web&alias=w-1`)), [rows.original]);
        assert.deepStrictEqual(listed(await ask("all", first, "/logs?name=nobody")), []);
        assert.strictEqual((await ask("all", first, `/keys/${original.id}/logs?alias=w-1`)).status, 400);
        assert.deepStrictEqual(listed(await ask("all", first, `/keys/${gone.id}/logs`)), [rows.gone]);
    });

    await test("a page ends where it is full, whatever was filtered out", async () => {
        const pages = [];
        for (let cursor = ""; pages.length < 10; ) {
            const page = await ask("all", first, `/logs?name=web&limit=1${cursor}`);
            pages.push(...listed(page));
            if (!page.next) {
                break;
            }
            cursor = `&cursor=${page.next}`;
        }
        assert.deepStrictEqual(pages.sort(), [rows.clone, rows.original, rows.other]);
    });

    await test("at a place of some types: requests, use and changes of their keys alone", async () => {
        assert.deepStrictEqual(listed(await one("/logs")), [rows.clone, rows.gone, rows.original]);
        assert.deepStrictEqual(listed(await two("/logs")), [rows.other]);
        assert.deepStrictEqual(listed(await two(`/keys/${original.id}/logs`)), []);
        const users = async (answer) => (await answer).series.map((series) => series.keyId).sort();
        await until(async () => (await users(ask("all", first, "/usage?bucket=day"))).length === 4);
        assert.deepStrictEqual(await users(one("/usage?bucket=day")), [original.id, clone.id, gone.id].sort());
        assert.deepStrictEqual(await users(two("/usage?bucket=day")), [other.id]);
        const changed = async (answer) => [...new Set((await answer).entries.flatMap((entry) => entry.keyId ?? []))].sort();
        assert.ok(!(await changed(one("/audit"))).includes(other.id));
        assert.deepStrictEqual((await changed(two("/audit"))).filter((id) => [original.id, clone.id, gone.id].includes(id)), []);
        assert.ok((await changed(two("/audit"))).includes(other.id));
    });

    await node.stop();
    assert.deepStrictEqual(node.errors().filter((line) => /\[(alert|emerg|crit)\]/.test(line)), []);
    process.exit(finish() ? 0 : 1);
})().catch((error) => {
    console.error(error);
    process.exit(1);
});
