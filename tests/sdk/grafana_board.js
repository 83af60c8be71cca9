#!/usr/bin/env node
// docs/monitoring/dashboard.json is a board that Grafana takes and people can read: its shape by a schema, its queries by promtool, each panel
// with a description and a unit, none over another.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");
const Ajv = require("ajv/dist/2020").default;
const { makeTap } = require("../lib/gateway.js");

const { test, finish } = makeTap();
const board = JSON.parse(fs.readFileSync(path.join(__dirname, "../../docs/monitoring/dashboard.json"), "utf8"));

// Of Grafana's own (kinds/dashboard, schemaVersion 39): what this board uses.
const text = { type: "string", minLength: 1 };
const datasource = { type: "object", required: ["type", "uid"], properties: { type: { const: "prometheus" }, uid: { const: "${datasource}" } } };
const threshold = { type: "object", required: ["color", "value"], properties: { color: text, value: { type: ["number", "null"] } } };
const target = {
    type: "object",
    required: ["refId", "expr", "datasource"],
    properties: { refId: { pattern: "^[A-Z]$" }, expr: text, datasource, legendFormat: { type: "string" }, instant: { type: "boolean" }, format: { enum: ["time_series", "table", "heatmap"] } },
};
const gridPos = {
    type: "object",
    required: ["h", "w", "x", "y"],
    properties: { h: { type: "integer", minimum: 1 }, w: { type: "integer", minimum: 1, maximum: 24 }, x: { type: "integer", minimum: 0, maximum: 23 }, y: { type: "integer", minimum: 0 } },
};
const common = { id: { type: "integer", minimum: 1 }, title: text, gridPos };
const row = { type: "object", required: ["id", "title", "type", "gridPos", "collapsed", "panels"], properties: { ...common, type: { const: "row" }, panels: { type: "array" } } };
const panel = {
    type: "object",
    required: ["id", "title", "description", "type", "gridPos", "datasource", "fieldConfig", "options", "targets"],
    properties: {
        ...common,
        description: { type: "string", minLength: 20 },
        type: { enum: ["timeseries", "stat", "gauge", "bargauge", "table"] },
        datasource,
        options: { type: "object" },
        targets: { type: "array", minItems: 1, items: target },
        fieldConfig: {
            type: "object",
            required: ["defaults", "overrides"],
            properties: {
                defaults: {
                    type: "object",
                    required: ["unit", "thresholds"],
                    properties: {
                        unit: { enum: ["none", "short", "reqps", "ops", "s", "percentunit"] },
                        thresholds: { type: "object", required: ["mode", "steps"], properties: { mode: { enum: ["absolute", "percentage"] }, steps: { type: "array", minItems: 1, items: threshold } } },
                        mappings: { type: "array", items: { type: "object", required: ["type", "options"], properties: { type: { enum: ["value", "range", "regex", "special"] } } } },
                    },
                },
                overrides: { type: "array", items: { type: "object", required: ["matcher", "properties"] } },
            },
        },
    },
};
const schema = {
    type: "object",
    required: ["title", "uid", "schemaVersion", "panels", "templating", "time"],
    properties: { schemaVersion: { const: 39 }, uid: { type: "string", maxLength: 40 }, panels: { type: "array", minItems: 1, items: { if: { properties: { type: { const: "row" } } }, then: row, else: panel } } },
};
const panels = board.panels.filter(({ type }) => type !== "row");

(async () => {
    await test("its shape is the schema's", () => {
        const check = new Ajv({ allErrors: true, strict: false }).compile(schema);
        assert.ok(check(board), JSON.stringify(check.errors, null, 1));
        assert.strictEqual(new Set(board.panels.map(({ id }) => id)).size, board.panels.length);
    });

    await test("panels stand in rows, and none over another", () => {
        assert.strictEqual(board.panels[0].type, "row");
        const taken = new Map();
        for (const { title, gridPos: { x, y, w, h } } of board.panels) {
            for (let cell = 0; cell < w * h; cell++) {
                const place = `${x + (cell % w)},${y + Math.floor(cell / w)}`;
                assert.ok(!taken.has(place) && x + w <= 24, `${title} and ${taken.get(place)} at ${place}`);
                taken.set(place, title);
            }
        }
    });

    await test("promtool can read each query, and rates go by the interval of the plot", () => {
        const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
        assert.ok(queries.length > 25);
        assert.deepStrictEqual(queries.filter((expr) => /(rate|increase)\(/.test(expr) && !/\[\$__rate_interval\]|\[24h\]/.test(expr)), []);
        const plain = (expr) => expr.replace(/\$__rate_interval/g, "5m").replace(/\$instance/g, ".*");
        const rules = { groups: [{ name: "board", rules: queries.map((expr, index) => ({ record: `board:query${index}`, expr: plain(expr) })) }] };
        const file = path.join(process.env.TEST_DIRECTORY, "board-rules.yaml");
        fs.writeFileSync(file, JSON.stringify(rules));
        execFileSync("promtool", ["check", "rules", file], { stdio: ["ignore", "pipe", "inherit"] });
    });

    process.exit(finish() ? 0 : 1);
})();
