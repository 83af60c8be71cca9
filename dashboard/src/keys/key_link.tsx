import type { Collection, NamedKey } from "../api/types";
import { href } from "../router";
import { session } from "../session";
import { Name } from "../ui/text";

export const isBilling = (type: string) => session.value?.types.find(({ name }) => name === type)?.manages ?? false;
export const collectionOf = (type: string): Collection => (isBilling(type) ? "billing-keys" : "keys");

export type KnownKeys = ReadonlyMap<number, NamedKey>;
export const byId = (keys: NamedKey[] = []): KnownKeys => new Map(keys.map((key) => [key.id, key]));

// A key by its name, as a link to its page; by its id, where nothing else is known of it.
export function KeyLink({ id, of }: { id: number; of: Pick<NamedKey, "name" | "type"> | undefined }) {
    return <a href={href(`${of ? collectionOf(of.type) : "keys"}/${id}`)}>{of?.name ? <Name>{of.name}</Name> : `Key ${id}`}</a>;
}
