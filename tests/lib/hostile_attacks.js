// For each bound of docs/security.md that a tenant or a client steers, what a hostile tenant sends to get beyond.
"use strict";

const crypto = require("crypto");

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// A well-formed key that nobody has.
function unknownKey(prefix) {
    const text = prefix + Array.from(crypto.randomBytes(32), (byte) => digits[byte % 62]).join("");
    let sum = 0xffffffff; // CRC-32
    for (const byte of Buffer.from(text)) {
        sum ^= byte;
        for (let bit = 0; bit < 8; bit++) {
            sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
        }
    }
    let end = "";
    for (let rest = ~sum >>> 0; end.length < 6; rest = Math.floor(rest / 62)) {
        end = digits[rest % 62] + end;
    }
    return text + end;
}

// Each other than the one before: a change that changes nothing is none.
const largeModels = (number) => Array.from({ length: 100 }, (_, index) => `${number}-${index}-`.padEnd(196, "m"));
const chat = (more) => JSON.stringify({ model: "m", max_tokens: 10, messages: [{ role: "user", content: "x" }], ...more });
const ago = (ms) => new Date(Date.now() - ms).toISOString();
const hour = 3_600_000;
const guesser = "198.51.100.1"; // an address

// Bodies of a place with models and prices that are hard to read, or ask for what has no end.
const oddBodies = [
    () => chat({ n: 1e9 }),
    () => chat({ best_of: 1e9, n: 1e308 }),
    () => chat({ max_tokens: 1e18 }),
    () => chat({ tools: [{ type: "web_search", max_uses: 1e9 }], max_tool_calls: 1e12 }),
    () => chat({ model: "m".repeat(300_000) }),
    () => chat({ messages: "[".repeat(200_000) }).replace(/"\[+"/, (text) => text.slice(1, -1)),
    () => `{${'"x":{'.repeat(100_000)}`,
    () => `{"model":"m",${'"n":1,'.repeat(100_000)}"n":2}`,
    () => `{"model":"m","messages":["${"\\u00e9".repeat(100_000)}"],"Model":"other"}`,
    () => JSON.stringify({ model: "m", prompt: Array(200_000).fill("x"), max_tokens: 1 }),
    () => `{"model":"m","max_tokens":1,"prompt":[${'"",'.repeat(1_000_000)}""]}`,
    () => JSON.stringify({ model: "m", prompt: [Array(400_000).fill(1)], max_tokens: 1e9 }),
    () => `[${"1,".repeat(400_000)}1]`,
];

const openStream = (call, key, more) => {
    const body = chat({ stream: true, ...more });
    return call.unread(`POST /meter/v1/chat/completions?stream HTTP/1.1\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`, body);
};

const readAnything = ({ large, many, crowd }, number, call, options = {}) => {
    const [route, owner] = [["/api/audit?limit=1000&verify=true", large], ["/api/keys?limit=1000", crowd], ["/api/usage?bucket=day&limit=100", crowd], ["/api/logs?path=/nothing&limit=1000", large], [`/api/usage?bucket=minute&from=${ago(23 * hour)}`, many]][number % 5];
    return call("GET", route, { ...options, key: owner.manager });
};

// name: { lanes, perSecond, statuses, beyond, prepare(redis), send(tenant, number, call), harmless(tenant, number, call), usual }. `send` gives the status
// of one request, or nothing when it went on until the attack was over; what may come is in `statuses`, what must in `beyond`. `harmless` is
// what somebody who means no harm would send in its place, in the numbers of `usual`: as many requests as all others, where nothing is said.
// Each names the bounds that it tries.
const attacks = {
    // changes of an account, an entry of the security log
    "changes of large keys": {
        lanes: 8,
        perSecond: 150,
        statuses: [200, 429],
        beyond: [429],
        send: ({ large }, number, call) =>
            call("PATCH", `/api/keys/${large.ids[number % large.ids.length]}`, { key: large.manager, body: JSON.stringify({ models: largeModels(`attack-${number}`), category: `category ${number}` }) }),
    },
    // changes of an account, keys of an account
    "keys without end": {
        lanes: 8,
        perSecond: 150,
        statuses: [201, 200, 409, 429],
        beyond: [409, 429],
        send: ({ large, crowd }, number, call) => {
            const owner = number % 2 ? large : crowd;
            const headers = { "idempotency-key": crypto.randomUUID() };
            const [route, body] = [["", { name: "one more", category: `category ${number}` }], [`/${owner.id}/clone`, { alias: crypto.randomUUID() }], [`/${owner.id}/rotate`]][number % 3];
            return call("POST", `/api/keys${route}`, { key: owner.manager, headers, body: body && JSON.stringify(body) });
        },
    },
    // body of the management API, models and address blocks of a key
    "bodies too large for the management API": {
        lanes: 4,
        perSecond: 200,
        statuses: [400, 413],
        beyond: [400, 413],
        send: ({ large }, number, call) => {
            const body = [
                () => JSON.stringify({ name: "x".repeat(900_000) }),
                () => `{"models":${"[".repeat(30_000)}`,
                () => `{${'"name":"x",'.repeat(5_000)}"name":"y"}`,
                () => JSON.stringify({ models: Array.from({ length: 10_000 }, (_, index) => String(index)) }),
                () => JSON.stringify({ allowedIps: Array.from({ length: 3000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`) }),
            ][number % 5]();
            return call("PATCH", `/api/keys/${large.id}`, { key: large.manager, body });
        },
    },
    // sign-ins
    "sign-ins": {
        lanes: 8,
        perSecond: 400,
        statuses: [201, 401, 429],
        beyond: [429],
        send: ({ large }, number, call) => call("POST", "/api/session", { body: JSON.stringify({ key: number % 2 ? large.manager : unknownKey("mk-") }) }),
    },
    // a page of a list, what is read in one step and sent in one turn
    "largest pages": {
        lanes: 2,
        perSecond: 20,
        statuses: [200],
        send: ({ large, crowd }, number, call) => {
            const owner = number % 2 ? large : crowd;
            return call("GET", ["/api/audit?limit=1000", "/api/keys?limit=1000", "/api/logs?limit=1000", "/api/logs?format=csv&limit=1000"][(number >> 1) % 4], { key: owner.manager });
        },
    },
    // an entry of the security log, what is read in one step
    "the whole security log, verified": {
        lanes: 3,
        perSecond: 15,
        statuses: [200],
        send: ({ large }, number, call) => call("GET", "/api/audit?limit=1000&verify=true", { key: large.manager }),
    },
    // a page of a list, where nothing is found
    "searches for nothing": {
        lanes: 2,
        perSecond: 20,
        statuses: [200],
        send: ({ crowd, many }, number, call) => {
            const route = ["/api/keys?q=nothing&limit=1000", "/api/logs?path=/nothing&limit=1000", "/api/logs?request_id=nothing", "/api/audit?action=nothing&limit=1000", "/api/keys?category=nothing"][number % 5];
            return call("GET", route, { key: [crowd, many][number % 2].manager });
        },
    },
    // series of one answer and those being read, counters and names that are looked at
    "usage of hundreds of keys by the minute": {
        lanes: 2,
        perSecond: 20,
        statuses: [200, 400, 429],
        send: ({ many, crowd }, number, call) => {
            const query = [`bucket=minute&from=${ago(23 * hour)}`, `bucket=minute&group_by=model&from=${ago(23 * hour)}`, "bucket=day&limit=100", `bucket=minute&limit=100&from=${ago(hour / 2)}`, `bucket=hour&group_by=category&from=${ago(34 * 24 * hour)}`, "bucket=day&alias=nothing"][number % 6];
            return call("GET", `/api/usage?${query}`, { key: [many, crowd][number % 2].manager });
        },
    },
    // series being read, sent in one turn
    "long answers that nobody reads": {
        lanes: 20,
        perSecond: 40,
        statuses: [],
        send: ({ many, crowd, large }, number, call) => {
            const [route, owner] = [[`/api/usage?bucket=minute&from=${ago(23 * hour)}`, many], ["/api/keys?limit=1000", crowd], ["/api/audit?limit=1000", large], ["/api/usage?bucket=day&limit=100", crowd]][number % 4];
            return call.unread(`GET ${route} HTTP/1.1\r\nAuthorization: Bearer ${owner.manager}\r\n`);
        },
    },
    // what is read in one step: of all that an account asks for at once
    "reading over many connections": {
        lanes: 32,
        perSecond: 2000,
        statuses: [200, 429],
        send: readAnything,
        harmless: readAnything,
        usual: { lanes: 4 }, // two for each worker take as much as all of them may
    },
    // the same, where the client does not wait for the answer
    "reading that nobody waits for": {
        lanes: 8,
        perSecond: 400,
        statuses: [200, 429],
        send: (tenant, number, call) => readAnything(tenant, number, call, { leaveAfterMs: 5 }),
        harmless: readAnything,
        usual: { lanes: 4 },
    },
    // names in a counter of models or categories
    "a new model with each request": {
        lanes: 8,
        perSecond: 200,
        statuses: [200, 404],
        send: ({ many }, number, call) => call("GET", `/models/${number % 2 ? "known" : "unknown"}-${crypto.randomUUID()}/`, { key: many.keys[number % many.keys.length] }),
    },
    // sign-ins and failed attempts in a log, the log of account 0, failures remembered of an address
    "keys that nobody has": {
        lanes: 8,
        perSecond: 400,
        statuses: [401],
        // what a minute of wrong keys from one address is
        prepare: (redis) => redis.cli("EVAL", "for i = 1, 20000 do redis.call('ZADD', KEYS[1], ARGV[1] - i, 'x' .. i .. ':0') end", "1", `ak:{k}:failed:${guesser}`, String(Date.now() - 10_000)),
        send: (tenant, number, call) => {
            const from = number % 2 ? guesser : `198.51.${number % 100}.${number % 250}`;
            const key = [unknownKey("ms-"), unknownKey("mk-"), "ms-malformed"][number % 3];
            return call("GET", ["/plain/", "/api/keys"][number % 2], { key, headers: { "x-real-ip": from } });
        },
    },
    // windows of many keys
    "many keys with all windows": {
        lanes: 8,
        perSecond: 400,
        statuses: [200],
        send: ({ many }, number, call) => call("GET", "/plain/", { key: many.keys[number % many.keys.length] }),
    },
    // keys with paid requests at a time
    "paid requests of many keys that do not end": {
        lanes: 300,
        perSecond: 1000,
        statuses: [503],
        send: ({ many }, number, call) => call("GET", "/dear/hold", { key: many.keys[number % many.keys.length], isHeld: true }),
    },
    // wait for money that others hold idle
    "an empty wallet": {
        lanes: 8,
        perSecond: 400,
        statuses: [402],
        send: ({ poor }, number, call) => call("GET", "/dear/", { key: poor.keys[number % poor.keys.length] }),
    },
    // n, best_of, prompts, limits of output, calls of tools, a model's name
    "bodies that are hard to read": {
        lanes: 2,
        perSecond: 20,
        statuses: [200, 400],
        beyond: [400],
        send: ({ many }, number, call) => call("POST", "/meter/v1/completions", { key: many.keys[0], body: oddBodies[number % oddBodies.length]() }),
    },
    // a form's boundary, a model's name
    "forms that are hard to read": {
        lanes: 4,
        perSecond: 100,
        statuses: [400, 403],
        send: ({ many }, number, call) => {
            const boundary = "b".repeat([60, 200][number % 2]);
            const body = [`--${boundary}\r\nContent-Disposition: form-data; name="model"; name*0="x"\r\n\r\nm\r\n`.repeat(2000), `--${boundary}\r\n`.repeat(5000), `--${"b".repeat(60)}x`.repeat(5000)][number % 3];
            return call("POST", "/meter/v1/audio/transcriptions", { key: many.keys[0], body, headers: { "content-type": `multipart/form-data; boundary=${boundary}` } });
        },
    },
    // what an upgraded connection carries
    "offers of an upgrade": {
        lanes: 8,
        perSecond: 400,
        statuses: [426],
        send: ({ many }, number, call) => call("GET", "/meter/v1/realtime", { key: many.keys[0], headers: { connection: "upgrade", upgrade: "websocket", "sec-websocket-key": "eA==", "sec-websocket-version": "13" } }),
    },
    // a stream whose client does not read
    "streams that nobody reads": {
        lanes: 6,
        perSecond: 20,
        statuses: [],
        send: ({ many }, number, call) => openStream(call, many.keys[number]),
        harmless: ({ harmless }, number, call) => openStream(call, harmless.key, { stream_options: { include_usage: true } }), // which passes as it is
    },
    // an event held while its usage chunk is looked for
    "events without an end": {
        lanes: 2,
        perSecond: 10,
        statuses: [200],
        send: ({ many }, number, call) => call("POST", "/meter/v1/chat/completions?long", { key: many.keys[1], body: chat({ stream: true }) }),
    },
};

module.exports = { attacks, guesser, hour, largeModels };
