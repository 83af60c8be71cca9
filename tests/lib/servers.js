// For tests in Node: real Redis servers of several kinds, each on a port of its own, in a directory that goes away with the run.
"use strict";

const assert = require("assert");
const { execFileSync, spawn } = require("child_process");
const fs = require("fs");
const path = require("path");
const { freePort, until } = require("./gateway.js");

// gives { port, directory, cli(...words), start(), stop(), signal(name) }. options: words (more arguments), host, login (of the cli), tls, port (else
// one that is free: should somebody else take it meanwhile, another one)
async function startServer(options = {}) {
    for (let tries = 1; ; tries++) {
        try {
            return await startServerOnce(options);
        } catch (error) {
            if (options.port || tries === 3) {
                throw error;
            }
        }
    }
}

async function startServerOnce(options) {
    const directory = fs.mkdtempSync(path.join(process.env.TEST_DIRECTORY, "server-"));
    const port = options.port ?? (await freePort());
    const ports = options.tls ? ["--port", "0", "--tls-port", String(port), ...options.tls.server] : ["--port", String(port)];
    const words = ["--bind", options.host ?? "127.0.0.1", "--dir", directory, "--save", "", "--logfile", path.join(directory, "redis.log"), ...ports, ...(options.words ?? [])];
    const connect = ["-h", options.host ?? "127.0.0.1", "-p", String(port), ...(options.tls?.client ?? []), ...(options.login ?? [])];
    const cli = (...command) => execFileSync("redis-cli", [...connect, ...command], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 5000 }).trim();
    const server = { port, directory, cli, process: null };
    server.start = async () => {
        server.process = spawn(process.env.TEST_REDIS_SERVER ?? "redis-server", options.configuration ? [options.configuration(directory, port), ...(options.mode ?? [])] : words, { stdio: "ignore" });
        let ended = false;
        server.process.once("exit", () => (ended = true));
        await until(() => ended || /PONG|NOAUTH|NOPERM/.test(cli("ping")));
        assert.ok(!ended, `no server on port ${port}`);
    };
    server.stop = (signal = "SIGKILL") => {
        if (server.process.exitCode !== null || server.process.signalCode !== null) {
            return Promise.resolve();
        }
        const ended = new Promise((resolve) => server.process.on("exit", resolve));
        server.process.kill(signal);
        return ended;
    };
    server.signal = (name) => server.process.kill(name);
    await server.start();
    return server;
}

// A master, replicas and three sentinels. gives { master, replicas, sentinels, url, stop() }
async function startSentinels({ replicas = 2, name = "primary", words = [] } = {}) {
    const master = await startServer({ words });
    const followers = [];
    for (let index = 0; index < replicas; index++) {
        followers.push(await startServer({ words: [...words, "--replicaof", "127.0.0.1", String(master.port), "--repl-diskless-sync-delay", "0"] }));
    }
    await until(() => new RegExp(`connected_slaves:${replicas}[^]*(state=online[^]*){${replicas}}`).test(master.cli("info", "replication")), 20);
    await until(() => master.cli("wait", String(replicas), "500") === String(replicas), 20);
    const configuration = (directory, port) => {
        const file = path.join(directory, "sentinel.conf");
        fs.writeFileSync(file, `port ${port}\nbind 127.0.0.1\ndir ${directory}\nlogfile ${directory}/redis.log\nsentinel monitor ${name} 127.0.0.1 ${master.port} 2\n`
            + `sentinel down-after-milliseconds ${name} 500\nsentinel failover-timeout ${name} 2000\n`);
        return file;
    };
    const sentinels = [];
    for (let index = 0; index < 3; index++) {
        sentinels.push(await startServer({ configuration, mode: ["--sentinel"] }));
    }
    await until(() => sentinels.every((one) => new RegExp(`slaves=${replicas},sentinels=3`).test(one.cli("info", "sentinel"))), 20);
    const servers = [master, ...followers];
    return {
        master, replicas: followers, servers, sentinels,
        url: `redis+sentinel://${sentinels.map((one) => `127.0.0.1:${one.port}`).join(",")}/${name}`,
        masterPort: () => Number(sentinels[0].cli("sentinel", "get-master-addr-by-name", name).split("\n")[1]),
        stop: () => Promise.all([...sentinels, ...servers].map((one) => one.stop())),
    };
}

// Three masters with a replica each. gives { servers, url, stop(), owner(slot) }
async function startCluster() {
    const servers = [];
    for (let index = 0; index < 6; index++) {
        servers.push(await startServer({ words: ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-config-file", "nodes.conf", "--repl-diskless-sync-delay", "0"] }));
    }
    const addresses = servers.map((one) => `127.0.0.1:${one.port}`);
    execFileSync("redis-cli", ["--cluster", "create", ...addresses, "--cluster-replicas", "1", "--cluster-yes"], { stdio: "ignore", timeout: 30000 });
    await until(() => servers.every((one) => /cluster_state:ok/.test(one.cli("cluster", "info"))), 20);
    await until(() => servers.filter((one) => /role:slave[^]*master_link_status:up/.test(one.cli("info", "replication"))).length === 3, 20);
    const alive = () => servers.filter((one) => one.process.exitCode === null && one.process.signalCode === null);
    // Of a slot: its master, as most servers see it.
    const owner = (slot) => {
        for (const line of alive()[0].cli("cluster", "nodes").split("\n")) {
            const [, address, flags, , , , , , ...ranges] = line.split(" ");
            if (/master/.test(flags) && !/fail/.test(flags) && ranges.some((range) => {
                const [from, to = from] = range.split("-").map(Number);
                return from <= slot && slot <= to;
            })) {
                return servers.find((one) => address.startsWith(`127.0.0.1:${one.port}@`));
            }
        }
        return undefined;
    };
    return {
        servers, owner,
        url: `redis+cluster://${addresses.slice(0, 3).join(",")}`,
        stop: () => Promise.all(alive().map((one) => one.stop())),
    };
}

// Certificates: an authority, good, expired and foreign ones. gives names of files
function makeCertificates() {
    const directory = fs.mkdtempSync(path.join(process.env.TEST_DIRECTORY, "tls-"));
    const openssl = (...words) => execFileSync("openssl", words, { cwd: directory, stdio: "ignore" });
    const authority = (name) => openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", `${name}.key`, "-out", `${name}.crt`, "-days", "10", "-subj", `/CN=${name}`);
    const past = ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"];
    const certificate = (name, signer, names, times = ["-days", "5"]) => {
        fs.writeFileSync(path.join(directory, `${name}.ext`), `subjectAltName=${names}\n`);
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
        openssl("ca", "-batch", "-rand_serial", "-notext", "-config", "ca.conf", "-in", `${name}.csr`, "-cert", `${signer}.crt`, "-keyfile", `${signer}.key`,
            "-out", `${name}.crt`, ...times, "-extfile", `${name}.ext`);
    };
    fs.writeFileSync(path.join(directory, "index"), "");
    fs.writeFileSync(path.join(directory, "ca.conf"), "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\nunique_subject=no\npolicy=any\n[any]\ncommonName=supplied\n");
    authority("ca");
    authority("other-ca");
    certificate("server", "ca", "DNS:redis.test,IP:127.0.0.1");
    certificate("elsewhere", "ca", "DNS:elsewhere.test");
    certificate("expired", "ca", "DNS:redis.test,IP:127.0.0.1", past);
    certificate("client", "ca", "DNS:client.test");
    certificate("foreign", "other-ca", "DNS:client.test");
    return Object.fromEntries(["ca", "other-ca", "server", "elsewhere", "expired", "client", "foreign"].map((name) =>
        [name.replace("-ca", "Ca"), { crt: path.join(directory, `${name}.crt`), key: path.join(directory, `${name}.key`) }]));
}

module.exports = { makeCertificates, startCluster, startSentinels, startServer };
