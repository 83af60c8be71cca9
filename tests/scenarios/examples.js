#!/usr/bin/env node
// What people copy works: the configurations of examples/, README.md and docs/ are loaded, and their marked commands are run.
//   ```nginx [main|http|server|location]   a configuration, or what stands in that block of one: nginx -t takes it without a warning
//   ```sh run                            commands, run in order on a store and a gateway of the document's own
"use strict";

const assert = require("assert");
const { execFile, execFileSync, spawn } = require("child_process");
const fs = require("fs");
const http = require("http");
const path = require("path");
const { promisify } = require("util");
const { freePort, makeTap, startRedis, until } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const run = promisify(execFile);
const root = path.join(__dirname, "../..");
const read = (file) => fs.readFileSync(path.join(root, file), "utf8");
const list = (directory, ending) => fs.readdirSync(path.join(root, directory)).filter((name) => name.endsWith(ending)).map((name) => path.join(directory, name));
const etc = fs.mkdtempSync(path.join(process.env.TEST_DIRECTORY, "etc-"));
fs.chmodSync(etc, 0o755);

// What stands in /etc/nginx on the machine that the documents speak of.
function prepare() {
    const write = (name, text) => fs.writeFileSync(path.join(etc, name), text, { mode: 0o600 });
    fs.copyFileSync(process.env.APIKEYCTL_PEPPER, path.join(etc, "api_key.pepper"));
    fs.copyFileSync(path.join(root, "conf/dashboard.conf"), path.join(etc, "dashboard.conf"));
    fs.copyFileSync(path.join(root, "demo/prices.json"), path.join(etc, "model_prices_and_context_window.json"));
    fs.cpSync(path.join(root, "conf/profiles"), path.join(etc, "profiles"), { recursive: true });
    write("redis_password", "secret\n");
    write("pepper", fs.readFileSync(process.env.APIKEYCTL_PEPPER));
    write("provider_keys.conf", ["openai", "anthropic", "gemini"].map((name) => `map "" $${name}_key { default "provider-key-of-${name}"; }`).join("\n"));
    write("api_key.alert_secret", "secret\n");
    write("api_key_plans.json", '{"plans": {"pro": {"per_second": 50, "per_minute": 1000}, "free": {"per_second": 2}}}');
    const [key, certificate] = ["api.example.com.key", "api.example.com.crt"].map((name) => path.join(etc, name));
    const words = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate];
    execFileSync("openssl", ["req", "-x509", "-subj", "/CN=api.example.com", "-days", "2", ...words], { stdio: "ignore" });
    fs.copyFileSync(certificate, path.join(etc, "ca.crt"));
}

// The marked blocks of a document: what they are for, their text and line.
function blocks(file, language) {
    const found = [];
    const text = read(file);
    for (const match of text.matchAll(/^```(\w+)(?: (\w+))?\n(.*?)^```$/gms)) {
        if (match[1] === language) {
            found.push({ mark: match[2], text: match[3], name: `${file}:${text.slice(0, match.index).split("\n").length}` });
        }
    }
    return found;
}

const has = (text, directive) => new RegExp(`^\\s*(?:[\\w~ /.*]+\\{\\s*)?${directive}\\s`, "m").test(text);

// An nginx.conf with these blocks where their marks say, and with what they do not say themselves. Those for a server or a location can
// stand side by side, each in a server of its own.
function wrapped(blocks) {
    const [{ mark = "main" }] = blocks;
    const text = blocks.map((one) => one.text).join("\n");
    if (mark === "main") {
        return /^events\b/m.test(text) ? text : `${text}\nevents { }`;
    }
    const http = `
        ${has(text, "api_key_zone") ? "" : "api_key_zone zone=keys:1m;"}
        ${has(text, "api_key_redis") ? "" : "api_key_redis redis://127.0.0.1:6379/0;"}
        ${has(text, "api_key_pepper") ? "" : "api_key_pepper /etc/nginx/api_key.pepper;"}
        ${has(text, "api_key_type") ? "" : "api_key_type proxy prefix=ms-; api_key_type billing prefix=mk- manages;"}`;
    const place = "location /guarded/ { api_key proxy; api_key_cost 0; proxy_pass http://127.0.0.1:8000; }";
    const server = (inside, index) => `server { listen 80; server_name n${index}.example.com; ${place}\n${inside}\n}`;
    const inside = {
        http: () => `${text}\n${server("", 0)}`,
        server: () => blocks.map((one, index) => server(one.text, index)).join("\n"),
        location: () => blocks.map((one, index) => server(`location /here/ {\n${one.text}\n}`, index)).join("\n"),
    };
    assert.ok(inside[mark], `the mark "${mark}", expected main, http, server or location`);
    return `load_module modules/ngx_http_api_key_module.so;\nevents { }\nhttp {\n${http}\n${inside[mark]()}\n}`;
}

// With this test's files, ports and servers in place of the documents' own.
function adapted(text, directory, { port = 1, redis } = {}) {
    let conf = text
        .replace(/load_module \S+;/, `load_module ${process.env.API_KEY_MODULE};`)
        .replace(/\/etc\/nginx\/(tls\/)?|\/run\/secrets\/api-key\//g, `${etc}/`)
        .replace(/include (profiles|dashboard)/g, `include ${etc}/$1`)
        .replace(/\/(var|usr)\/\S*\//g, `${directory}/`)
        .replace(/^\s*(user|pid|error_log|access_log \/dev\/stdout).*$/gm, "")
        .replace(/zone=keys:\d+m/, "zone=keys:1m") // is laid out by nginx -t too
        .replace(/listen (?:80|443|8080);/g, `listen 127.0.0.1:${port};`)
        .replace(/listen 443 /g, `listen 127.0.0.1:${port} `)
        .replace(/https:\/\/(api\.openai\.com|api\.anthropic\.com|generativelanguage\.googleapis\.com);/g, "https://127.0.0.1:8000;") // resolved by nginx -t too
        .replace("listen 9090", `listen unix:${directory}/probes.sock`)
        .replace(/redis\.default\.svc\.cluster\.local/g, "127.0.0.1");
    if (redis) {
        const upstream = `unix:${process.env.TEST_UPSTREAM_SOCKET}`;
        conf = conf
            .replace(/api_key_redis [^;]*;/, `api_key_redis ${redis.url} timeout=5s;`)
            .replace(/https?:\/\/(127\.0\.0\.1:8000|[\w.]+\.(com|local)(:\d+)?)(?=;)/g, `http://${upstream}`)
            .replace(/server 127\.0\.0\.1:800\d;/g, `server ${upstream};`)
            .replace(/(listen [^;]*) ssl;/g, "$1;")
            .replace(/^\s*ssl_certificate.*$/gm, "");
    }
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${directory}/${name};`).join(" ");
    const user = process.getuid() === 0 ? "user root;" : "";
    return `${user} pid ${directory}/nginx.pid; error_log ${directory}/error.log;\n${conf.replace(/^http \{/m, `http { access_log ${directory}/access.log; ${paths}`)}`;
}

function write(text, options) {
    const directory = fs.mkdtempSync(path.join(process.env.TEST_DIRECTORY, "example-"));
    fs.chmodSync(directory, 0o755);
    fs.writeFileSync(path.join(directory, "nginx.conf"), adapted(text, directory, options));
    return directory;
}

// nginx -t must find nothing to say.
async function check(name, text) {
    const directory = write(text);
    const words = ["-t", "-q", "-p", directory, "-e", `${directory}/error.log`, "-c", `${directory}/nginx.conf`];
    const said = await run(process.env.NGINX_BINARY, words).then(({ stderr }) => stderr, (error) => error.stderr);
    assert.strictEqual(said, "", `${name}: ${said}`);
}

async function checkAll(configurations) {
    const left = [...configurations];
    await Promise.all(Array.from({ length: 3 }, async () => {
        for (let one = left.shift(); one; one = left.shift()) {
            await check(one.name, one.text);
        }
    }));
}

// What each of the examples is asked: a key of a type, where it is shown, and what the answer is.
const questions = {
    "rest-quotas.conf": [
        { type: "live", header: "x-api-key", path: "/v1/echo", seen: ({ headers }) => assert.ok(headers.has("x-request-id")) },
        { type: "live", path: "/api/me" },
        { type: "admin", path: "/api/keys" },
    ],
    "ai-gateway.conf": [
        { type: "proxy", path: "/v1/chat/completions", body: { model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] } },
        { type: "proxy", path: "/v1/echo?cost=0", status: 400, body: {}, seen: ({ body }) => assert.strictEqual(body.error.param, "model") },
        { type: "proxy", path: "/v1/echo", seen: ({ body }) => assert.strictEqual(body.headers.authorization, "Bearer provider-key-of-openai") },
        { type: "proxy", path: "/v1/models", seen: ({ body }) => assert.ok(body.data.length > 1) },
        { type: "proxy", path: "/api/me" },
        { type: "proxy", path: "/api/keys", status: 403, seen: ({ body }) => assert.match(body.error, /^This is a proxy key/) },
        { path: "/v1/messages", status: 401, seen: ({ headers }) => assert.strictEqual(headers.get("request-id"), headers.get("x-request-id")) },
    ],
    "tenants.conf": [
        { type: "live", host: "api.example.com", path: "/v1/echo" },
        { type: "test", host: "api.example.com", path: "/v1/echo", status: 403 },
        { type: "test", host: "sandbox.example.com", path: "/v1/echo" },
        { type: "live", host: "sandbox.example.com", path: "/v1/echo", status: 403 },
        { type: "test_admin", host: "sandbox.example.com", path: "/api/keys" },
    ],
    "behind-load-balancer.conf": [
        { type: "proxy", path: "/v1/echo" },
        { path: "/health", status: 403 },
    ],
    "kubernetes.conf": [
        { type: "proxy", path: "/v1/echo" },
        { type: "billing", path: "/api/keys" },
        { path: "/readyz", probes: true, seen: ({ body }) => assert.strictEqual(body.status, "ok") },
        { path: "/healthz", probes: true, status: 204 },
    ],
};

const typesOf = (text) => new Map([...text.matchAll(/api_key_type (\w+) prefix=([^ ;]+)/g)].map(([, name, prefix]) => [name, prefix]));

// Asks over Node's own client, as fetch() sets no Host.
function ask(options, body) {
    return new Promise((resolve, reject) => {
        const request = http.request(options, (response) => {
            let text = "";
            response.on("data", (part) => (text += part));
            response.on("end", () => resolve({ status: response.statusCode, headers: new Headers(response.headers), text }));
        });
        request.on("error", reject);
        request.end(body && JSON.stringify(body));
    });
}

// Starts an example on a store of its own, and asks its questions.
async function runExample(name) {
    const text = read(path.join("examples", name));
    const redis = await startRedis();
    const port = await freePort();
    const directory = write(text, { port, redis });
    const nginx = spawn(process.env.NGINX_BINARY, ["-p", directory, "-e", `${directory}/error.log`, "-c", `${directory}/nginx.conf`, "-g", "daemon off;"], { stdio: "ignore" });
    await until(() => ask({ port, path: "/" }));
    const env = { ...process.env, APIKEYCTL_REDIS: redis.url, APIKEYCTL_PEPPER: `${etc}/api_key.pepper` };
    const tell = async (...words) => JSON.parse((await run(process.env.APIKEYCTL, ["-o", "json", ...words], { env })).stdout);
    await tell("account", "create", "--name", "acme");
    await tell("account", "topup", "1", "--amount", "10", "--reference", "first");
    const keys = new Map();
    for (const [type, prefix] of typesOf(text)) {
        keys.set(type, (await tell("key", "create", "--account", "1", "--type", type, "--prefix", prefix, "--name", type)).key);
    }
    for (const { type, header = "authorization", host = "localhost", path: at, status = 200, body, probes, seen } of questions[name]) {
        const headers = { host, "content-type": "application/json", ...(type && { [header]: header === "authorization" ? `Bearer ${keys.get(type)}` : keys.get(type) }) };
        const place = probes ? { socketPath: `${directory}/probes.sock` } : { port };
        const question = () => ask({ ...place, path: at, method: body ? "POST" : "GET", headers }, body);
        await until(async () => (await question()).status !== 503); // the node has yet to hear of the store's first account
        const answer = await question();
        assert.strictEqual(answer.status, status, `${name}: ${at}: ${answer.text}`);
        seen?.({ headers: answer.headers, body: answer.text && JSON.parse(answer.text) });
    }
    nginx.kill();
    await redis.stop();
}

// Runs the document's commands one block after the other; a key that one prints is $KEY or $BILLING_KEY in those after it.
async function runCommands(file, nginxConf) {
    const redis = await startRedis("--save", "3600 1", "--appendonly", "yes", "--maxmemory-policy", "noeviction");
    const port = await freePort();
    const directory = write(nginxConf, { port, redis });
    const nginx = spawn(process.env.NGINX_BINARY, ["-p", directory, "-e", `${directory}/error.log`, "-c", `${directory}/nginx.conf`, "-g", "daemon off;"], { stdio: "ignore" });
    const address = `http://127.0.0.1:${port}`;
    await until(() => fetch(address).then(() => true));
    const env = { ...process.env, APIKEYCTL_REDIS: redis.url, APIKEYCTL_PEPPER: `${etc}/api_key.pepper` };
    env.PATH = `${path.dirname(process.env.APIKEYCTL)}:${env.PATH}`;
    env.ID = "0".repeat(32);
    const before = file === "README.md" ? [] : blocks("README.md", "sh").slice(0, 3); // an account, a billing key, a key: ids 1, 1 and 2
    let told = 0;
    for (const { text, mark, name } of [...before, ...blocks(file, "sh")]) {
        if (mark !== "run" || text.includes("> /etc/nginx/api_key.pepper")) {
            continue; // nginx runs already, by another pepper
        }
        const script = text
            .replace(/https:\/\/api\.example\.com/g, address)
            .replace(/redis:\/\/127\.0\.0\.1:6379\/0/g, redis.url)
            .replace(/\/etc\/nginx\//g, `${etc}/`);
        const curl = 'curl() { command curl -sS --fail-with-body "$@" && echo; }';
        const { stdout } = await run("bash", ["-euc", `${curl}\n${script}`], { env, cwd: directory }).catch((error) => {
            throw new Error(`${name}: ${error.stdout}${error.stderr}`);
        });
        for (const [, key, kind] of stdout.matchAll(/"key": ?"((ms|mk)-[^"]+)"/g)) {
            env[kind === "ms" ? "KEY" : "BILLING_KEY"] = key;
        }
        told++;
    }
    nginx.kill();
    await redis.stop();
    return told;
}

(async () => {
    prepare();
    const documents = ["README.md", ...list("docs", ".md")];
    const readme = blocks("README.md", "nginx")[0];

    await test("the configurations of examples/ are taken without a warning", async () => {
        const files = [...list("examples", ".conf"), "nginx.conf.example"];
        assert.ok(files.length > 4);
        await checkAll(files.map((file) => ({ name: file, text: read(file) })));
    });

    for (const name of fs.readdirSync(path.join(root, "examples")).filter((one) => one.endsWith(".conf"))) {
        await test(`${name} does what it is for`, () => runExample(name));
    }

    await test("those of README.md and docs/ too", async () => {
        const all = documents.flatMap((file) => blocks(file, "nginx"));
        assert.ok(all.length > 30, `${all.length} blocks`);
        const alone = all.filter(({ mark }) => mark !== "server" && mark !== "location");
        const groups = ["server", "location"].map((place) => all.filter(({ mark }) => mark === place));
        await checkAll([...alone.map((one) => [one]), ...groups].map((some) => ({ name: some.map(({ name }) => name).join(", "), text: wrapped(some) })));
    });

    await test("every directive has an example in docs/directives.md", () => {
        const directives = [...read("src/module/directives.cpp").matchAll(/ngx_string\("(api_key\w*)"\)/g)].map(([, name]) => name);
        assert.ok(directives.length > 20);
        const examples = blocks("docs/directives.md", "nginx").map(({ text }) => text).join("\n");
        for (const name of directives) {
            assert.ok(read("docs/directives.md").includes(`\n### ${name}\n`), `${name} has no section`);
            assert.ok(new RegExp(`\\b${name}[ ;]`).test(examples), `${name} has no example`);
        }
    });

    await test("docs/directives.md has each reason with its status, message and code", () => {
        const page = read("docs/directives.md");
        const rows = [...read("src/core/policy/reason.cpp").matchAll(/\{"(\w+)", (\d+),\s*"([^"]+)",\s*"(\w+)"\}/g)];
        assert.ok(rows.length > 15);
        for (const [, name, status, , code] of rows) {
            assert.ok(new RegExp(`^\\| \`${name}\` \\| ${status} \\|.*\`${code}\``, "m").test(page), `${name}, ${status}, ${code}`);
        }
    });

    const told = documents.filter((one) => blocks(one, "sh").some(({ mark }) => mark === "run"));
    const runs = new Map(told.map((file) => [file, runCommands(file, readme.text).catch((error) => error)])); // side by side
    for (const file of told) {
        await test(`the commands of ${file} do what they say`, async () => {
            const result = await runs.get(file);
            assert.ok(result > 0, result);
        });
    }

    await test("links between the documents lead somewhere", () => {
        const anchors = (file) => [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase().replace(/[^\w\- ]/g, "").replace(/ /g, "-"));
        for (const file of [...documents, "CONTRIBUTING.md", "AGENTS.md", "SECURITY.md", "examples/README.md"]) {
            for (const [, target] of read(file).replace(/^```.*?^```$/gms, "").matchAll(/\]\(([^)\s]+)\)/g)) {
                if (/^https?:/.test(target)) {
                    continue;
                }
                const [name, anchor] = target.split("#");
                const linked = name ? path.join(path.dirname(file), name) : file;
                assert.ok(fs.existsSync(path.join(root, linked)), `${file}: ${target}`);
                assert.ok(!anchor || anchors(linked).includes(anchor), `${file}: ${target}`);
            }
        }
    });

    await test("files that the documents name are there", () => {
        const exists = (file) => fs.existsSync(path.join(root, file)) || ["cpp", "h"].some((ending) => fs.existsSync(path.join(root, `${file}.${ending}`)));
        const missing = [];
        for (const file of ["AGENTS.md", "CONTRIBUTING.md", ...documents]) {
            const inside = file === "docs/architecture.md" ? "src/" : "";
            for (const [, word] of read(file).matchAll(/`((?:src|tests|scripts|conf|docs|examples|t|core|cache|store|module|tool)\/[\w./-]*)`/g)) {
                if (!exists(word) && !exists(inside + word)) {
                    missing.push(`${file}: ${word}`);
                }
            }
        }
        assert.deepStrictEqual(missing, []);
    });

    process.exit(finish() ? 0 : 1);
})();
