#!/usr/bin/env node
// How long a balance lasts, as the dashboard computes it: its own source, without a browser.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const path = require("path");
const { makeTap } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const root = path.join(__dirname, "../..");
const bundled = path.join(process.env.TEST_DIRECTORY, "forecast.js");
execFileSync(path.join(process.env.API_KEY_BUILD, "dashboard-packages/node_modules/.bin/esbuild"),
    [path.join(root, "dashboard/src/money/forecast.ts"), "--bundle", "--format=cjs", "--log-level=warning", `--outfile=${bundled}`]);
const { forecastOf } = require(bundled);

const now = Date.parse("2026-11-16T12:00:00Z");
const usage = (day, amount) => ({ type: "usage", amount: `-${amount}`, createdAt: `2026-11-${day}T10:00:00Z` });
const topup = { type: "topup", amount: "100.000000", createdAt: "2026-11-01T00:00:00Z" };

(async () => {
    const rows = [
        ["nothing was spent", [topup], false, undefined],
        ["today alone is no complete day", [usage(16, "5.000000")], false, undefined],
        ["the average of the last seven days, two keys on one of them", [usage(16, "9.000000"), usage(15, "3.000000"), usage(15, "4.000000"), usage(10, "7.000000"), topup], false,
            { perDay: 2, overDays: 7, lastsDays: 10, monthSoFar: 23, wholeMonth: 23 + 2 * 14.5 }],
        ["days before those count for the month only", [usage(15, "7.000000"), usage("08", "70.000000"), topup], false,
            { perDay: 1, overDays: 7, lastsDays: 20, monthSoFar: 77, wholeMonth: 77 + 14.5 }],
        ["an account that began two days ago", [usage(15, "4.000000"), usage(14, "4.000000")], false, { perDay: 4, overDays: 2, lastsDays: 5, monthSoFar: 8, wholeMonth: 8 + 4 * 14.5 }],
        ["the oldest day may go on with the next page", [usage(15, "4.000000"), usage(14, "1.000000")], true, { perDay: 4, overDays: 1, lastsDays: 5, monthSoFar: 5, wholeMonth: 5 + 4 * 14.5 }],
    ];
    for (const [name, entries, hasMore, expected] of rows) {
        await test(name, () => assert.deepStrictEqual(forecastOf(entries, hasMore, 20, now), expected));
    }
    await test("a balance below zero lasts no day", () => assert.strictEqual(forecastOf([usage(15, "4.000000")], false, -3, now).lastsDays, 0));
    process.exit(finish() ? 0 : 1);
})();
