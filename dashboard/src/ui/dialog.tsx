// A modal <dialog>: it takes the focus, and gives it back to where it came from.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "./button";

interface DialogProps {
    title: ComponentChildren;
    children: ComponentChildren;
    onClose: () => void;
    mustAnswer?: boolean; // Escape does not close it
    large?: boolean;
}

function giveBackFocus(to: Element | null) {
    if (to instanceof HTMLElement && to.isConnected && to !== document.body) {
        to.focus();
    } else {
        document.querySelector<HTMLElement>("h1")?.focus();
    }
}

export function Dialog({ title, children, onClose, mustAnswer = false, large = false }: DialogProps) {
    const dialog = useRef<HTMLDialogElement>(null);
    const heading = useId();
    useEffect(() => {
        const opener = document.activeElement;
        dialog.current?.showModal();
        dialog.current?.querySelector<HTMLElement>("[data-first]")?.focus();
        const element = dialog.current;
        return () => {
            element?.close();
            giveBackFocus(opener);
        };
    }, []);
    const close = (event: Event) => {
        event.preventDefault();
        if (!mustAnswer) {
            onClose();
        }
    };
    const keep = (event: KeyboardEvent) => {
        if (mustAnswer && event.key === "Escape") {
            event.preventDefault();
        }
    };
    return (
        <dialog ref={dialog} class={large ? "large" : ""} aria-labelledby={heading} onCancel={close} onKeyDown={keep}>
            <header>
                <h2 id={heading}>{title}</h2>
                {!mustAnswer && <Button icon="close" look="quiet" label="Close" onClick={onClose} />}
            </header>
            {children}
        </dialog>
    );
}
