// What the clients of the soak do: lanes that send one request after the other, each of a kind of its own, until they are told to stop.
"use strict";

const http = require("http");
const http2 = require("http2");
const { execFile } = require("child_process");
const { promisify } = require("util");
const { attacks } = require("../lib/hostile.js");
const { sleep } = require("./faults.js");

const run = promisify(execFile);
const unknownKey = "ms-0000000000000000000000000000000014VMmE"; // well-formed

// What may be answered, beside 503 and a connection that ends because its worker does.
const allowed = {
    free: [200],
    limited: [200, 429],
    rate: [200, 429],
    paid: [200],
    stream: [200],
    poor: [200, 402],
    wrong: [401],
    http2: [200],
    manage: [200, 201, 204],
};

// One request. gives { status, started, text }; a status of "error" when there was no whole answer
function send(address, path, { key, agent, method = "GET", body, abortAfter }) {
    const started = Date.now();
    const headers = { ...(key ? { authorization: `Bearer ${key}` } : {}), ...(body ? { "content-type": "application/json" } : {}) };
    return new Promise((resolve) => {
        const parts = [];
        const end = (status) => resolve({ status, started, text: Buffer.concat(parts).toString() });
        const request = http.request(address + path, { agent, method, headers }, (response) => {
            response.on("data", (part) => parts.push(part));
            response.on("end", () => end(response.complete ? response.statusCode : "error"));
            response.on("close", () => end("error"));
            response.on("error", () => end("error"));
        });
        request.on("error", () => end("error"));
        request.setTimeout(20000, () => request.destroy());
        if (abortAfter !== undefined) {
            setTimeout(() => request.destroy(), abortAfter);
        }
        request.end(body);
    });
}

function makeLoad({ nodes, store, random, world, faults, hostile }) {
    const load = { counts: {}, unexpected: [], unlogged: new Map(), late: [], topUps: 0, sent: 0, lives: 0, shortest: [], attacks: 0, beyond: [] };
    const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    let running = true;

    const note = (kind, number, status, text = "") => {
        load.counts[status] = (load.counts[status] ?? 0) + 1;
        if (!allowed[kind].includes(status) && status !== 503 && status !== "error") {
            load.unexpected.push(`${kind}: ${status} ${text.slice(0, 100)}`);
        }
        if (status === "error") {
            load.unlogged.set(number, kind); // unless the access log has it
        }
    };
    const pick = () => random.between(0, nodes.length - 1);
    const request = async (kind, path, options) => {
        const number = ++load.sent;
        const node = options.node ?? pick();
        const numbered = kind === "manage" ? path : `${path}${path.includes("?") ? "&" : "?"}n=${number}`; // which refuses what it does not know
        const answer = await send(nodes[node].address, numbered, { agent, ...options });
        note(kind, number, answer.status, answer.text);
        return answer;
    };

    const chat = '{"max_tokens":100}';
    const kinds = {
        free: () => request("free", "/free/", { key: random.one(world.free).key }),
        limited: () => request("limited", "/free/", { key: random.one(world.limited).key }),
        rate: () => request("rate", "/free/", { key: random.one(world.rate).key }),
        paid: () => {
            const path = random.one(["/v1/chat?model=m", "/fixed/echo", "/gif/"]);
            const body = path === "/gif/" ? undefined : chat;
            return request("paid", path, { key: random.one(world.paid).key, method: body ? "POST" : "GET", body });
        },
        stream: () => {
            const abortAfter = random.next() < 0.4 ? random.between(1, 150) : undefined;
            return request("stream", "/v1/stream?model=m", { key: random.one(world.paid).key, method: "POST", body: chat, abortAfter });
        },
        poor: () => request("poor", "/gif/", { key: world.poor.key }),
        wrong: () => request("wrong", "/free/", { key: random.one([unknownKey, "ms-tooshort", undefined, world.deleted]) }),
    };

    const lane = async (kind, least, most) => {
        while (running) {
            await kinds[kind]();
            await sleep(random.between(least, most));
        }
    };

    // a session, some streams at once, one of them given up; and the next
    const http2Lane = async () => {
        while (running) {
            const session = http2.connect(random.one(nodes).http2);
            session.on("error", () => {});
            const streams = Array.from({ length: random.between(1, 8) }, () => {
                const number = ++load.sent;
                const stream = session.request({ ":path": `/free/?n=${number}`, authorization: `Bearer ${random.one(world.free).key}` });
                const isGivenUp = random.next() < 0.15;
                return new Promise((resolve) => {
                    let status = "error";
                    stream.on("response", (headers) => (status = headers[":status"]));
                    stream.on("data", () => {});
                    stream.on("error", () => {});
                    stream.on("close", () => resolve(note("http2", number, isGivenUp ? "error" : status)));
                    stream.setTimeout(20000, () => stream.close());
                    if (isGivenUp) {
                        stream.close(http2.constants.NGHTTP2_CANCEL);
                    }
                });
            });
            await Promise.all(streams);
            session.destroy();
            await sleep(random.between(20, 100));
        }
    };

    const manage = async (method, route, body, node = pick()) => {
        const answer = await request("manage", `/open/keys${route}`, { key: world.manager.key, method, body: body && JSON.stringify(body), node });
        const isDone = answer.status >= 200 && answer.status < 300;
        return isDone ? { done: Date.now(), node, ...(answer.text ? JSON.parse(answer.text) : {}) } : null;
    };

    // After its key was revoked a request may not get in: not at once, and on a node that was cut off not for longer than a second.
    const judge = (end, node, answer) => {
        if (answer.status !== 200) {
            return;
        }
        const offset = answer.started - end.done;
        const isCutOff = faults.isCutOff(node, end.done - 2500, answer.started);
        const grace = isCutOff ? 1000 : 0;
        if (offset >= grace) {
            load.late.push(`${end.what} at node ${end.node}, let in at node ${node} ${offset} ms later${isCutOff ? " (cut off)" : ""}`);
        }
    };

    const revocations = {
        deactivate: (id) => manage("PATCH", `/${id}`, { active: false }),
        delete: (id) => manage("DELETE", `/${id}`),
        rotate: (id) => manage("POST", `/${id}/rotate`),
        "narrow the addresses of": (id) => manage("PATCH", `/${id}`, { allowedIps: ["10.0.0.0/8"] }),
    };

    // A key from its making to its end. Long records too: they take more than a cell of the zone.
    const lifeLane = async () => {
        while (running) {
            const models = Array.from({ length: random.between(0, 40) }, (_, index) => `some-model-name-${index}*`);
            const made = await manage("POST", "", { name: "life", models, allowedIps: ["127.0.0.0/8"] });
            for (let uses = 0; made && uses < 6; uses++) {
                await send(nodes[uses % nodes.length].address, "/life/", { key: made.key, agent });
            }
            const what = random.one(Object.keys(revocations));
            const end = made && (await revocations[what](made.id));
            for (const until = Date.now() + 1500; end && Date.now() < until; await sleep(random.between(1, 50))) {
                const answers = nodes.map((one) => send(one.address, "/life/", { key: made.key, agent }));
                (await Promise.all(answers)).forEach((answer, node) => judge({ what, ...end }, node, answer));
            }
            if (end) {
                load.lives++;
                if (what !== "delete") {
                    await manage("DELETE", `/${made.id}`);
                }
            }
            await sleep(random.between(50, 500));
        }
    };

    // Keys for a few requests, used by many at once.
    const shortLane = async () => {
        while (running) {
            const limit = random.between(1, 60);
            const made = await manage("POST", "", { name: "short", quotas: { [random.one(["total", "daily", "weekly", "monthly"])]: limit } });
            if (made) {
                const answers = Array.from({ length: limit + 20 }, () => request("limited", "/free/", { key: made.key }));
                const admitted = (await Promise.all(answers)).filter((answer) => answer.status === 200).length;
                load.shortest.push({ id: made.id, limit, admitted });
            }
            await sleep(random.between(500, 2000));
        }
    };

    // The same reference until it is done: it counts once.
    const topUpLane = async () => {
        for (let number = 1; running; number++) {
            for (let done = false; !done; ) {
                const words = ["--redis", store, "account", "topup", String(world.poor.account), "--amount", "0.5", "--reference", `soak-${number}`];
                done = await run(process.env.APIKEYCTL, words).then(() => true, () => sleep(200));
            }
            load.topUps = number;
            await sleep(random.between(1000, 5000));
        }
    };

    // One bound after the other, again and again.
    const hostileLane = async () => {
        for (const names = Object.keys(attacks); running; load.attacks++) {
            const name = names[load.attacks % names.length];
            const answers = await hostile.run(name, 600);
            const may = [...attacks[name].statuses.map(String), "503", "error", "cut"];
            load.beyond.push(...Object.keys(answers).filter((status) => !may.includes(status)).map((status) => `${name}: ${status}`));
            await sleep(random.between(50, 500));
        }
        await hostile.stop();
    };

    load.start = () => {
        const lanes = [
            ...Array.from({ length: 4 }, () => lane("free", 2, 20)),
            ...Array.from({ length: 2 }, () => lane("limited", 5, 30)),
            lane("rate", 5, 60),
            ...Array.from({ length: 3 }, () => lane("paid", 5, 40)),
            ...Array.from({ length: 2 }, () => lane("stream", 10, 100)),
            lane("poor", 10, 60),
            lane("wrong", 20, 100),
            http2Lane(),
            lifeLane(),
            lifeLane(),
            shortLane(),
            topUpLane(),
            hostileLane(),
        ];
        load.ended = Promise.all(lanes);
    };
    load.stop = async () => {
        running = false;
        await load.ended;
        agent.destroy();
    };
    return load;
}

module.exports = { makeLoad, send };
