#!/usr/bin/env node
// What is held before an upstream is asked. This one tells no usage, so that what was held is what is charged.
"use strict";

const assert = require("assert");
const fs = require("fs");
const http = require("http");
const path = require("path");
const { apikeyctl, createAccount, createKey, makeTap, startGateway, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();

// A thousand tokens of output are a cent of one, a hundred thousand of input ten cents of the other.
const prices = {
    output: {
        input_cost_per_token: 0,
        output_cost_per_token: 1e-5,
        max_output_tokens: 1000,
        max_input_tokens: 100000,
        input_cost_per_token_priority: 0,
        output_cost_per_token_priority: 2e-5,
        input_cost_per_token_flex: 0,
        output_cost_per_token_flex: 5e-6,
        provider_specific_entry: { fast: 6.0, us: 1.1 },
    },
    input: {
        input_cost_per_token: 1e-6,
        output_cost_per_token: 0,
        max_output_tokens: 1000,
        max_input_tokens: 100000,
        search_context_cost_per_query: { search_context_size_low: 0.01, search_context_size_medium: 0.01, search_context_size_high: 0.02 },
        file_search_cost_per_1k_calls: 2.5,
    },
    "openai/container": { code_interpreter_cost_per_session: 0.03, mode: "chat" },
};

const chat = "/v1/chat/completions";
const completions = "/v1/completions";
const responses = "/v1/responses";
const messages = "/v1/messages";
const gemini = (model) => `/v1beta/models/${model}:generateContent`;
const pdf = { type: "document", source: { type: "base64", media_type: "application/pdf", data: "AA==" } };
const userSays = (...content) => [{ role: "user", content }];

// [path, body, credits]
const costs = {
    "the answers that are made count, not those that are sent": [
        [chat, { model: "output", max_tokens: 100, n: 3 }, "0.003000"],
        [completions, { model: "output", prompt: "x", max_tokens: 100, best_of: 20 }, "0.020000"],
        [completions, { model: "output", prompt: ["a", "b", "c"], max_tokens: 100 }, "0.003000"],
        [completions, { model: "output", prompt: [[1, 2], [3]], max_tokens: 100, best_of: 2 }, "0.004000"],
        [completions, { model: "output", prompt: [1, 2, 3], max_tokens: 100 }, "0.001000"],
    ],
    "only the limits that its API knows": [
        [chat, { model: "output", max_output_tokens: 1 }, "0.010000"],
        [chat, { model: "output", generationConfig: { maxOutputTokens: 1 } }, "0.010000"],
        [responses, { model: "output", max_tokens: 1, max_completion_tokens: 1 }, "0.010000"],
        [responses, { model: "output", max_output_tokens: 7 }, "0.000070"],
        [messages, { model: "output", max_tokens: 8, max_output_tokens: 1 }, "0.000080"],
        ["/v1/another", { model: "output", max_tokens: 1 }, "0.010000"],
        [gemini("output"), { max_tokens: 1, maxOutputTokens: 1 }, "0.010000"],
    ],
    "Gemini's names in both spellings": [
        [gemini("output"), { generationConfig: { maxOutputTokens: 10, candidateCount: 2 } }, "0.000200"],
        [gemini("output"), { generation_config: { max_output_tokens: 10, candidate_count: 2 } }, "0.000200"],
        [gemini("output"), { generation_config: { candidateCount: 8 } }, "0.080000"],
    ],
    "input that is not text in the body may be all that the model reads": [
        [responses, { model: "input", prompt: { id: "pmpt_1" } }, "0.100000"],
        [responses, { model: "input", previous_response_id: "resp_1" }, "0.100000"],
        [responses, { model: "input", input: userSays({ type: "input_file", file_data: "data:application/pdf;base64,AA==" }) }, "0.100000"],
        [responses, { model: "input", input: [{ type: "item_reference", id: "x" }] }, "0.100000"],
        [responses, { model: "input", something_new: ["x"] }, "0.100000"],
        [messages, { model: "input", max_tokens: 1, messages: userSays(pdf) }, "0.100000"],
        [gemini("input"), { contents: [{ parts: [{ inlineData: { mimeType: "application/pdf", data: "AA==" } }] }] }, "0.100000"],
        [gemini("input"), { cached_content: "cachedContents/1" }, "0.100000"],
    ],
    "text is as large as it is": [
        [responses, { model: "input", input: "x" }, "0.001053"],
        [messages, { model: "input", max_tokens: 1, messages: userSays({ type: "text", text: "x" }) }, "0.001124"],
        [gemini("input"), { contents: [{ parts: [{ text: "x" }] }] }, "0.001063"],
    ],
    "tools of the upstream: their fees, and the input once more after each call": [
        [responses, { model: "input", input: "x", max_tool_calls: 2, tools: [{ type: "web_search" }] }, "0.340000"],
        [responses, { model: "input", input: "x", tools: [{ type: "file_search", vector_store_ids: ["v"] }] }, "1.125000"],
        [chat, { model: "input", web_search_options: {} }, "0.220000"],
        [messages, { model: "input", max_tokens: 1, tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 1 }] }, "0.220000"],
        [gemini("input"), { tools: [{ googleSearch: {} }] }, "1.300000"],
        [responses, { model: "output", max_output_tokens: 1, max_tool_calls: 1, tools: [{ type: "code_interpreter", container: { type: "auto" } }] }, "0.030010"],
        [chat, { model: "output", max_tokens: 1, tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }] }, "0.000010"],
    ],
    "service tiers, speed and geography at their prices": [
        ...[["auto", "0.001000"], ["default", "0.001000"], [null, "0.001000"], ["priority", "0.002000"], ["flex", "0.000500"]].map(
            ([tier, cost]) => [chat, { model: "output", max_tokens: 100, service_tier: tier }, cost]
        ),
        [messages, { model: "output", max_tokens: 100, service_tier: "standard_only", speed: "standard", inference_geo: "global" }, "0.001000"],
        [messages, { model: "output", max_tokens: 100, speed: "fast" }, "0.006000"],
        [messages, { model: "output", max_tokens: 100, speed: "fast", inference_geo: "us" }, "0.006600"],
    ],
};

// [path, body, what the answer says]
const unpriced = [
    [chat, { model: "input", service_tier: "priority" }, "service_tier: priority has no price"],
    [chat, { model: "output", service_tier: "scale" }, "service_tier: scale has no price"],
    [messages, { model: "input", max_tokens: 1, speed: "fast" }, "speed: fast has no price"],
    [messages, { model: "output", max_tokens: 1, inference_geo: "eu" }, "inference_geo: eu has no price"],
    [responses, { model: "output", tools: [{ type: "web_search_preview" }] }, "tools.type: web_search_preview has no price"],
    [responses, { model: "input", tools: [{ type: "image_generation" }] }, "tools.type: image_generation has no price"],
    [chat, { model: "output", web_search_options: {} }, "web_search_options: {} has no price"],
    [chat, { model: "output", modalities: ["text", "audio"] }, "modalities: audio has no price"],
    [messages, { model: "output", max_tokens: 1, system: [{ type: "text", text: "x", cache_control: { type: "ephemeral", ttl: "1h" } }] }, "cache_control.ttl: 1h has no price"],
    [gemini("output"), { tools: [{ google_search: {} }] }, "tools: google_search has no price"],
];

const uncertain = [
    [chat, '{"model":"output","Model":"input"}', "model: named in another case"],
    [chat, '{"model":"output","max_tokens":1,"MAX_TOKENS":1000}', "max_tokens: named in another case"],
    [chat, '{"model":"output","N":8}', "n: named in another case"],
    [chat, '{"model":"output","max_to\u212aens":1}', "max_tokens: named in another case"],
    [chat, '{"model":"output","\\u017fervice_tier":"priority"}', "service_tier: named in another case"],
    [responses, '{"model":"output","tools":[{"Type":"web_search"}]}', "type: named in another case"],
    [chat, '{"model":"output","models":["input"]}', "models: more models than one cannot be checked"],
    [`${chat}?model=input`, '{"model":"output","max_tokens":1}', "the query names another model"],
    [`${chat}?Mod%65l=input`, '{"model":"output","max_tokens":1}', "the query names another model"],
    ["/v1/deployments/input/chat/completions", '{"model":"output","max_tokens":1}', "the path names another model"],
];

async function main() {
    const file = path.join(process.env.TEST_DIRECTORY, "worst_case.json");
    fs.writeFileSync(file, JSON.stringify(prices));
    const account = createAccount("worst case");
    apikeyctl("account", "topup", String(account), "--amount", "1000", "--reference", "first");
    const { key } = createKey(account);
    const pass = "proxy_pass http://127.0.0.1:$server_port/nothing/; ";
    const gateway = await startGateway(
        `location /v1/ { api_key proxy; api_key_meter openai; ${pass} }
         location /v1/messages { api_key proxy; api_key_meter anthropic; ${pass} }
         location /v1beta/ { api_key proxy; api_key_meter gemini; ${pass} }
         location /nothing/ { access_log off; return 200 "{}"; }`,
        { http: `api_key_prices ${file}; log_format cost '$request_id $status $api_key_result $api_key_cost'; access_log costs.log cost;` }
    );
    const post = async (place, body, headers = {}) => {
        const answer = await fetch(gateway.address + place, {
            method: "POST",
            headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
            body: typeof body === "string" ? body : JSON.stringify(body),
        });
        return { status: answer.status, id: answer.headers.get("x-request-id"), text: await answer.text() };
    };
    const line = async (id) => {
        let found;
        await until(() => (found = fs.readFileSync(`${gateway.directory}/costs.log`, "utf8").split("\n").find((one) => one.startsWith(id))));
        return found.slice(id.length + 1);
    };

    for (const [name, rows] of Object.entries(costs)) {
        await test(name, async () => {
            for (const [place, body, cost] of rows) {
                const { id, text } = await post(place, body);
                assert.strictEqual(`${await line(id)}: ${text}`, `200 ok ${cost}: {}`, JSON.stringify(body));
            }
        });
    }
    await test("what has no price is refused by its field and value", async () => {
        for (const [place, body, message] of unpriced) {
            const { status, id, text } = await post(place, body);
            assert.strictEqual(status, 403, JSON.stringify(body));
            assert.ok(text.includes(message), `${message}: ${text}`);
            assert.match(await line(id), /^403 option_unpriced/);
        }
    });
    await test("what parsers read in different ways is refused", async () => {
        for (const [place, body, message] of uncertain) {
            const { status, text } = await post(place, body);
            assert.strictEqual(status, 400, body);
            assert.ok(text.includes(message), `${message}: ${text}`);
        }
    });
    await test("a path and a query that name the same model", async () => {
        for (const place of [`${chat}?model=output`, "/v1/deployments/output/chat/completions"]) {
            assert.strictEqual((await post(place, { model: "output", max_tokens: 1 })).status, 200, place);
        }
    });
    await test("two types of content", async () => {
        const headers = ["Authorization", `Bearer ${key}`, "Content-Type", "multipart/form-data; boundary=b", "Content-Type", "application/json"];
        const status = await new Promise((resolve) => {
            const request = http.request(gateway.address + chat, { method: "POST", headers }, (answer) => resolve(answer.resume().statusCode));
            request.end('{"model":"output"}');
        });
        assert.strictEqual(status, 400);
    });
    await gateway.stop();
    process.exitCode = finish() ? 0 : 1;
}

main();
