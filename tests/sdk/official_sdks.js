#!/usr/bin/env node
// The vendors' own SDKs with a key of ours: they get their answers, raise their own classes, and do not try again what will not get better.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");

const Anthropic = require("@anthropic-ai/sdk");
const { ApiError, GoogleGenAI } = require("@google/genai");
const OpenAI = require("openai");

const { apikeyctl, createAccount, createKey, makeTap, startGateway } = require("../lib/gateway.js");

const locations = `
    location /v1/ { api_key proxy; api_key_error_format openai; proxy_pass http://demo; }
    location /v1/messages { api_key proxy; api_key_from bearer header=x-api-key; api_key_error_format anthropic; proxy_pass http://demo; }
    location ~ ^/(v1beta/|v1/models/[^/]+:) { api_key proxy; api_key_from bearer header=x-goog-api-key query=key; api_key_error_format gemini; proxy_pass http://demo; }
    location /api/ { api_key billing; api_key_manage; }`;

const unknownKey = "ms-" + "0".repeat(38);
const messages = [{ role: "user", content: "Hello" }];
const reply = "You said: Hello";

const { test, finish } = makeTap();

// What the gateway was asked by `body`: an SDK that tries again shows here.
async function requestsOf(gateway, body) {
    const quiet = () => new Promise((resolve) => setTimeout(resolve, 100)); // a line is logged after its answer is sent
    await quiet();
    const before = gateway.requests().length;
    await body();
    await quiet();
    return gateway.requests().length - before;
}

async function refuses(gateway, kind, body) {
    const asked = await requestsOf(gateway, () => assert.rejects(body, kind));
    assert.strictEqual(asked, 1, "an SDK tried again");
}

async function collect(stream, textOf) {
    let text = "";
    for await (const part of stream) {
        text += textOf(part) ?? "";
    }
    return text;
}

async function testOpenai(gateway, key, inactiveKey) {
    const client = (apiKey) => new OpenAI({ apiKey, baseURL: `${gateway.address}/v1` });
    const ask = { model: "gpt-4o-mini", messages };

    await test("openai: a chat completion", async () => {
        const answer = await client(key).chat.completions.create(ask);
        assert.strictEqual(answer.choices[0].message.content, reply);
        assert.ok(answer.usage.total_tokens > 0);
    });
    await test("openai: a streamed chat completion", async () => {
        const stream = await client(key).chat.completions.create({ ...ask, stream: true });
        assert.strictEqual(await collect(stream, (chunk) => chunk.choices[0]?.delta?.content), reply);
    });
    await test("openai: a response, plain and streamed", async () => {
        const answer = await client(key).responses.create({ model: "gpt-4o-mini", input: "Hello" });
        assert.strictEqual(answer.output_text, reply);
        const stream = await client(key).responses.create({ model: "gpt-4o-mini", input: "Hello", stream: true });
        assert.strictEqual(await collect(stream, (event) => (event.type === "response.output_text.delta" ? event.delta : "")), reply);
    });
    await test("openai: the list of models", async () => {
        const list = await client(key).models.list();
        assert.ok(list.data.some((model) => model.id === "gpt-4o-mini"));
    });
    await test("openai: an unknown key is an AuthenticationError, once", () =>
        refuses(gateway, OpenAI.AuthenticationError, () => client(unknownKey).chat.completions.create(ask)));
    await test("openai: an inactive key is a PermissionDeniedError, once", () =>
        refuses(gateway, OpenAI.PermissionDeniedError, () => client(inactiveKey).chat.completions.create(ask)));
}

async function testAnthropic(gateway, key, inactiveKey) {
    const client = (options) => new Anthropic({ apiKey: null, authToken: null, baseURL: gateway.address, ...options });
    const ask = { model: "claude-demo", max_tokens: 100, messages };

    await test("anthropic: a message, the key in x-api-key", async () => {
        const answer = await client({ apiKey: key }).messages.create(ask);
        assert.strictEqual(answer.content[0].text, reply);
    });
    await test("anthropic: a message, the key as Bearer", async () => {
        const answer = await client({ authToken: key }).messages.create(ask);
        assert.strictEqual(answer.content[0].text, reply);
    });
    await test("anthropic: a streamed message", async () => {
        const final = await client({ apiKey: key }).messages.stream(ask).finalMessage();
        assert.strictEqual(final.content[0].text, reply);
        assert.ok(final.usage.output_tokens > 1);
    });
    await test("anthropic: an unknown key is an AuthenticationError, once", () =>
        refuses(gateway, Anthropic.AuthenticationError, () => client({ apiKey: unknownKey }).messages.create(ask)));
    await test("anthropic: an inactive key is a PermissionDeniedError, once", () =>
        refuses(gateway, Anthropic.PermissionDeniedError, () => client({ apiKey: inactiveKey }).messages.create(ask)));
}

async function testGemini(gateway, key, inactiveKey) {
    const client = (apiKey) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.address } });
    const ask = { model: "gemini-2.5-flash", contents: "Hello" };
    const hasStatus = (status) => (error) => error instanceof ApiError && error.status === status;

    await test("genai: content", async () => {
        const answer = await client(key).models.generateContent(ask);
        assert.strictEqual(answer.text, reply);
    });
    await test("genai: streamed content", async () => {
        const stream = await client(key).models.generateContentStream(ask);
        assert.strictEqual(await collect(stream, (chunk) => chunk.text), reply);
    });
    await test("genai: an unknown key is an ApiError with 401, once", () =>
        refuses(gateway, hasStatus(401), () => client(unknownKey).models.generateContent(ask)));
    await test("genai: an inactive key is an ApiError with 403, once", () =>
        refuses(gateway, hasStatus(403), () => client(inactiveKey).models.generateContent(ask)));
}

// A quota that is reached will not get better soon: no SDK waits for it. A rate will: an SDK that comes back when told to gets its answer.
async function testLimits(gateway, manager) {
    const headers = { Authorization: `Bearer ${manager}`, "Content-Type": "application/json" };
    const body = JSON.stringify({ name: "limited", quotas: { daily: 3 } });
    const { key } = await (await fetch(`${gateway.address}/api/keys`, { method: "POST", headers, body })).json();
    const openai = (apiKey) => new OpenAI({ apiKey, baseURL: `${gateway.address}/v1` });
    const anthropic = new Anthropic({ apiKey: key, authToken: null, baseURL: gateway.address });
    const genai = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: gateway.address } });
    const claude = { model: "claude-demo", max_tokens: 100, messages };

    await test("all three SDKs use one quota", async () => {
        await openai(key).chat.completions.create({ model: "gpt-4o-mini", messages });
        await anthropic.messages.create(claude);
        await genai.models.generateContent({ model: "gemini-2.5-flash", contents: "Hello" });
    });
    await test("openai: a quota that is reached is a RateLimitError, once", () =>
        refuses(gateway, OpenAI.RateLimitError, () => openai(key).chat.completions.create({ model: "gpt-4o-mini", messages })));
    await test("anthropic: a quota that is reached is a RateLimitError, once", () =>
        refuses(gateway, Anthropic.RateLimitError, () => anthropic.messages.create(claude)));
    await test("genai: a quota that is reached is an ApiError with 429, once", () =>
        refuses(gateway, (error) => error instanceof ApiError && error.status === 429, () =>
            genai.models.generateContent({ model: "gemini-2.5-flash", contents: "Hello" })));
}

async function testRate(gateway) {
    const account = apikeyctl("account", "create", "--name", "rated", "--plan", "slow").id;
    const client = new OpenAI({ apiKey: createKey(account).key, baseURL: `${gateway.address}/v1`, maxRetries: 3 });
    await test("openai: a rate makes the SDK wait and then answers", async () => {
        const asked = await requestsOf(gateway, async () => {
            const answers = await Promise.all([1, 2].map(() => client.chat.completions.create({ model: "gpt-4o-mini", messages })));
            assert.deepStrictEqual(answers.map((answer) => answer.choices[0].message.content), [reply, reply]);
        });
        assert.strictEqual(asked, 3);
    });
}

async function main() {
    const plans = path.join(process.env.TEST_DIRECTORY, "sdk-plans.json");
    fs.writeFileSync(plans, JSON.stringify({ plans: { slow: { per_second: 1 } } }));
    const account = createAccount("sdk");
    const { key } = createKey(account);
    const inactive = createKey(account, "proxy", "inactive");
    const manager = createKey(account, "billing");
    const gateway = await startGateway(locations, { http: `api_key_plans ${plans};` });
    try {
        await test("a key is made inactive", async () => {
            const headers = { Authorization: `Bearer ${manager.key}`, "Content-Type": "application/json" };
            const answer = await fetch(`${gateway.address}/api/keys/${inactive.id}`, { method: "PATCH", headers, body: '{"active": false}' });
            assert.strictEqual(answer.status, 200);
        });
        await testOpenai(gateway, key, inactive.key);
        await testAnthropic(gateway, key, inactive.key);
        await testGemini(gateway, key, inactive.key);
        await testLimits(gateway, manager.key);
        await testRate(gateway);
    } finally {
        await gateway.stop();
    }
    process.exit(finish() ? 0 : 1);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
