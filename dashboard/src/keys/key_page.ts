// One page of a list of keys. Where a filter fits few, the server answers with short pages: they are asked for until the page is full, and what
// is found is shown meanwhile.
import { listKeys } from "../api/calls";
import type { Query } from "../api/http";
import type { Collection, Key } from "../api/types";

export interface KeyPageData {
    keys: Key[];
    next: string | undefined;
    searching: boolean; // there is more to look through
}

export const pageSize = 25;
const mostCalls = 250;

export async function readKeyPage(
    collection: Collection,
    filter: Query,
    signal: AbortSignal,
    show: (partial: KeyPageData) => void,
): Promise<KeyPageData> {
    const keys: Key[] = [];
    let cursor = filter.cursor;
    for (let calls = 0; calls < mostCalls; calls++) {
        const page = await listKeys(collection, { ...filter, cursor, limit: pageSize - keys.length }, signal);
        keys.push(...page.keys);
        cursor = page.next;
        if (!cursor || keys.length >= pageSize) {
            break;
        }
        show({ keys: [...keys], next: undefined, searching: true });
    }
    return { keys, next: cursor === undefined ? undefined : String(cursor), searching: false };
}
