// The names of keys that logs and ledgers know by their ids. Of a key that is gone the id remains.
import { signal } from "@preact/signals";
import { readKey } from "../api/calls";
import type { Collection, Key } from "../api/types";

export interface KnownKey {
    name: string;
    collection: Collection;
}

const known = signal<ReadonlyMap<number, KnownKey | null>>(new Map());
const asked = new Set<number>();

function learn(id: number, key: KnownKey | null) {
    known.value = new Map(known.peek()).set(id, key);
}

async function ask(id: number, likely: Collection) {
    const other = likely === "keys" ? "billing-keys" : "keys";
    for (const collection of [likely, other] as const) {
        try {
            const { name } = await readKey(collection, id);
            return learn(id, { name, collection });
        } catch {
            // the other kind, or gone
        }
    }
    learn(id, null);
}

export function keyName(id: number, likely: Collection): KnownKey | null | undefined {
    if (!asked.has(id)) {
        asked.add(id);
        void ask(id, likely);
    }
    return known.value.get(id);
}

export function rememberKey(key: Key, collection: Collection) {
    asked.add(key.id);
    const before = known.peek().get(key.id);
    if (before?.name !== key.name) {
        learn(key.id, { name: key.name, collection });
    }
}

export function forgetKeys() {
    asked.clear();
    known.value = new Map();
}
