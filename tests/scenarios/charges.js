#!/usr/bin/env node
// What an answer is charged, by what the upstream did: one gateway, and an upstream that answers as each row says.
"use strict";

const assert = require("assert");
const fs = require("fs");
const http = require("http");
const net = require("net");
const path = require("path");
const { apikeyctl, createAccount, createKey, makeTap, startGateway, until } = require("../lib/gateway");

const { test, finish } = makeTap();

const prices = path.join(process.env.TEST_DIRECTORY, "charges-prices.json");
const price = { input_cost_per_token: 1e-3, output_cost_per_token: 2e-3, max_output_tokens: 100, max_input_tokens: 2000 };
const options = {
    input_cost_per_token_priority: 2e-3,
    output_cost_per_token_priority: 4e-3,
    search_context_cost_per_query: { search_context_size_medium: 0.025 },
    provider_specific_entry: { us: 1.5 },
};
fs.writeFileSync(prices, JSON.stringify({ m: { ...price, ...options } }));

// ---- upstreams ---------------------------------------------------------------------------------------------------------

const json = { "Content-Type": "application/json" };
const events = { "Content-Type": "text/event-stream" };
const text = (body) => (typeof body === "string" ? body : JSON.stringify(body));
const event = (data) => `data: ${text(data)}\n\n`;

// What an upstream does with a request.
const answers = (status, body = "", headers = json) => (request, response) => response.writeHead(status, headers).end(text(body));
const breaksOff = (body, headers = json) => (request, response) => {
    response.writeHead(200, headers).write(text(body), () => response.socket.end());
};
const hangsUp = (request) => request.socket.destroy();
const waits = () => {};

// Listens, and gives { port, does: what it does with the next requests, asked }.
function startUpstream() {
    const upstream = { does: hangsUp, asked: 0 };
    const server = http.createServer((request, response) => {
        upstream.asked++;
        request.resume().on("end", () => upstream.does(request, response));
    });
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(Object.assign(upstream, { port: server.address().port }))));
}

// Takes connections and says nothing, not even hello.
function startSilence() {
    const silence = { taken: 0 };
    const server = net.createServer(() => silence.taken++);
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(Object.assign(silence, { port: server.address().port }))));
}

// ---- the gateway ---------------------------------------------------------------------------------------------------------

const http_config = (directory) => `
    api_key_prices ${prices};
    log_format charges '$status cost=$api_key_cost';
    proxy_cache_path ${directory} keys_zone=answers:1m;
    map $arg_reserve $reserve { default $arg_reserve; "" 0.5; }`;

const locations = (one, two, silent) => `
    access_log charges.log charges;
    proxy_next_upstream off;
    location /v1/ { api_key proxy; api_key_meter openai; proxy_pass http://127.0.0.1:${one}; }
    location /v1/messages { api_key proxy; api_key_meter anthropic; proxy_pass http://127.0.0.1:${one}; }
    location /v1beta/ { api_key proxy; api_key_meter gemini; api_key_model body; proxy_pass http://127.0.0.1:${one}; }
    location /old/ { api_key proxy; api_key_meter openai; proxy_http_version 1.0; proxy_pass http://127.0.0.1:${one}; }
    location /buffered/ { api_key proxy; api_key_meter openai; proxy_buffering on; proxy_pass http://127.0.0.1:${one}; }
    location /hasty/ { api_key proxy; api_key_meter openai; proxy_read_timeout 200ms; proxy_pass http://127.0.0.1:${one}; }
    location /silent/ { api_key proxy; api_key_meter openai; proxy_pass https://127.0.0.1:${silent}; }
    location /next/ {
        api_key proxy; api_key_meter openai; proxy_next_upstream error http_500 non_idempotent;
        proxy_pass http://both;
    }
    location /sorry/ {
        api_key proxy; api_key_meter openai; proxy_intercept_errors on; error_page 500 =200 /sorry.json;
        proxy_pass http://127.0.0.1:${one};
    }
    location = /sorry.json { default_type application/json; return 200 '{"usage":{"prompt_tokens":1,"completion_tokens":1}}'; }
    location /fallback/ {
        api_key proxy; api_key_meter openai; proxy_intercept_errors on; error_page 500 502 = @fallback;
        proxy_pass http://127.0.0.1:${one};
    }
    location @fallback { api_key proxy; api_key_meter openai; proxy_pass http://127.0.0.1:${two}; }
    location /accel/ { api_key proxy; api_key_meter openai; proxy_pass http://127.0.0.1:${one}; }
    location /internal/ { internal; api_key proxy; api_key_meter openai; proxy_pass http://127.0.0.1:${two}; }
    location /cached/ {
        api_key proxy; api_key_meter openai; proxy_pass http://127.0.0.1:${one};
        proxy_buffering on; proxy_cache answers; proxy_cache_methods POST; proxy_cache_key $request_uri; proxy_cache_valid 200 1h;
    }
    location /costs/ { api_key proxy; api_key_cost $upstream_http_x_cost; api_key_reserve $reserve; proxy_pass http://127.0.0.1:${one}; }
    location /fixed/ { api_key proxy; api_key_cost 0.25; proxy_pass http://127.0.0.1:${one}; }
    location /api/ { access_log off; api_key billing; api_key_manage; }`;

const both = (one, two) => `upstream both { server 127.0.0.1:${one} max_fails=0; server 127.0.0.1:${two} max_fails=0 backup; }`;

const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "Hello" }] });
const streaming = JSON.stringify({ model: "m", stream: true, stream_options: { include_usage: true }, messages: [] });

// Sends, and gives the status, or the code of what went wrong. `leave`: resolves when the client goes away.
function send(gateway, key, route, { sends = body, leave } = {}) {
    return new Promise((resolve) => {
        const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
        const request = http.request(`${gateway.address}${route}`, { method: "POST", headers, agent: false }, (response) => {
            response.on("error", () => {}).on("close", () => resolve(response.statusCode)).resume();
        });
        request.on("error", (error) => resolve(error.code)).end(sends);
        leave?.().then(() => request.destroy());
    });
}

const charges = (gateway) => fs.readFileSync(`${gateway.directory}/charges.log`, "utf8").split("\n").filter(Boolean);

// The line that the log gets.
async function charged(gateway, key, route, options) {
    const before = charges(gateway).length;
    await send(gateway, key, route, options);
    await until(() => charges(gateway).length > before);
    return charges(gateway)[before];
}

// ---- rows: [name, path, what the upstream does, the line of the log, more] ----------------------------------------------------

const used = { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 };
const told = { choices: [{ message: { content: "x" } }], usage: used };
const part = { choices: [{ delta: { content: "x" } }], usage: { prompt_tokens: 2, completion_tokens: 1 } };
const last = { choices: [], usage: used };
const exact = "cost=0.010000";
const nothing = "cost=0.000000";
const held = "cost=held";
const stream = { sends: streaming };
const usage = (members) => `{"choices":[],"usage":{${members}}}`;
const claudeBegin = event({ type: "message_start", message: { usage: { input_tokens: 2, output_tokens: 1 } } });
const claudeEnd = event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4 } });
const claude = (more) => ({ content: [], usage: { input_tokens: 2, output_tokens: 4, ...more } });
const gemini = (reason) => ({ candidates: [{ ...reason }], usageMetadata: { promptTokenCount: 2, candidatesTokenCount: 4 } });

const rows = [
    ["an answer with its usage", "/v1/x", answers(200, told), `200 ${exact}`],
    ["... without it", "/v1/x", answers(200, { choices: [] }), `200 ${held}`],
    ["a stream with its usage", "/v1/x", answers(200, event(last) + event("[DONE]"), events), `200 ${exact}`, stream],

    ["usage cut off behind its first number", "/v1/x", breaksOff('{"usage":{"prompt_tokens":2,'), `200 ${held}`],
    ["... read from a buffer", "/buffered/x", breaksOff('{"usage":{"prompt_tokens":2,'), `200 ${held}`],
    ["... behind its last number", "/v1/x", breaksOff('{"usage":{"prompt_tokens":2,"completion_tokens":4'), `200 ${held}`],
    ["... behind its end", "/v1/x", breaksOff('{"usage":{"prompt_tokens":2,"completion_tokens":4}'), `200 ${exact}`],
    ["usage in floats", "/v1/x", answers(200, usage('"prompt_tokens":2.0,"completion_tokens":4e0')), `200 ${exact}`],
    ["... that are not whole", "/v1/x", answers(200, usage('"prompt_tokens":2,"completion_tokens":4.5')), `200 ${held}`],
    ["usage with a text", "/v1/x", answers(200, usage('"prompt_tokens":2,"completion_tokens":"4"')), `200 ${held}`],
    ["... and a float", "/v1/x", answers(200, usage('"prompt_tokens":2.0,"completion_tokens":"4"')), `200 ${held}`],
    ["usage without its output", "/v1/x", answers(200, usage('"prompt_tokens":2')), `200 ${held}`],
    ["reasoning beside the output", "/v1/x", answers(200, usage('"prompt_tokens":2,"completion_tokens":1,"total_tokens":6,"completion_tokens_details":{"reasoning_tokens":3}')), `200 ${exact}`],

    ["a stream with usage in every chunk, cut", "/v1/x", breaksOff(event(part) + event(part), events), `200 ${held}`, stream],
    ["... over HTTP/1.0, where an end is like any other", "/old/x", breaksOff(event(part) + event(part), events), `200 ${held}`, stream],
    ["... to its end", "/v1/x", answers(200, event(part) + event(last) + event("[DONE]"), events), `200 ${exact}`, stream],
    ["a stream that is cut behind its usage", "/v1/x", breaksOff(event(last), events), `200 ${exact}`, stream],
    ["... within it", "/v1/x", breaksOff(event(last).slice(0, -20), events), `200 ${held}`, stream],
    ["Anthropic's stream", "/v1/messages", answers(200, claudeBegin + claudeEnd, events), `200 ${exact}`, stream],
    ["... cut in between", "/v1/messages", breaksOff(claudeBegin, events), `200 ${held}`, stream],
    ["... within its last usage", "/v1/messages", breaksOff(claudeBegin + claudeEnd.slice(0, -5), events), `200 ${held}`, stream],
    ["Gemini's stream", "/v1beta/x", answers(200, event(gemini({})) + event(gemini({ finishReason: "STOP" })), events), `200 ${exact}`, stream],
    ["... cut", "/v1beta/x", breaksOff(event(gemini({})), events), `200 ${held}`, stream],

    ["an answer of a dearer tier", "/v1/x", answers(200, { ...told, service_tier: "priority" }), "200 cost=0.020000"],
    ["... of the usual one", "/v1/x", answers(200, { ...told, service_tier: "default" }), `200 ${exact}`],
    ["... of one without a price", "/v1/x", answers(200, { ...told, service_tier: "express" }), `200 ${held}`],
    ["an answer from a dearer region", "/v1/messages", answers(200, claude({ inference_geo: "us" })), "200 cost=0.015000"],
    ["... from one without a price", "/v1/messages", answers(200, claude({ inference_geo: "eu" })), `200 ${held}`],
    ["... made faster, which has no price", "/v1/messages", answers(200, claude({ speed: "fast" })), `200 ${held}`],
    ["an answer that was searched for", "/v1/messages", answers(200, claude({ server_tool_use: { web_search_requests: 2 } })), "200 cost=0.060000"],
    ["a response that was searched for", "/v1/x", answers(200, { ...told, output: [{ type: "web_search_call" }] }), "200 cost=0.035000"],
    ["... for which code was run, without a fee", "/v1/x", answers(200, { ...told, output: [{ type: "code_interpreter_call" }] }), `200 ${held}`],

    ["a redirect", "/v1/x", answers(307, told, { ...json, Location: "https://example.com/" }), `307 ${nothing}`],
    ["no content", "/v1/x", answers(204), `204 ${nothing}`],
    ["nothing new", "/v1/x", answers(304), `304 ${nothing}`],
    ["an error", "/v1/x", answers(400, { error: {} }), `400 ${nothing}`],
    ["an error that tells a usage", "/v1/x", answers(500, told), `500 ${nothing}`],
    ["an upstream that hangs up", "/v1/x", hangsUp, `502 ${nothing}`],
    ["an upstream that does not answer in time", "/hasty/x", waits, `504 ${nothing}`],
    ["an upstream that is not understood", "/v1/x", answers(200, told, { ...json, "X-Long": "x".repeat(10_000) }), `502 ${nothing}`],

    ["a second upstream after the first failed", "/next/x", answers(500, told), `200 ${exact}`, { second: answers(200, told) }],
    ["... after the first hung up", "/next/x", hangsUp, `200 ${exact}`, { second: answers(200, told) }],
    ["... which fails too", "/next/x", hangsUp, `500 ${nothing}`, { second: answers(500, told) }],
    ["an error that is answered by a page", "/sorry/x", answers(500, told), `200 ${nothing}`],
    ["an error that another vendor mends", "/fallback/x", answers(500, told), `200 ${exact}`, { second: answers(200, told) }],
    ["... or does not", "/fallback/x", hangsUp, `500 ${nothing}`, { second: answers(500, told) }],
    ["an answer that names another place", "/accel/x", answers(200, "", { "X-Accel-Redirect": "/internal/x" }), `200 ${exact}`, { second: answers(200, told) }],
    ["... which fails", "/accel/x", answers(200, "", { "X-Accel-Redirect": "/internal/x" }), `500 ${held}`, { second: answers(500, told) }],

    ["an answer that is kept", "/cached/x", answers(200, told), `200 ${exact}`],
    ["... and comes from the cache", "/cached/x", hangsUp, `200 ${nothing}`],

    ["a cost that the upstream tells", "/costs/x", answers(200, "x", { "X-Cost": "0.125" }), "200 cost=0.125000"],
    ["... with an error", "/costs/x", answers(500, "x", { "X-Cost": "0.125" }), `500 ${nothing}`],
    ["... or does not tell", "/costs/x", answers(200, "x"), "200 cost=0.500000"],
    ["... without content", "/costs/x", answers(204), `204 ${nothing}`],
    ["... above a reserve of nothing", "/costs/x?reserve=0", answers(200, "x", { "X-Cost": "5" }), "200 cost=5.000000"],
    ["a fixed cost", "/fixed/x", answers(204), "204 cost=0.250000"],
    ["... of an error", "/fixed/x", answers(500), `500 ${nothing}`],
    ["... of nobody's answer", "/fixed/x", hangsUp, `502 ${nothing}`],

    ["counting tokens", "/v1/messages/count_tokens", answers(200, { input_tokens: 2 }), "200 cost="],
    ["... of Gemini", "/v1beta/models/m:countTokens", answers(200, { totalTokens: 2 }), "200 cost="],
    ["moderation", "/v1/moderations", answers(200, { results: [] }), "200 cost="],
];

async function testClients(line, one, silence) {
    const asked = (upstream, name) => {
        const before = upstream[name];
        return () => until(() => upstream[name] > before);
    };
    await test("a client that leaves before an answer is charged what was held", async () => {
        one.does = waits;
        assert.strictEqual(await line("/v1/x", { leave: asked(one, "asked") }), `499 ${held}`);
    });
    await test("... nothing where the upstream was not given the request yet", async () => {
        assert.strictEqual(await line("/silent/x", { leave: asked(silence, "taken") }), `499 ${nothing}`);
    });
    await test("... what was held in the middle of a stream", async () => {
        let arrived;
        const begun = new Promise((resolve) => (arrived = resolve));
        one.does = (request, response) => response.writeHead(200, events).write(event(part), arrived);
        assert.strictEqual(await line("/v1/x", { ...stream, leave: () => begun }), `200 ${held}`);
    });
}

async function main() {
    const [one, two] = [await startUpstream(), await startUpstream()];
    const silence = await startSilence();
    const directory = fs.mkdtempSync(path.join(process.env.TEST_DIRECTORY, "answers-"));
    fs.chmodSync(directory, 0o777);
    const gateway = await startGateway(locations(one.port, two.port, silence.port), { http: http_config(directory) + both(one.port, two.port) });
    const account = createAccount("charged");
    apikeyctl("account", "topup", String(account), "--amount", "1000", "--reference", "first");
    const { key } = createKey(account);
    // what is held: for an answer that tells nothing it is charged
    const reserves = new Set();
    for (const route of ["/v1/x", "/v1/messages", "/v1beta/x"]) {
        for (const options of [{}, stream]) {
            one.does = answers(200, "{}");
            reserves.add(/cost=(.*)/.exec(await charged(gateway, key, route, options))[1]);
        }
    }
    const isHeld = (cost) => reserves.has(cost);
    const line = async (...words) => {
        const said = await charged(gateway, key, ...words);
        return isHeld(/cost=(.*)/.exec(said)[1]) ? said.replace(/cost=.*/, held) : said;
    };
    try {
        for (const [name, route, does, expected, { second, ...options } = {}] of rows) {
            await test(name, async () => {
                one.does = does;
                two.does = second ?? hangsUp;
                const said = await line(route, options);
                expected instanceof RegExp ? assert.match(said, expected) : assert.strictEqual(said, expected);
            });
        }
        await testClients(line, one, silence);
        await test("the wallet has paid what the log says", async () => {
            const headers = { authorization: `Bearer ${createKey(account, "billing").key}` };
            const spent = charges(gateway).reduce((sum, said) => sum + Number(/cost=(.*)/.exec(said)[1]), 0);
            let balance;
            await until(async () => {
                balance = await (await fetch(`${gateway.address}/api/balance`, { headers })).json();
                return balance.held === "0.000000";
            });
            assert.strictEqual(balance.balance, (1000 - spent).toFixed(6));
        });
    } finally {
        await gateway.stop();
    }
    process.exit(finish() ? 0 : 1);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
