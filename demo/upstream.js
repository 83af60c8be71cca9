// A demonstration upstream that answers like the AI APIs of OpenAI, Anthropic and Google, plain and streamed. It thinks nothing: it
// says back what the last message said. Node 18, no packages.
//   node demo/upstream.js [--listen PORT|/path/to/socket] [--host ADDRESS] [--delay-ms N]
// Prints "listening ADDRESS" once it does. GET or POST /echo answers with the request as it arrived.
"use strict";

const http = require("http");
const { randomBytes } = require("crypto");

const models = ["gpt-4o-mini", "gpt-4o", "claude-demo", "gemini-2.5-flash"];
const options = parseArguments(process.argv.slice(2));

function parseArguments(words) {
    const parsed = { listen: "0", host: "127.0.0.1", delayMs: 40 };
    for (let i = 0; i < words.length; i += 2) {
        if (words[i] === "--listen" && words[i + 1]) {
            parsed.listen = words[i + 1];
        } else if (words[i] === "--host" && words[i + 1]) {
            parsed.host = words[i + 1];
        } else if (words[i] === "--delay-ms" && words[i + 1]) {
            parsed.delayMs = Number(words[i + 1]);
        } else {
            console.error(`unknown argument "${words[i]}"`);
            process.exit(2);
        }
    }
    return parsed;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, options.delayMs));
const identifier = (prefix) => prefix + randomBytes(12).toString("hex");
const now = () => Math.floor(Date.now() / 1000);
const countTokens = (text) => Math.max(1, Math.ceil(text.length / 4));

// "content" is a string or a list of parts with a text, in all three APIs
function textOf(content) {
    if (typeof content === "string") {
        return content;
    }
    return Array.isArray(content) ? content.map((part) => part?.text ?? "").join("") : "";
}

function replyTo(text) {
    return `You said: ${text || "nothing"}`;
}

// A few words at a time, as a model would.
function pieces(text) {
    return text.match(/\S+\s*/g) ?? [text];
}

function sendJson(response, status, body, headers = {}) {
    const text = JSON.stringify(body);
    response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text), ...headers });
    response.end(text);
}

function startEvents(response) {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
    return (data, event) => response.write(`${event ? `event: ${event}\n` : ""}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`);
}

// ---- OpenAI ----------------------------------------------------------------------------------------------------------

function openaiError(response, status, message, code) {
    sendJson(response, status, { error: { message, type: "invalid_request_error", param: null, code } });
}

function listModels(response) {
    const data = models.map((id) => ({ id, object: "model", created: 1700000000, owned_by: "demo" }));
    sendJson(response, 200, { object: "list", data });
}

async function chatCompletions(response, body) {
    if (typeof body.model !== "string" || !Array.isArray(body.messages)) {
        return openaiError(response, 400, "model and messages are required", "missing_required_parameter");
    }
    const asked = body.messages.map((message) => textOf(message.content));
    const answer = replyTo(asked[asked.length - 1]);
    const usage = { prompt_tokens: countTokens(asked.join("")), completion_tokens: countTokens(answer) };
    usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
    const head = { id: identifier("chatcmpl-"), created: now(), model: body.model };

    if (!body.stream) {
        const choices = [{ index: 0, message: { role: "assistant", content: answer, refusal: null }, logprobs: null, finish_reason: "stop" }];
        return sendJson(response, 200, { ...head, object: "chat.completion", choices, usage });
    }

    const send = startEvents(response);
    const chunk = (delta, finishReason = null) =>
        send({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] });
    chunk({ role: "assistant", content: "" });
    for (const piece of pieces(answer)) {
        await pause();
        chunk({ content: piece });
    }
    chunk({}, "stop");
    if (body.stream_options?.include_usage) {
        send({ ...head, object: "chat.completion.chunk", choices: [], usage });
    }
    send("[DONE]");
    response.end();
}

async function responsesApi(response, body) {
    if (typeof body.model !== "string" || body.input === undefined) {
        return openaiError(response, 400, "model and input are required", "missing_required_parameter");
    }
    const asked = typeof body.input === "string" ? body.input : textOf(body.input[body.input.length - 1]?.content);
    const answer = replyTo(asked);
    const item = { id: identifier("msg_"), type: "message", role: "assistant" };
    const part = { type: "output_text", text: answer, annotations: [] };
    const usage = { input_tokens: countTokens(asked), output_tokens: countTokens(answer) };
    usage.total_tokens = usage.input_tokens + usage.output_tokens;
    const head = { id: identifier("resp_"), object: "response", created_at: now(), model: body.model, error: null };
    const whole = { ...head, status: "completed", output: [{ ...item, status: "completed", content: [part] }], usage };

    if (!body.stream) {
        return sendJson(response, 200, whole);
    }

    const write = startEvents(response);
    let sequence = 0;
    const send = (type, data) => write({ type, sequence_number: sequence++, ...data }, type);
    const place = { item_id: item.id, output_index: 0, content_index: 0 };
    send("response.created", { response: { ...head, status: "in_progress", output: [] } });
    send("response.output_item.added", { output_index: 0, item: { ...item, status: "in_progress", content: [] } });
    send("response.content_part.added", { ...place, part: { ...part, text: "" } });
    for (const piece of pieces(answer)) {
        await pause();
        send("response.output_text.delta", { ...place, delta: piece });
    }
    send("response.output_text.done", { ...place, text: answer });
    send("response.content_part.done", { ...place, part });
    send("response.output_item.done", { output_index: 0, item: whole.output[0] });
    send("response.completed", { response: whole });
    response.end();
}

function moderations(response, body) {
    const inputs = Array.isArray(body.input) ? body.input : [body.input];
    const results = inputs.map(() => ({ flagged: false, categories: {}, category_scores: {} }));
    sendJson(response, 200, { id: identifier("modr-"), model: body.model ?? "demo-moderation", results });
}

// ---- Anthropic -----------------------------------------------------------------------------------------------------------

async function messages(response, body) {
    const requestId = identifier("req_");
    if (typeof body.model !== "string" || !Array.isArray(body.messages) || !Number.isInteger(body.max_tokens)) {
        const error = { type: "invalid_request_error", message: "model, messages and max_tokens are required" };
        return sendJson(response, 400, { type: "error", error, request_id: requestId }, { "request-id": requestId });
    }
    const asked = body.messages.map((message) => textOf(message.content));
    const answer = replyTo(asked[asked.length - 1]);
    const inputTokens = countTokens(asked.join(""));
    const outputTokens = countTokens(answer);
    const head = { id: identifier("msg_"), type: "message", role: "assistant", model: body.model };
    const end = { stop_reason: "end_turn", stop_sequence: null };
    const cache = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

    if (!body.stream) {
        const usage = { input_tokens: inputTokens, ...cache, output_tokens: outputTokens };
        return sendJson(response, 200, { ...head, content: [{ type: "text", text: answer }], ...end, usage }, { "request-id": requestId });
    }

    response.setHeader("request-id", requestId);
    const write = startEvents(response);
    const send = (type, data) => write({ type, ...data }, type);
    const usage = { input_tokens: inputTokens, ...cache, output_tokens: 1 };
    send("message_start", { message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage } });
    send("content_block_start", { index: 0, content_block: { type: "text", text: "" } });
    send("ping", {});
    for (const piece of pieces(answer)) {
        await pause();
        send("content_block_delta", { index: 0, delta: { type: "text_delta", text: piece } });
    }
    send("content_block_stop", { index: 0 });
    send("message_delta", { delta: end, usage: { output_tokens: outputTokens } });
    send("message_stop", {});
    response.end();
}

function countMessageTokens(response, body) {
    sendJson(response, 200, { input_tokens: countTokens((body.messages ?? []).map((message) => textOf(message.content)).join("")) });
}

// ---- Gemini ----------------------------------------------------------------------------------------------------------------

async function generateContent(response, body, model, method, query) {
    if (!Array.isArray(body.contents)) {
        return sendJson(response, 400, { error: { code: 400, message: "contents is required", status: "INVALID_ARGUMENT" } });
    }
    const asked = body.contents.map((content) => textOf(content.parts));
    if (method === "countTokens") {
        return sendJson(response, 200, { totalTokens: countTokens(asked.join("")) });
    }
    const answer = replyTo(asked[asked.length - 1]);
    const promptTokenCount = countTokens(asked.join(""));
    const head = { modelVersion: model, responseId: identifier("") };
    let said = "";
    const chunk = (text, last) => {
        said += text;
        const candidatesTokenCount = countTokens(said);
        const candidate = { content: { parts: [{ text }], role: "model" }, index: 0, ...(last ? { finishReason: "STOP" } : {}) };
        const usageMetadata = { promptTokenCount, candidatesTokenCount, totalTokenCount: promptTokenCount + candidatesTokenCount };
        return { candidates: [candidate], usageMetadata, ...head };
    };

    if (method === "generateContent") {
        return sendJson(response, 200, chunk(answer, true));
    }

    const parts = pieces(answer);
    if (query.get("alt") === "sse") {
        const send = startEvents(response);
        for (const [i, piece] of parts.entries()) {
            await pause();
            send(chunk(piece, i === parts.length - 1));
        }
        return response.end();
    }
    response.writeHead(200, { "Content-Type": "application/json" });
    for (const [i, piece] of parts.entries()) {
        await pause();
        response.write((i === 0 ? "[" : ",\n") + JSON.stringify(chunk(piece, i === parts.length - 1)));
    }
    response.end("]\n");
}

// ---- the server --------------------------------------------------------------------------------------------------------------

const routes = {
    "/v1/chat/completions": chatCompletions,
    "/v1/responses": responsesApi,
    "/v1/moderations": moderations,
    "/v1/messages": messages,
    "/v1/messages/count_tokens": countMessageTokens,
};

function echo(request, response, text) {
    const { method, url, headers, rawHeaders, httpVersion } = request;
    sendJson(response, 200, { method, url, httpVersion, headers, rawHeaders, body: text });
}

async function readBody(request) {
    const parts = [];
    for await (const part of request) {
        parts.push(part);
    }
    return Buffer.concat(parts).toString("utf8");
}

function parseObject(text) {
    try {
        const value = JSON.parse(text);
        return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
    } catch {
        return null;
    }
}

async function handle(request, response) {
    const url = new URL(request.url, "http://demo");
    const text = await readBody(request);
    if (/^\/(v1\/|v1beta\/)?echo(\/|$)/.test(url.pathname)) {
        return echo(request, response, text);
    }
    if (request.method === "GET" && url.pathname === "/v1/models") {
        return listModels(response);
    }
    const gemini = url.pathname.match(/^\/v1(?:beta)?\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/);
    const route = routes[url.pathname];
    if (!gemini && !route) {
        return openaiError(response, 404, `no route ${request.method} ${url.pathname}`, "not_found");
    }
    if (request.method !== "POST") {
        return openaiError(response, 405, "POST is expected", "method_not_allowed");
    }
    const body = parseObject(text);
    if (!body) {
        return openaiError(response, 400, "the body is not a JSON object", "invalid_json");
    }
    if (gemini) {
        return generateContent(response, body, gemini[1], gemini[2], url.searchParams);
    }
    return route(response, body);
}

const server = http.createServer((request, response) => {
    handle(request, response).catch((error) => {
        console.error(error);
        response.destroy();
    });
});

const isPort = /^\d+$/.test(options.listen);
server.listen(...(isPort ? [Number(options.listen), options.host] : [options.listen]), () => {
    const address = server.address();
    console.log(`listening ${typeof address === "string" ? address : `${address.address}:${address.port}`}`);
});
for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => process.exit(0));
}
