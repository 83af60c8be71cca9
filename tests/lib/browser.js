// For tests in a browser: Debian's Chromium before a gateway that serves the dashboard, and what a person does there.
"use strict";

const assert = require("assert");
const path = require("path");
const { execFileSync } = require("child_process");
const { chromium } = require("playwright-core");
const { startGateway } = require("./gateway.js");

const root = path.resolve(__dirname, "../..");
const dashboard = path.join(process.env.API_KEY_BUILD, "dashboard");
const axe = require.resolve("axe-core/axe.min.js");

// The management API and the dashboard, below a path or not.
function locations(below = "") {
    return `
        location /v1/ { api_key proxy; api_key_meter openai; proxy_pass http://demo; }
        location ${below}/api/ { api_key billing; api_key_log off; api_key_manage; }
        location ${below}/dashboard/ { alias ${dashboard}/; include ${root}/conf/dashboard.conf; }`;
}

function startDashboard({ below = "", http = "", ...options } = {}) {
    return startGateway(locations(below), { http: `api_key_prices ${root}/demo/prices.json; ${http}`, ...options });
}

// A request with curl: its status and its id, `200 4a98170a3c93…`.
function curl(node, secret, at = "/v1/models", ...more) {
    const words = ["-sS", "-o", "/dev/null", "-w", "%{http_code} %header{x-request-id}", `${node.address}${at}`, "-H", `Authorization: Bearer ${secret}`];
    return execFileSync("curl", [...words, ...more], { encoding: "utf8" }).trim();
}

function openBrowser() {
    return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
}

// A page of a person of its own. page.faults has what the browser complained about: violations of the content security policy, exceptions,
// requests to somewhere else.
async function openPage(browser, node, { theme = "light", width = 1280, height = 800, locale = "en-GB", timezoneId, permissions = ["clipboard-read", "clipboard-write"] } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce", locale, ...(timezoneId ? { timezoneId } : {}), permissions });
    await context.addInitScript({ path: axe });
    await context.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => console.error(`violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.faults = [];
    page.on("pageerror", (error) => page.faults.push(String(error.stack)));
    page.on("console", (message) => {
        const isAnswer = message.text().startsWith("Failed to load resource");
        if (["error", "warning"].includes(message.type()) && !isAnswer) {
            page.faults.push(message.text());
        }
    });
    page.on("request", (request) => {
        if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== node.address) {
            page.faults.push(`request to ${request.url()}`);
        }
    });
    page.home = `${node.address}/dashboard/`;
    return page;
}

async function signIn(page, key, at = "") {
    await page.goto(`${page.home}${at}`);
    await page.getByLabel("Billing key").fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator(".shell").waitFor();
}

// Goes to a page of the dashboard and waits until it has loaded.
async function goTo(page, place) {
    const address = `${page.home}#/${place}`;
    await (page.url() === address ? page.reload() : page.goto(address));
    await settle(page);
}

// Until nothing loads any more.
async function settle(page) {
    await page.waitForFunction(() => document.querySelector("h1") && !document.querySelector(".loading, [aria-busy=true]"));
    await page.waitForLoadState("networkidle");
}

// Nothing of WCAG 2.2 AA that axe finds.
async function assertNoBarriers(page, what) {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: "tag", values } }), tags);
    const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary}`));
    assert.deepStrictEqual(found, [], `${what}: ${found.join("\n")}`);
}

// What a text is that a person must not find again: in the page, in what the browser keeps, in the address and where one was before.
async function findSecret(page, secret) {
    const tools = await page.context().newCDPSession(page);
    const history = JSON.stringify(await tools.send("Page.getNavigationHistory"));
    await tools.detach();
    return history.includes(secret) || page.evaluate(async (text) => {
        const inputs = [...document.querySelectorAll("input, textarea")].map((input) => input.value);
        const kept = [localStorage, sessionStorage, document.cookie, history.state, window.name].map((one) => JSON.stringify(one));
        const databases = (await indexedDB.databases()).map(({ name }) => name);
        return [document.documentElement.outerHTML, ...inputs, ...kept, ...databases].some((one) => String(one).includes(text));
    }, secret);
}

module.exports = { assertNoBarriers, curl, dashboard, findSecret, goTo, openBrowser, openPage, settle, signIn, startDashboard };
