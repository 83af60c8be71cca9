#!/usr/bin/env node
// The whole life of a key as a person has it, with the mouse: created, used by curl, seen in the logs, at its quota, changed, rotated,
// cloned, disabled, enabled, deleted.
"use strict";

const assert = require("assert");
const fs = require("fs");
const { execFileSync } = require("child_process");
const { apikeyctl, createAccount, createKey, makeTap, until } = require("../lib/gateway.js");
const { curl, findSecret, goTo, openBrowser, openPage, settle, signIn, startDashboard } = require("../lib/browser.js");

const { test, finish } = makeTap();
const minute = new Date(Math.ceil((Date.now() + 3 * 86_400_000) / 60_000) * 60_000);

// gives { status, requestId }
function ask(node, secret, path, ...more) {
    const [status, requestId] = curl(node, secret, path, ...more).split(" ");
    return { status: Number(status), requestId };
}

// What the dialog shows, and that it is gone with it.
async function takeSecret(page) {
    const dialog = page.getByRole("dialog", { name: "Save this secret" });
    const secret = await dialog.getByLabel("The secret", { exact: true }).innerText();
    assert.match(secret, /^m[sk]-[0-9A-Za-z]{38}$/);
    assert.ok(await findSecret(page, secret));
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    assert.ok(await dialog.isVisible(), "only an answer closes it");
    await dialog.getByRole("button", { name: "I have saved it" }).click();
    await dialog.waitFor({ state: "detached" });
    assert.ok(!(await findSecret(page, secret)), "the secret is gone");
    return secret;
}

async function choose(page, name, action) {
    await page.getByRole("button", { name: `Actions for ${name}`, exact: true }).click();
    await page.getByRole("menuitem", { name: action }).click();
    return page.getByRole("dialog");
}

(async () => {
    const node = await startDashboard();
    const browser = await openBrowser();
    const account = createAccount("life");
    apikeyctl("account", "topup", String(account), "--amount", "5", "--reference", "life");
    const { key: manager } = createKey(account, "billing", "operations");
    const page = await openPage(browser, node);
    let secret;
    let requestId;

    await test("a new account begins with an empty list that says what to do", async () => {
        await signIn(page, manager, "#/keys");
        await page.getByText("No API keys yet").waitFor();
        assert.ok(!(await findSecret(page, manager)), "the billing key is not kept");
    });

    await test("a billing key is given a role, which its page shows and its session keeps to", async () => {
        await page.goto(`${node.address}/dashboard/#/billing-keys`);
        await page.getByRole("main").getByRole("button", { name: "Create Billing Key" }).first().click();
        const dialog = page.getByRole("dialog", { name: "Create Billing Key" });
        await dialog.getByText("An owner may create, change and delete every key of the account.").waitFor();
        await dialog.getByLabel("Name", { exact: true }).fill("Finance");
        await dialog.getByLabel("Role").selectOption("Billing viewer");
        await dialog.getByText("Reads balance, transactions and usage").waitFor();
        assert.strictEqual(await dialog.getByText("An owner may create").count(), 0);
        await dialog.getByRole("button", { name: "Create" }).click();
        await page.getByRole("dialog", { name: "Save this secret" }).waitFor();
        await takeSecret(page);
        await page.getByRole("link", { name: "Finance" }).first().click();
        await page.locator("dl.settings").getByText("Billing viewer").waitFor();
        await page.goto(`${node.address}/dashboard/#/keys`);
        await page.getByText("No API keys yet").waitFor();
    });

    await test("a session of a viewer is offered nothing that it may not do", async () => {
        const viewer = apikeyctl("key", "create", "--account", String(account), "--type", "billing", "--prefix", "mk-", "--name", "auditor", "--role", "viewer").key;
        const other = await openPage(browser, node);
        await signIn(other, viewer, "#/billing-keys");
        await other.getByRole("row", { name: /Finance/ }).waitFor();
        assert.strictEqual(await other.getByRole("button", { name: /Create|Actions for|Select/ }).count(), 0);
        assert.strictEqual(await other.getByRole("checkbox").count(), 0);
        assert.strictEqual(await other.getByRole("link", { name: "Security log" }).count(), 1);
        const money = apikeyctl("key", "create", "--account", String(account), "--type", "billing", "--prefix", "mk-", "--name", "books", "--role", "billing_viewer").key;
        const third = await openPage(browser, node);
        await signIn(third, money, "#/balance");
        await third.getByRole("heading", { name: "Balance" }).waitFor();
        assert.deepStrictEqual(await third.getByRole("navigation").getByRole("link").allInnerTexts(), ["Overview", "Usage", "Balance"]);
        await other.close();
        await third.close();
    });

    await test("what the server refuses stands at the field it names, as a sentence", async () => {
        await page.getByRole("main").getByRole("button", { name: "Create API Key" }).first().click();
        const dialog = page.getByRole("dialog", { name: "Create API Key" });
        const refused = async (field, text, sentence) => {
            await dialog.getByLabel(field, { exact: true }).fill(text);
            await dialog.getByRole("button", { name: "Create" }).click();
            const problem = dialog.locator(".field", { has: page.getByLabel(field, { exact: true }) }).locator(".error");
            await problem.getByText(sentence).waitFor();
            assert.ok(await dialog.getByLabel(field, { exact: true }).evaluate((input) => input === document.activeElement), `${field} has the focus`);
        };
        await refused("Name", "", "Name is required");
        await dialog.getByLabel("Name", { exact: true }).fill("Shop");
        await refused("Daily", "many", "Enter a whole number of requests, 1 or more");
        await dialog.getByLabel("Daily").fill("4");
        await refused("Monthly limit", "-1", "Enter an amount, such as 25 or 2.50");
        await dialog.getByLabel("Monthly limit").fill("$2.50");
        await dialog.getByText("Models and IP allowlist").click();
        await refused("IP allowlist", "127.0.0.1\nhere", "Line 2: Not an IP address or CIDR block");
        await dialog.getByLabel("IP allowlist").fill("127.0.0.0/8");
        await dialog.getByLabel("Models").fill("gpt-4o*");
        await dialog.getByLabel("Expires").selectOption("On a date…");
        await refused("Date and time", "2020-01-01T00:00", "This date has passed.");
        await dialog.getByLabel("Date and time").fill(new Date(minute.getTime() - minute.getTimezoneOffset() * 60_000).toISOString().slice(0, 16));
        await dialog.getByLabel("Alias").fill("shop-web");
        await dialog.getByLabel("Category").fill("production");
    });

    await test("the secret is shown once, with curl and the SDKs, and is nowhere when its dialog is closed", async () => {
        await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
        const dialog = page.getByRole("dialog", { name: "Save this secret" });
        const shown = await dialog.getByLabel("The secret", { exact: true }).innerText();
        await dialog.getByRole("button", { name: "Copy the secret" }).click();
        assert.strictEqual(await page.evaluate(() => navigator.clipboard.readText()), shown);
        const examples = [["curl", `curl ${node.address}/v1/models`], ["OpenAI SDK, Python", `base_url="${node.address}/v1"`], ["OpenAI SDK, Node", `baseURL: "${node.address}/v1"`], ["Anthropic SDK, Python", `base_url="${node.address}"`], ["Gemini SDK, Python", `"base_url": "${node.address}"`]];
        for (const [language, says] of examples) {
            await dialog.getByLabel("How to use it").selectOption(language);
            const example = await dialog.getByLabel("The example", { exact: true }).innerText();
            assert.ok(example.includes(says) && example.includes("API_KEY") && !example.includes(shown), language);
        }
        await dialog.getByLabel("How to use it").selectOption("curl");
        const setting = await dialog.getByLabel("The setting", { exact: true }).innerText();
        const line = await dialog.getByLabel("The example", { exact: true }).innerText();
        assert.match(execFileSync("sh", ["-c", `${setting}\n${line} -sS`], { encoding: "utf8" }), /"object":"list"/);
        secret = await takeSecret(page);
        assert.strictEqual(secret, shown);
        const row = page.getByRole("row", { name: /Shop/ });
        assert.match(await row.innerText(), /shop-web[\s\S]*production[\s\S]*Expires soon/);
        assert.ok((await row.innerText()).includes(secret.slice(0, 8)));
    });

    await test("its requests are counted, logged, and found by their ids", async () => {
        const chat = ["-d", '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}', "-H", "Content-Type: application/json"];
        ({ requestId } = ask(node, secret, "/v1/chat/completions", ...chat));
        await until(async () => {
            await goTo(page, `logs?request_id=${requestId}`);
            return page.getByRole("row", { name: /chat\/completions/ }).isVisible();
        });
        const row = page.getByRole("row", { name: /chat\/completions/ });
        assert.match(await row.innerText(), /Shop[\s\S]*POST \/v1\/chat\/completions[\s\S]*200[\s\S]*gpt-4o-mini/);
        await row.getByRole("link", { name: "Shop" }).click();
        await page.getByRole("heading", { name: "Shop" }).waitFor();
        await settle(page);
        await page.getByText("2 / 4").waitFor();
        await page.getByText("gpt-4o*").first().waitFor();
    });

    await test("at its quota it is refused, and its page says so", async () => {
        assert.deepStrictEqual([1, 2, 3].map(() => ask(node, secret).status), [200, 200, 429]);
        await until(async () => {
            await page.reload();
            await settle(page);
            return (await page.getByText("4 / 4").isVisible()) && page.getByRole("img", { name: "Rejected: Quota exceeded 1" }).isVisible();
        });
        assert.match(await page.getByText(/0 left, resets/).innerText(), /resets/);
        await page.getByLabel("Status").selectOption("429");
        await until(async () => (await page.getByRole("region", { name: "Requests", exact: true }).getByRole("row").count()) === 2);
        assert.match(page.url(), /status=429/);
    });

    await test("the log as CSV, with the filters that are set", async () => {
        const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
        const lines = fs.readFileSync(await download.path(), "utf8").trim().split("\r\n");
        assert.strictEqual(lines.length, 2);
        assert.match(lines[0], /^at,keyId,keyName,keyAlias,method,path,status/);
        assert.match(lines[1], /"429","quota_exceeded"/);
        await page.getByLabel("Status").selectOption("Any status");
    });

    await test("live, requests come as they are answered", async () => {
        await page.getByRole("button", { name: "Live" }).click();
        await page.getByText("Watching for new requests").waitFor();
        const { requestId: fresh } = ask(node, secret);
        await page.getByTitle(fresh).waitFor();
        await page.getByRole("button", { name: "Live" }).click();
    });

    await test("its quota is raised, and it is allowed again", async () => {
        await page.getByRole("button", { name: "Edit" }).click();
        const dialog = page.getByRole("dialog");
        assert.strictEqual(await dialog.getByLabel("Daily").inputValue(), "4");
        await dialog.getByLabel("Daily").fill("100");
        await dialog.getByRole("button", { name: "Save" }).click();
        await dialog.waitFor({ state: "detached" });
        assert.strictEqual(ask(node, secret).status, 200);
        await until(async () => (await page.getByText("/ 100").count()) > 0);
    });

    await test("rotated with an overlap both secrets work, rotated at once the old one does not", async () => {
        for (const [overlap, status] of [["In 1 hour", 200], ["Immediately (the secret leaked)", 401]]) {
            await page.getByRole("button", { name: "Rotate" }).click();
            const dialog = page.getByRole("dialog");
            await dialog.getByText(/In the last hour: \d+ requests, \d+ rejected/).waitFor();
            await dialog.getByLabel("Old secret expires").selectOption(overlap);
            await dialog.getByRole("button", { name: "Rotate" }).click();
            const old = secret;
            secret = await takeSecret(page);
            assert.strictEqual(ask(node, secret).status, 200);
            assert.strictEqual(ask(node, old).status, status);
        }
    });

    await test("cloned it has a secret and an alias of its own", async () => {
        await goTo(page, "keys");
        const dialog = await choose(page, "Shop", "Clone…");
        await dialog.getByLabel("Alias").fill("shop-web");
        await dialog.getByRole("button", { name: "Clone" }).click();
        await dialog.getByText("Another key of this account has it.").waitFor();
        await dialog.getByLabel("Alias").fill("shop-app");
        await dialog.getByLabel("Name").fill("Shop app");
        await dialog.getByRole("button", { name: "Clone" }).click();
        const clone = await takeSecret(page);
        assert.strictEqual(ask(node, clone).status, 200);
        assert.match(await page.getByRole("row", { name: /Shop app/ }).innerText(), /production/);
    });

    await test("search and filters stand in the address", async () => {
        await page.getByLabel("Search by name, alias, prefix or ID").fill("shop-app");
        await until(async () => (await page.getByRole("row").count()) === 2);
        assert.match(page.url(), /#\/keys\?q=shop-app/);
        await page.reload();
        await settle(page);
        assert.strictEqual(await page.getByRole("row").count(), 2);
        await page.getByLabel("Status").selectOption("Inactive or expired");
        await page.getByText("No matching keys").waitFor();
        await page.getByRole("button", { name: "Clear filters" }).click();
        await page.getByRole("row", { name: /Shop app/ }).waitFor();
        assert.match(page.url(), /#\/keys$/);
    });

    await test("deactivated it is rejected, activated it is allowed", async () => {
        for (const [action, state, status] of [["Deactivate", "Inactive", 403], ["Activate", "Active", 200]]) {
            const dialog = await choose(page, "Shop app", `${action}…`);
            await dialog.getByText(/last hour/).waitFor();
            await dialog.getByRole("button", { name: action }).click();
            await dialog.waitFor({ state: "detached" });
            await page.getByRole("row", { name: /Shop app/ }).getByText(state).waitFor();
            const app = apikeyctl("key", "list", "--account", String(account)).find((key) => key.name === "Shop app");
            assert.strictEqual(app.active, status === 200);
        }
    });

    await test("deleted by typing its name, with the last hour in view; its requests are still found", async () => {
        const dialog = await choose(page, "Shop", "Delete…");
        await dialog.getByText(/In the last hour: \d+ requests/).waitFor();
        const button = dialog.getByRole("button", { name: "Delete permanently" });
        assert.ok(await button.isDisabled());
        await dialog.getByLabel("Type its name to confirm").fill("shop");
        assert.ok(await button.isDisabled());
        await dialog.getByLabel("Type its name to confirm").fill("Shop");
        await button.click();
        await dialog.waitFor({ state: "detached" });
        await page.getByText("Deleted Shop").waitFor();
        await until(async () => (await page.getByRole("row").count()) === 2);
        assert.strictEqual(ask(node, secret).status, 401);
        await goTo(page, `logs?request_id=${requestId}`);
        await page.getByRole("row", { name: /chat\/completions/ }).getByRole("link").click();
        await page.getByText("It was deleted, or this account never had it.").waitFor();
        await settle(page);
        await page.getByRole("region", { name: "Entries", exact: true }).getByText("key delete").waitFor();
    });

    await test("all of it stands in the security log, whose chain is intact", async () => {
        await goTo(page, "audit");
        await page.getByText("The hash chain is intact").waitFor();
        const text = await page.getByRole("region", { name: "Entries", exact: true }).innerText();
        for (const action of ["key create", "key update", "key rotate", "key clone", "key disable", "key enable", "key delete", "session"]) {
            assert.ok(text.includes(action), action);
        }
        await page.getByLabel("Action", { exact: true }).selectOption("Keys rotated");
        await until(async () => (await page.getByRole("region", { name: "Entries", exact: true }).getByRole("row").count()) === 3);
    });

    await test("what it cost stands in the ledger", async () => {
        await goTo(page, "balance");
        await page.getByRole("row", { name: /top-up/ }).getByText("+$5.00").waitFor();
        await until(async () => {
            await page.reload();
            await settle(page);
            return page.getByRole("row", { name: /usage/ }).isVisible();
        });
    });

    await test("a billing key is made the same way, and signs in", async () => {
        await goTo(page, "billing-keys");
        await page.getByRole("button", { name: "Create Billing Key" }).click();
        await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("second");
        await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
        const other = await takeSecret(page);
        assert.ok(other.startsWith("mk-"));
        const second = await openPage(browser, node);
        await signIn(second, other);
        await second.getByText("second").first().waitFor();
        assert.deepStrictEqual(second.faults, []);
    });

    await test("the browser had nothing to complain of", () => assert.deepStrictEqual(page.faults, []));

    await browser.close();
    await node.stop();
    process.exit(finish() ? 0 : 1);
})();
