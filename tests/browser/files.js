#!/usr/bin/env node
// What the dashboard is made of and how it is served: small, strict, from nowhere else, below any path.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { gzipSync } = require("zlib");
const { createAccount, createKey, makeTap, until } = require("../lib/gateway.js");
const { dashboard, goTo, openBrowser, openPage, signIn, startDashboard } = require("../lib/browser.js");

const { test, finish } = makeTap();
const largest = 90_000;
const read = (name) => fs.readFileSync(path.join(dashboard, name));

(async () => {
    const node = await startDashboard();
    const browser = await openBrowser();
    const account = createAccount("files");
    const { key } = createKey(account, "billing", "operations");

    await test("one page, one script, one style sheet, one icon, and the licenses of what is in them: at most 90 KB", async () => {
        const names = fs.readdirSync(dashboard).sort();
        assert.deepStrictEqual(names, ["dashboard.css", "dashboard.js", "icon.svg", "index.html", "licenses.txt"]);
        const sizes = names.map((name) => gzipSync(read(name), { level: 9 }).length);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        assert.ok(total <= largest, `${total} bytes`);
    });

    await test("no style in the page, no script but its own, no address of another host", async () => {
        const page = read("index.html").toString();
        assert.ok(!/style=|<style|<script(?! src="dashboard\.js")|\son[a-z]+=/.test(page));
        assert.deepStrictEqual([...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address]) => address), ["icon.svg", "dashboard.css", "dashboard.js"]);
        assert.ok(!/url\(|@import/.test(read("dashboard.css").toString()));
    });

    await test("every file has the strict headers, its type, and is small on the wire", async () => {
        const types = { "": "text/html; charset=utf-8", "dashboard.js": "text/javascript; charset=utf-8", "dashboard.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml; charset=utf-8" };
        for (const [name, type] of Object.entries(types)) {
            const answer = await fetch(`${node.address}/dashboard/${name}`);
            const header = (header) => answer.headers.get(header);
            assert.strictEqual(answer.status, 200);
            assert.strictEqual(header("content-type"), type);
            assert.strictEqual(header("cache-control"), "no-cache");
            assert.strictEqual(header("x-content-type-options"), "nosniff");
            assert.strictEqual(header("referrer-policy"), "no-referrer");
            assert.strictEqual(header("cross-origin-opener-policy"), "same-origin");
            assert.match(header("permissions-policy"), /camera=\(\)/);
            const policy = header("content-security-policy");
            assert.ok(!policy.includes("unsafe"));
            for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"]) {
                assert.ok(policy.split("; ").includes(rule), rule);
            }
            assert.strictEqual(header("content-encoding"), "gzip");
            assert.ok(header("etag"));
        }
    });

    await test("an unknown file is 404, with the headers too", async () => {
        const answer = await fetch(`${node.address}/dashboard/none.js`);
        assert.strictEqual(answer.status, 404);
        assert.ok(answer.headers.get("content-security-policy"));
    });

    await test("the browser holds to it: no markup out of a text, no style attribute, no request to elsewhere", async () => {
        const page = await openPage(browser, node);
        await page.goto(page.home);
        const refused = await page.evaluate(async () => {
            document.body.setAttribute("style", "color: red");
            const elsewhere = await fetch("http://localhost:1/").catch(() => "refused");
            try {
                document.createElement("p").innerHTML = "<b>";
                return "taken";
            } catch (error) {
                return `${error.name}, ${elsewhere}`;
            }
        });
        assert.strictEqual(refused, "TypeError, refused");
        for (const directive of ["style-src-attr", "connect-src", "require-trusted-types-for"]) {
            await until(() => page.faults.some((fault) => fault.includes(`violation: ${directive}`))).catch(() => assert.fail(`${directive}: ${page.faults}`));
        }
        await page.context().close();
    });

    await test("below another path, with the management API beside it", async () => {
        const below = await startDashboard({ below: "/tools/gateway" });
        const page = await openPage(browser, below);
        page.home = `${below.address}/tools/gateway/dashboard/`;
        await signIn(page, key, "#/billing-keys");
        await page.getByRole("link", { name: "operations" }).waitFor();
        assert.deepStrictEqual(page.faults, []);
        await below.stop();
    });

    await test("the management API elsewhere, as the page says", async () => {
        const page = await openPage(browser, node);
        const html = read("index.html").toString().replace('name="api-base" content="../api/"', 'name="api-base" content="/elsewhere/api/"');
        await page.route("**/dashboard/", (route) => route.fulfill({ contentType: "text/html", body: html }));
        const asked = page.waitForRequest((request) => request.url().endsWith("/session"));
        await page.goto(page.home);
        assert.strictEqual((await asked).url(), `${node.address}/elsewhere/api/session`);
        await page.context().close();
    });

    await test("an address that is none says so, and where to go", async () => {
        const page = await openPage(browser, node);
        await signIn(page, key);
        for (const place of ["nothing", "keys/x", "logs/1", "keys/1/2"]) {
            await goTo(page, place);
            await page.getByText("There is no such page").waitFor();
        }
        assert.deepStrictEqual(page.faults, []);
        await page.context().close();
    });

    await browser.close();
    await node.stop();
    process.exit(finish() ? 0 : 1);
})();
