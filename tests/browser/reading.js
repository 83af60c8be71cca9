#!/usr/bin/env node
// What people read and type: money and dates of another language and time zone, keys by their names and ids, what is wrong with a form, the
// order of lists, on a small screen too.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const { apikeyctl, createAccount, createKey, makeTap, until } = require("../lib/gateway.js");
const { curl, goTo, openBrowser, openPage, settle, signIn, startDashboard } = require("../lib/browser.js");

const { test, finish } = makeTap();
const day = 86_400_000;

(async () => {
    const node = await startDashboard({ http: "api_key_type live prefix=ml-;" });
    const browser = await openBrowser();
    const account = createAccount("Reading Ltd");
    apikeyctl("account", "topup", String(account), "--amount", "3032.08", "--reference", "inv-1");
    const { key: manager, id: managerId } = createKey(account, "billing", "operations");

    const call = async (method, path, body) => {
        const answer = await fetch(`${node.address}/api/${path}`, { method, headers: { authorization: `Bearer ${manager}` }, body: body && JSON.stringify(body) });
        assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
        return answer.status === 204 ? undefined : answer.json();
    };
    const create = (body) => call("POST", "keys", { type: "proxy", ...body });
    const chat = (key, model) =>
        fetch(`${node.address}/v1/chat/completions`, {
            method: "POST",
            headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
            body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
        });

    const cheap = await create({ name: "Cheap", alias: "cheap-one" });
    const costly = await create({ name: "Costly", quotas: { daily: 12_000 } });
    const idle = await create({ name: "Idle" });
    await chat(cheap.key, "gpt-4o-mini");
    for (let sent = 0; sent < 3; sent++) {
        await chat(costly.key, "claude-demo");
    }
    await until(async () => (await call("GET", "keys?usage=true")).keys.filter(({ usage }) => Number(usage.spend.used) > 0).length === 2);

    const page = await openPage(browser, node, { locale: "en-US" });
    await signIn(page, manager, "#/keys");
    await settle(page);

    await test("money is written as the language has it", async () => {
        const german = await openPage(browser, node, { locale: "de-DE" });
        await signIn(german, manager, "#/balance");
        await german.getByRole("row", { name: /top-up/ }).getByText("+3.032,08\u00a0$").waitFor();
        await goTo(page, "balance");
        await page.getByRole("row", { name: /top-up/ }).getByText("+$3,032.08").waitFor();
        await german.context().close();
    });

    await test("and is read so: groups of thousands, the language's comma, a currency sign", async () => {
        for (const [locale, requests, money] of [["de-DE", "12.000", "1.234,5 €"], ["en-US", "12,000", "$1,234.50"]]) {
            const other = await openPage(browser, node, { locale });
            await signIn(other, manager, "#/keys");
            await settle(other);
            await other.getByRole("button", { name: "Create API Key" }).click();
            const dialog = other.getByRole("dialog");
            await dialog.getByLabel("Name", { exact: true }).fill(`Typed ${locale}`);
            await dialog.getByLabel("Weekly").fill(requests);
            await dialog.getByLabel("Monthly limit").fill(money);
            await dialog.getByRole("button", { name: "Create" }).click();
            await other.getByRole("button", { name: "I have saved it" }).click();
            const made = (await call("GET", `keys?q=Typed+${locale}`)).keys[0];
            assert.deepStrictEqual([made.quotas.weekly, made.monthlyLimit], [12_000, "1234.500000"], locale);
            await other.goto(`${other.home}#/keys/${made.id}`);
            await settle(other);
            await other.getByRole("button", { name: "Edit" }).click();
            assert.strictEqual(await dialog.getByLabel("Monthly limit").inputValue(), locale === "de-DE" ? "1234,5" : "1234.5");
            await dialog.getByRole("button", { name: "Save" }).click();
            await dialog.waitFor({ state: "detached" });
            assert.strictEqual((await call("GET", `keys/${made.id}`)).monthlyLimit, "1234.500000", "saved as it was");
            await call("DELETE", `keys/${made.id}`);
            await other.context().close();
        }
    });

    await test("a day's bar has the date of the day in UTC, wherever one is", async () => {
        const number = Math.floor(Date.now() / day) - 3;
        execFileSync("redis-cli", ["-s", process.env.TEST_REDIS_SOCKET, "HINCRBY", `ak:{k}:use:${account}:category:day:${number}`, "n:", "77"]);
        const away = await openPage(browser, node, { locale: "en-US", timezoneId: "America/Los_Angeles" });
        await signIn(away, manager, "#/?range=month");
        await settle(away);
        const plot = away.locator("figure", { hasText: "Requests" }).first();
        await plot.getByText("Days in UTC").waitFor();
        await plot.getByText("As a table").click();
        const date = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" }).format(number * day);
        await plot.getByRole("row", { name: `${date} 77` }).waitFor();
        await away.goto(`${away.home}#/?range=day`);
        await away.getByText("Times in America/Los_Angeles").first().waitFor();
        await away.context().close();
    });

    await test("a key's id is shown and copied, in the list and on its page", async () => {
        await goTo(page, "keys");
        await page.getByRole("row", { name: /Cheap/ }).getByRole("button", { name: `Copy the ID ${cheap.id}` }).click();
        assert.strictEqual(await page.evaluate(() => navigator.clipboard.readText()), String(cheap.id));
        await goTo(page, `keys/${costly.id}`);
        await page.getByText(`ID ${costly.id}`, { exact: true }).waitFor();
    });

    await test("a key is found by its prefix and its id; a secret that was pasted does not get into the address", async () => {
        await goTo(page, "keys");
        const search = page.getByLabel("Search by name, alias, prefix or ID");
        for (const text of [costly.key.slice(0, 8), String(costly.id), costly.key]) {
            await search.fill(text);
            await until(async () => (await page.getByRole("row").count()) === 2 && page.getByRole("link", { name: "Costly" }).isVisible());
            assert.ok(!page.url().includes(costly.key));
            await search.fill("");
            await page.getByRole("link", { name: "Cheap" }).waitFor();
        }
    });

    await test("keys are sorted by what they cost, and those never used are found", async () => {
        await goTo(page, "keys");
        await page.getByRole("button", { name: "Credits" }).click();
        const rows = page.locator("tbody tr");
        await until(async () => /Costly/.test(await rows.nth(0).innerText()) && /Cheap/.test(await rows.nth(1).innerText()));
        assert.match(page.url(), /sort=credits/);
        await page.getByLabel("Show").selectOption("Never used");
        await until(async () => (await rows.count()) === 1 && /Idle/.test(await rows.nth(0).innerText()));
        await page.getByText("1 key", { exact: true }).waitFor();
    });

    await test("several keys are changed at once, after one question", async () => {
        const extra = [await create({ name: "Old 1" }), await create({ name: "Old 2" })];
        await goTo(page, "keys");
        for (const name of ["Old 1", "Old 2"]) {
            await page.getByLabel(`Select ${name}`).check();
        }
        await page.getByRole("button", { name: "Set category" }).click();
        const dialog = page.getByRole("dialog", { name: "Set category: 2 keys?" });
        await dialog.getByLabel("Category").fill("legacy");
        await dialog.getByRole("button", { name: "Set category" }).click();
        await dialog.waitFor({ state: "detached" });
        assert.strictEqual((await call("GET", "keys?category=legacy")).keys.length, 2);
        await page.getByLabel("Select Old 1").check();
        await page.getByLabel("Select Old 2").check();
        await page.getByRole("group", { name: "Selected keys" }).getByRole("button", { name: "Delete" }).click();
        const remove = page.getByRole("dialog");
        assert.ok(await remove.getByRole("button", { name: "Delete" }).isDisabled());
        await remove.getByLabel("Type the number of keys to confirm").fill("2");
        await remove.getByRole("button", { name: "Delete" }).click();
        await remove.waitFor({ state: "detached" });
        assert.deepStrictEqual((await call("GET", "keys?category=legacy")).keys, []);
        assert.ok(extra.every(({ key }) => curl(node, key).startsWith("401")));
    });

    await test("the log is filtered by a key's name, by its model and its result", async () => {
        await goTo(page, "logs");
        const picker = page.getByLabel("Key: name or ID");
        await picker.fill("chea");
        await page.locator(`option[value="Cheap · cheap-one (ID ${cheap.id})"]`).waitFor({ state: "attached" });
        await picker.fill(`Cheap · cheap-one (ID ${cheap.id})`);
        await until(async () => (await page.locator("tbody tr").count()) === 1);
        assert.match(page.url(), new RegExp(`key=${cheap.id}$`));
        await until(async () => (await picker.inputValue()) === `Cheap (ID ${cheap.id})`);
        await page.getByRole("button", { name: "Clear", exact: true }).click();
        await page.getByRole("button", { name: "Filters" }).click();
        await page.getByLabel("Model").fill("claude-demo");
        await until(async () => (await page.locator("tbody tr").count()) === 3);
        await page.getByLabel("Result").selectOption("Quota exceeded");
        await page.getByText("No matching requests").waitFor();
    });

    await test("a request's id is below its endpoint; a click shows all that is known of it", async () => {
        await goTo(page, `logs?key=${costly.id}`);
        const cell = page.locator("tbody th").first();
        const path = await cell.locator("code").first().boundingBox();
        const id = await cell.locator(".id").boundingBox();
        assert.ok(id.y >= path.y + path.height - 2, "on a line of its own");
        await cell.getByRole("button", { name: "POST /v1/chat/completions" }).click();
        const dialog = page.getByRole("dialog");
        assert.match(await dialog.innerText(), /Request ID[\s\S]*Costly[\s\S]*Time to first byte[\s\S]*claude-demo[\s\S]*Output tokens/);
        await page.keyboard.press("Escape");
    });

    await test("a page of the log is in the order of time", async () => {
        await page.route("**/api/logs*", async (route) => {
            const answer = await (await route.fetch()).json();
            await route.fulfill({ json: { ...answer, logs: answer.logs.reverse() } });
        });
        await goTo(page, "logs");
        const times = await page.locator("tbody time").evaluateAll((all) => all.map((one) => one.dateTime));
        assert.ok(times.length > 2);
        assert.deepStrictEqual(times, times.toSorted().reverse());
        await page.unroute("**/api/logs*");
    });

    await test("a wrong filter is told once, at its field, live or not", async () => {
        await goTo(page, "logs?status=999");
        await page.getByRole("button", { name: "Live" }).click();
        await page.locator(".field", { has: page.getByLabel("Status") }).getByText(/Expected one, such as 404/).waitFor();
        assert.strictEqual(await page.getByText(/Expected one, such as 404/).count(), 1);
    });

    await test("what is wrong with a form is told at once, at each field, and it is not thrown away unasked", async () => {
        await goTo(page, "keys");
        await page.getByRole("button", { name: "Create API Key" }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByText("Models and IP allowlist").click();
        await dialog.getByLabel("Models").fill("gpt-4o\ngpt 4o");
        await dialog.getByLabel("IP allowlist").fill("10.0.0.999");
        await dialog.getByRole("button", { name: "Create" }).click();
        for (const sentence of ["Name is required", "Line 2: A model name has no spaces", "Line 1: Not an IP address or CIDR block"]) {
            await dialog.getByText(sentence).waitFor();
        }
        await page.keyboard.press("Escape");
        await dialog.getByText("Discard what you have entered?").waitFor();
        await dialog.getByRole("button", { name: "Keep editing" }).click();
        assert.strictEqual(await dialog.getByLabel("IP allowlist").inputValue(), "10.0.0.999");
        await dialog.getByRole("button", { name: "Close" }).click();
        await dialog.getByRole("button", { name: "Discard" }).click();
        await dialog.waitFor({ state: "detached" });
    });

    await test("a key has the type that was chosen, and its alias where it has no name", async () => {
        await page.getByRole("button", { name: "Create API Key" }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel("Type").selectOption("proxy (ms-…)");
        await dialog.getByLabel("Alias").fill("by-alias");
        await dialog.getByRole("button", { name: "Create" }).click();
        assert.match(await page.getByLabel("The secret", { exact: true }).innerText(), /^ms-/);
        await page.getByRole("button", { name: "I have saved it" }).click();
        await page.getByText("Key created.").waitFor();
        assert.strictEqual((await call("GET", "keys?q=by-alias")).keys[0].name, "by-alias");
    });

    await test("a key in use keeps its old secret for a day unless it leaked", async () => {
        for (const [id, overlap] of [[costly.id, "In 24 hours"], [idle.id, "Immediately (the secret leaked)"]]) {
            await goTo(page, `keys/${id}`);
            await page.getByRole("button", { name: "Rotate" }).click();
            assert.strictEqual(await page.getByLabel("Old secret expires").locator("option:checked").innerText(), overlap);
            await page.keyboard.press("Escape");
        }
    });

    await test("a page takes at most three calls of the API, and none fails", async () => {
        await goTo(page, "audit");
        const calls = [];
        page.on("response", (answer) => answer.url().includes("/api/") && calls.push(`${answer.status()} ${answer.url()}`));
        for (const place of ["", "keys", `keys/${costly.id}`, "billing-keys", `billing-keys/${managerId}`, "logs", "audit", "balance"]) {
            calls.length = 0;
            await goTo(page, place);
            assert.ok(calls.length <= 3 && calls.length > 0 && calls.every((one) => one.startsWith("200 ")), `${place}: ${calls.join("\n")}`);
        }
        await goTo(page, "audit");
        await page.locator("tbody").getByRole("link", { name: "operations" }).first().waitFor();
        await goTo(page, "balance");
        await page.locator("tbody").getByRole("link", { name: "Costly" }).first().waitFor();
        await page.getByText("Reading Ltd").waitFor();
    });

    await test("a plot has a tooltip, its unit, and the reasons of what was rejected", async () => {
        const tight = await create({ name: "Tight", quotas: { total: 1 }, allowedIps: ["127.0.0.1"] });
        [1, 2].forEach(() => curl(node, tight.key));
        await call("PATCH", `keys/${tight.id}`, { allowedIps: ["192.0.2.1"] });
        curl(node, tight.key);
        await until(async () => {
            await goTo(page, `keys/${tight.id}`);
            return page.getByRole("img", { name: /^Rejected: .*IP not allowed 1/ }).isVisible();
        });
        const legend = await page.getByRole("list", { name: "Legend of Rejected" }).innerText();
        assert.match(legend, /Quota exceeded/);
        const plot = page.locator("figure", { hasText: "Requests" }).first();
        await plot.getByText("per hour").waitFor();
        await plot.getByText(/the last hour, hatched, is not over/).waitFor();
        const box = await plot.locator(".u-over").boundingBox();
        await page.mouse.move(box.x + box.width - 10, box.y + box.height / 2);
        await plot.locator(".tooltip").getByText("1", { exact: true }).waitFor();
    });

    await test("at 390 pixels rows are cards with their titles, and filters wait behind a button", async () => {
        const small = await openPage(browser, node, { width: 390, height: 844 });
        await signIn(small, manager, "#/logs");
        await settle(small);
        assert.ok(await small.getByLabel("Status").isHidden());
        const status = await small.locator("tbody tr").first().locator(".badge").boundingBox();
        assert.ok(status.x + status.width <= 390 && status.y < 844, "a row's status is in view");
        await small.getByRole("button", { name: "Filters" }).click();
        await small.getByLabel("Status").selectOption("4xx client error");
        await small.getByRole("button", { name: "Filters (1)" }).waitFor();
        await goTo(small, "balance");
        const amount = await small.locator("tbody tr").first().locator("td").last().boundingBox();
        assert.ok(amount.x + amount.width <= 390);
        const titles = await small.locator("tbody tr").first().locator("td").evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell, "::before").content));
        assert.deepStrictEqual(titles, ['"Time"', '"For"', '"Credits"']);
        await small.context().close();
    });

    await test("the browser had nothing to complain of", () => assert.deepStrictEqual(page.faults, []));

    await browser.close();
    await node.stop();
    process.exit(finish() ? 0 : 1);
})();
