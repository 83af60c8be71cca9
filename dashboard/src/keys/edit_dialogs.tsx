// A new key, and the settings of one that is there.
import { useSignal } from "@preact/signals";
import { changeKey, createKey } from "../api/calls";
import type { Collection, Key } from "../api/types";
import { tell } from "../ui/notice";
import { Name } from "../ui/text";
import { changesOf, documentOf, draftOf } from "./draft";
import { FormDialog } from "./form_dialog";
import { KeyFields, errorElsewhere } from "./key_fields";
import { useSubmit } from "./submit";

interface CreateDialogProps {
    collection: Collection;
    onClose: () => void;
    onSecret: (secret: string) => void;
}

export function CreateDialog({ collection, onClose, onSecret }: CreateDialogProps) {
    const draft = useSignal(draftOf());
    const submission = useSubmit(async (once) => {
        const { key } = await createKey(collection, documentOf(draft.value), once);
        onSecret(key);
    });
    const title = collection === "keys" ? "Create an API key" : "Create a billing key";
    return (
        <FormDialog
            title={title}
            verb="Create key"
            large
            submission={submission}
            elsewhere={errorElsewhere(submission.error)}
            onClose={onClose}
        >
            {collection === "billing-keys" && <p class="box warn">A billing key may create, change and delete every key of the account.</p>}
            <KeyFields draft={draft} error={submission.error} collection={collection} />
        </FormDialog>
    );
}

export function EditDialog({ collection, of, onClose }: { collection: Collection; of: Key; onClose: (changed: boolean) => void }) {
    const before = draftOf(of);
    const draft = useSignal(before);
    const submission = useSubmit(async () => {
        const change = changesOf(before, draft.value);
        if (Object.keys(change).length > 0) {
            await changeKey(collection, of.id, change);
            tell(`Saved ${draft.value.name}`);
        }
        onClose(true);
    });
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
            elsewhere={errorElsewhere(submission.error)}
            onClose={() => onClose(false)}
        >
            <KeyFields draft={draft} error={submission.error} collection={collection} />
        </FormDialog>
    );
}
