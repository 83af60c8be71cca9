// A dialog with a form: fields, what the server refused, and the button that sends it.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ApiError } from "../api/http";
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
    submission: Submission;
    elsewhere: ApiError | undefined; // an error that no field shows
    onClose: () => void;
    children: ComponentChildren;
}

export function FormDialog({ title, verb, danger, ready = true, large, submission, elsewhere, onClose, children }: FormDialogProps) {
    const form = useRef<HTMLFormElement>(null);
    useEffect(() => {
        form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
    }, [submission.error]);
    return (
        <Dialog title={title} onClose={onClose} large={large ?? false}>
            <form ref={form} noValidate onSubmit={submission.submit}>
                {children}
                {elsewhere && <Failed error={elsewhere} />}
                <footer>
                    <Button onClick={onClose}>Cancel</Button>
                    <Button look={danger ? "danger" : "primary"} submits busy={submission.busy} disabled={!ready}>
                        {verb}
                    </Button>
                </footer>
            </form>
        </Dialog>
    );
}
