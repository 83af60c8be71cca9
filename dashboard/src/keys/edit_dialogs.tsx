// A new key, and the settings of one that is there.
import { useSignal } from "@preact/signals";
import { changeKey, createKey } from "../api/calls";
import type { Collection, Key } from "../api/types";
import { tell } from "../ui/notice";
import { Name } from "../ui/text";
import { changesOf, documentOf, draftFields, draftOf, isDirty, problemsOf } from "./draft";
import { FormDialog } from "./form_dialog";
import { KeyFields } from "./key_fields";
import { useSubmit } from "./submit";

interface CreateDialogProps {
    collection: Collection;
    onClose: () => void;
    onSecret: (secret: string) => void;
}

export function CreateDialog({ collection, onClose, onSecret }: CreateDialogProps) {
    const before = useSignal(draftOf());
    const draft = useSignal(before.value);
    const submission = useSubmit(async (once) => onSecret((await createKey(collection, documentOf(draft.value), once)).key), {
        fields: draftFields,
        check: () => problemsOf(draft.value),
    });
    const title = collection === "keys" ? "Create API Key" : "Create Billing Key";
    return (
        <FormDialog title={title} verb="Create" large submission={submission} dirty={isDirty(before.value, draft.value)} onClose={onClose}>
            {collection === "billing-keys" && (draft.value.role || "owner") === "owner" && (
                <p class="box warn">An owner may create, change and delete every key of the account.</p>
            )}
            <KeyFields draft={draft} problems={submission.problems} collection={collection} isNew />
        </FormDialog>
    );
}

export function EditDialog({ collection, of, onClose }: { collection: Collection; of: Key; onClose: (changed: boolean) => void }) {
    const before = useSignal(draftOf(of));
    const draft = useSignal(before.value);
    const submission = useSubmit(
        async () => {
            const change = changesOf(before.value, draft.value);
            if (Object.keys(change).length > 0) {
                await changeKey(collection, of.id, change);
                tell(`Saved ${change.name ?? of.name}`);
            }
            onClose(true);
        },
        { fields: draftFields, check: () => problemsOf(draft.value) },
    );
    const title = (
        <>
            Edit <Name>{of.name}</Name>
        </>
    );
    return (
        <FormDialog
            title={title}
            verb="Save"
            large
            submission={submission}
            dirty={isDirty(before.value, draft.value)}
            onClose={() => onClose(false)}
        >
            <KeyFields draft={draft} problems={submission.problems} collection={collection} />
        </FormDialog>
    );
}
