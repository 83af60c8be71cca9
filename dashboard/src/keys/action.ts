// What somebody is about to do with a key: which dialog is open.
import { signal } from "@preact/signals";
import type { Collection, Key } from "../api/types";

export type ActionName = "create" | "edit" | "rotate" | "clone" | "disable" | "enable" | "delete";

export interface Action {
    name: ActionName;
    collection: Collection;
    key?: Key;
}

export const action = signal<Action | null>(null);
export const changes = signal(0); // how often something was changed: lists load again

export function begin(name: ActionName, collection: Collection, key?: Key) {
    action.value = { name, collection, ...(key ? { key } : {}) };
}

export function finish(changed: boolean) {
    action.value = null;
    if (changed) {
        changes.value++;
    }
}
