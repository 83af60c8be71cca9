// A hostile tenant that tries one attack after the other. It runs in a thread of its own, so that its work is not taken for slowness of what
// others measure.
"use strict";

const { once, setMaxListeners } = require("events");
const fs = require("fs");
const http = require("http");
const net = require("net");
const { isMainThread, parentPort, Worker, workerData } = require("worker_threads");
const { apikeyctl, createAccount, createKey } = require("./gateway.js");
const { attacks, guesser, hour, largeModels } = require("./hostile_attacks.js");
const { status } = require("./load.js");

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// What the hostile tenant's own upstream does: answers that do not begin, do not end, or have no usage.
function startUpstream(socket) {
    const event = `data: ${JSON.stringify({ choices: [{ delta: { content: "x".repeat(1000) } }], usage: null })}\n\n`;
    const answer = (request, response) => {
        if (!request.url.includes("stream") && !request.url.includes("long")) {
            response.writeHead(request.url.includes("unknown") ? 404 : 200, { "content-type": "application/json" });
            return response.end('{"usage":{"prompt_tokens":1,"completion_tokens":1}}');
        }
        response.writeHead(200, { "content-type": "text/event-stream" });
        if (request.url.includes("long")) {
            response.write("data: ");
            return response.end(Buffer.alloc(4_000_000, "x"));
        }
        let left = 20_000;
        const more = () => {
            while (left-- > 0 && response.write(event));
            return left > 0 || response.end();
        };
        response.on("drain", more);
        return more();
    };
    const server = http.createServer((request, response) => {
        request.resume();
        response.on("error", () => {});
        request.on("end", () => request.url.includes("hold") || answer(request, response));
    });
    server.on("upgrade", (request, connection) => connection.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"));
    return new Promise((resolve) => server.listen(socket, () => resolve(fs.chmodSync(socket, 0o777))));
}

// gives call(method, path, { key, body, headers, isHeld, leaveAfterMs }) and call.unread(head, body); all that runs ends with the signal
function makeCall(addresses, signal) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 512 });
    let turn = 0;
    const next = () => new URL(addresses[turn++ % addresses.length]);
    signal.addEventListener("abort", () => agent.destroy());
    const call = (method, path, { key, body, headers = {}, isHeld = false, leaveAfterMs }) =>
        new Promise((resolve) => {
            const { hostname, port } = next();
            const all = { ...(key ? { authorization: `Bearer ${key}` } : {}), ...(body ? { "content-type": "application/json" } : {}), ...headers };
            const request = http.request({ hostname, port, path, method, agent, headers: all }, (response) => {
                response.resume();
                response.on("close", () => resolve(response.complete ? response.statusCode : signal.aborted || leaveAfterMs ? undefined : "cut"));
            });
            const stop = () => request.destroy();
            signal.addEventListener("abort", stop);
            request.on("upgrade", (response, connection) => (connection.destroy(), resolve(101)));
            request.on("error", () => resolve(signal.aborted || isHeld || leaveAfterMs ? undefined : "error"));
            request.on("close", () => signal.removeEventListener("abort", stop));
            request.end(body);
            if (leaveAfterMs) {
                setTimeout(stop, leaveAfterMs);
            }
        });
    call.unread = (head, body = "") =>
        new Promise((resolve) => {
            const socket = net.connect(next().port, "127.0.0.1");
            socket.pause();
            socket.on("error", () => {});
            socket.write(`${head}Host: x\r\n\r\n${body}`);
            signal.addEventListener("abort", () => (socket.destroy(), resolve(undefined)));
        });
    return call;
}

// Sends what the attack says for so long. gives how often each status came
async function attack({ lanes, perSecond, send }, tenant, ms) {
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    const call = makeCall(tenant.addresses, stop.signal);
    const statuses = {};
    const end = Date.now() + ms;
    let number = 0;
    const lane = async (index) => {
        for (let due = Date.now() + (index * 1000) / perSecond; due < end; due = Math.max(due + (lanes * 1000) / perSecond, Date.now())) {
            await sleep(due - Date.now());
            const status = await send(tenant, number++, call);
            if (status !== undefined) {
                statuses[status] = (statuses[status] ?? 0) + 1;
            }
        }
    };
    setTimeout(() => stop.abort(), ms);
    await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
    return statuses;
}

// The same number of requests of a tenant that means no harm.
const harmless = (one) => ({ ...one, ...one.usual, send: one.harmless ?? (({ harmless: tenant }, number, call) => call("GET", "/plain/", { key: tenant.key })) });

// Where the attacks go, beside the management API at /api/.
const locations = `
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Real-IP;
    api_key_block failed=1000 window=1s for=1s;
    location /plain/ { api_key proxy; empty_gif; }
    location /dear/ { api_key proxy; api_key_cost 0.01; proxy_pass http://hostile; }
    location /meter/ { client_max_body_size 4m; api_key proxy; api_key_meter openai; proxy_pass http://hostile; }
    location ~ ^/models/(?<model>[^/]+)/ { api_key proxy; api_key_model $model; api_key_cost 0; proxy_pass http://hostile; }`;

// So many at a time, in order; gives what they gave.
async function inTurns(count, lanes, make) {
    const made = [];
    let next = 0;
    await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
        while (next < count) {
            const number = next++;
            made[number] = await make(number, lane);
        }
    }));
    return made;
}

// The hostile tenant has several accounts: `large` has made all changes that it may at once, with entries of the security log as large as they
// get; `many` has hundreds of used keys with all windows; `crowd` as many keys as an account may have, and more were used; `poor` no money.
async function makeTenant({ addresses, redis, upstream, harmless: tenant }) {
    const change = async (owner, method, route, body) => {
        const answer = await fetch(`${addresses[0]}/api/keys${route}`, { method, headers: { authorization: `Bearer ${owner.manager}` }, body: JSON.stringify(body) });
        if (!answer.ok && answer.status !== 429) {
            throw new Error(`${method} ${route}: ${answer.status} ${await answer.text()}`);
        }
        return answer.json();
    };
    const owner = (name) => {
        const account = createAccount(name);
        return { account, manager: createKey(account, "billing").key, ...createKey(account) };
    };
    const [large, many, crowd, poor] = ["large", "many", "crowd", "poor"].map(owner);
    apikeyctl("account", "topup", String(many.account), "--amount", "1000000", "--reference", "hostile");
    large.ids = (await inTurns(8, 8, () => change(large, "POST", "", { name: "large" }))).map((one) => one.id);
    await inTurns(1000, 8, (number, lane) => change(large, "PATCH", `/${large.ids[lane]}`, { models: largeModels(number) }));
    const quotas = { total: 1e6, daily: 1e6, weekly: 1e6, monthly: 1e6 };
    many.keys = (await inTurns(300, 8, (number) => change(many, "POST", "", { name: `key ${number}`, quotas }))).map((one) => one.key);
    poor.keys = [poor.key, ...(await inTurns(20, 8, () => change(poor, "POST", "", { name: "poor" }))).map((one) => one.key)];
    // what takes an account weeks
    redis.cli("EVAL", `for i = 1, 10000 do
            local id = redis.call('INCR', 'ak:{k}:next:key')
            redis.call('COPY', 'ak:{k}:' .. ARGV[1], 'ak:{k}:' .. id)
            redis.call('ZADD', ARGV[2], id, id)
        end`, "0", String(crowd.id), `ak:{k}:keys:${crowd.account}:proxy`);
    redis.cli("EVAL", `for i = 1, 13000 do redis.call('HSET', ARGV[1] .. 'day:' .. ARGV[2], 'n:' .. i, 1, 'c:' .. i, i) end
        for past = 0, 19 do for i = 1, 10000 do redis.call('HSET', ARGV[1] .. 'minute:' .. string.format('%.0f', ARGV[3] - past), 'n:' .. i, 1) end end`, "0",
    `ak:{k}:use:${crowd.account}:key:`, String(Math.floor(Date.now() / 24 / hour)), String(Math.floor(Date.now() / 60_000)));
    const keys = [...many.keys, ...many.keys, ...Array(5000).fill(large.key)];
    const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    await inTurns(keys.length, 16, (number) => status(`${addresses[0]}/plain/`, keys[number], agent));
    agent.destroy();
    return { addresses, upstream, harmless: tenant, large, many, crowd, poor };
}

// In a thread; gives { run(name, ms, { isHarmless }), stop() }. The tenant is makeTenant's
async function startHostile(tenant) {
    const thread = new Worker(__filename, { workerData: tenant });
    const answer = async () => (await once(thread, "message"))[0];
    await answer();
    const run = (name, ms, { isHarmless = false } = {}) => {
        thread.postMessage({ name, ms, isHarmless });
        return answer();
    };
    return { run, stop: () => thread.terminate() };
}

if (!isMainThread) {
    startUpstream(workerData.upstream).then(() => parentPort.postMessage({}));
    parentPort.on("message", async ({ name, ms, isHarmless }) =>
        parentPort.postMessage(await attack(isHarmless ? harmless(attacks[name]) : attacks[name], workerData, ms)));
}

module.exports = { attacks, guesser, locations, makeTenant, startHostile };
