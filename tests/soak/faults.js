// One fault after the other, drawn by the seed: of the store, of a node's way to it, of a node itself.
"use strict";

const fs = require("fs");
const { faults: replies } = require("../lib/fault_proxy.js");
const { until } = require("../lib/gateway.js");

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The workers that are not on their way out.
function workersOf(node) {
    const children = fs.readFileSync(`/proc/${node.pid}/task/${node.pid}/children`, "utf8").trim().split(" ");
    return children.map(Number).filter((pid) => {
        try {
            return /worker process\0*$/.test(fs.readFileSync(`/proc/${pid}/cmdline`, "latin1"));
        } catch (error) {
            return false; // gone meanwhile
        }
    });
}

// gives { run(end, calm), history, kills, reloads, isCutOff(node, from, to), cutOffSince(node, at) }: `run` draws faults until `end`, and from `calm`
// on none that replaces a process; a history entry is { kind, nodes, from, to }.
function makeFaults({ redis, proxies, nodes, random }) {
    const state = { history: [], kills: [], reloads: [] };
    const all = nodes.map((_, index) => index);
    const pickNode = () => random.between(0, nodes.length - 1);

    const kinds = {
        "store paused": async (note) => {
            note(all);
            redis.signal("SIGSTOP");
            await sleep(random.between(100, 3000));
            redis.signal("SIGCONT");
        },
        "store killed and started again": async (note) => {
            note(all);
            await redis.stop();
            await sleep(random.between(0, 1000));
            await redis.start();
        },
        "connections cut": async (note) => {
            const index = pickNode();
            note([index]);
            proxies[index].cut();
        },
        "black hole": async (note) => {
            const index = pickNode();
            note([index]);
            proxies[index].spoil(proxies[index].hold);
            await sleep(random.between(100, 4000));
            proxies[index].behave();
        },
        "black hole of all": async (note) => {
            note(all);
            proxies.forEach((proxy) => proxy.spoil(proxy.hold));
            await sleep(random.between(100, 2000));
            proxies.forEach((proxy) => proxy.behave());
        },
        "replies broken off": async (note) => {
            const index = pickNode();
            note([index]);
            proxies[index].spoil(random.one([replies.cut, replies.reset, replies.close]), undefined, random.between(1, 5));
            await sleep(500);
            proxies[index].behave();
        },
        "replies in small pieces": async (note) => {
            const index = pickNode();
            note([index]);
            proxies[index].spoil(replies.pieces(random.between(1, 7)));
            await sleep(1000);
            proxies[index].behave();
        },
        "scripts forgotten": async (note) => {
            note([]);
            redis.cli("SCRIPT", "FLUSH");
        },
        "worker killed": async (note) => {
            const index = pickNode();
            note([index]);
            const pid = random.one(workersOf(nodes[index]));
            state.kills.push({ pid, node: index, at: Date.now() });
            process.kill(pid, "SIGKILL");
        },
        reload: async (note) => {
            const index = pickNode();
            note([index]);
            state.reloads.push({ node: index, at: Date.now() });
            const before = workersOf(nodes[index]);
            process.kill(nodes[index].pid, "SIGHUP");
            await until(() => workersOf(nodes[index]).every((pid) => !before.includes(pid)), 20);
        },
    };
    const replacing = ["worker killed", "reload"];

    state.run = async (end, calm) => {
        while (Date.now() < end) {
            await sleep(random.between(300, 2500));
            const names = Object.keys(kinds).filter((name) => Date.now() < calm || !replacing.includes(name));
            const kind = random.one(names);
            const entry = { kind, nodes: [], from: Date.now(), to: Infinity };
            state.history.push(entry);
            await kinds[kind]((touched) => (entry.nodes = touched));
            entry.to = Date.now();
        }
    };
    // connections come back within a second or so
    state.isCutOff = (node, from, to) =>
        state.history.some((entry) => entry.nodes.includes(node) && entry.from <= to && entry.to + 2500 >= from);
    // when a node that may not have been in touch with the store at `at` certainly was
    state.cutOffSince = (node, at) =>
        state.history.reduceRight((since, entry) => (entry.nodes.includes(node) && entry.from < at && entry.to + 1500 >= since ? entry.from : since), at);
    return state;
}

module.exports = { makeFaults, sleep, workersOf };
