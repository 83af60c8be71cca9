// Measures what bench/run.sh has started and writes the tables into bench/README.md.
//
// Throughput: wrk, one worker; short runs in pairs, the plain location and then the other one; the median of the pairs' ratios.
// Instructions: an nginx in one process under callgrind answers n and then m requests; what m cost more, over m - n.
"use strict";

const { execFileSync, spawn } = require("child_process");
const fs = require("fs");
const http = require("http");
const net = require("net");
const os = require("os");
const path = require("path");

const directory = process.env.BENCH_DIRECTORY;
const plain = process.env.BENCH_PLAIN;
const ours = process.env.BENCH_OURS;
const misses = process.env.BENCH_MISSES;
const many = process.env.BENCH_MANY;
const manyKeys = Number(process.env.BENCH_KEYS ?? 1_000_000);
const rounds = Number(process.env.BENCH_ROUNDS ?? 9);
const seconds = Number(process.env.BENCH_SECONDS ?? 1);
const keyCount = 6000;
const fewRequests = 200;
const manyRequests = 1200;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const isWanted = ({ name }) => new RegExp(process.env.BENCH_ONLY ?? "").test(name);
const run = (command, ...words) => execFileSync(command, words, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
const redis = (...words) => run("redis-cli", "-s", path.join(directory, "redis.sock"), ...words);

// ---- keys ------------------------------------------------------------------------------------------------------------------

function post(address, token, body) {
    const text = JSON.stringify(body);
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Content-Length": text.length };
    return new Promise((resolve, reject) => {
        const request = http.request(address, { method: "POST", headers, agent }, (response) => {
            let answer = "";
            response.on("data", (part) => (answer += part));
            response.on("end", () => (response.statusCode === 201 ? resolve(JSON.parse(answer)) : reject(new Error(answer))));
        });
        request.on("error", reject);
        request.end(text);
    });
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

async function createMany(manager, count) {
    const keys = [];
    const worker = async () => {
        while (keys.length < count) {
            const slot = keys.push("") - 1;
            keys[slot] = (await post(`${ours}/api/keys`, manager, { name: `bench ${slot}` })).key;
        }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    return keys;
}

async function makeKeys() {
    const tool = process.env.APIKEYCTL;
    const account = String(JSON.parse(run(tool, "-o", "json", "account", "create", "--name", "bench")).id);
    const words = ["-o", "json", "key", "create", "--account", account, "--type", "billing", "--prefix", "mk-", "--name", "bench"];
    limited.manager = JSON.parse(run(tool, ...words)).key;
    run(tool, "account", "topup", account, "--amount", "100000000", "--reference", "bench");
    const keys = await createMany(limited.manager, keyCount);
    const billion = 1_000_000_000;
    const limits = { quotas: { total: billion, daily: billion, weekly: billion, monthly: billion } };
    const createIn = async (plan, body) => {
        words[5] = String(JSON.parse(run(tool, "-o", "json", "account", "create", "--name", plan, "--plan", plan)).id);
        return (await post(`${ours}/api/keys`, JSON.parse(run(tool, ...words)).key, body)).key;
    };
    limited.bySecond = await createIn("pro", { name: "limited", ...limits });
    limited.byMinute = await createIn("minute", { name: "limited", ...limits });
    limited.refused = await createIn("minute", { name: "refused", quotas: { total: 1 } });
    return keys;
}

// Keys with four quotas and a plan's rates (per second and minute; per minute alone), and one that is over its limit. A rate per second takes
// one grant each 100 ms, which callgrind makes 50 times as long: it would count those more often than they come.
const limited = {};

// ---- throughput ------------------------------------------------------------------------------------------------------------

function requestsPerSecond(url, headers, script, duration = seconds) {
    const words = ["-t1", "-c16", `-d${duration}s`, ...Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`])];
    const output = run("wrk", ...words, ...(script ? ["-s", `bench/${script}.lua`] : []), url);
    if (/Non-2xx/.test(output)) {
        throw new Error(`${url}:\n${output}`);
    }
    return Number(output.match(/Requests\/sec:\s+([\d.]+)/)[1]);
}

function shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
        const other = Math.floor(Math.random() * (i + 1));
        [list[i], list[other]] = [list[other], list[i]];
    }
    return list;
}

// All of many keys once, so that they are cached; then at random against one of them.
async function compareManyKeys() {
    const name = `\`api_key\`, ${thousands(manyKeys)} keys at random, against one`;
    if (!isWanted({ name })) {
        return [];
    }
    const keys = await createMany(limited.manager, manyKeys);
    const files = { many: path.join(directory, "many-keys"), one: path.join(directory, "one-key") };
    fs.writeFileSync(files.many, shuffle(keys).join("\n"));
    fs.writeFileSync(files.one, keys[0]);
    const rate = (file, duration) => {
        process.env.BENCH_KEYS = file;
        return requestsPerSecond(`${many}/key`, {}, "keys", duration);
    };
    rate(files.many, Math.ceil(manyKeys / 8000) + 1);
    const pairs = Array.from({ length: rounds }, () => [rate(files.one, 4), rate(files.many, 4)]);
    const ratio = median(pairs.map(([one, all]) => all / one));
    console.log(`${name}: ${ratio.toFixed(2)}`);
    return [{ name, ratio, rate: median(pairs.map(([, all]) => all)) }];
}

function compare(row) {
    const [base, other] = [[], []];
    for (let round = 0; round < rounds; round++) {
        base.push(requestsPerSecond(row.base, row.headers, row.script));
        other.push(requestsPerSecond(row.url, row.headers, row.script));
    }
    const ratio = median(other.map((value, round) => value / base[round]));
    console.log(`${row.name}: ${ratio.toFixed(2)}`);
    return { name: row.name, ratio, rate: median(other) };
}

function throughputRows(key) {
    const bearer = { Authorization: `Bearer ${key}` };
    const basic = { Authorization: `Basic ${Buffer.from("bench:secret").toString("base64")}` };
    const against = (name, url, headers = bearer, base = `${plain}/bare`, script = undefined) => ({ name, url, headers, base, script });
    const close = { ...bearer, Connection: "close" };
    return [
        against("`limit_req`", `${plain}/limit_req`),
        against("`auth_basic`", `${plain}/auth_basic`, basic),
        against("`auth_request` to a second nginx", `${plain}/auth_request`),
        against("Lua, key in a shared dict, two counters", `${plain}/lua`),
        against("Lua, one Redis round trip per request", `${plain}/lua_redis`),
        against("the module loaded, the location without it", `${ours}/off`),
        against("**`api_key`, cached key, same connection**", `${ours}/key`),
        against("`api_key`, the same with `api_key_log off`", `${ours}/unlogged`),
        against("`api_key`, cached key, new connection for each request", `${ours}/key`, close),
        against("`api_key`, key not cached (one look-up per request)", `${misses}/key`, {}, `${plain}/bare`, "keys"),
        against("`api_key`, four quotas and a plan's rates, same connection", `${ours}/key`, { Authorization: `Bearer ${limited.bySecond}` }),
        against("`api_key` before a proxied location", `${ours}/proxied`, bearer, `${plain}/proxied`),
        ...["events", ""].map((kind) => {
            const place = (name) => `${ours}/${name}${kind && "-"}${kind}/v1/chat/completions`;
            const name = `\`api_key_meter\` and \`api_key_prices\` on a proxied stream of 200 events, ${kind ? "one by one" : "all at once"}, against \`api_key\` alone`;
            return against(name, place("metered"), bearer, place("streamed"), "ask");
        }),
    ];
}

// What a busy key costs the store: the scripts that are called, and four heartbeats a second.
function redisCommandsPerThousand(key) {
    const processed = () => Number(redis("INFO", "commandstats").match(/cmdstat_evalsha:calls=(\d+)/)[1]);
    const before = processed();
    const rate = requestsPerSecond(`${ours}/key`, { Authorization: `Bearer ${key}` }, false);
    return ((processed() - before + 4 * seconds) / (rate * seconds)) * 1000;
}

// How many requests a minute the request log takes of a node that is as busy as can be, and what share of them it lacks then.
async function logRate(key) {
    const load_s = 10;
    const read = async () => {
        const page = await (await fetch(`${ours}/metrics`)).text();
        return ["records", "records_dropped"].map((name) => Number(page.match(new RegExp(`^api_key_log_${name}_total (\\d+)$`, "m"))[1]));
    };
    await sleep(1500);
    const before = await read();
    requestsPerSecond(`${ours}/key`, { Authorization: `Bearer ${key}` }, undefined, load_s);
    await sleep(1500);
    const [written, dropped] = (await read()).map((number, index) => number - before[index]);
    return { perMinute: (written / load_s) * 60, missing: dropped / (written + dropped) };
}

// ---- instructions ------------------------------------------------------------------------------------------------------------

// Sends requests one after the other, on one connection or each on its own; gives nothing, fails on anything but 200.
function sendRequests(port, count, { requestFor, reconnect, status = 200 }) {
    return new Promise((resolve, reject) => {
        let sent = 0;
        let socket;
        const next = () => {
            if (sent === count) {
                socket.destroy();
                return resolve();
            }
            if (reconnect || !socket) {
                socket?.destroy();
                socket = net.connect(port, "127.0.0.1");
                socket.setNoDelay(true);
                socket.on("error", reject);
                socket.on("data", receive);
            }
            answer = "";
            socket.write(requestFor(sent++));
        };
        let answer = "";
        const receive = (part) => {
            answer += part.toString("latin1");
            const end = answer.indexOf("\r\n\r\n");
            const length = Number(answer.match(/content-length: (\d+)/i)?.[1] ?? 0);
            if (end >= 0 && answer.length >= end + 4 + length) {
                if (!answer.startsWith(`HTTP/1.1 ${status}`) && sent > 1) {
                    return reject(new Error(answer));
                }
                next();
            }
        };
        next();
    });
}

function freePort() {
    return new Promise((resolve) => {
        const server = net.createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

// One process of nginx, from the configuration NAME.conf that runs already, on a socket and a port of its own.
async function countInstructions(row, count) {
    const name = `callgrind-${process.hrtime.bigint()}`;
    const socketPath = path.join(directory, `${name}.sock`);
    const port = await freePort();
    const configuration = fs
        .readFileSync(path.join(directory, `${row.conf}.conf`), "utf8")
        .replace(/listen 127\.0\.0\.1:\d+/, `listen 127.0.0.1:${port}`)
        .replace(`${row.conf}.sock`, `${name}.sock`)
        .replace(`${row.conf}.pid`, `${name}.pid`)
        .replace(`${row.conf}.log`, `${name}.log`)
        .replace(/^daemon off;/m, "daemon off;\nmaster_process off;");
    fs.writeFileSync(path.join(directory, `${name}.conf`), configuration);
    const words = ["--tool=callgrind", `--callgrind-out-file=${directory}/${name}.out`, "nginx", "-p", directory];
    const server = spawn("valgrind", [...words, "-e", `${directory}/${name}.log`, "-c", `${directory}/${name}.conf`], { stdio: ["ignore", "ignore", "pipe"] });
    let report = "";
    server.stderr.on("data", (part) => (report += part));
    const ended = new Promise((resolve) => server.on("exit", resolve));
    for (let tries = 0; !fs.existsSync(socketPath); tries++) {
        if (tries === 300) {
            throw new Error(report);
        }
        await sleep(100);
    }
    await sleep(1000);
    await sendRequests(port, count, row);
    // nginx may look at the signal just before it falls asleep: it is told again
    const again = setInterval(() => server.kill("SIGQUIT"), 200);
    await ended;
    clearInterval(again);
    return Number(report.match(/Collected : (\d+)/)[1]);
}

async function instructionsPerRequest(row) {
    const few = await countInstructions(row, fewRequests);
    const many = await countInstructions(row, manyRequests);
    const instructions = Math.round((many - few) / (manyRequests - fewRequests));
    console.log(`${row.name}: ${instructions} instructions`);
    return instructions;
}

function instructionRows(keys) {
    const request = (url, authorization) => `GET ${url} HTTP/1.1\r\nHost: bench\r\nAuthorization: ${authorization}\r\n\r\n`;
    const always = (url, authorization = `Bearer ${keys[0]}`) => () => request(url, authorization);
    const basic = `Basic ${Buffer.from("bench:secret").toString("base64")}`;
    return [
        { name: "bare `empty_gif`", conf: "plain", requestFor: always("/bare") },
        { name: "bare, new connection for each request", conf: "plain", requestFor: always("/bare"), reconnect: true },
        { name: "`limit_req`", conf: "plain", requestFor: always("/limit_req") },
        { name: "`auth_basic`", conf: "plain", requestFor: always("/auth_basic", basic) },
        { name: "`auth_request` to a second nginx, without that one's own cost", conf: "plain", requestFor: always("/auth_request") },
        { name: "Lua, key in a shared dict, two counters", conf: "plain", requestFor: always("/lua") },
        { name: "Lua, one Redis round trip per request, and Redis", conf: "plain", requestFor: always("/lua_redis") },
        { name: "the module loaded, the location without it", conf: "ours", requestFor: always("/off") },
        { name: "**`api_key`, cached key, same connection**", conf: "ours", aim: 1580, requestFor: always("/key") },
        { name: "`api_key`, the same with `api_key_log off`", conf: "ours", requestFor: always("/unlogged") },
        { name: "**`api_key`, cached key, new connection**", conf: "ours", aim: 6000, requestFor: always("/key"), reconnect: true, base: 1 },
        { name: "**`api_key`, cached key, four quotas and a plan's rate, same connection**", conf: "ours", aim: 1580, requestFor: always("/key", `Bearer ${limited.byMinute}`) },
        { name: "**`api_key`, cached key, four quotas and a plan's rate, new connection**", conf: "ours", aim: 6000, requestFor: always("/key", `Bearer ${limited.byMinute}`), reconnect: true, base: 1 },
        { name: "`api_key`, key over its limit: 429 with JSON", conf: "ours", status: 429, requestFor: always("/key", `Bearer ${limited.refused}`) },
        { name: "`return 429` with a text, without the module", conf: "plain", status: 429, requestFor: always("/429") },
        { name: "`api_key`, key not cached", conf: "ours", requestFor: (i) => request("/key", `Bearer ${keys[i + 1]}`) },
    ];
}

// ---- the tables ----------------------------------------------------------------------------------------------------------------

const thousands = (number) => Math.round(number).toString().replace(/\B(?=(\d{3})+$)/g, ",");
const signed = (number) => (number < 0 ? "−" : "+") + thousands(Math.abs(number));

function instructionTable(rows, counts) {
    const lines = rows.map((row, i) => {
        const base = counts[row.base ?? 0];
        const difference = i < 2 ? thousands(counts[i]) : signed(counts[i] - base);
        return `| ${row.name} | ${difference} | ${row.aim ? `≤ ${signed(row.aim)}` : "–"} |`;
    });
    return ["| user-space instructions per request, as the difference to bare | | aim |", "|---|--:|--:|", ...lines].join("\n");
}

function throughputTable(results) {
    const aims = { [results.at(-1).name]: "≥ 0.8", "**`api_key`, cached key, same connection**": "≥ 0.95", "`api_key` before a proxied location": "≥ 0.98" };
    aims[results.find(({ name }) => name.includes("api_key_meter"))?.name] = "≥ 0.97";
    const lines = results.map(({ name, ratio, rate }) => `| ${name} | ${ratio.toFixed(2)} | ${thousands(rate)} | ${aims[name] ?? "–"} |`);
    return ["| requests per second, against the same without | ratio | per second | aim |", "|---|--:|--:|--:|", ...lines].join("\n");
}

function machine() {
    const nginx = execFileSync("sh", ["-c", "nginx -v 2>&1"], { encoding: "utf8" }).trim().replace("nginx version: ", "");
    const cpus = os.cpus();
    const memory = Math.round(os.totalmem() / 2 ** 30);
    const server = redis("INFO", "server").match(/redis_version:(\S+)/)[1];
    return `${cpus[0].model.trim()}, ${cpus.length} cores, ${memory} GiB, Linux ${os.release()}; ${nginx}, Redis ${server}. ${new Date().toISOString().slice(0, 10)}.`;
}

function writeReadme(text) {
    const file = "bench/README.md";
    const before = fs.readFileSync(file, "utf8");
    const marked = /(<!-- results -->\n)[^]*(<!-- end of results -->)/;
    fs.writeFileSync(file, before.replace(marked, (_, begin, end) => `${begin}\n${text}\n\n${end}`));
}

async function main() {
    fs.writeFileSync(path.join(directory, "passwords"), "bench:{PLAIN}secret\n");
    const keys = await makeKeys();
    fs.writeFileSync(path.join(directory, "keys"), keys.slice(1).join("\n") + "\n");
    process.env.BENCH_KEYS = path.join(directory, "keys");
    redis("SET", `Bearer ${keys[0]}`, "1");

    const results = throughputRows(keys[0]).filter(isWanted).map(compare);
    const commands = redisCommandsPerThousand(limited.bySecond);
    const log = await logRate(keys[0]);
    const logged = `The request log of a node under full load: ${thousands(log.perMinute)} requests a minute written, ${(100 * log.missing).toFixed(2)} % missing (aim: 1,000,000 a minute, none).`;
    console.log(logged);
    results.push(...(await compareManyKeys()));
    const rows = instructionRows(keys).filter((row, i) => i < 2 || isWanted(row));
    const counts = [];
    for (const row of rows) {
        counts.push(await instructionsPerRequest(row));
    }
    if (process.env.BENCH_ONLY) {
        console.log(`BENCH_ONLY: bench/README.md stays. ${commands.toFixed(2)} Redis commands per 1,000 requests of a busy key`);
        process.exit(0);
    }
    const store = `Redis commands per 1,000 requests of a busy key with four quotas and a plan's rates: ${commands.toFixed(2)} (aim: ≤ 5).`;
    writeReadme([machine(), instructionTable(rows, counts), throughputTable(results), store, logged].join("\n\n"));
    console.log("written to bench/README.md");
    process.exit(0);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
