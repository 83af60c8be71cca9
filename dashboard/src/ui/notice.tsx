// A line at the bottom that says what was done, and goes away.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const notice = signal("");
const warning = signal("");

export function tell(text: string) {
    notice.value = text;
}

export function warn(text: string) {
    warning.value = text;
}

export function Notice() {
    useEffect(() => {
        const timer = notice.value ? setTimeout(() => (notice.value = ""), 6000) : undefined;
        return () => clearTimeout(timer);
    }, [notice.value]);
    useEffect(() => {
        const timer = warning.value ? setTimeout(() => (warning.value = ""), 30000) : undefined;
        return () => clearTimeout(timer);
    }, [warning.value]);
    return (
        <div class="notice" role="status">
            {notice.value && <p dir="auto">{notice.value}</p>}
            {warning.value && <p dir="auto">{warning.value}</p>}
        </div>
    );
}
