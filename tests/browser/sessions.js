#!/usr/bin/env node
// Who is signed in and who no longer is; accounts that do not see each other; what is said when the server cannot answer.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const { apikeyctl, createAccount, createKey, makeTap, startRedis, until } = require("../lib/gateway.js");
const { goTo, openBrowser, openPage, settle, signIn, startDashboard } = require("../lib/browser.js");

const { test, finish } = makeTap();

(async () => {
    const redis = await startRedis();
    process.env.APIKEYCTL_REDIS = redis.url;
    const node = await startDashboard();
    const browser = await openBrowser();
    const accounts = ["left", "right"].map((name) => {
        const id = createAccount(name);
        return { name, id, manager: createKey(id, "billing", `manager of ${name}`), own: createKey(id, "proxy", `only of ${name}`) };
    });
    const [left, right] = accounts;

    await test("a wrong key does not sign in, and says why", async () => {
        const page = await openPage(browser, node);
        await page.goto(page.home);
        for (const [text, says] of [["nonsense", "not known here"], [left.own.key, "This is an API key. Sign in with a billing key"]]) {
            await page.getByLabel("Billing key").fill(text);
            await page.getByRole("button", { name: "Sign in" }).click();
            await page.locator(".error", { hasText: says }).waitFor();
        }
        await page.context().close();
    });

    await test("the cookie is out of reach of scripts, and nothing else is kept", async () => {
        const page = await openPage(browser, node);
        await signIn(page, left.manager.key);
        const [cookie, ...more] = await page.context().cookies();
        assert.ok(cookie.httpOnly && cookie.sameSite === "Strict" && more.length === 0);
        assert.strictEqual(await page.evaluate(() => document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)), "{}{}");
        await page.context().close();
    });

    await test("two accounts do not see each other's keys, logs or changes", async () => {
        const pages = [];
        for (const { manager } of accounts) {
            const page = await openPage(browser, node);
            await signIn(page, manager.key);
            pages.push(page);
        }
        for (const [index, page] of pages.entries()) {
            const mine = accounts[index];
            const other = accounts[1 - index];
            await fetch(`${node.address}/v1/models`, { headers: { authorization: `Bearer ${mine.own.key}` } });
            for (const place of ["", "keys", "billing-keys", "logs", "audit", "balance", `keys/${other.own.id}`, `billing-keys/${other.manager.id}`]) {
                await goTo(page, place);
                const text = await page.locator("body").innerText();
                assert.ok(!text.includes(other.name), `${mine.name} sees ${other.name} at ${place}`);
            }
            await page.getByText("or this account never had it").waitFor();
            await goTo(page, "keys");
            await page.getByRole("link", { name: mine.own.name ?? `only of ${mine.name}` }).waitFor();
        }
        await Promise.all(pages.map((page) => page.context().close()));
    });

    await test("a session that has ended leads to the sign-in, and back to where one was", async () => {
        const page = await openPage(browser, node);
        await signIn(page, left.manager.key);
        await goTo(page, "logs?status=4xx");
        await page.context().clearCookies();
        await page.getByLabel("Result").selectOption("OK");
        await page.getByText("Your session has ended.").waitFor();
        await page.getByLabel("Billing key").fill(left.manager.key);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("heading", { name: "Logs" }).waitFor();
        assert.match(page.url(), /#\/logs\?status=4xx&result=ok$/);
        assert.strictEqual(await page.getByLabel("Status").inputValue(), "4xx");
        await page.context().close();
    });

    await test("so does a form whose session has ended meanwhile", async () => {
        const page = await openPage(browser, node);
        await signIn(page, left.manager.key, "#/billing-keys");
        await settle(page);
        await page.getByRole("button", { name: /^Create/ }).click();
        await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Too late");
        await page.context().clearCookies();
        await page.getByRole("dialog").getByRole("button", { name: /^Create/ }).click();
        await page.getByText("Your session has ended.").waitFor();
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await page.getByLabel("Billing key").fill(left.manager.key);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("heading", { name: "Billing Keys" }).waitFor();
        assert.strictEqual(await page.getByRole("dialog").count(), 0);
        await page.context().close();
    });

    await test("a session ends with its key", async () => {
        const spare = createKey(left.id, "billing", "spare");
        const page = await openPage(browser, node);
        await signIn(page, spare.key, "#/billing-keys");
        await settle(page);
        await page.getByRole("button", { name: "Actions for spare" }).click();
        await page.getByRole("menuitem", { name: "Deactivate…" }).click();
        await page.getByText("You are signed in with this key: this signs you out.").waitFor();
        await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
        await page.getByText("Your session has ended.").waitFor();
        assert.strictEqual(await page.getByRole("dialog").count(), 0);
        await page.context().close();
    });

    await test("whoever rotates the own key still sees the new secret", async () => {
        const spare = createKey(left.id, "billing", "turning");
        const page = await openPage(browser, node);
        await signIn(page, spare.key, "#/billing-keys");
        await settle(page);
        await page.getByRole("button", { name: "Actions for turning" }).click();
        await page.getByRole("menuitem", { name: "Rotate…" }).click();
        await page.getByLabel("Old secret expires").selectOption("Immediately (the secret leaked)");
        await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
        const secret = await page.getByLabel("The secret", { exact: true }).innerText();
        await page.getByRole("button", { name: "I have saved it" }).click();
        await page.getByText("Your session has ended.").waitFor();
        await page.getByLabel("Billing key").fill(secret);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("row", { name: /turning/ }).waitFor();
        await page.context().close();
    });

    await test("signing out ends the session on the server too", async () => {
        const page = await openPage(browser, node);
        await signIn(page, right.manager.key);
        const cookies = await page.context().cookies();
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.getByText("You are signed out.").waitFor();
        await page.context().addCookies(cookies);
        await page.reload();
        await page.getByLabel("Billing key").waitFor();
        await page.context().close();
    });

    await test("a security log that is not what was written is told as one", async () => {
        const page = await openPage(browser, node);
        await signIn(page, right.manager.key, "#/audit");
        await page.getByText("The hash chain is intact").waitFor();
        redis.cli("XDEL", `ak:{k}:audit:${right.id}`, "2-0");
        await page.getByRole("button", { name: "Verify again" }).click();
        await page.getByText("The hash chain is broken").waitFor();
        await page.getByText(/entry 2 is missing/i).waitFor();
        await page.context().close();
    });

    await test("without the store: a sentence and a way to try again; nothing is lost in a form", async () => {
        const page = await openPage(browser, node);
        await signIn(page, left.manager.key, "#/keys");
        await settle(page);
        await page.getByRole("main").getByRole("button", { name: /^Create/ }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel("Name", { exact: true }).fill("Survivor");
        redis.signal("SIGSTOP");
        await dialog.getByRole("button", { name: /^Create/ }).click();
        await dialog.getByText(/cannot reach its key store/).waitFor({ timeout: 20_000 });
        await page.keyboard.press("Escape");
        await dialog.getByRole("button", { name: "Discard" }).click();
        await page.goto(`${page.home}#/balance`);
        await page.getByText(/cannot reach its key store/).first().waitFor({ timeout: 20_000 });
        redis.signal("SIGCONT");
        await until(async () => (await fetch(`${node.address}/api/balance`, { headers: { authorization: `Bearer ${left.manager.key}` } })).ok);
        await until(async () => {
            const again = page.getByRole("button", { name: "Try again" }).first();
            if (await again.isVisible()) {
                await again.click({ timeout: 1000 });
                await settle(page);
            }
            return page.getByText("No transactions yet").isVisible();
        }, 20);
        await page.context().close();
    });

    await test("a node that does not confirm a change is named", async () => {
        const other = await startDashboard();
        await until(() => redis.cli("hlen", "ak:{k}:nodes") === "2");
        const page = await openPage(browser, node);
        await signIn(page, left.manager.key, `#/keys/${left.own.id}`);
        await settle(page);
        const workers = execFileSync("pgrep", ["-P", String(other.pid)], { encoding: "utf8" }).trim().split("\n").map(Number);
        workers.forEach((pid) => process.kill(pid, "SIGSTOP"));
        await page.getByRole("main").getByRole("button", { name: "Edit" }).click();
        await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("renamed meanwhile");
        await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
        await page.getByText(/these nodes have not confirmed the change/).waitFor();
        workers.forEach((pid) => process.kill(pid, "SIGCONT"));
        await page.context().close();
        await other.stop();
    });

    await test("when nobody answers, that is said; a repetition does not create twice", async () => {
        const page = await openPage(browser, node);
        await signIn(page, left.manager.key, "#/keys");
        await settle(page);
        await page.getByRole("main").getByRole("button", { name: /^Create/ }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel("Name", { exact: true }).fill("Only once");
        let lost = 0;
        await page.route("**/api/keys", async (route) => {
            if (route.request().method() === "POST" && lost++ === 0) {
                await route.fetch();
                return route.abort();
            }
            return route.continue();
        });
        await dialog.getByRole("button", { name: /^Create/ }).click();
        await dialog.getByText(/did not answer/).waitFor();
        await dialog.getByRole("button", { name: /^Create/ }).click();
        await page.getByRole("button", { name: "I have saved it" }).click();
        await settle(page);
        assert.strictEqual(apikeyctl("key", "list", "--account", String(left.id)).filter((key) => key.name === "Only once").length, 1);
        await page.context().close();
    });

    await test("an answer that makes no sense is told as one", async () => {
        const page = await openPage(browser, node);
        await signIn(page, left.manager.key);
        await page.route("**/api/logs*", (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<html>" }));
        await goTo(page, "logs");
        await page.getByRole("alert").getByText("could not make sense").waitFor();
        await page.context().close();
    });

    await browser.close();
    await node.stop();
    await redis.stop();
    process.exit(finish() ? 0 : 1);
})();
