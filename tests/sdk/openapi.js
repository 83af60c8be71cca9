#!/usr/bin/env node
// The API's own document: it is good OpenAPI, it has every route there is and no other, and the answers are what it says.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");

const Ajv = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;
const { Validator } = require("@seriousme/openapi-schema-validator");

const { apikeyctl, createAccount, createKey, makeTap, startGateway, until } = require("../lib/gateway.js");

const locations = `
    location /v1/ { api_key proxy; proxy_pass http://demo; }
    location /gateway/api/ { api_key billing proxy; api_key_manage; }
    location /strict/ { api_key billing; api_key_manage; api_key_delete unused; }`;
const methods = ["get", "post", "put", "patch", "delete"];
const { test, finish } = makeTap();

function everyObject(value, visit) {
    if (value && typeof value === "object") {
        visit(value);
        Object.values(value).forEach((member) => everyObject(member, visit));
    }
}

// Answers may have nothing that the document does not name; clients that read it have to be more patient.
function strictly(document) {
    const strict = structuredClone(document);
    everyObject(strict.components.schemas, (schema) => {
        if (schema.type === "object" && schema.properties) {
            schema.additionalProperties ??= false;
        }
    });
    return strict;
}

// Checks answers against the document.
function makeChecker(document) {
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats(ajv);
    ajv.addSchema(strictly(document), "document");
    const pointer = (words) => `document#/${words.map((word) => encodeURIComponent(word.replace(/~/g, "~0").replace(/\//g, "~1"))).join("/")}`;
    const resolve = (words) => {
        const value = words.reduce((at, word) => at?.[word], document);
        return value?.$ref ? resolve(value.$ref.slice(2).split("/")) : { value, words };
    };
    const conforms = (schema, value, what) => {
        const validate = ajv.getSchema(pointer(schema));
        assert.ok(validate, `no schema at ${pointer(schema)}`);
        assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(value).slice(0, 500)}`);
    };
    const checkAnswer = (route, method, answer) => {
        const what = `${method} ${route} ${answer.status}`;
        const { value, words } = resolve(["paths", route, method, "responses", String(answer.status)]);
        assert.ok(value, `${what}: not in the document`);
        const always = Object.keys(value.headers ?? {}).filter((one) => !["X-Next-Cursor", "Set-Cookie", "X-Unconfirmed-Nodes"].includes(one));
        for (const name of always) {
            assert.ok(answer.headers.has(name), `${what}: no ${name}`);
        }
        assert.strictEqual(answer.headers.get("cache-control"), "no-store", what);
        if (!value.content) {
            return assert.strictEqual(answer.text, "", what);
        }
        const type = answer.headers.get("content-type").split(";")[0];
        assert.ok(value.content[type], `${what}: ${type}`);
        if (type === "application/json") {
            conforms([...words, "content", type, "schema"], JSON.parse(answer.text), what);
        }
    };
    return { checkAnswer, conforms };
}

async function ask(gateway, method, target, { key, body, headers = {} } = {}) {
    const response = await fetch(gateway.address + target, {
        method: method.toUpperCase(),
        headers: { ...(key && { authorization: `Bearer ${key}` }), ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
}

async function main() {
    const account = createAccount("document");
    apikeyctl("account", "topup", String(account), "--amount", "25", "--reference", "first");
    const manager = createKey(account, "billing", "ops").key;
    const gateway = await startGateway(locations);
    const api = "/gateway/api";
    const document = JSON.parse((await ask(gateway, "get", `${api}/openapi.json`, { key: manager })).text);
    const { checkAnswer, conforms } = makeChecker(document);
    const operations = Object.entries(document.paths).flatMap(([route, item]) =>
        methods.filter((method) => item[method]).map((method) => ({ route, method, operation: item[method], item })));

    // Asks as the document says, checks the answer, gives it decoded.
    const call = async (method, route, { status, id, query = "", ...options }) => {
        const answer = await ask(gateway, method, api + route.replace("{id}", String(id)) + query, { key: manager, ...options });
        assert.strictEqual(answer.status, status, `${method} ${route}: ${answer.text}`);
        checkAnswer(route, method, answer);
        return answer.text.startsWith("{") ? JSON.parse(answer.text) : answer.text;
    };

    await test("it is OpenAPI 3.1", async () => {
        const validator = new Validator();
        const result = await validator.validate(structuredClone(document));
        assert.ok(result.valid, JSON.stringify(result.errors));
        assert.strictEqual(validator.version, "3.1");
        validator.resolveRefs();
    });
    await test("what it refers to is there, all that is there is used, and each operation has its own name", () => {
        const used = new Set();
        everyObject(document, (value) => value.$ref && used.add(value.$ref));
        const there = Object.entries(document.components).filter(([kind]) => kind !== "securitySchemes")
            .flatMap(([kind, all]) => Object.keys(all).map((name) => `#/components/${kind}/${name}`));
        assert.deepStrictEqual([...used].sort(), there.sort());
        const names = operations.map(({ operation }) => operation.operationId);
        assert.strictEqual(new Set(names).size, names.length);
        for (const { route, item, operation } of operations) {
            assert.strictEqual(route.includes("{id}"), (item.parameters ?? []).some((one) => one.$ref === "#/components/parameters/Id"), route);
            assert.ok(operation.responses["503"] || operation.security, `${operation.operationId}: no 503`);
        }
    });
    await test("its address is where it is asked, by a key of any type, and by a session", async () => {
        assert.deepStrictEqual(document.servers.map((server) => server.url), [api]);
        const strict = await ask(gateway, "get", "/strict/openapi.json", { key: manager });
        assert.strictEqual(JSON.parse(strict.text).servers[0].url, "/strict");
        await call("get", "/openapi.json", { status: 200, key: createKey(account).key });
        await call("get", "/openapi.json", { status: 401, key: undefined });
        const signed = await ask(gateway, "post", `${api}/session`, { body: { key: manager } });
        const cookie = signed.headers.get("set-cookie").split(";")[0];
        await call("get", "/openapi.json", { status: 200, key: undefined, headers: { cookie } });
        assert.strictEqual((await ask(gateway, "post", `${api}/openapi.json`, { key: manager })).status, 405);
    });
    await test("every route of it is answered, and every route that is answered is in it", async () => {
        const source = fs.readFileSync(path.join(__dirname, "../../src/core/documents/manage_route.cpp"), "utf8");
        const table = source.slice(source.indexOf("ManageRoute routes[]"), source.indexOf("clang-format on"));
        const parts = [...table.matchAll(/"([^"]+)"/g)].flatMap((match) => match[1].split("/"));
        const words = [...new Set(parts.filter((part) => !part.startsWith("{"))), "keys", "billing-keys"];
        assert.ok(words.length >= 12, words.join());
        const routes = words.flatMap((word) => [`/${word}`, `/${word}/{id}`, ...words.map((action) => `/${word}/{id}/${action}`)]);
        const expected = Object.keys(document.paths);
        const { id } = createKey(createAccount("another")); // of which nothing can be seen, or changed
        const found = new Set();
        for (const route of new Set([...routes, ...expected])) {
            const answers = {};
            for (const method of methods) {
                const body = method === "get" || method === "delete" ? undefined : "{";
                const { status, text } = await ask(gateway, method, api + route.replace("{id}", id), { key: manager, body });
                if (status !== 405 && !text.includes("No such route")) {
                    answers[method] = status;
                }
            }
            const known = methods.filter((method) => document.paths[route]?.[method]);
            assert.deepStrictEqual(Object.keys(answers), known, `${route}: ${JSON.stringify(answers)}`);
            if (known.length) {
                found.add(route);
            }
        }
        assert.deepStrictEqual([...found].sort(), expected.sort());
    });
    for (const [route, type] of [["/keys", "proxy"], ["/billing-keys", "billing"]]) {
        await test(`the life of a key at ${route}`, async () => {
            const full = {
                name: "Production", alias: `main ${type}`, category: "app", type, active: true, expiresAt: "2099-01-01T00:00:00+02:00", models: ["gpt-4o*"],
                quotas: { total: 100, daily: 10, weekly: null, monthly: 50 }, monthlyLimit: "10.5", allowedIps: ["127.0.0.1", "::1/128"],
            };
            const { id, key } = await call("post", route, { status: 201, body: full, headers: { "Idempotency-Key": `${route} 1` } });
            await call("post", route, { status: 422, body: { name: "x" }, headers: { "Idempotency-Key": `${route} 1` } });
            await call("post", route, { status: 409, body: { name: "x", alias: full.alias } });
            await call("post", route, { status: 400, body: { name: "" } });
            await call("post", route, { status: 413, body: { name: "x".repeat(70000) } });
            await call("get", `${route}/{id}`, { status: 200, id });
            await call("patch", `${route}/{id}`, { status: 200, id, body: { monthly_limit: 3, models: null } });
            await call("put", `${route}/{id}`, { status: 200, id, body: { quotas: null, expires_at: null } });
            await call("put", `${route}/{id}`, { status: 400, id, body: {} });
            await call("patch", `${route}/{id}`, { status: 404, id: 999999, body: { active: false } });
            await call("get", `${route}/{id}/usage`, { status: 200, id, query: "?bucket=day" });
            await call("get", `${route}/{id}/usage`, { status: 400, id, query: "?bucket=week" });
            const rotated = await call("post", `${route}/{id}/rotate`, { status: 200, id, body: { overlap: 5 } });
            assert.notStrictEqual(rotated.key, key);
            await call("post", `${route}/{id}/rotate`, { status: 400, id, body: { overlap: -1 } });
            await call("post", `${route}/{id}/rotate`, { status: 404, id: 999999 });
            const clone = await call("post", `${route}/{id}/clone`, { status: 201, id, body: { alias: `second ${type}` } });
            await call("post", `${route}/{id}/clone`, { status: 409, id, body: { alias: `second ${type}` } });
            const page = await call("get", route, { status: 200, query: "?limit=1" });
            await call("get", route, { status: 200, query: `?limit=1&cursor=${page.next}&q=prod&active=true&type=${type}` });
            await call("get", route, { status: 400, query: "?limit=0" });
            await call("delete", `${route}/{id}`, { status: 204, id: clone.id });
            await call("delete", `${route}/{id}`, { status: 404, id: clone.id });
            await call("get", `${route}/{id}/logs`, { status: 200, id: clone.id });
            await call("get", `${route}/{id}/logs`, { status: 200, id, query: "?format=csv" });
        });
    }
    await test("what keys may be asked for is what the server takes", async () => {
        const schema = document.paths["/keys"].post.requestBody.content["application/json"].schema.$ref.slice(2).split("/");
        const bodies = [
            { name: "x" }, { name: "x", category: null, alias: null, quotas: null, models: [], allowed_ips: null, monthly_limit: null }, { name: "x", monthlyLimit: 1.5 },
            {}, { name: "" }, { name: 1 }, { name: "x", colour: "red" }, { name: "x", quotas: { daily: 0 } }, { name: "x", quotas: { hourly: 1 } },
            { name: "x", models: "gpt-4o" }, { name: "x", models: [""] }, { name: "x", active: "yes" }, { name: "x", expiresAt: "tomorrow" }, { name: "x", allowedIps: [1] },
            { name: "x", monthlyLimit: true },
        ];
        for (const body of bodies) {
            const { status, text } = await ask(gateway, "post", `${api}/keys`, { key: manager, body });
            const check = () => conforms(schema, body, "the body");
            status === 201 ? check() : assert.throws(check, /the body/, `${JSON.stringify(body)}: ${text}`);
        }
    });
    await test("the account, its logs and its keys' use", async () => {
        const { id, key } = createKey(account);
        const used = await ask(gateway, "get", "/v1/echo", { key });
        assert.strictEqual(used.status, 200);
        await ask(gateway, "get", "/v1/echo", { key: manager });
        const requests = () => call("get", "/logs", { status: 200, query: `?request_id=${used.headers.get("x-request-id")}` });
        await until(async () => (await requests()).logs.length === 1);
        await call("get", "/logs", { status: 200, query: "?limit=1&status=2xx&method=GET" });
        await call("get", "/logs", { status: 200, query: `?key=${id}&format=csv` });
        await call("get", "/logs", { status: 400, query: "?status=7xx" });
        await until(async () => (await call("get", "/usage", { status: 200, query: "?bucket=minute" })).series.length > 0);
        for (const group of ["category", "model"]) {
            await call("get", "/usage", { status: 200, query: `?group_by=${group}` });
        }
        await call("get", "/usage", { status: 400, query: "?group_by=colour" });
        await call("get", "/me", { status: 200, key });
        await call("get", "/me", { status: 200 });
        await call("get", "/balance", { status: 200 });
        await call("get", "/transactions", { status: 200 });
        await call("get", "/transactions", { status: 400, query: "?cursor=x" });
        await call("get", "/subscription", { status: 200 });
        await call("get", "/balance", { status: 403, key });
        await call("get", "/balance", { status: 401, key: "mk-wrong" });
        await until(async () => (await call("get", "/audit", { status: 200, query: "?action=access" })).entries.length > 0);
        await call("get", "/audit", { status: 200, query: "?limit=2" });
        await call("get", "/audit", { status: 200, query: "?limit=2&verify=true" });
        await call("get", "/audit", { status: 400, query: "?from=now" });
    });
    await test("sessions", async () => {
        const anybody = { key: undefined };
        const signIn = (status, body, headers) => call("post", "/session", { status, ...anybody, body, headers });
        await signIn(201, { key: manager });
        await signIn(400, {});
        await signIn(401, { key: "mk-wrong" });
        await signIn(403, { key: createKey(account).key });
        await signIn(403, { key: manager }, { "sec-fetch-site": "cross-site" });
        await signIn(413, { key: "x".repeat(5000) });
        await signIn(415, { key: manager }, { "content-type": "text/plain" });
        await call("get", "/session", { status: 404 });
        await call("get", "/session", { status: 401, ...anybody });
        const signed = await ask(gateway, "post", `${api}/session`, { body: { key: manager } });
        const headers = { cookie: signed.headers.get("set-cookie").split(";")[0] };
        await call("get", "/session", { status: 200, ...anybody, headers });
        await call("patch", "/keys/{id}", { status: 415, id: 1, ...anybody, body: "{}", headers: { ...headers, "content-type": "text/plain" } });
        await call("patch", "/keys/{id}", { status: 403, id: 1, ...anybody, body: "{}", headers: { ...headers, origin: "https://evil.example" } });
        await call("delete", "/session", { status: 204, ...anybody, headers });
        await call("get", "/session", { status: 401, ...anybody, headers });
    });
    await test("a used key that may not be deleted", async () => {
        const { id, key } = createKey(account);
        await ask(gateway, "get", "/v1/echo", { key });
        await until(async () => {
            const answer = await ask(gateway, "get", `/strict/keys/${id}`, { key: manager });
            return JSON.parse(answer.text).lastUsedAt !== undefined;
        });
        const refused = await ask(gateway, "delete", `/strict/keys/${id}`, { key: manager });
        assert.strictEqual(refused.status, 409);
        checkAnswer("/keys/{id}", "delete", refused);
    });
    await gateway.stop();
    process.exitCode = finish() ? 0 : 1;
}

main();
