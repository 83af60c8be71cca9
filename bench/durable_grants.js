// What durable=grants costs, where Redis has a replica on the same machine: bench/run.sh calls it, it writes its table into bench/README.md.
"use strict";

const { execFileSync } = require("child_process");
const fs = require("fs");
const http = require("http");
const path = require("path");
const { createAccount, createKey, startGateway, until } = require("../tests/lib/gateway.js");
const { startServer } = require("../tests/lib/servers.js");

const rounds = Number(process.env.BENCH_ROUNDS ?? 9);
const seconds = Number(process.env.BENCH_SECONDS ?? 1);
const freshKeys = 50; // in each round
const billion = 1_000_000_000;
const limits = { quotas: { total: billion, daily: billion, weekly: billion, monthly: billion } };

const quantile = (numbers, part) => [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) * part)];
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

// Gives the status, the body and how long it took in ms.
function ask(address, key, method = "GET", body = undefined) {
    const begin = process.hrtime.bigint();
    return new Promise((resolve, reject) => {
        const request = http.request(address, { method, agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
            let text = "";
            response.on("data", (part) => (text += part));
            response.on("end", () => resolve({ status: response.statusCode, text, took: Number(process.hrtime.bigint() - begin) / 1e6 }));
        });
        request.on("error", reject);
        request.end(body && JSON.stringify(body));
    });
}

async function makeKey(node, manager, more) {
    const { status, text } = await ask(`${node.address}/api/keys`, manager, "POST", { name: "bench", ...more });
    if (status !== 201) {
        throw new Error(text);
    }
    return JSON.parse(text).key;
}

function requestsPerSecond(address, key) {
    const said = execFileSync("wrk", ["-t1", "-c16", `-d${seconds}s`, "-H", `Authorization: Bearer ${key}`, address], { encoding: "utf8" });
    if (/Non-2xx/.test(said)) {
        throw new Error(said);
    }
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(said)[1]);
}

// The first request of a new key is looked up and granted: two round trips without a replica's.
async function firstRequests(node, manager) {
    const times = [];
    for (let index = 0; index < freshKeys; index++) {
        const { status, took } = await ask(`${node.address}/gif`, await makeKey(node, manager, limits));
        if (status !== 200) {
            throw new Error(String(status));
        }
        times.push(took);
    }
    return times;
}

(async () => {
    const master = await startServer();
    const replica = await startServer({ words: ["--replicaof", "127.0.0.1", String(master.port), "--repl-diskless-sync-delay", "0"] });
    await until(() => /state=online/.test(master.cli("info", "replication")), 20);
    process.env.APIKEYCTL_REDIS = `redis://127.0.0.1:${master.port}`;
    const account = createAccount("bench");
    execFileSync(process.env.APIKEYCTL, ["account", "topup", String(account), "--amount", "100000000", "--reference", "bench"]);
    const manager = createKey(account, "billing").key;
    const locations = `keepalive_requests 1000000000;
        location /gif { api_key proxy; api_key_log off; empty_gif; }
        location /paid { api_key proxy; api_key_log off; api_key_cost 0.000001; empty_gif; }
        location /api/ { api_key billing; api_key_manage changes=off; }`;
    const start = (option) => startGateway(locations, { main: "worker_processes 1;", store: `${process.env.APIKEYCTL_REDIS} timeout=1s ${option}` });
    const nodes = { without: await start(""), with: await start("durable=grants") };
    const [limited, paying] = [await makeKey(nodes.without, manager, limits), await makeKey(nodes.without, manager, {})];
    const rows = { busy: {}, paid: {}, first: {} };
    for (let round = 0; round < rounds; round++) {
        for (const [name, node] of Object.entries(nodes)) {
            (rows.busy[name] ??= []).push(requestsPerSecond(`${node.address}/gif`, limited));
            (rows.paid[name] ??= []).push(requestsPerSecond(`${node.address}/paid`, paying));
            (rows.first[name] ??= []).push(...(await firstRequests(node, manager)));
        }
    }
    const thousands = (number) => Math.round(number).toLocaleString("en");
    const line = (title, show) => `| ${title} | ${show("without")} | ${show("with")} |`;
    const table = [
        "| | without | `durable=grants` |", "|---|--:|--:|",
        line("requests per second, a busy key with four quotas", (name) => thousands(quantile(rows.busy[name], 0.5))),
        line("requests per second, a busy key that is paid for", (name) => thousands(quantile(rows.paid[name], 0.5))),
        ...[0.5, 0.99].map((part) => line(`first request of a new key with four quotas, p${part * 100}`, (name) => `${quantile(rows.first[name], part).toFixed(2)} ms`)),
    ].join("\n");
    console.log(table);
    const file = path.join(__dirname, "README.md");
    const text = fs.readFileSync(file, "utf8");
    fs.writeFileSync(file, text.replace(/(<!-- durable grants -->\n)[^]*(\n<!-- end of durable grants -->)/, (all, begin, end) => `${begin}\n${table}\n${end}`));
    for (const one of [...Object.values(nodes), replica, master]) {
        await one.stop();
    }
    agent.destroy();
})();
