// One change to several keys, confirmed once.
import { useSignal, type Signal } from "@preact/signals";
import { changeKey, deleteKey } from "../api/calls";
import type { Collection, Key, KeyChange } from "../api/types";
import { count, fromLocalInput, plural } from "../format";
import { asApiError } from "../resource";
import { session } from "../session";
import { Button } from "../ui/button";
import { Choice, Field } from "../ui/field";
import { tell } from "../ui/notice";
import { Name } from "../ui/text";
import { changes } from "./action";
import { expiryPresets } from "./draft";
import { FormDialog } from "./form_dialog";
import { categories } from "./key_fields";
import { whyNotDeleted } from "./status";
import { useSubmit, type Problems } from "./submit";

type BulkAction = "disable" | "enable" | "expiry" | "category" | "delete";

const verbs: Record<BulkAction, string> = {
    disable: "Deactivate",
    enable: "Activate",
    expiry: "Set expiry",
    category: "Set category",
    delete: "Delete",
};
const mostNamed = 10;

interface BulkDialogProps {
    action: BulkAction;
    collection: Collection;
    keys: Key[];
    onClose: () => void;
    onDone: () => void;
}

function BulkDialog({ action, collection, keys, onClose, onDone }: BulkDialogProps) {
    const done = useSignal(0);
    const typed = useSignal("");
    const category = useSignal("");
    const expiry = useSignal("never");
    const date = useSignal("");
    const affected = action === "delete" ? keys.filter((key) => !whyNotDeleted(key)) : keys;
    const kept = keys.length - affected.length;
    const expiresAt = () => {
        if (expiry.value === "never") {
            return null;
        }
        return expiry.value === "date"
            ? fromLocalInput(date.value)
            : new Date(Date.now() + Number(expiry.value) * 86_400_000).toISOString();
    };
    const change = (): KeyChange => {
        switch (action) {
            case "expiry":
                return { expiresAt: expiresAt() };
            case "category":
                return { category: category.value.trim() || null };
            default:
                return { active: action === "enable" };
        }
    };
    const submission = useSubmit(
        async () => {
            const failed: string[] = [];
            for (const key of affected) {
                try {
                    await (action === "delete" ? deleteKey(collection, key.id) : changeKey(collection, key.id, change()));
                } catch (error) {
                    failed.push(`${key.name}: ${asApiError(error).message}`);
                }
                done.value++;
            }
            tell(
                failed.length > 0
                    ? `${count(affected.length - failed.length)} of ${count(affected.length)} done. ${failed[0]}`
                    : `${verbs[action]}: ${plural(affected.length, "key")}`,
            );
            onDone();
        },
        {
            check: (): Problems =>
                action === "expiry" && expiry.value === "date" && !fromLocalInput(date.value) ? { date: "Choose a date and a time" } : {},
        },
    );
    return (
        <FormDialog
            title={`${verbs[action]}: ${plural(affected.length, "key")}?`}
            verb={submission.busy ? `${count(done.value)} of ${count(affected.length)}` : verbs[action]}
            danger={action === "delete" || action === "disable"}
            ready={affected.length > 0 && (action !== "delete" || typed.value.trim() === String(affected.length))}
            submission={submission}
            onClose={onClose}
        >
            <ul class="names">
                {affected.slice(0, mostNamed).map(({ name, id }) => (
                    <li>
                        <Name>{name}</Name> <span class="about">ID {id}</span>
                    </li>
                ))}
                {affected.length > mostNamed && <li class="about">and {count(affected.length - mostNamed)} more</li>}
            </ul>
            {kept > 0 && <p class="box">{plural(kept, "key")} cannot be deleted, as it was used: deactivate instead.</p>}
            {(action === "delete" || action === "disable") && affected.some(({ id }) => id === session.value?.keyId) && (
                <p class="box warn">You are signed in with one of these keys: this signs you out.</p>
            )}
            {action === "expiry" && (
                <Choice label="Expires" value={expiry.value} options={expiryPresets} onChange={(value) => (expiry.value = value)} />
            )}
            {action === "expiry" && expiry.value === "date" && (
                <Field
                    label="Date and time"
                    type="datetime-local"
                    value={date.value}
                    onInput={(value) => (date.value = value)}
                    error={submission.problems.date}
                />
            )}
            {action === "category" && (
                <Field
                    label="Category"
                    first
                    value={category.value}
                    onInput={(value) => (category.value = value)}
                    suggestions={categories}
                    hint="Empty: none"
                />
            )}
            {action === "delete" && (
                <Field
                    label="Type the number of keys to confirm"
                    first
                    value={typed.value}
                    onInput={(value) => (typed.value = value)}
                    hint={`This cannot be undone. Type ${affected.length}`}
                />
            )}
        </FormDialog>
    );
}

// What can be done with the keys that are selected.
export function BulkBar({ collection, keys, selected }: { collection: Collection; keys: Key[]; selected: Signal<ReadonlySet<number>> }) {
    const action = useSignal<BulkAction | null>(null);
    const chosen = keys.filter(({ id }) => selected.value.has(id));
    if (chosen.length === 0) {
        return null;
    }
    const clear = () => (selected.value = new Set());
    const finish = () => {
        action.value = null;
        clear();
        changes.value++;
    };
    return (
        <div class="toolbar bulk" role="group" aria-label="Selected keys">
            <strong role="status">{count(chosen.length)} selected</strong>
            {(Object.keys(verbs) as BulkAction[]).map((name) => (
                <Button key={name} look={name === "delete" ? "danger" : "plain"} onClick={() => (action.value = name)}>
                    {verbs[name]}
                </Button>
            ))}
            <Button look="quiet" onClick={clear}>
                Clear selection
            </Button>
            {action.value && (
                <BulkDialog
                    action={action.value}
                    collection={collection}
                    keys={chosen}
                    onClose={() => (action.value = null)}
                    onDone={finish}
                />
            )}
        </div>
    );
}
