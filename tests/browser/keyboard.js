#!/usr/bin/env node
// A key's life without a mouse: everything is reached by Tab, opened by Enter, closed by Escape, and the focus is never lost.
"use strict";

const assert = require("assert");
const { createAccount, createKey, makeTap, until } = require("../lib/gateway.js");
const { curl, openBrowser, openPage, settle, startDashboard } = require("../lib/browser.js");

const { test, finish } = makeTap();

(async () => {
    const node = await startDashboard();
    const browser = await openBrowser();
    const { key: manager } = createKey(createAccount("keyboard"), "billing", "operations");
    const page = await openPage(browser, node);
    const { keyboard } = page;
    const press = async (...keys) => {
        for (const key of keys) {
            await keyboard.press(key);
        }
    };

    // What has the focus, by the name that a screen reader would say.
    const focused = () =>
        page.evaluate(() => {
            const element = document.activeElement;
            return element.getAttribute("aria-label") || element.labels?.[0]?.innerText || element.innerText || element.tagName;
        });

    const focusIs = async (name) => {
        await until(async () => (await focused()) === name, 3).catch(async () => assert.strictEqual(await focused(), name));
    };

    // Tab by Tab until the element of that name has the focus; it must show that it has.
    const tabTo = async (name, most = 60) => {
        for (let tabs = 0; tabs < most; tabs++) {
            if (String(await focused()).trim().startsWith(name)) {
                const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
                assert.notStrictEqual(outline, "none", `${name} shows its focus`);
                return;
            }
            await press("Tab");
        }
        assert.fail(`Tab does not reach ${name}`);
    };
    const type = (text) => keyboard.type(text);
    const open = (name) => page.getByRole("dialog", { name }).waitFor();
    const closed = () => until(async () => (await page.getByRole("dialog").count()) === 0);
    let secret;

    await test("sign in", async () => {
        await page.goto(`${page.home}#/keys`);
        await page.getByLabel("Billing key").waitFor();
        await focusIs("Billing key");
        await press("Enter");
        await page.getByText("Paste a billing key first.").waitFor();
        await type(manager);
        await press("Enter");
        await page.getByRole("heading", { name: "API Keys", level: 1 }).waitFor();
    });

    await test("a link skips what stands before the page", async () => {
        await page.reload();
        await settle(page);
        await press("Tab");
        await focusIs("Skip to the page");
        await press("Enter");
        assert.strictEqual(await page.evaluate(() => document.activeElement.tagName), "MAIN");
    });

    await test("create", async () => {
        await tabTo("Create API Key");
        await press("Enter");
        await open("Create API Key");
        await focusIs("Name");
        await type("By hand");
        await tabTo("Daily");
        await type("2");
        await press("Enter");
        await open("Save this secret");
        await focusIs("The secret");
        secret = await page.getByLabel("The secret", { exact: true }).innerText();
        await tabTo("I have saved it");
        await press("Enter");
        await closed();
        await focusIs("Create API Key");
    });

    await test("a dialog keeps the focus in, Escape closes it, and the focus is back", async () => {
        await press("Enter");
        await open("Create API Key");
        for (let tabs = 0; tabs < 40; tabs++) {
            await press("Tab");
            assert.ok(await page.evaluate(() => document.activeElement === document.body || document.querySelector("dialog").contains(document.activeElement)));
        }
        await press("Escape");
        await closed();
        await focusIs("Create API Key");
    });

    await test("a menu: arrows, Escape, and back to its button", async () => {
        await page.getByRole("row", { name: /By hand/ }).waitFor();
        await settle(page);
        await tabTo("Actions for By hand");
        await press("Enter");
        await focusIs("Edit…");
        await press("ArrowDown", "ArrowDown");
        await focusIs("Clone…");
        await press("End");
        await focusIs("Delete…");
        await press("ArrowDown");
        await focusIs("Edit…");
        await press("Escape");
        await focusIs("Actions for By hand");
    });

    await test("used with curl to its quota; the requests are found in the logs, the quota in the list", async () => {
        const [, , refused] = [1, 2, 3].map(() => curl(node, secret));
        assert.match(refused, /^429 /);
        await tabTo("Logs");
        await press("Enter");
        await page.getByRole("heading", { name: "Logs" }).waitFor();
        await settle(page);
        await tabTo("Live");
        await press("Enter");
        await page.getByRole("row", { name: /429/ }).waitFor();
        await tabTo("Request ID");
        await type(refused.split(" ")[1]);
        await until(async () => (await page.getByRole("row").count()) === 2);
        await page.getByRole("row").getByText("Quota exceeded").waitFor();
        await tabTo("API Keys");
        await press("Tab");
        await tabTo("API Keys");
        await press("Enter");
        await page.getByText("2 / 2").first().waitFor();
        await settle(page);
        await tabTo("Actions for By hand");
    });

    await test("rotate, deactivate, activate", async () => {
        await press("Enter", "ArrowDown", "Enter");
        await open("Rotate By hand?");
        await tabTo("Old secret expires");
        await press("Home");
        await tabTo("Rotate");
        await press("Enter");
        await open("Save this secret");
        const old = secret;
        secret = await page.getByLabel("The secret", { exact: true }).innerText();
        assert.match(curl(node, old), /^401 /);
        assert.match(curl(node, secret), /^429 /);
        await tabTo("I have saved it");
        await press("Enter");
        await closed();
        for (const verb of ["Deactivate", "Activate"]) {
            await settle(page);
            await focusIs("Actions for By hand");
            await press("Enter", "ArrowDown", "ArrowDown", "ArrowDown");
            await focusIs(`${verb}…`);
            await press("Enter");
            await open(`${verb} By hand?`);
            await tabTo(verb);
            await press("Enter");
            await closed();
            await page.getByRole("row", { name: /By hand/ }).getByText(verb === "Deactivate" ? "Inactive" : "Active").waitFor();
            assert.match(curl(node, secret), verb === "Deactivate" ? /^403 / : /^429 /);
        }
    });

    await test("to its page: the heading has the focus", async () => {
        await page.getByRole("link", { name: "By hand" }).focus();
        await press("Enter");
        await settle(page);
        await until(async () => (await focused()).startsWith("By hand"));
    });

    await test("delete; the focus goes where something is", async () => {
        await tabTo("Actions for By hand");
        await press("Enter", "End", "Enter");
        await open("Delete By hand?");
        await focusIs("Type its name to confirm");
        await type("By hand");
        await press("Enter");
        await closed();
        await page.getByText("It was deleted").waitFor();
        assert.match(curl(node, secret), /^401 /);
        assert.notStrictEqual(await focused(), "BODY");
    });

    await test("sign out", async () => {
        await tabTo("Sign out", 200);
        await press("Enter");
        await page.getByText("You are signed out.").waitFor();
        await focusIs("Billing key");
    });

    await test("the browser had nothing to complain of", () => assert.deepStrictEqual(page.faults, []));

    await browser.close();
    await node.stop();
    process.exit(finish() ? 0 : 1);
})();
