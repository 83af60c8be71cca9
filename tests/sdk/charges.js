#!/usr/bin/env node
// The vendors' own SDKs and money: each answer charged to the micro-credit, plain and streamed, and what a refusal raises.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");

const Anthropic = require("@anthropic-ai/sdk");
const { ApiError, GoogleGenAI } = require("@google/genai");
const OpenAI = require("openai");

const { apikeyctl, createAccount, createKey, makeTap, startGateway, until } = require("../lib/gateway.js");

const locations = `
    access_log charges.log charges;
    location /v1/ { api_key proxy; api_key_meter openai; proxy_pass http://demo; }
    location /v1/messages { api_key proxy; api_key_from bearer header=x-api-key; api_key_meter anthropic; proxy_pass http://demo; }
    location ~ ^/(v1beta/|v1/models/[^/]+:) { api_key proxy; api_key_from bearer header=x-goog-api-key query=key; api_key_meter gemini; proxy_pass http://demo; }
    location /api/ { access_log off; api_key billing; api_key_manage; }`;

// a token in 1,000 micro-credits, a token out 2,000: "Hello" is 2 tokens, "You said: Hello" is 4
const price = { input_cost_per_token: 1e-3, output_cost_per_token: 2e-3, max_output_tokens: 100, max_input_tokens: 2000 };
const charge = "0.010000";
const messages = [{ role: "user", content: "Hello" }];

const { test, finish } = makeTap();

const drain = async (stream) => {
    for await (const part of await stream) {
        assert.ok(part);
    }
};

// What each SDK does, by the model that is asked for: [name, plain, streamed, is the class of a status]
function sdks(gateway, key) {
    const openai = new OpenAI({ apiKey: key, baseURL: `${gateway.address}/v1` });
    const anthropic = new Anthropic({ apiKey: key, authToken: null, baseURL: gateway.address });
    const genai = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: gateway.address } });
    const claude = (model) => ({ model, max_tokens: 100, messages });
    const is = (kind) => (error, status) => error instanceof kind && error.status === status;
    return [
        {
            name: "openai, chat",
            model: "gpt-4o-mini",
            plain: (model) => openai.chat.completions.create({ model, messages }),
            streamed: (model) => drain(openai.chat.completions.create({ model, messages, stream: true })),
            free: () => openai.moderations.create({ input: "Hello" }),
            raised: (error, status) => is(status === 403 ? OpenAI.PermissionDeniedError : OpenAI.APIError)(error, status),
        },
        {
            name: "openai, responses",
            model: "gpt-4o-mini",
            plain: (model) => openai.responses.create({ model, input: "Hello" }),
            streamed: (model) => drain(openai.responses.create({ model, input: "Hello", stream: true })),
            raised: (error, status) => is(status === 403 ? OpenAI.PermissionDeniedError : OpenAI.APIError)(error, status),
        },
        {
            name: "anthropic",
            model: "claude-demo",
            plain: (model) => anthropic.messages.create(claude(model)),
            streamed: (model) => drain(anthropic.messages.create({ ...claude(model), stream: true })),
            free: (model) => anthropic.messages.countTokens({ model, messages }),
            raised: (error, status) => is(status === 403 ? Anthropic.PermissionDeniedError : Anthropic.APIError)(error, status),
        },
        {
            name: "genai",
            model: "gemini-2.5-flash",
            plain: (model) => genai.models.generateContent({ model, contents: "Hello" }),
            streamed: (model) => drain(genai.models.generateContentStream({ model, contents: "Hello" })),
            free: (model) => genai.models.countTokens({ model, contents: "Hello" }),
            raised: is(ApiError),
        },
    ];
}

const charges = (gateway) => fs.readFileSync(`${gateway.directory}/charges.log`, "utf8").split("\n").filter(Boolean);

// The lines that the log gets by `body`, and how long it took.
async function logged(gateway, body) {
    const before = charges(gateway).length;
    const begin = Date.now();
    await body();
    const took_ms = Date.now() - begin;
    await until(() => charges(gateway).length > before);
    return { lines: charges(gateway).slice(before), took_ms };
}

async function refuses(gateway, sdk, ask, status, text) {
    const { lines, took_ms } = await logged(gateway, () =>
        assert.rejects(ask, (error) => {
            assert.ok(sdk.raised(error, status), `${error.constructor.name} ${error.status}`);
            assert.ok(error.message.includes(text), error.message);
            return true;
        }));
    assert.strictEqual(lines.length, 1, "the SDK tried again");
    assert.ok(took_ms < 400, `${took_ms} ms: the SDK waited`);
}

async function testRefusals(gateway, title, key, status, text, model) {
    for (const sdk of sdks(gateway, key)) {
        await test(`${sdk.name}: ${title} is ${status}, once`, async () => {
            await refuses(gateway, sdk, () => sdk.plain(model ?? sdk.model), status, text);
            await refuses(gateway, sdk, () => sdk.streamed(model ?? sdk.model), status, text);
        });
    }
}

async function main() {
    const prices = path.join(process.env.TEST_DIRECTORY, "sdk-prices.json");
    fs.writeFileSync(prices, JSON.stringify({ "gpt-4o-mini": price, "claude-demo": price, "gemini/gemini-2.5-flash": price }));
    const http = `api_key_prices ${prices}; log_format charges '$status $api_key_cost';`;
    const gateway = await startGateway(locations, { http });
    try {
        const account = createAccount("charged");
        apikeyctl("account", "topup", String(account), "--amount", "100", "--reference", "first");
        const manager = createKey(account, "billing").key;
        const ask = async (route, body) => {
            const headers = { Authorization: `Bearer ${manager}`, "Content-Type": "application/json" };
            return (await fetch(`${gateway.address}/api/${route}`, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) })).json();
        };
        const { key, id } = createKey(account);

        const all = sdks(gateway, key);
        for (const sdk of all) {
            await test(`${sdk.name}: charged exactly, plain and streamed`, async () => {
                assert.deepStrictEqual((await logged(gateway, () => sdk.plain(sdk.model))).lines, [`200 ${charge}`]);
                assert.deepStrictEqual((await logged(gateway, () => sdk.streamed(sdk.model))).lines, [`200 ${charge}`]);
            });
        }
        for (const sdk of all.filter(({ free }) => free)) {
            await test(`${sdk.name}: what its vendor asks nothing for`, async () => {
                assert.deepStrictEqual((await logged(gateway, () => sdk.free(sdk.model))).lines, ["200 "]);
            });
        }
        await test("the key, the wallet and its ledger say the same", async () => {
            await until(async () => (await ask("balance")).held === "0.000000");
            assert.strictEqual((await ask("balance")).balance, (100 - 0.01 * 2 * all.length).toFixed(6));
            assert.strictEqual((await ask(`keys/${id}/usage`)).spend.used, (0.01 * 2 * all.length).toFixed(6));
        });

        const limited = await ask("keys", { name: "limited", monthly_limit: "0.001" });
        await testRefusals(gateway, "a monthly limit", limited.key, 402, "api_key_quota_exceeded");
        const poor = createKey(createAccount("poor")).key;
        await testRefusals(gateway, "an empty wallet", poor, 402, "billing_shortfall");
        const scoped = await ask("keys", { name: "scoped", models: ["other-*"] });
        await testRefusals(gateway, "a model outside the scope", scoped.key, 403, "Model not allowed");
        await testRefusals(gateway, "a model without a price", key, 404, "not available here", "unheard-of");
    } finally {
        await gateway.stop();
    }
    process.exit(finish() ? 0 : 1);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
