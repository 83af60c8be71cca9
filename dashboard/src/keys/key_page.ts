// One page of a list of keys, with what they have used.
import { listKeys, readUsage } from "../api/calls";
import type { Query } from "../api/http";
import type { Collection, Key, Point } from "../api/types";
import { asUsageRange, presetRange } from "../traffic/range";
import { added } from "../traffic/sums";
import { fullness } from "./limit_bars";

export interface KeyPageData {
    keys: Key[];
    next: string | undefined; // the cursor of the next page
    searching: boolean; // there is more to look through
    total?: number; // of a sorted list
    isPartial?: boolean; // only the newest keys were sorted
    traffic: ReadonlyMap<number, Point[]>; // of the last 24 hours
}

export interface KeyQuery {
    filter: Query; // by the server
    cursor: string;
    sort: string; // empty: the newest first
    show: string; // empty: all
}

export const pageSize = 25;
const mostCalls = 250;
const sortedAtOnce = 1000;
const mostSorted = 5000;
const day = 86_400_000;

export const sorts: [string, string][] = [
    ["", "Newest first"],
    ["credits", "Credits this month"],
    ["limit", "Nearest to a limit"],
    ["used", "Last used"],
    ["expires", "Expires first"],
    ["name", "Name"],
];

export const shows: [string, string][] = [
    ["", "All keys"],
    ["expiring", "Expiring in 30 days"],
    ["near", "Over 80% of a limit"],
    ["unused", "Unused for 90 days"],
    ["never", "Never used"],
];

const time = (text: string | undefined, otherwise: number) => (text ? Date.parse(text) : otherwise);
const spent = ({ usage }: Key) => Number(usage?.spend.used ?? 0);
const full = ({ usage }: Key) => (usage ? fullness(usage) : 0);

const comparisons: Record<string, (one: Key, other: Key) => number> = {
    credits: (one, other) => spent(other) - spent(one),
    limit: (one, other) => full(other) - full(one),
    used: (one, other) => time(other.lastUsedAt, 0) - time(one.lastUsedAt, 0),
    expires: (one, other) => time(one.expiresAt, Infinity) - time(other.expiresAt, Infinity) || 0,
    name: (one, other) => one.name.localeCompare(other.name),
};

const isShown: Record<string, (key: Key) => boolean> = {
    expiring: ({ expiresAt }) => time(expiresAt, Infinity) > Date.now() && time(expiresAt, Infinity) < Date.now() + 30 * day,
    near: (key) => full(key) >= 0.8,
    unused: ({ lastUsedAt, createdAt }) => time(lastUsedAt ?? createdAt, 0) < Date.now() - 90 * day,
    never: ({ lastUsedAt }) => lastUsedAt === undefined,
};

async function trafficOf(keys: Key[], signal: AbortSignal): Promise<KeyPageData["traffic"]> {
    if (keys.length === 0) {
        return new Map();
    }
    const range = presetRange("day");
    const { series } = await readUsage("key", { ...asUsageRange(range), key: keys.map(({ id }) => id).join(",") }, signal);
    return new Map(series.map((one) => [one.keyId!, added([one], range.bucket, range.from, range.to)]));
}

// In the server's order. Where a filter fits few, the server answers with short pages: they are asked for until the page is full, and what is
// found is shown meanwhile.
async function readNewest(collection: Collection, { filter, cursor }: KeyQuery, signal: AbortSignal, show: (partial: KeyPageData) => void) {
    const keys: Key[] = [];
    let next: string | undefined = cursor;
    for (let calls = 0; calls < mostCalls; calls++) {
        const page = await listKeys(collection, { ...filter, usage: true, cursor: next, limit: pageSize - keys.length }, signal);
        keys.push(...page.keys);
        next = page.next;
        if (!next || keys.length >= pageSize) {
            break;
        }
        show({ keys: [...keys], next: undefined, searching: true, traffic: new Map() });
    }
    return { keys, next };
}

// In another order, which takes all keys: up to a bound, from the newest on.
async function readSorted(collection: Collection, { filter, cursor, sort, show }: KeyQuery, signal: AbortSignal) {
    const all: Key[] = [];
    let next: string | undefined = "";
    do {
        const page: { keys: Key[]; next?: string } = await listKeys(
            collection,
            { ...filter, usage: true, cursor: next, limit: sortedAtOnce },
            signal,
        );
        all.push(...page.keys);
        next = page.next;
    } while (next && all.length < mostSorted);
    const shown = all.filter(isShown[show] ?? (() => true));
    shown.sort(comparisons[sort] ?? (() => 0));
    const begin = Number(cursor) || 0;
    const end = begin + pageSize;
    return {
        keys: shown.slice(begin, end),
        next: end < shown.length ? String(end) : undefined,
        total: shown.length,
        isPartial: Boolean(next),
    };
}

export async function readKeyPage(
    collection: Collection,
    query: KeyQuery,
    signal: AbortSignal,
    show: (partial: KeyPageData) => void,
): Promise<KeyPageData> {
    const page =
        query.sort in comparisons || query.show in isShown
            ? await readSorted(collection, query, signal)
            : await readNewest(collection, query, signal, show);
    show({ ...page, searching: false, traffic: new Map() });
    return { ...page, searching: false, traffic: await trafficOf(page.keys, signal) };
}
