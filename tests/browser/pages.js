#!/usr/bin/env node
// Every page in both themes and at both widths: no barrier that axe finds, nothing cut off, nothing that the browser complains of. Leaves
// pictures of them in build/screenshots.
"use strict";

const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { execFileSync } = require("child_process");
const { apikeyctl, createAccount, createKey, makeTap, until } = require("../lib/gateway.js");
const { assertNoBarriers, goTo, openBrowser, openPage, settle, signIn, startDashboard } = require("../lib/browser.js");

const { test, finish } = makeTap();
const pictures = path.join(process.env.API_KEY_BUILD, "screenshots");
const hostile = ["<img src=x onerror=alert(1)>", "\u202emoc.elpmaxe\u202c ثلاثة", "👩‍👩‍👧‍👦 <script>alert(1)</script>", "x".repeat(120)];

const settings = [
    { name: "Checkout", alias: "checkout", category: "production", quotas: { daily: 40, monthly: 100000 }, monthlyLimit: "25.00", models: ["gpt-4o*"], allowedIps: ["127.0.0.0/8"] },
    { name: "Support assistant", alias: "support", category: "production", monthlyLimit: "5.00" },
    { name: "Nightly reports", category: "production", quotas: { daily: 20 }, expiresAt: new Date(Date.now() + 3 * 86_400_000).toISOString() },
    { name: "Staging", alias: "staging", category: "staging", quotas: { weekly: 500 } },
    { name: "Load test", category: "development", active: false },
    { name: "Partner Acme", alias: "acme", category: "partner", monthlyLimit: "0.00001", quotas: { total: 1000 } },
];

async function create(node, manager, body) {
    const answer = await fetch(`${node.address}/api/keys`, { method: "POST", headers: { authorization: `Bearer ${manager}` }, body: JSON.stringify(body) });
    assert.strictEqual(answer.status, 201, JSON.stringify(body));
    return answer.json();
}

async function chat(node, key, model, times) {
    const body = JSON.stringify({ model, messages: [{ role: "user", content: "What became of my order of last week, please?" }] });
    for (let sent = 0; sent < times; sent++) {
        await fetch(`${node.address}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body });
    }
}

// Counters of the hours and days before, which a test cannot wait for.
function rememberTraffic(account, keys) {
    const commands = [];
    const add = (group, bucket, number, name, busy, model) => {
        const counts = { n: busy, i: busy * 180, o: busy * 240, c: busy * 260, quota_exceeded: Math.floor(busy / 40), rate_limited: Math.floor(busy / 55) };
        for (const [what, value] of Object.entries(counts).filter(([what]) => !model || what.length === 1)) {
            commands.push(["HINCRBY", `ak:{k}:use:${account}:${group}:${bucket}:${number}`, `${what}:${name}`, value].join(" "));
        }
    };
    for (const [bucket, width, buckets] of [["hour", 3_600_000, 23], ["day", 86_400_000, 29]]) {
        const now = Math.floor(Date.now() / width);
        for (let back = 1; back <= buckets; back++) {
            const wave = 1.2 + Math.sin((now - back) / (bucket === "hour" ? 3.8 : 1.3)) + ((now - back) % 5) / 6;
            for (const [index, { id }] of keys.slice(0, 4).entries()) {
                const busy = Math.round((wave * (bucket === "hour" ? 60 : 900)) / (index + 1));
                const model = ["gpt-4o-mini", "gpt-4o", "claude-demo"][index % 3];
                add("key", bucket, now - back, id, busy);
                add("category", bucket, now - back, settings[index].category, busy);
                add("model", bucket, now - back, model, busy, model);
            }
        }
    }
    execFileSync("redis-cli", ["-s", process.env.TEST_REDIS_SOCKET], { input: commands.join("\n"), stdio: ["pipe", "ignore", "inherit"] });
}

// An account with something on every page.
async function fill(node, account, manager) {
    apikeyctl("account", "topup", String(account), "--amount", "50", "--reference", "inv-77");
    const keys = [];
    for (const body of [...settings].reverse()) {
        keys.unshift(await create(node, manager, body));
    }
    await Promise.all([
        chat(node, keys[0].key, "gpt-4o-mini", 35), chat(node, keys[0].key, "claude-demo", 3), chat(node, keys[1].key, "gpt-4o", 22),
        chat(node, keys[2].key, "gpt-4o-mini", 24), chat(node, keys[3].key, "gpt-4o", 9), chat(node, keys[4].key, "gpt-4o", 4), chat(node, keys[5].key, "gpt-4o", 5),
    ]);
    await until(async () => {
        const answer = await fetch(`${node.address}/api/usage?group_by=category&bucket=day`, { headers: { authorization: `Bearer ${manager}` } });
        const { series } = await answer.json();
        return series.reduce((sum, { total }) => sum + total.requests + Object.values(total.refused).reduce((a, b) => a + b, 0), 0) >= 102;
    });
    rememberTraffic(account, keys);
    return keys;
}

// Nothing makes the page itself wider than the window: WCAG's reflow.
async function assertFits(page, what) {
    for (const part of ["html", "dialog"]) {
        const [width, space] = await page.evaluate((name) => ((element) => [element?.scrollWidth ?? 0, element?.clientWidth ?? 0])(document.querySelector(name)), part);
        assert.ok(width <= space, `${part} of ${what} is ${width} wide in ${space}`);
    }
}

async function look(page, name, theme, width) {
    const what = `${name}, ${theme}, ${width}`;
    await assertNoBarriers(page, what);
    await assertFits(page, what);
    await page.screenshot({ path: path.join(pictures, `${name}-${theme}-${width}.png`), fullPage: width < 500 });
}

// Each dialog opened, looked at and closed.
async function lookAtDialogs(page, theme, width) {
    for (const action of ["Edit", "Rotate", "Clone", "Deactivate", "Delete"]) {
        await page.getByRole("button", { name: "Actions for Checkout" }).click();
        if (action === "Edit") {
            await look(page, "menu", theme, width);
        }
        await page.getByRole("menuitem", { name: `${action}…` }).click();
        const dialog = page.getByRole("dialog");
        await dialog.waitFor();
        await page.waitForLoadState("networkidle");
        await look(page, `dialog-${action.toLowerCase()}`, theme, width);
        await page.keyboard.press("Escape");
        await dialog.waitFor({ state: "detached" });
    }
}

async function lookAtSecret(page, theme, width) {
    await page.getByRole("main").getByRole("button", { name: "Create API Key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.locator(".error").waitFor();
    await dialog.getByText("Models and IP allowlist").click();
    await look(page, "dialog-create", theme, width);
    await dialog.getByLabel("Name", { exact: true }).fill(`Made ${theme} ${width}`);
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByText("Save this secret").waitFor();
    await look(page, "dialog-secret", theme, width);
    await dialog.getByRole("button", { name: "I have saved it" }).click();
    await page.getByRole("row", { name: new RegExp(`Made ${theme} ${width}`) }).waitFor();
}

(async () => {
    fs.mkdirSync(pictures, { recursive: true });
    fs.writeFileSync(`${process.env.TEST_DIRECTORY}/browser-plans.json`, '{"plans": {"pro": {"per_second": 500, "per_minute": 6000}}}');
    const node = await startDashboard({ http: `api_key_plans ${process.env.TEST_DIRECTORY}/browser-plans.json;` });
    const browser = await openBrowser();
    const account = createAccount("pages");
    apikeyctl("account", "plan", String(account), "pro", "--reference", "first");
    const { key: manager } = createKey(account, "billing", "operations");
    const keys = await fill(node, account, manager);
    const pages = { overview: "", keys: "keys", key: `keys/${keys[0].id}`, "billing-keys": "billing-keys", usage: "usage?range=month", logs: "logs", "logs-empty": "logs?request_id=none", audit: "audit", balance: "balance", missing: "none" };

    for (const theme of ["light", "dark"]) {
        for (const width of [1280, 320]) {
            const page = await openPage(browser, node, { theme, width });

            await test(`sign-in, ${theme}, ${width}`, async () => {
                await page.goto(page.home);
                await page.getByLabel("Billing key").waitFor();
                await look(page, "sign-in", theme, width);
                await signIn(page, manager);
                await settle(page);
            });

            for (const [name, place] of Object.entries(pages)) {
                await test(`${name}, ${theme}, ${width}`, async () => {
                    await goTo(page, place);
                    await look(page, name, theme, width);
                });
            }

            await test(`dialogs, ${theme}, ${width}`, async () => {
                await goTo(page, "keys");
                await lookAtDialogs(page, theme, width);
                await lookAtSecret(page, theme, width);
            });

            await test(`nothing to complain of, ${theme}, ${width}`, () => assert.deepStrictEqual(page.faults, []));
            await page.context().close();
        }
    }

    await test("the theme can be chosen, and is kept", async () => {
        const page = await openPage(browser, node);
        const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
        await signIn(page, manager);
        const light = await ground();
        await page.getByRole("button", { name: /Change to light/ }).click();
        assert.strictEqual(await ground(), light);
        await page.getByRole("button", { name: /Change to dark/ }).click();
        const dark = await ground();
        assert.notStrictEqual(dark, light);
        await page.reload();
        assert.strictEqual(await ground(), dark);
        await page.context().close();
    });

    await test("names with markup, in both directions and of emoji are text, apart from what stands around them", async () => {
        const page = await openPage(browser, node);
        page.on("dialog", () => page.faults.push("a name has run as a script"));
        const { key } = createKey(createAccount("hostile"), "billing", hostile[0]);
        for (const [index, name] of hostile.entries()) {
            await create(node, key, { name, category: name.slice(0, 20).trim(), alias: `${name.slice(0, 40).trim()} ${index}` });
        }
        await signIn(page, key, "#/keys");
        await settle(page);
        for (const name of hostile) {
            const cell = page.locator("tbody th bdi", { hasText: name }).first();
            assert.strictEqual(await cell.textContent(), name);
            await page.getByRole("button", { name: `Actions for ${name}` }).click();
            await page.getByRole("menuitem", { name: "Delete…" }).click();
            const dialog = page.getByRole("dialog");
            assert.strictEqual(await dialog.locator("h2 bdi").textContent(), name);
            await dialog.getByLabel("Type its name to confirm").fill(name);
            assert.ok(await dialog.getByRole("button", { name: "Delete permanently" }).isEnabled());
            await page.keyboard.press("Escape");
            await dialog.waitFor({ state: "detached" });
        }
        for (const place of ["keys", "billing-keys", "audit"]) {
            await goTo(page, place);
            assert.strictEqual(await page.locator("main img, main script, main b").count(), 0);
            await assertNoBarriers(page, place);
            await assertFits(page, place);
        }
        for (const name of hostile) {
            await page.locator("dd bdi", { hasText: name }).first().waitFor();
        }
        assert.deepStrictEqual(page.faults, []);
        await page.context().close();
    });

    await browser.close();
    await node.stop();
    process.exit(finish() ? 0 : 1);
})();
