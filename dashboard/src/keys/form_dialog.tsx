// A dialog with a form: fields, what is wrong with them, and the button that sends it. It asks before it throws away what was filled in.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Failed } from "../ui/state";
import type { Submission } from "./submit";

interface FormDialogProps {
    title: ComponentChildren;
    verb: string;
    danger?: boolean;
    ready?: boolean;
    large?: boolean;
    dirty?: boolean; // something was filled in
    submission: Submission;
    onClose: () => void;
    children: ComponentChildren;
}

export function FormDialog({ title, verb, danger, ready = true, large, dirty, submission, onClose, children }: FormDialogProps) {
    const form = useRef<HTMLFormElement>(null);
    const asking = useSignal(false);
    const keep = useRef<HTMLButtonElement>(null);
    useEffect(() => {
        form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
    }, [submission.attempts, submission.problems]);
    useEffect(() => keep.current?.focus(), [asking.value]);
    const close = () => {
        if (dirty && !asking.value) {
            asking.value = true;
        } else {
            onClose();
        }
    };
    return (
        <Dialog title={title} onClose={close} large={large ?? false}>
            <form ref={form} noValidate onSubmit={submission.submit}>
                {children}
                {submission.failure && <Failed error={submission.failure} />}
                {asking.value ? (
                    <footer>
                        <p class="grow" role="alert">
                            Discard what you have entered?
                        </p>
                        <Button buttonRef={keep} onClick={() => (asking.value = false)}>
                            Keep editing
                        </Button>
                        <Button look="danger" onClick={onClose}>
                            Discard
                        </Button>
                    </footer>
                ) : (
                    <footer>
                        <Button onClick={close}>Cancel</Button>
                        <Button look={danger ? "danger" : "primary"} submits busy={submission.busy} disabled={!ready}>
                            {verb}
                        </Button>
                    </footer>
                )}
            </form>
        </Dialog>
    );
}
