// What stands in the form of a key, and what of it is to be told to the server. The server alone decides what is right: a number that is
// none goes there as it is, and comes back with a sentence.
import type { Key, KeyChange, WindowName } from "../api/types";
import { windowNames } from "../api/types";
import { fromLocalInput, toLocalInput } from "../format";

export interface KeyDraft {
    name: string;
    alias: string;
    category: string;
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

export function draftOf(key?: Key): KeyDraft {
    return {
        name: key?.name ?? "",
        alias: key?.alias ?? "",
        category: key?.category ?? "",
        expiry: key?.expiresAt ? "date" : "never",
        date: toLocalInput(key?.expiresAt),
        quotas: Object.fromEntries(windowNames.map((name) => [name, String(key?.quotas[name] ?? "")])) as Record<WindowName, string>,
        monthlyLimit: key?.monthlyLimit?.replace(/\.?0+$/, "") ?? "",
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

function quota(text: string): number | string | null {
    const plain = text.replace(/[\s_']/g, "");
    return plain === "" ? null : /^\d{1,15}$/.test(plain) ? Number(plain) : plain;
}

function expiresAt({ expiry, date }: KeyDraft): string | null {
    if (expiry === "never") {
        return null;
    }
    return expiry === "date" ? fromLocalInput(date) : new Date(Date.now() + Number(expiry) * millisecondsPerDay).toISOString();
}

function document(draft: KeyDraft): Required<Omit<KeyChange, "active">> {
    return {
        name: draft.name,
        alias: orNull(draft.alias),
        category: orNull(draft.category),
        expiresAt: expiresAt(draft),
        quotas: Object.fromEntries(windowNames.map((name) => [name, quota(draft.quotas[name])])),
        monthlyLimit: orNull(draft.monthlyLimit),
        models: lines(draft.models),
        allowedIps: lines(draft.allowedIps),
    };
}

// Only what the draft has, so that a new key's document says no more than was asked for.
export function documentOf(draft: KeyDraft): KeyChange {
    const entries = Object.entries(document(draft)).filter(([name, value]) => {
        const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
        return name === "quotas" ? Object.values(value as object).some((one) => one !== null) : !isEmpty;
    });
    return Object.fromEntries(entries);
}

// Only what differs from before.
export function changesOf(before: KeyDraft, after: KeyDraft): KeyChange {
    const old = document(before) as Record<string, unknown>;
    const isSame = (name: string, value: unknown) => JSON.stringify(value) === JSON.stringify(old[name]);
    return Object.fromEntries(Object.entries(document(after)).filter(([name, value]) => !isSame(name, value)));
}
