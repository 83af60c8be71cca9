// For tests in Node: a gateway of its own for a test program, on the Redis and the upstream that scripts/test.sh has started.
"use strict";

const { execFileSync, spawn } = require("child_process");
const fs = require("fs");
const net = require("net");
const path = require("path");

function freePort() {
    return new Promise((resolve) => {
        const server = net.createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

// Runs apikeyctl and gives what it printed, decoded.
function apikeyctl(...words) {
    return JSON.parse(execFileSync(process.env.APIKEYCTL, ["-o", "json", ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));
}

function createAccount(name) {
    return apikeyctl("account", "create", "--name", name).id;
}

// gives { id, key }
function createKey(account, type = "proxy", name = "test") {
    const prefix = { proxy: "ms-", billing: "mk-" }[type];
    return apikeyctl("key", "create", "--account", String(account), "--type", type, "--prefix", prefix, "--name", name);
}

function configuration(directory, port, locations, { main = "", store = `${process.env.APIKEYCTL_REDIS} timeout=5s`, http = "", zone = "2m", pepper = process.env.APIKEYCTL_PEPPER, daemon = false }) {
    const user = process.getuid() === 0 ? "user root;" : "";
    return `
        load_module ${process.env.API_KEY_MODULE};
        ${user}
        ${main}
        daemon ${daemon ? "on" : "off"};
        pid ${directory}/nginx.pid;
        error_log ${directory}/error.log info;
        events { }
        http {
            access_log ${directory}/access.log;
            client_body_temp_path ${directory}/body;
            proxy_temp_path ${directory}/proxy;
            fastcgi_temp_path ${directory}/fastcgi;
            uwsgi_temp_path ${directory}/uwsgi;
            scgi_temp_path ${directory}/scgi;
            api_key_zone zone=keys:${zone};
            api_key_redis ${store};
            ${http}
            api_key_pepper ${pepper};
            api_key_type proxy prefix=ms-;
            api_key_type billing prefix=mk- manages;
            upstream demo { server unix:${process.env.TEST_UPSTREAM_SOCKET}; }
            server {
                listen 127.0.0.1:${port};
                proxy_http_version 1.1;
                proxy_buffering off;
                ${locations}
            }
        }`;
}

// gives { address, port, directory, pid, first, requests(), errors(), stop() }; requests() and errors() are the lines of the logs so far.
// options: main (lines for nginx.conf's top), http (lines for its http block), store (another Redis than the run's, with its options), zone (its size), pepper (its file), daemon (for a binary upgrade),
// first (path and options of the very first request, whose answer is `first`)
async function startGateway(locations, options = {}) {
    const directory = fs.mkdtempSync(path.join(process.env.TEST_DIRECTORY, "gateway-"));
    fs.chmodSync(directory, 0o755);
    const port = await freePort();
    const file = path.join(directory, "nginx.conf");
    fs.writeFileSync(file, configuration(directory, port, locations, options));
    const said = fs.openSync(`${directory}/stderr`, "a"); // a pipe would be held by what outlives the test
    const nginx = spawn(process.env.NGINX_BINARY, ["-p", directory, "-e", `${directory}/error.log`, "-c", file], { stdio: ["ignore", said, said] });
    const ended = new Promise((resolve) => nginx.on("exit", resolve));
    const address = `http://127.0.0.1:${port}`;
    let first;
    for (let tries = 0; ; tries++) {
        try {
            first = await fetch(address + (options.first?.[0] ?? ""), options.first?.[1]);
            break;
        } catch (error) {
            if (tries === 1000 || (nginx.exitCode !== null && !options.daemon) || nginx.exitCode) {
                throw new Error(`nginx did not start: ${fs.readFileSync(`${directory}/stderr`, "utf8")}${fs.readFileSync(`${directory}/error.log`, "utf8")}`);
            }
            await new Promise((resolve) => setTimeout(resolve, 5));
        }
    }
    const pidFile = () => Number(fs.readFileSync(`${directory}/nginx.pid`, "utf8"));
    if (options.daemon) {
        process.once("exit", () => fs.existsSync(`${directory}/nginx.pid`) && process.kill(pidFile(), "SIGTERM")); // it has left the test's process group
    }
    const stop = () => {
        if (options.daemon) {
            process.kill(pidFile(), "SIGTERM");
            return until(() => !fs.existsSync(`${directory}/nginx.pid`));
        }
        nginx.kill("SIGTERM");
        return ended;
    };
    const requests = () => fs.readFileSync(`${directory}/access.log`, "utf8").split("\n").filter(Boolean);
    const errors = () => fs.readFileSync(`${directory}/error.log`, "utf8").split("\n").filter(Boolean);
    return { address, port, directory, pid: options.daemon ? pidFile() : nginx.pid, first, requests, errors, stop };
}

// A Redis that a test may stop, pause and empty, in memory unless the options of redis-server say otherwise. gives { url, directory,
// cli(...words), stop(), start(), signal(name) }
async function startRedis(...options) {
    const directory = fs.mkdtempSync(path.join(process.env.TEST_DIRECTORY, "redis-"));
    const socket = path.join(directory, "redis.sock");
    let server;
    const cli = (...words) => execFileSync("redis-cli", ["-s", socket, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const start = async () => {
        const words = ["--port", "0", "--unixsocket", socket, "--unixsocketperm", "777", "--save", "", "--dir", directory, ...options];
        server = spawn("redis-server", words, { stdio: "ignore" });
        await until(() => cli("ping") === "PONG");
    };
    const stop = () => {
        const ended = new Promise((resolve) => server.on("exit", resolve));
        server.kill("SIGKILL");
        return ended;
    };
    await start();
    return { url: `unix:${socket}`, directory, cli, start, stop, signal: (name) => server.kill(name) };
}

// Waits until the condition holds (an exception counts as no), at most `seconds`.
async function until(condition, seconds = 10) {
    for (const end = Date.now() + seconds * 1000; ; ) {
        let held = false;
        try {
            held = await condition();
        } catch (error) {
            held = false;
        }
        if (held) {
            return;
        }
        if (Date.now() > end) {
            throw new Error(`waited ${seconds} s in vain: ${condition}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

// TAP: test(name, body) runs in order; finish() prints the plan and gives whether all passed.
function makeTap() {
    let count = 0;
    let failed = 0;
    const test = async (name, body) => {
        count++;
        try {
            await body();
            console.log(`ok ${count} - ${name}`);
        } catch (error) {
            failed++;
            console.log(`not ok ${count} - ${name}`);
            console.error(String(error?.stack ?? error).replace(/^/gm, "# "));
        }
    };
    const finish = () => {
        console.log(`1..${count}`);
        return failed === 0;
    };
    return { test, finish };
}

module.exports = { apikeyctl, createAccount, createKey, freePort, makeTap, startGateway, startRedis, until };
