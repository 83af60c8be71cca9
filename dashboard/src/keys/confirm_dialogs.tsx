// Rotating, cloning, disabling, enabling and deleting: each says what it does, and what it would hit.
import { useSignal } from "@preact/signals";
import { changeKey, cloneKey, deleteKey, rotateKey } from "../api/calls";
import type { Collection, Key } from "../api/types";
import { session } from "../session";
import { Choice, Field } from "../ui/field";
import { tell } from "../ui/notice";
import { Name } from "../ui/text";
import { FormDialog } from "./form_dialog";
import { errorAt } from "./key_fields";
import { LastHour } from "./last_hour";
import { useSubmit } from "./submit";

interface ConfirmProps {
    collection: Collection;
    of: Key;
    onClose: (changed: boolean) => void;
}

interface SecretProps extends ConfirmProps {
    onSecret: (secret: string) => void;
}

const title = (verb: string, { name }: Key) => (
    <>
        {verb} <Name>{name}</Name>?
    </>
);

function OwnKeyWarning({ of }: { of: Key }) {
    return of.id === session.value?.keyId ? <p class="box warn">You are signed in with this key: this signs you out.</p> : null;
}

const overlaps: [string, string][] = [
    ["0", "At once"],
    ["3600", "After an hour"],
    ["86400", "After a day"],
    ["604800", "After 7 days"],
];

export function RotateDialog({ collection, of, onClose, onSecret }: SecretProps) {
    const overlap = useSignal("0");
    const submission = useSubmit(async (once) => onSecret((await rotateKey(collection, of.id, Number(overlap.value), once)).key));
    return (
        <FormDialog
            title={title("Rotate", of)}
            verb="Rotate"
            submission={submission}
            elsewhere={submission.error}
            onClose={() => onClose(false)}
        >
            <p>The key gets a new secret. Its name, limits and history stay.</p>
            <OwnKeyWarning of={of} />
            <LastHour of={of} collection={collection} />
            <Choice
                label="The old secret is refused"
                value={overlap.value}
                options={overlaps}
                onChange={(value) => (overlap.value = value)}
            />
        </FormDialog>
    );
}

export function CloneDialog({ collection, of, onClose, onSecret }: SecretProps) {
    const name = useSignal(of.name);
    const alias = useSignal("");
    const submission = useSubmit(async (once) =>
        onSecret((await cloneKey(collection, of.id, { name: name.value, alias: alias.value }, once)).key),
    );
    const { error } = submission;
    const elsewhere = (errorAt(error, "name") ?? errorAt(error, "alias")) ? undefined : error;
    return (
        <FormDialog title={title("Clone", of)} verb="Clone" submission={submission} elsewhere={elsewhere} onClose={() => onClose(false)}>
            <p>
                A second key with the same category, models, addresses and limits, and a secret of its own. Nothing it uses counts against
                the first.
            </p>
            <LastHour of={of} collection={collection} />
            <Field label="Name" value={name.value} onInput={(text) => (name.value = text)} error={errorAt(error, "name")} />
            <Field
                label="Alias"
                first
                value={alias.value}
                onInput={(text) => (alias.value = text)}
                error={errorAt(error, "alias")}
                hint="Unique in the account; tells the two apart"
            />
        </FormDialog>
    );
}

export function ActiveDialog({ collection, of, onClose, active }: ConfirmProps & { active: boolean }) {
    const verb = active ? "Enable" : "Disable";
    const submission = useSubmit(async () => {
        await changeKey(collection, of.id, { active });
        tell(`${verb}d ${of.name}`);
        onClose(true);
    });
    return (
        <FormDialog
            title={title(verb, of)}
            verb={verb}
            danger={!active}
            submission={submission}
            elsewhere={submission.error}
            onClose={() => onClose(false)}
        >
            <p>
                {active
                    ? "Requests with this key are let in again, within its limits."
                    : "Requests with this key are refused at once. Settings and history stay, and it can be enabled again."}
            </p>
            {!active && <OwnKeyWarning of={of} />}
            <LastHour of={of} collection={collection} />
        </FormDialog>
    );
}

export function DeleteDialog({ collection, of, onClose }: ConfirmProps) {
    const typed = useSignal("");
    const submission = useSubmit(async () => {
        await deleteKey(collection, of.id);
        tell(`Deleted ${of.name}`);
        onClose(true);
    });
    return (
        <FormDialog
            title={title("Delete", of)}
            verb="Delete for good"
            danger
            ready={typed.value.trim() === of.name.trim()}
            submission={submission}
            elsewhere={submission.error}
            onClose={() => onClose(false)}
        >
            <p>
                This cannot be undone: whatever uses the key is refused from now on. Its requests stay in the logs. To stop it for a while,
                disable it instead.
            </p>
            <OwnKeyWarning of={of} />
            <LastHour of={of} collection={collection} />
            <Field
                label="Type its name to confirm"
                first
                value={typed.value}
                onInput={(text) => (typed.value = text)}
                hint={
                    <>
                        The name is <Name>{of.name}</Name>
                    </>
                }
            />
        </FormDialog>
    );
}
