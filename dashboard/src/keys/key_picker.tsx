// A field that finds a key by its name, alias, prefix or ID, and gives its ID.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { listKeys } from "../api/calls";
import type { Key } from "../api/types";
import { Field } from "../ui/field";

const pause = 250;
const mostSuggested = 8;

const suggestion = ({ name, alias, id }: Key) => `${name}${alias && alias !== name ? ` · ${alias}` : ""} (ID ${id})`;

// The key that was chosen: a suggestion, or an id by itself.
export const idIn = (text: string) => /\(ID (\d+)\)$|^(\d+)$/.exec(text.trim())?.slice(1).find(Boolean);

interface KeyPickerProps {
    id: string; // empty: none is chosen
    name?: string | undefined; // of the key that is chosen, if it is known
    error?: string | undefined;
    onPick: (id: string) => void;
}

export function KeyPicker({ id, name, error, onPick }: KeyPickerProps) {
    const chosen = id && name ? `${name} (ID ${id})` : id;
    const typed = useSignal(chosen);
    const found = useSignal<Key[]>([]);
    useEffect(() => void (typed.value = chosen), [chosen]);
    useEffect(() => {
        const text = typed.value.trim();
        if (text === chosen || (text && idIn(text))) {
            return undefined;
        }
        const controller = new AbortController();
        const look = async () => {
            const pages = await Promise.all(
                (["keys", "billing-keys"] as const).map((collection) =>
                    listKeys(collection, { q: text, limit: mostSuggested }, controller.signal),
                ),
            );
            found.value = pages.flatMap(({ keys }) => keys).slice(0, mostSuggested);
        };
        const timer = setTimeout(() => void look().catch(() => undefined), pause); // a suggestion less is no error to tell of
        return () => {
            clearTimeout(timer);
            controller.abort();
        };
    }, [typed.value, chosen]);
    const type = (text: string) => {
        typed.value = text;
        if (!text.trim()) {
            onPick("");
        } else if (text.endsWith(")") && idIn(text)) {
            onPick(idIn(text)!);
        }
    };
    const finish = () => {
        const text = typed.value.trim().toLowerCase();
        const [only, ...others] = found.value;
        const isName = ({ name, alias }: Key) => name.toLowerCase() === text || alias?.toLowerCase() === text;
        const match = found.value.find(isName) ?? (others.length === 0 ? only : undefined);
        const picked = idIn(text) ?? (text && match ? String(match.id) : undefined);
        if (picked && picked !== id) {
            onPick(picked);
        }
    };
    return (
        <Field
            compact
            label="Key: name or ID"
            placeholder="Key: name or ID"
            type="search"
            value={typed.value}
            onInput={type}
            onEnter={finish}
            suggestions={found.value.map(suggestion)}
            error={error}
        />
    );
}
