#!/usr/bin/env node
// What stands in the API's own document stands elsewhere too: in the types of the dashboard, and in what people read. Nothing runs here.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");

const { makeTap } = require("../lib/gateway.js");

const root = path.join(__dirname, "../..");
const read = (file) => fs.readFileSync(path.join(root, file), "utf8");
const document = JSON.parse(read("src/module/manage/openapi.json"));
const { schemas } = document.components;
const { test, finish } = makeTap();

// The schema that an interface of types.ts is, and what of it the dashboard does not read.
const interfaces = {
    KeyType: [schemas.KeyType],
    Session: [schemas.Session],
    NamedKey: [schemas.NamedKey],
    Key: [schemas.Key, "unconfirmedNodes"],
    Use: [schemas.Use],
    KeyList: [schemas.KeyList],
    KeyChange: [schemas.KeyChange, "expires_at", "monthly_limit", "allowed_ips"],
    NewKey: [schemas.NewKey, "expires_at", "monthly_limit", "allowed_ips"],
    Secret: [schemas.Secret, "unconfirmedNodes"],
    LimitState: [schemas.Window],
    Spend: [schemas.Spend],
    Counts: [schemas.Counts],
    Point: [schemas.Point],
    KeyUsage: [schemas.KeyUsage],
    Series: [schemas.UsageSeries.properties.series.items],
    UsageSeries: [schemas.UsageSeries, "bucket", "groupBy"],
    LogEntry: [schemas.Request],
    LogPage: [schemas.RequestLog],
    Actor: [schemas.AuditEntry.properties.actor],
    AuditEntry: [schemas.AuditEntry],
    AuditPage: [schemas.AuditLog, "chain"],
    Chain: [schemas.AuditChain],
    Balance: [schemas.Balance],
    Transaction: [schemas.Transaction],
    TransactionPage: [schemas.TransactionList],
    Subscription: [schemas.Subscription],
};

function readInterfaces(text) {
    const found = {};
    for (const [, name, base, body] of text.matchAll(/^export interface (\w+)(?: extends (\w+))? \{\n(.*?)^\}/gms)) {
        found[name] = { ...found[base] };
        for (const [, member, optional, type] of body.matchAll(/^ {4}(\w+)(\??): (.*);$/gm)) {
            found[name][member] = { required: !optional, type };
        }
    }
    return found;
}

const resolve = (schema) => (schema.$ref ? resolve(schemas[schema.$ref.split("/").pop()]) : schema);

// What a value may be, in JSON's words.
function kindsOfSchema(schema) {
    const { type, enum: values, const: value } = resolve(schema);
    if (values || value !== undefined) {
        return new Set((values ?? [value]).map((one) => (one === null ? "null" : typeof one)));
    }
    return new Set([type].flat().map((kind) => (kind === "integer" ? "number" : kind)));
}

function kindsOfType(type, aliases) {
    const words = type.replace(/<.*>/, "").split("|").map((word) => word.trim());
    return new Set(
        words.flatMap((word) => {
            if (["string", "number", "boolean", "null"].includes(word)) {
                return word;
            }
            if (word.startsWith('"') || aliases.has(word)) {
                return "string";
            }
            return word.endsWith("[]") ? "array" : "object";
        }),
    );
}

async function main() {
    await test("the dashboard's types are the document's", () => {
        const text = read("dashboard/src/api/types.ts");
        const found = readInterfaces(text);
        const aliases = new Set([...text.matchAll(/^export type (\w+) = "/gm)].map(([, name]) => name));
        assert.deepStrictEqual(Object.keys(found).sort(), Object.keys(interfaces).sort());
        for (const [name, [schema, ...unread]] of Object.entries(interfaces)) {
            const named = Object.keys(schema.properties).filter((member) => !unread.includes(member));
            assert.deepStrictEqual(Object.keys(found[name]).sort(), named.sort(), name);
            for (const [member, { required, type }] of Object.entries(found[name])) {
                const what = `${name}.${member}`;
                assert.strictEqual(required, (schema.required ?? []).includes(member), `${what}: whether it is always there`);
                const kinds = kindsOfSchema(schema.properties[member]);
                for (const kind of kindsOfType(type, aliases)) {
                    assert.ok(kinds.has(kind), `${what}: ${type} is not ${[...kinds].join(" or ")}`);
                }
            }
        }
    });

    await test("the dashboard knows each limit of a key", () => {
        const [, list] = read("dashboard/src/api/types.ts").match(/windowNames: WindowName\[\] = (\[.*\]);/);
        assert.deepStrictEqual(JSON.parse(list), Object.keys(schemas.Quotas.properties));
    });

    const texts = ["README.md", ...fs.readdirSync(path.join(root, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];

    await test("api_key_manage is said to have the routes of the document", () => {
        const sentence = texts.map((file) => read(file).match(/^Answers as the management API: (.*?) below the location/ms)?.[1]).find(Boolean);
        assert.ok(sentence, 'no sentence "Answers as the management API: … below the location" in README.md or docs');
        const listed = [...sentence.matchAll(/`\/api\/([^`]+)`/g)].map(([, route]) => route);
        const routes = new Set(Object.keys(document.paths).map((route) => route.split("/")[1]));
        assert.deepStrictEqual(listed.sort(), [...routes].sort());
    });

    await test("every route that is written about is in the document", () => {
        for (const file of texts) {
            for (const [, route] of read(file).matchAll(/(?:\.com|`|GET |POST )\/api(\/[\w./{}-]+)/g)) {
                const known = route.replace(/\/\d+/, "/{id}").replace(/[/.]$/, "");
                assert.ok(document.paths[known], `${file}: /api${route}`);
            }
        }
    });

    process.exit(finish() ? 0 : 1);
}

main();
