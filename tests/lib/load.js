// Many requests at once, counted by their status.
"use strict";

const http = require("http");

// Sends `count` requests to each address, `connections` at a time each. gives { 200: n, 429: m, error: k }
async function load(addresses, path, key, count, connections = 32) {
    const statuses = {};
    const note = (status) => {
        statuses[status] = (statuses[status] ?? 0) + 1;
    };
    const runs = addresses.map(async (address) => {
        const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
        let left = count;
        const lane = async () => {
            while (left > 0) {
                left--;
                note(await status(`${address}${path}`, key, agent));
            }
        };
        await Promise.all(Array.from({ length: connections }, lane));
        agent.destroy();
    });
    await Promise.all(runs);
    return statuses;
}

// The status of one request; "error" when there was no answer.
function status(url, key, agent) {
    return new Promise((resolve) => {
        const request = http.get(url, { agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
            response.resume();
            response.on("end", () => resolve(response.statusCode));
            response.on("error", () => resolve("error"));
        });
        request.on("error", () => resolve("error"));
    });
}

module.exports = { load, status };
