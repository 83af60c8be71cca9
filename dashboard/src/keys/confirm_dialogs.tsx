// Rotating, cloning, deactivating, activating and deleting: each says what it does, and what it would hit.
import { useSignal } from "@preact/signals";
import { changeKey, cloneKey, deleteKey, rotateKey } from "../api/calls";
import type { Collection, Key } from "../api/types";
import { session } from "../session";
import { Choice, Field } from "../ui/field";
import { tell } from "../ui/notice";
import { Name } from "../ui/text";
import { FormDialog } from "./form_dialog";
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
    ["0", "Immediately (the secret leaked)"],
    ["3600", "In 1 hour"],
    ["86400", "In 24 hours"],
    ["604800", "In 7 days"],
];

// A key in use gets time to be replaced where it is used; one that is not has nobody to wait for.
const lately = 86_400_000;
const wasUsedLately = ({ lastUsedAt }: Key) => lastUsedAt !== undefined && Date.now() - Date.parse(lastUsedAt) < lately;

export function RotateDialog({ collection, of, onClose, onSecret }: SecretProps) {
    const overlap = useSignal(wasUsedLately(of) ? "86400" : "0");
    const submission = useSubmit(async (once) => onSecret((await rotateKey(collection, of.id, Number(overlap.value), once)).key));
    const breaks = overlap.value === "0" && wasUsedLately(of);
    return (
        <FormDialog title={title("Rotate", of)} verb="Rotate" danger={breaks} submission={submission} onClose={() => onClose(false)}>
            <p>The key gets a new secret. Its name, limits and history stay.</p>
            <OwnKeyWarning of={of} />
            <LastHour of={of} collection={collection} />
            <Choice
                label="Old secret expires"
                value={overlap.value}
                options={overlaps}
                onChange={(value) => (overlap.value = value)}
                hint={breaks ? "Whatever still sends the old secret is rejected from now on." : undefined}
            />
        </FormDialog>
    );
}

export function CloneDialog({ collection, of, onClose, onSecret }: SecretProps) {
    const name = useSignal(of.name);
    const alias = useSignal("");
    const submission = useSubmit(
        async (once) => onSecret((await cloneKey(collection, of.id, { name: name.value, alias: alias.value.trim() }, once)).key),
        {
            fields: ["name", "alias"],
            check: () => ({
                ...(name.value.trim() ? {} : { name: "Name is required" }),
                ...(alias.value.trim() ? {} : { alias: "Alias is required: it tells the two keys apart" }),
            }),
        },
    );
    return (
        <FormDialog
            title={title("Clone", of)}
            verb="Clone"
            submission={submission}
            dirty={name.value !== of.name || alias.value !== ""}
            onClose={() => onClose(false)}
        >
            <p>A second key with the same category, models, IP allowlist and limits, its own secret and its own usage.</p>
            <LastHour of={of} collection={collection} />
            <Field label="Name" required value={name.value} onInput={(text) => (name.value = text)} error={submission.problems.name} />
            <Field
                label="Alias"
                first
                required
                value={alias.value}
                onInput={(text) => (alias.value = text)}
                error={submission.problems.alias}
                hint="Unique in the account; tells the two apart"
            />
        </FormDialog>
    );
}

export function ActiveDialog({ collection, of, onClose, active }: ConfirmProps & { active: boolean }) {
    const verb = active ? "Activate" : "Deactivate";
    const submission = useSubmit(async () => {
        await changeKey(collection, of.id, { active });
        tell(`${verb}d ${of.name}`);
        onClose(true);
    });
    return (
        <FormDialog title={title(verb, of)} verb={verb} danger={!active} submission={submission} onClose={() => onClose(false)}>
            <p>
                {active
                    ? "Requests with this key are allowed again, within its limits."
                    : "Requests with this key are rejected immediately. Settings and history stay, and it can be activated again."}
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
            verb="Delete permanently"
            danger
            ready={typed.value.trim() === of.name.trim()}
            submission={submission}
            onClose={() => onClose(false)}
        >
            <p>
                This cannot be undone: requests with this key are rejected from now on. Its requests stay in the logs. To stop it for a
                while, deactivate it instead.
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
