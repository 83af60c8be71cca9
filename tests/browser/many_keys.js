#!/usr/bin/env node
// A million keys of one account: pages come as fast as with ten, and a search goes on until it has found what it looks for.
"use strict";

const assert = require("assert");
const { createAccount, createKey, makeTap, startRedis } = require("../lib/gateway.js");
const { openBrowser, openPage, settle, signIn, startDashboard } = require("../lib/browser.js");

const { test, finish } = makeTap();
const many = 1_000_000;
const quick = process.env.ASAN_OPTIONS ? 10_000 : 4000; // ms for a page of 25 keys with their use, on two busy cores

// Copies of one key, by the store itself: made one by one over HTTP they would take many minutes.
const copy = `
    local fields = redis.call('HGETALL', 'ak:{k}:' .. ARGV[1])
    for id = tonumber(ARGV[2]), tonumber(ARGV[3]) do
        for place = 1, #fields, 2 do
            if fields[place] == 'name' then
                fields[place + 1] = 'key number ' .. id
            end
        end
        redis.call('HSET', 'ak:{k}:' .. id, unpack(fields))
        redis.call('ZADD', KEYS[1], id, id)
    end`;

(async () => {
    const redis = await startRedis();
    process.env.APIKEYCTL_REDIS = redis.url;
    const account = createAccount("many");
    const { key } = createKey(account, "billing", "operations");
    const { id } = createKey(account, "proxy", "the first of many");
    const first = id + 1;
    for (let at = first; at < first + many; at += 50_000) {
        redis.cli("EVAL", copy, "1", `ak:{k}:keys:${account}:proxy`, String(id), String(at), String(at + 49_999));
    }
    const node = await startDashboard();
    const browser = await openBrowser();
    const page = await openPage(browser, node);

    // How long it takes until the page shows that key, with its use.
    const shows = async (number, act) => {
        const begin = Date.now();
        await act();
        await page.getByRole("link", { name: `key number ${number}`, exact: true }).waitFor();
        await settle(page);
        return Date.now() - begin;
    };

    await test("the newest are there at once, and so are the ones before", async () => {
        await signIn(page, key, "#/keys");
        const last = first + many - 1;
        const times = [await shows(last, () => page.reload())];
        for (let number = last - 25; number > last - 250; number -= 25) {
            times.push(await shows(number, () => page.getByRole("button", { name: "Older" }).click()));
        }
        assert.ok(Math.max(...times) < quick, `${times} ms`);
    });

    await test("back page by page, and to the newest", async () => {
        await shows(first + many - 1 - 200, () => page.getByRole("button", { name: "Newer" }).click());
        await shows(first + many - 1, () => page.getByRole("button", { name: "Newest" }).click());
        assert.match(page.url(), /#\/keys$/);
    });

    await test("a page in the middle by its address", async () => {
        const time = await shows(first + 499_999, () => page.goto(`${page.home}#/keys?cursor=${first + 500_000}`));
        assert.ok(time < quick, `${time} ms`);
    });

    await test("a search shows that it goes on, and finds the very first key", async () => {
        await page.goto(`${page.home}#/keys`);
        await settle(page);
        await page.getByLabel("Search by name, alias, prefix or ID").fill("the first of many");
        await page.getByText("Looking through the keys…").waitFor();
        await page.getByRole("link", { name: "the first of many" }).waitFor({ timeout: 120_000 });
        await page.getByText("Looking through the keys…").waitFor({ state: "detached", timeout: 120_000 });
    });

    await test("the browser had nothing to complain of", () => assert.deepStrictEqual(page.faults, []));

    await browser.close();
    await node.stop();
    await redis.stop();
    process.exit(finish() ? 0 : 1);
})();
