import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button } from "./button";

// Copies a text, and says so. Without the clipboard (plain HTTP) it is selected, so that it can be copied by hand.
export function CopyButton({ text, what, from }: { text: string; what: string; from?: () => HTMLElement | null }) {
    const state = useSignal<"" | "copied" | "selected">("");
    useEffect(() => {
        const timer = state.value ? setTimeout(() => (state.value = ""), 2500) : undefined;
        return () => clearTimeout(timer);
    }, [state.value]);
    const copy = async () => {
        try {
            await navigator.clipboard.writeText(text);
            state.value = "copied";
        } catch {
            const element = from?.();
            if (element) {
                getSelection()?.selectAllChildren(element);
            }
            state.value = "selected";
        }
    };
    return (
        <>
            <Button icon={state.value === "copied" ? "check" : "copy"} onClick={copy} label={`Copy ${what}`} />
            <span class="unseen" role="status">
                {state.value === "copied"
                    ? `Copied ${what}`
                    : state.value === "selected"
                      ? `Selected ${what}: copy it with the keyboard`
                      : ""}
            </span>
        </>
    );
}
