// What has to be true when the soak is over. Each line says what was found, and what may be lost: the last requests of a worker that was
// killed, and nothing else.
"use strict";

const fs = require("fs");
const path = require("path");
const { apikeyctl, until } = require("../lib/gateway.js");
const { workersOf } = require("./faults.js");
const { send } = require("./load.js");

const isSanitized = Boolean(process.env.SANITIZE);
// kB: in a short run a worker may meet the largest bodies and answers late; the sanitizer keeps what was freed
const memoryTolerance = isSanitized ? 65536 : Number(process.env.SOAK_SECONDS || 600) < 300 ? 32768 : 8192;
const fileTolerance = 3; // channels between the processes of a node come and go with them
const countedMs = 700; // a worker tells what it counted every half second, unless the store was away
const batch = 512; // records that one worker takes at a time
const largestReserve = 1_200_000; // micro-credits of one request

const micro = (text) => Math.round(Number(text) * 1e6);
const sum = (list) => list.reduce((total, one) => total + one, 0);

// What the process has for itself, in kB: the zone does not count.
function memoryOf(pid) {
    try {
        return Number(/RssAnon:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "latin1"))[1]);
    } catch (error) {
        return NaN; // gone
    }
}

function openFiles(pid) {
    return fs.readdirSync(`/proc/${pid}/fd`).length;
}

// The access log: { ms, pid, number, status, id, account, result, cost, uri } of each request.
function readLog(node) {
    return fs
        .readFileSync(path.join(node.directory, "requests.log"), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => {
            const [ms, pid, number, status, id, account, result, cost, uri] = line.split(" ");
            const value = (text) => text.slice(text.indexOf("=") + 1).replace(/^-$/, "");
            return {
                ms: Number(ms) * 1000,
                pid: Number(pid),
                number: Number(value(number)),
                status: Number(status),
                id: Number(value(id)),
                account: Number(value(account)),
                result,
                cost: micro(value(cost) || "0"),
                uri,
            };
        });
}

// Asked again for a while: while this process was busy with a log, its proxies were too.
async function ask(node, manager, route) {
    let answer;
    await until(async () => (answer = await fetch(`${node.address}/api${route}`, { headers: { authorization: `Bearer ${manager.key}` } })).ok);
    return answer.json();
}

async function metric(node, name) {
    const text = await (await fetch(`${node.address}/metrics`)).text();
    return sum([...text.matchAll(new RegExp(`^${name}(?:{.*})? (\\S+)$`, "gm"))].map((match) => Number(match[1])));
}

async function ledgerOf(node, manager) {
    const entries = [];
    for (let cursor = ""; ; ) {
        const page = await ask(node, manager, `/transactions?limit=1000${cursor}`);
        entries.push(...page.transactions);
        if (!page.next) {
            return entries;
        }
        cursor = `&cursor=${page.next}`;
    }
}

// The largest number of entries within `width` ms.
function busiest(times, width) {
    times.sort((a, b) => a - b);
    let most = 0;
    for (let begin = 0, end = 0; end < times.length; end++) {
        while (times[begin] <= times[end] - width) {
            begin++;
        }
        most = Math.max(most, end - begin + 1);
    }
    return most;
}

async function check({ nodes, redis, world, load, faults, memoryBefore, memoryAfter, filesBefore }) {
    const rows = [];
    const row = (what, good, detail) => rows.push({ what, good: Boolean(good), detail });
    const owners = Object.values(world.accounts);
    const accounts = new Set([0, ...owners.map((owner) => owner.account)]);
    const entries = () => nodes.flatMap(readLog).filter((one) => accounts.has(one.account)); // not the hostile tenant's

    await until(async () => (await Promise.all(nodes.map((node) => metric(node, "api_key_store_up")))).every((one) => one === 1), 20);
    await until(async () => {
        const held = await Promise.all(owners.map((owner) => ask(nodes[0], owner.manager, "/balance")));
        return held.every((one) => one.held === "0.000000");
    }, 30).catch(() => {});
    // counts and records are written every half second
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const log = entries();
    const logged = new Set(log.map((one) => one.number));
    const toldMs = new Map(faults.kills.map((kill) => [kill.pid, faults.cutOffSince(kill.node, kill.at) - countedMs]));
    const mayBeLost = log.filter((one) => one.ms >= toldMs.get(one.pid)).length;

    row("answers as they should be", load.unexpected.length === 0, load.unexpected.slice(0, 3).join("; ") || `${log.length} requests`);
    row("no bound passed by a hostile tenant", load.beyond.length === 0, load.beyond.slice(0, 3).join("; ") || `${load.attacks} attacks`);
    row("no revoked key let in", load.late.length === 0, load.late.slice(0, 5).join("; ") || `${load.lives} keys revoked`);
    await checkCounts();
    await checkLimits();
    await checkMoney();
    await checkProcesses();
    await checkRecovery();
    checkLogs();

    async function checkCounts() {
        let [counted, refused, inLogs] = [0, 0, 0];
        const sizes = redis.cli("HGETALL", "ak:{k}:log:sizes").split("\n");
        for (const owner of owners) {
            const { series } = await ask(nodes[0], owner.manager, "/usage?bucket=day&group_by=category"); // by key only the busiest
            counted += sum(series.map((one) => one.total.requests));
            refused += sum(series.map((one) => sum(Object.values(one.total.refused))));
            inLogs += Number(sizes[sizes.indexOf(String(owner.account)) + 1] ?? 0);
        }
        const known = log.filter((one) => one.id);
        const used = known.filter((one) => !/^\/(api|open)\//.test(one.uri));
        const admitted = used.filter((one) => one.result === "ok").length;
        const turnedAway = known.filter((one) => one.result !== "ok").length;
        const within = (missing, most) => missing >= -faults.kills.length && missing <= most;
        row("requests counted = admitted", within(admitted - counted, mayBeLost), `${counted} of ${admitted}, ${mayBeLost} may be lost`);
        row("refusals counted", within(turnedAway - refused, mayBeLost), `${refused} of ${turnedAway}`);
        const dropped = sum(await Promise.all(nodes.map((node) => metric(node, "api_key_log_records_dropped_total"))));
        const most = mayBeLost + batch * faults.kills.length;
        row("requests on record", within(known.length - inLogs, dropped + most), `${inLogs} of ${known.length}, ${dropped} of all accounts found no room, ${most} may be lost`);
    }

    async function checkLimits() {
        const over = [];
        let seen = 0;
        const admittedBy = new Map();
        for (const one of log.filter((entry) => entry.id && entry.result === "ok")) {
            admittedBy.set(one.id, (admittedBy.get(one.id) ?? 0) + 1);
        }
        for (const key of world.limited) {
            const { quotas } = await ask(nodes[0], key.manager, `/keys/${key.id}/usage`);
            for (const [window, state] of Object.entries(quotas)) {
                const admitted = admittedBy.get(key.id) ?? 0;
                seen++;
                if (admitted > state.used || state.used > state.limit) {
                    over.push(`key ${key.id} ${window}: ${admitted} let in, ${state.used} of ${state.limit} used`);
                }
            }
        }
        for (const key of load.shortest) {
            const admitted = Math.max(key.admitted, admittedBy.get(key.id) ?? 0);
            seen++;
            if (admitted > key.limit) {
                over.push(`key ${key.id}: ${admitted} let in of ${key.limit}`);
            }
        }
        row("no quota passed", over.length === 0, over.slice(0, 3).join("; ") || `${seen} limits`);
        const times = log.filter((one) => one.account === world.accounts.rate.account && one.result === "ok").map((one) => one.ms);
        // what waited for the store is logged later than it was let in
        const [second, minute] = [busiest(times, 500), busiest(times, 59500)];
        row("no rate passed", second <= 15 && minute <= 400, `at most ${second} of 15 in half a second, ${minute} of 400 in a minute`);
    }

    async function checkMoney() {
        for (const [name, owner] of [["paid", world.accounts.paid], ["poor", world.poor]]) {
            const { balance, held } = await ask(nodes[0], owner.manager, "/balance");
            const ledger = await ledgerOf(nodes[0], owner.manager);
            const total = sum(ledger.map((entry) => micro(entry.amount)));
            const charged = -sum(ledger.filter((entry) => entry.type === "usage").map((entry) => micro(entry.amount)));
            const costs = sum(log.filter((one) => one.account === owner.account).map((one) => one.cost));
            const cut = [...load.unlogged].filter(([number, kind]) => !logged.has(number) && ["paid", "stream", "poor"].includes(kind)).length;
            const most = cut * (name === "paid" ? largestReserve : 10_000);
            row(`ledger of "${name}" = balance, nothing held`, total === micro(balance) && micro(balance) >= 0 && micro(held) === 0, `${balance} left, ${held} held`);
            row(`"${name}" is charged what it used`, charged >= costs && charged - costs <= most, `${charged / 1e6} of ${costs / 1e6}, ${cut} requests cut off by a kill`);
        }
        const ledger = await ledgerOf(nodes[0], world.poor.manager);
        const topUps = ledger.filter((entry) => entry.type === "topup").length - 1;
        row("each top-up counted once", topUps === load.topUps, `${topUps} of ${load.topUps}`);
        row("security log verified", verifies(), "apikeyctl audit verify");
    }

    async function checkProcesses() {
        const grown = [...memoryAfter].map(([pid, after]) => after - memoryBefore.get(pid)).filter((one) => !Number.isNaN(one));
        row("memory of workers flat", grown.length === 4 && grown.every((one) => one <= memoryTolerance), `${grown.map((one) => `${one} kB`).join(", ")} in the last 40 %`);
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const files = nodes.flatMap(workersOf).map(openFiles);
        row("no descriptor leaked", files.length === 4 && Math.max(...files) <= Math.max(...filesBefore) + fileTolerance, `${files.join(", ")}; at first ${filesBefore.join(", ")}`);
        for (const [index, node] of nodes.entries()) {
            const [used, capacity, purses, held] = await Promise.all(
                ["zone_entries", "zone_capacity", "purses", "held_credits"].map((name) => metric(node, `api_key_${name}`))
            );
            row(`zone of node ${index} flat`, used <= capacity && purses === 0 && held === 0, `${used} of ${capacity} keys, ${purses} purses, ${held} credits`);
        }
    }

    // All is as at first: keys are let in, long records are cached.
    async function checkRecovery() {
        const answers = [];
        const manager = world.manager.key;
        const body = JSON.stringify({ name: "after all", models: Array.from({ length: 40 }, (_, index) => `some-model-name-${index}*`) });
        for (const node of nodes) {
            let made;
            await until(async () => (made = await send(node.address, "/api/keys", { key: manager, method: "POST", body })).status === 201);
            made = JSON.parse(made.text);
            for (const key of [made.key, made.key, world.free[0].key]) {
                answers.push(await fetch(`${node.address}/free/`, { headers: { authorization: `Bearer ${key}` } }));
            }
        }
        const found = answers.map((answer) => `${answer.status} ${answer.headers.get("x-cache")}`);
        row("all well again", answers.every((answer) => answer.status === 200) && found[1] === "200 hit" && found[4] === "200 hit", found.join(", "));
    }

    function checkLogs() {
        const lines = nodes.flatMap((node) => node.errors());
        const expected = (line) =>
            faults.kills.some((kill) => line.includes(`worker process ${kill.pid} exited on signal 9`) || line.includes(`was locked by ${kill.pid}`));
        const alerts = lines.filter((line) => /\[(alert|emerg)\]/.test(line) && !expected(line));
        row("no alert", alerts.length === 0, alerts.slice(0, 3).join("; ") || `${lines.length} lines`);
        const secret = /\b(ms|mk)-[0-9A-Za-z]{12,}/;
        const told = nodes.flatMap((node) => fs.readdirSync(node.directory).filter((name) => name.endsWith(".log")).map((name) => path.join(node.directory, name)));
        const leaking = told.filter((name) => secret.test(fs.readFileSync(name, "utf8")));
        row("no key in a log", leaking.length === 0, `${told.length} logs`);
    }

    console.log();
    for (const { what, good, detail } of rows) {
        console.log(`${good ? "ok    " : "FAILED"}  ${what.padEnd(40)} ${detail}`);
    }
    console.log();
    return rows.every((one) => one.good);
}

function verifies() {
    try {
        return apikeyctl("audit", "verify").every((one) => one.state === "ok");
    } catch (error) {
        return false;
    }
}

module.exports = { check, memoryOf, openFiles };
