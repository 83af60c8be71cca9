// What the form of a key has, what is wrong with it, and what of it the server is told.
import type { Key, KeyChange, NewKey, Role, WindowName } from "../api/types";
import { windowNames } from "../api/types";
import { fromLocalInput, readNumber, toLocalInput, typedNumber } from "../format";
import type { Problems } from "./submit";

export interface KeyDraft {
    name: string;
    type: string; // of a new key; empty: the first
    alias: string;
    category: string;
    role: Role | ""; // of a billing key; empty: not chosen, which is an owner
    expiry: string; // never, days, or "date"
    date: string; // of <input type="datetime-local">
    quotas: Record<WindowName, string>;
    monthlyLimit: string;
    models: string;
    allowedIps: string;
}

const millisecondsPerDay = 86_400_000;

export const expiryPresets: [string, string][] = [
    ["never", "Never"],
    ["7", "In 7 days"],
    ["30", "In 30 days"],
    ["90", "In 90 days"],
    ["365", "In a year"],
    ["date", "On a date…"],
];

const typed = (number: number | string | undefined) => (number === undefined ? "" : typedNumber(String(number)));

export function draftOf(key?: Key): KeyDraft {
    return {
        name: key?.name ?? "",
        type: "",
        alias: key?.alias ?? "",
        category: key?.category ?? "",
        role: key?.role ?? "",
        expiry: key?.expiresAt ? "date" : "never",
        date: toLocalInput(key?.expiresAt),
        quotas: Object.fromEntries(windowNames.map((name) => [name, typed(key?.quotas[name])])) as Record<WindowName, string>,
        monthlyLimit: typed(key?.monthlyLimit),
        models: key?.models.join("\n") ?? "",
        allowedIps: key?.allowedIps.join("\n") ?? "",
    };
}

const lines = (text: string) =>
    text
        .split(/[\n,]/)
        .map((line) => line.trim())
        .filter(Boolean);
const orNull = (text: string) => text.trim() || null;

function expiresAt({ expiry, date }: KeyDraft): string | null {
    if (expiry === "never") {
        return null;
    }
    return expiry === "date" ? fromLocalInput(date) : new Date(Date.now() + Number(expiry) * millisecondsPerDay).toISOString();
}

function document(draft: KeyDraft): Required<Omit<KeyChange, "active">> {
    const quota = (text: string) => (text.trim() ? Number(readNumber(text)) : null);
    return {
        name: draft.name.trim() || draft.alias.trim(),
        alias: orNull(draft.alias),
        category: orNull(draft.category),
        role: draft.role || null,
        expiresAt: expiresAt(draft),
        quotas: Object.fromEntries(windowNames.map((name) => [name, quota(draft.quotas[name])])),
        monthlyLimit: draft.monthlyLimit.trim() ? readNumber(draft.monthlyLimit) : null,
        models: lines(draft.models),
        allowedIps: lines(draft.allowedIps),
    };
}

// Only what the draft has, so that a new key's document says no more than was asked for.
export function documentOf(draft: KeyDraft): NewKey {
    const entries = Object.entries(document(draft)).filter(([name, value]) => {
        const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
        return name === "quotas" ? Object.values(value as object).some((one) => one !== null) : !isEmpty;
    });
    return { ...(Object.fromEntries(entries) as unknown as NewKey), ...(draft.type ? { type: draft.type } : {}) };
}

// Only what differs from before.
export function changesOf(before: KeyDraft, after: KeyDraft): KeyChange {
    const old = document(before) as Record<string, unknown>;
    const isSame = (name: string, value: unknown) => JSON.stringify(value) === JSON.stringify(old[name]);
    return Object.fromEntries(Object.entries(document(after)).filter(([name, value]) => !isSame(name, value)));
}

export const isDirty = (before: KeyDraft, after: KeyDraft) => JSON.stringify(before) !== JSON.stringify(after);

export const draftFields = [
    "name",
    "type",
    "alias",
    "category",
    "role",
    "expiresAt",
    "quotas",
    "monthlyLimit",
    "models",
    "allowedIps",
    ...windowNames.map((name) => `quotas.${name}`),
];

const isWhole = (text: string) => /^[1-9]\d{0,14}$/.test(readNumber(text));
const isAmount = (text: string) => /^\d{0,9}(\.\d{1,6})?$/.test(readNumber(text));

// An IPv4 or IPv6 address, or a CIDR block of them.
function isAddress(text: string): boolean {
    const [address = "", bits, ...rest] = text.split("/");
    const isV4 = /^(\d{1,3})(\.\d{1,3}){3}$/.test(address) && address.split(".").every((part) => Number(part) < 256);
    const isV6 = !isV4 && /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address) && URL.canParse(`http://[${address}]/`);
    const most = isV4 ? 32 : 128;
    return (isV4 || isV6) && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

function lineProblem(text: string, isGood: (line: string) => boolean, says: string): string | undefined {
    const wrong = lines(text).findIndex((line) => !isGood(line));
    return wrong < 0 ? undefined : `Line ${wrong + 1}: ${says}`;
}

// All that is wrong with it, as far as this can be told without the server.
export function problemsOf(draft: KeyDraft): Problems {
    const found: [string, string | undefined | false][] = [
        ["name", !draft.name.trim() && !draft.alias.trim() && "Name is required"],
        ["expiresAt", draft.expiry === "date" && !fromLocalInput(draft.date) && "Choose a date and a time"],
        ...windowNames.map((name): [string, string | false] => [
            `quotas.${name}`,
            draft.quotas[name].trim() !== "" && !isWhole(draft.quotas[name]) && "Enter a whole number of requests, 1 or more",
        ]),
        ["monthlyLimit", draft.monthlyLimit.trim() !== "" && !isAmount(draft.monthlyLimit) && "Enter an amount, such as 25 or 2.50"],
        ["models", lineProblem(draft.models, (line) => !/\s/.test(line), "A model name has no spaces")],
        ["allowedIps", lineProblem(draft.allowedIps, isAddress, "Not an IP address or CIDR block")],
    ];
    return Object.fromEntries(found.filter((one): one is [string, string] => Boolean(one[1])));
}
