#!/usr/bin/env node
// docs/store.md says what is in Redis: all features are used, then the whole key space is walked and compared with its tables.
"use strict";

const assert = require("assert");
const fs = require("fs");
const http = require("http");
const path = require("path");
const { apikeyctl, createAccount, createKey, makeTap, startGateway, startRedis, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const page = path.join(__dirname, "../../docs/store.md");
const base = "ak:{k}:";
const places = {
    account: "\\d+",
    key: "\\d+",
    number: "\\d+",
    type: "proxy|billing",
    hex: "[0-9a-f]{64}",
    xxxx: "[0-9a-f]{4}",
    group: "key|category|model",
    bucket: "minute|hour|day",
    sender: "[0-9a-f]+:(?:uses|log)",
    network: "[0-9a-f.:/]+",
    window: "total|daily|weekly|monthly",
    version: "\\d+",
    what: "n|i|o|c|[a-z_]+",
    name: ".*",
};

// A name or a field with <places> in it.
function pattern(text) {
    const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replace(/<(\w+)>/g, (_, place) => `(?:${places[place] ?? assert.fail(`unknown place <${place}>`)})`)}$`, "s");
}

// The rows of all tables that begin with a name. Fields in backquotes are all that there are; a field with † need not be there. Others
// than in backquotes (`key id`, `alias`) may be anything.
function readDocument() {
    const types = { string: "string", hash: "hash", set: "set", "sorted set": "zset", list: "list", stream: "stream" };
    const rows = [];
    for (const line of fs.readFileSync(page, "utf8").split("\n")) {
        const cells = line.replace(/\\\|/g, " ").split("|").slice(1, -1).map((cell) => cell.trim());
        if (cells.length !== 6 || !cells[0].startsWith("`")) {
            continue;
        }
        const [name, type, , fields, writers, lifetime] = cells;
        assert.ok(types[type], `${name}: the type "${type}"`);
        assert.ok(writers && lifetime, `${name}: its writers and its lifetime`);
        const named = [...fields.replace(/\([^)]*\)/g, "").matchAll(/`([^`]+)`(†?)/g)];
        rows.push({
            name: name.slice(1, -1),
            pattern: pattern(name.slice(1, -1)),
            type: types[type],
            fields: named.map(([, field, rare]) => ({ name: field, pattern: pattern(field), rare: rare !== "", seen: false })),
            expires: lifetime.startsWith("expires"),
            seen: false,
        });
    }
    return rows;
}

// The whole store at one moment: of each name its type, its time to live, and the fields of a hash or of the entries of a stream.
function readStore(redis) {
    const script = `local all = {}
        for _, name in ipairs(redis.call('KEYS', '*')) do
            local kind, fields = redis.call('TYPE', name).ok, {}
            if kind == 'hash' then
                fields = redis.call('HKEYS', name)
            elseif kind == 'stream' then
                for _, entry in ipairs(redis.call('XRANGE', name, '-', '+')) do
                    for index = 1, #entry[2], 2 do fields[#fields + 1] = entry[2][index] end
                end
            end
            all[#all + 1] = {name = name, type = kind, expires = redis.call('PTTL', name) >= 0, fields = table.concat(fields, '\\n')}
        end
        return cjson.encode(all)`;
    const all = JSON.parse(redis.cli("--raw", "eval", script, "0"));
    return all.map((one) => ({ ...one, fields: one.fields === "" ? [] : one.fields.split("\n") }));
}

// Uses everything; gives what ends it.
async function useEverything(redis) {
    process.env.APIKEYCTL_REDIS = redis.url;
    const file = (name, text) => {
        fs.writeFileSync(path.join(process.env.TEST_DIRECTORY, name), text);
        return path.join(process.env.TEST_DIRECTORY, name);
    };
    const held = []; // answers that the upstream has not given yet
    const upstream = http.createServer((request, response) => held.push(response)).listen(0, "127.0.0.1");
    const receiver = http.createServer((request, response) => response.writeHead(500).end()).listen(0, "127.0.0.1");
    await until(() => upstream.listening && receiver.listening);
    const node = await startGateway(
        `location /v1/ { api_key proxy; empty_gif; }
         location /models/ { api_key proxy; api_key_model $arg_model; api_key_cost 0; empty_gif; }
         location /most/ { api_key proxy; api_key_cost 0.9; empty_gif; }
         location /less/ { api_key proxy; api_key_cost 0.05; proxy_pass http://127.0.0.1:${upstream.address().port}; }
         location /more/ { api_key proxy; api_key_cost 0.08; empty_gif; }
         location /api/ { api_key billing; api_key_manage; }`,
        {
            store: `${redis.url} timeout=2s`,
            http: `api_key_plans ${file("plans.json", '{"plans": {"pro": {"per_second": 1000, "per_minute": 10000}}}')};
                api_key_block failed=10 window=1m for=1m;
                api_key_alert http://127.0.0.1:${receiver.address().port}/ secret_file=${file("alert-secret", "secret\n")};`,
        },
    );
    const account = createAccount("everything");
    apikeyctl("account", "plan", String(account), "pro");
    apikeyctl("account", "topup", String(account), "--amount", "1.000000", "--reference", "invoice-1");
    const manager = createKey(account, "billing").key;
    const ask = async (path, key, options = {}) => {
        const { method = "GET", body, headers } = options;
        const answer = await fetch(node.address + path, {
            method,
            headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
            body: body && JSON.stringify(body),
        });
        return { status: answer.status, body: await answer.text() };
    };
    const manage = async (method, route, body, headers) => {
        const answer = await ask(`/api${route}`, manager, { method, body, headers });
        assert.ok(answer.status < 300, `${method} ${route}: ${answer.status} ${answer.body}`);
        return answer.body && JSON.parse(answer.body);
    };
    const inDays = (days) => new Date(Date.now() + days * 86400000).toISOString();

    const full = await manage("POST", "/keys", {
        name: "full",
        alias: "full",
        category: "batch",
        models: ["gpt-*"],
        allowed_ips: ["127.0.0.0/8"],
        expires_at: inDays(3),
        monthly_limit: "1.00",
        quotas: { total: 2, daily: 100, weekly: 100, monthly: 100 },
    }, { "idempotency-key": "once" });
    apikeyctl("key", "plan", String(full.id), "pro");
    const lasting = await manage("POST", "/keys", { name: "lasting", expires_at: inDays(30), models: ["gpt-*"] });
    assert.strictEqual((await ask("/models/?model=other", lasting.key)).status, 403); // its first request is refused
    for (const status of [200, 200, 429]) {
        assert.strictEqual((await ask("/models/?model=gpt-1", full.key)).status, status);
    }
    await manage("POST", `/keys/${full.id}/rotate`, { overlap: 600 });
    await manage("POST", "/billing-keys", { name: "reader", role: "viewer" });
    const gone = await manage("POST", "/keys", { name: "gone", alias: "gone" });
    await manage("DELETE", `/keys/${gone.id}`);
    assert.strictEqual((await ask("/api/keys", `mk-${"x".repeat(38)}`)).status, 401); // a wrong key
    apikeyctl("block", "add", "192.0.2.1", "--for", "3600");
    const json = { "content-type": "application/json" };
    const signIn = await fetch(`${node.address}/api/session`, { method: "POST", headers: json, body: JSON.stringify({ key: manager }) });
    assert.strictEqual(signIn.status, 201);

    // What was spent crosses 80 % of the wallet and of a key's month. Then a request holds half of the rest; another key needs more than is
    // left, and the store asks the first in vain.
    const [first, second] = await Promise.all([1, 2].map((number) => manage("POST", "/keys", { name: `paying ${number}`, monthly_limit: "1.00" })));
    assert.strictEqual((await ask("/most/", first.key)).status, 200);
    const done = ask("/less/", first.key);
    await until(() => held.length === 1);
    assert.strictEqual((await ask("/more/", second.key)).status, 402);
    const has = (name, field) => readStore(redis).some((one) => one.name === base + name && (!field || one.fields.includes(field)));
    await until(() => has(`log:${account}`) && has("alerts:lease") && has("alerts", "id")); // the receiver refuses: an alert is put back
    assert.strictEqual((await ask("/v1/", lasting.key)).status, 200); // an account's seconds are gone after one
    return async () => {
        held.forEach((response) => response.end("done"));
        await done;
        await node.stop();
        upstream.close();
        receiver.close();
    };
}

(async () => {
    const redis = await startRedis();
    const rows = readDocument();
    let end;

    await test("every feature is used once", async () => {
        end = await useEverything(redis);
    });

    await test("what is in Redis is in docs/store.md: names, types, fields, and what expires", () => {
        const wrong = [];
        for (const { name, type, expires, fields } of readStore(redis)) {
            const found = rows.filter((row) => name.startsWith(base) && row.pattern.test(name.slice(base.length)));
            if (found.length !== 1) {
                wrong.push(`${name} is in ${found.length} rows: ${found.map((row) => row.name)}`);
                continue;
            }
            const [row] = found;
            row.seen = true;
            if (type !== row.type || expires !== row.expires) {
                wrong.push(`${name} is a ${type}, and expires: ${expires}`);
            }
            for (const field of row.fields.length !== 0 ? fields : []) {
                const known = row.fields.filter((one) => one.pattern.test(field));
                known.forEach((one) => (one.seen = true));
                if (known.length === 0) {
                    wrong.push(`${name} has a field ${field}`);
                }
            }
        }
        assert.deepStrictEqual(wrong, []);
    });

    await test("what is in docs/store.md is in Redis", () => {
        const missing = rows.flatMap((row) =>
            row.seen ? row.fields.filter((field) => !field.seen && !field.rare).map((field) => `${row.name} ${field.name}`) : [row.name],
        );
        assert.deepStrictEqual(missing, []);
        assert.ok(rows.length > 40, `${rows.length} rows`);
    });

    await test("what the page says of its names is what Keyspace makes", () => {
        const source = fs.readFileSync(path.join(__dirname, "../../src/store/keyspace.cpp"), "utf8");
        const beginnings = new Set([...source.matchAll(/base_ \+ "([^"]+)"/g)].map(([, text]) => text));
        for (const beginning of beginnings) {
            assert.ok(["changes", "restoring"].includes(beginning) || rows.some((row) => row.name.startsWith(beginning)), beginning);
        }
    });

    await end?.();
    await redis.stop();
    process.exit(finish() ? 0 : 1);
})();
