// The same as read.py, as applications in Node do.
"use strict";

const fs = require("fs");

const fold = (name) => name.toLowerCase().replace(/\u017f/g, "s").replace(/\u212a/g, "k");

function last(object, wanted, otherwise = null) {
    const found = Object.entries(object).filter(([name, value]) => value !== null && fold(name) === wanted);
    return found.length === 0 ? otherwise : found[found.length - 1][1];
}

function lookAtJson(body, expected) {
    let object;
    try {
        object = JSON.parse(body.toString("utf8"));
    } catch {
        return;
    }
    const read = [last(object, "model"), last(object, "max_tokens"), last(object, "n", 1)];
    if (JSON.stringify(read) !== JSON.stringify(expected)) {
        console.log(`json: ${JSON.stringify(read)}, not ${JSON.stringify(expected)}: ${body}`);
    }
}

async function lookAtForm(type, body, model) {
    let form;
    try {
        form = await new Response(body, { headers: { "content-type": type } }).formData();
    } catch {
        return;
    }
    const models = [...form].filter(([name]) => fold(name) === "model").map(([, value]) => value);
    const read = models.length === 0 ? null : models[models.length - 1];
    if (read !== model) {
        console.log(`form: ${read}, not ${model}: ${body}`);
    }
}

async function main() {
    const bytes = (hex) => Buffer.from(hex, "hex");
    for (const line of fs.readFileSync(process.argv[2], "ascii").trimEnd().split("\n")) {
        const [kind, type, body, model, most, answers] = line.split("\t");
        const expected = [model === "-" ? null : bytes(model).toString("utf8"), ...[most, answers].map((text) => (text === "-" ? null : Number(text)))];
        if (kind === "json") {
            lookAtJson(bytes(body), expected);
        } else {
            await lookAtForm(bytes(type).toString("latin1"), bytes(body), expected[0]);
        }
    }
}

main();
