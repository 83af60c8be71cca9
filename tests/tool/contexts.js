#!/usr/bin/env node
// Which Redis apikeyctl talks to: by options, by the environment, or by a context of its configuration file.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { spawnSync } = require("child_process");
const { makeTap, startRedis } = require("../lib/gateway.js");

const { test, finish } = makeTap();

async function main() {
    const [prod, staging, other] = [await startRedis(), await startRedis(), await startRedis()];
    const home = fs.mkdtempSync(path.join(process.env.TEST_DIRECTORY, "home-"));
    const directory = path.join(home, ".config/apikeyctl");
    const file = path.join(directory, "config.toml");
    fs.mkdirSync(directory, { recursive: true });
    fs.copyFileSync(process.env.APIKEYCTL_PEPPER, path.join(directory, "prod.pepper"));

    // Without what the test's own environment names.
    const { APIKEYCTL_REDIS, APIKEYCTL_PEPPER, XDG_CONFIG_HOME, APIKEYCTL, ...clean } = process.env;
    const run = (words, environment = {}) => {
        const { status, stdout, stderr } = spawnSync(APIKEYCTL, words, { encoding: "utf8", env: { ...clean, HOME: home, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
        return { status, stdout, stderr };
    };
    const names = (words, environment) => {
        const { status, stdout, stderr } = run([...words, "account", "list"], environment);
        assert.strictEqual(status, 0, stderr);
        return JSON.parse(stdout).map((account) => account.name);
    };
    for (const [redis, name] of [[prod, "prod"], [staging, "staging"], [other, "other"]]) {
        assert.strictEqual(run(["--redis", redis.url, "--pepper", APIKEYCTL_PEPPER, "account", "create", "--name", name]).status, 0);
    }
    const write = (text) => fs.writeFileSync(file, text);
    const settings = `# two gateways
current_context = "staging"

[contexts.prod]
redis = "${prod.url}" # the first
pepper = "prod.pepper"
[contexts.staging]
redis = '${staging.url}'
key_prefix = "ak:"
tls_no_verify = false
`;

    await test("without a file nothing changes", () => {
        const { status, stderr } = run(["account", "list"]);
        assert.deepStrictEqual([status, stderr], [2, "apikeyctl: no store named: use --redis URL or APIKEYCTL_REDIS\n"]);
        assert.match(run(["--context", "prod", "account", "list"]).stderr, /^apikeyctl: no context "prod": there is no configuration file/);
    });

    await test("the current context is used, and another one by its name", () => {
        write(settings);
        assert.deepStrictEqual(names([]), ["staging"]);
        assert.deepStrictEqual(names(["--context", "prod"]), ["prod"]);
        assert.deepStrictEqual(names([], { APIKEYCTL_CONTEXT: "prod" }), ["prod"]);
    });

    await test("options come first, then a named context, the environment, the current context", () => {
        assert.deepStrictEqual(names([], { APIKEYCTL_REDIS: other.url }), ["other"]);
        assert.deepStrictEqual(names(["--context", "prod"], { APIKEYCTL_REDIS: other.url }), ["prod"]);
        assert.deepStrictEqual(names([], { APIKEYCTL_CONTEXT: "prod", APIKEYCTL_REDIS: other.url }), ["other"]);
        assert.deepStrictEqual(names(["--context", "prod", "--redis", other.url]), ["other"]);
        assert.deepStrictEqual(names(["--redis", other.url, "--context", "prod"], { APIKEYCTL_REDIS: staging.url }), ["other"]);
    });

    await test("paths are relative to the file", () => {
        assert.strictEqual(run(["--context", "prod", "account", "topup", "1", "--amount", "1", "--reference", "a"]).status, 0);
        assert.match(run(["account", "topup", "1", "--amount", "1", "--reference", "a"]).stderr, /no pepper named/);
    });

    await test("the file is also found by XDG_CONFIG_HOME, APIKEYCTL_CONFIG and --config", () => {
        const elsewhere = path.join(home, "elsewhere");
        fs.mkdirSync(path.join(elsewhere, "apikeyctl"), { recursive: true });
        const own = path.join(elsewhere, "apikeyctl/config.toml");
        fs.writeFileSync(own, `current_context = "x"\n[contexts.x]\nredis = "${other.url}"\n`);
        assert.deepStrictEqual(names([], { XDG_CONFIG_HOME: elsewhere }), ["other"]);
        assert.deepStrictEqual(names([], { APIKEYCTL_CONFIG: own }), ["other"]);
        assert.deepStrictEqual(names(["--config", own]), ["other"]);
        assert.match(run(["--config", "/nowhere.toml", "account", "list"]).stderr, /cannot read "\/nowhere.toml"/);
    });

    await test("the contexts", () => {
        assert.deepStrictEqual(JSON.parse(run(["context", "list"]).stdout), [
            { name: "prod", current: false, redis: prod.url, pepper: path.join(directory, "prod.pepper") },
            { name: "staging", current: true, redis: staging.url },
        ]);
    });

    const wrong = [
        [`[contexts.prod]\npassword = "secret"\n`, "line 2: password: a password does not belong into this file: use password_file"],
        [`[contexts.prod]\nredis_password = "secret"\n`, "line 2: redis_password: a password does not belong into this file: use password_file"],
        [`[contexts.prod]\nredis = "redis://user:secret@host/0"\n`, "line 2: redis: user and password do not belong into the address"],
        [`[contexts.prod]\nrediss = "redis://host/0"\n`, "line 2: rediss: unknown setting; known are redis, pepper, "],
        [`[contexts.prod]\nredis = redis://host/0\n`, "line 2: expected a value in quotes, or true or false"],
        [`[contexts.prod]\ntls_no_verify = "yes"\n`, "line 2: tls_no_verify: expected true or false"],
        [`[contexts.prod\n`, "line 1: expected a heading such as [contexts.prod]"],
        [`[contexts.prod]\nuser = "a"\nuser = "b"\n`, "line 3: this name is there twice"],
        [`redis = "redis://host/0"\n`, "line 1: redis: expected current_context"],
        [`current_context = "x"\n[contexts.y]\nuser = "a"\n`, 'has no context "x"; it has y'],
    ];
    for (const [text, problem] of wrong) {
        await test(`refused: ${problem}`, () => {
            write(text);
            const { status, stdout, stderr } = run(["account", "list"]);
            assert.deepStrictEqual([status, stdout], [2, ""]);
            assert.ok(stderr.startsWith(`apikeyctl: ${file}`) && stderr.includes(problem), stderr);
            assert.ok(!stderr.includes("secret"), stderr);
        });
    }

    await test("what needs no connection works with such a file", () => {
        assert.strictEqual(run(["version"]).status, 0);
        assert.strictEqual(run(["completion", "bash"]).status, 0);
    });

    await test("each option of the connection has a variable", () => {
        const { stdout } = run(["--help"]);
        for (const variable of ["REDIS", "PEPPER", "PLANS", "USER", "PASSWORD_FILE", "TLS_CA", "TLS_NAME", "TLS_CERT", "TLS_KEY", "TLS_NO_VERIFY", "KEY_PREFIX", "CONTEXT", "CONFIG"]) {
            assert.ok(stdout.includes(`APIKEYCTL_${variable})`), variable);
        }
        write(settings);
        assert.match(run(["account", "list"], { APIKEYCTL_TLS_CA: "/ca" }).stderr, /needs a rediss:/);
        assert.match(run(["--redis", "rediss://h", "account", "list"], { APIKEYCTL_TLS_CERT: "/c" }).stderr, /--tls-cert and --tls-key need each other/);
        assert.match(run(["account", "list"], { APIKEYCTL_PASSWORD_FILE: "/nowhere" }).stderr, /cannot read "\/nowhere"/);
        assert.match(run(["account", "list"], { APIKEYCTL_KEY_PREFIX: "other:" }).stdout, /staging|\[\]/);
        assert.deepStrictEqual(names(["--context", "prod"], { APIKEYCTL_KEY_PREFIX: "other:" }), []);
    });

    await Promise.all([prod.stop(), staging.stop(), other.stop()]);
    process.exit(finish() ? 0 : 1);
}

main();
