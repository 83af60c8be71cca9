// One page of a list of keys. Where a filter fits few, the server answers with short pages: they are asked for until the page is full.
import { listKeys } from "../api/calls";
import type { Query } from "../api/http";
import type { Collection, Key } from "../api/types";

export interface KeyPageData {
    keys: Key[];
    next: string | undefined;
}

export const pageSize = 25;
const mostCalls = 20;

export async function readKeyPage(collection: Collection, filter: Query, signal: AbortSignal): Promise<KeyPageData> {
    const keys: Key[] = [];
    let cursor = filter.cursor;
    for (let calls = 0; calls < mostCalls; calls++) {
        const page = await listKeys(collection, { ...filter, cursor, limit: pageSize - keys.length }, signal);
        keys.push(...page.keys);
        cursor = page.next;
        if (!cursor || keys.length >= pageSize) {
            break;
        }
    }
    return { keys, next: cursor === undefined ? undefined : String(cursor) };
}
