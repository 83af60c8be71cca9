#!/usr/bin/env node
// The usage page: what it cost first, by key, model, category and result, in a time of one's own, in UTC or local time, and as CSV.
"use strict";

const assert = require("assert");
const fs = require("fs");
const { apikeyctl, createAccount, createKey, makeTap, until } = require("../lib/gateway.js");
const { assertNoBarriers, goTo, openBrowser, openPage, settle, signIn, startDashboard } = require("../lib/browser.js");

const { test, finish } = makeTap();

(async () => {
    const node = await startDashboard();
    const browser = await openBrowser();
    const account = createAccount("usage");
    apikeyctl("account", "topup", String(account), "--amount", "50", "--reference", "usage");
    const { key: manager } = createKey(account, "billing", "operations");
    const create = async (body) => {
        const answer = await fetch(`${node.address}/api/keys`, { method: "POST", headers: { authorization: `Bearer ${manager}` }, body: JSON.stringify(body) });
        return answer.json();
    };
    const chat = (key, model) =>
        fetch(`${node.address}/v1/chat/completions`, {
            method: "POST",
            headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
            body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
        });
    const busy = await create({ name: "Busy", category: "web" });
    const costly = await create({ name: "Costly", category: "jobs", quotas: { total: 4 } });
    for (let sent = 0; sent < 6; sent++) {
        await chat(busy.key, "gpt-4o-mini");
        await chat(costly.key, "claude-demo");
    }
    const page = await openPage(browser, node, { locale: "en-US", timezoneId: "America/Los_Angeles" });
    await signIn(page, manager, "#/usage");
    const rows = page.getByRole("region", { name: "Usage", exact: true }).locator("tbody tr");
    const names = async () => (await rows.locator("th").allInnerTexts()).map((text) => text.trim());
    const shows = (...expected) => until(async () => assert.deepStrictEqual(await names(), expected) ?? true).catch(async () => assert.deepStrictEqual(await names(), expected));

    await test("keys are in the order of what they cost, with their share", async () => {
        await until(async () => {
            await page.reload();
            await settle(page);
            return /6/.test(await rows.filter({ hasText: "Busy" }).innerText()) && /4\s+2/.test(await rows.filter({ hasText: "Costly" }).innerText());
        });
        await shows("Costly", "Busy");
        assert.match(await rows.first().innerText(), /\$0\.0\d+\s+9\d(\.\d)?%/);
        await page.getByRole("list", { name: "Legend of Credits" }).getByText("Costly").waitFor();
        await page.getByRole("link", { name: "Costly" }).click();
        await page.getByRole("heading", { name: "Costly" }).waitFor();
    });

    await test("by requests, by model, by category and by result", async () => {
        await goTo(page, "usage");
        await page.getByLabel("Group").selectOption("By model");
        await shows("claude-demo", "gpt-4o-mini");
        await page.getByLabel("Measure").selectOption("Requests");
        await shows("gpt-4o-mini", "claude-demo");
        await page.getByLabel("Group").selectOption("By category");
        await page.getByLabel("Measure").selectOption("Credits");
        await shows("jobs", "web", "No category");
        await page.getByLabel("Group").selectOption("By result");
        await shows("OK", "Quota exceeded");
        assert.match(page.url(), /group=result/);
    });

    await test("hours are in the browser's time zone or in UTC, and the plot says so", async () => {
        await goTo(page, "usage");
        await page.getByText(/Times in America\/Los_Angeles/).waitFor();
        await page.getByLabel("Time zone").selectOption("UTC");
        await page.getByText(/Times in UTC/).waitFor();
    });

    await test("a time of one's own, by the minute where it is short; dragging leads to its requests", async () => {
        await page.getByLabel("Time range").selectOption("Custom range…");
        const local = (ms) => new Date(ms - 480 * 60_000).toISOString().slice(0, 16); // in December, Los Angeles is eight hours behind
        await page.getByLabel("From", { exact: true }).fill(local(Date.now() - 30 * 60_000));
        await page.getByText("per minute").waitFor();
        await shows("Costly", "Busy");
        await page.getByLabel("To", { exact: true }).fill(local(Date.now() - 20 * 60_000));
        await page.getByText("No usage in this time").waitFor();
        await goTo(page, "usage");
        const box = await page.locator(".u-over").boundingBox();
        await page.mouse.move(box.x + box.width / 2, box.y + 40);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width - 4, box.y + 40, { steps: 5 });
        await page.mouse.up();
        await page.getByRole("heading", { name: "Logs" }).waitFor();
        assert.match(page.url(), /#\/logs\?last=custom&from=[^&]+&to=/);
        await until(async () => (await page.locator("tbody tr").count()) === 12);
    });

    await test("as CSV", async () => {
        await goTo(page, "usage");
        const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
        const lines = fs.readFileSync(await download.path(), "utf8").trim().split("\r\n");
        assert.strictEqual(lines[0], '"at","key","requests","rejected","inputTokens","outputTokens","credits"');
        assert.ok(lines.some((line) => /"Costly","4","2",/.test(line)) || lines.length > 3, lines.join("\n"));
    });

    await test("no barrier, at both widths", async () => {
        for (const width of [1280, 320]) {
            await page.setViewportSize({ width, height: 800 });
            await goTo(page, "usage?group=model");
            await assertNoBarriers(page, `usage ${width}`);
            const [content, space] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
            assert.ok(content <= space, `${content} wide in ${space}`);
        }
    });

    await test("the browser had nothing to complain of", () => assert.deepStrictEqual(page.faults, []));

    await browser.close();
    await node.stop();
    process.exit(finish() ? 0 : 1);
})();
