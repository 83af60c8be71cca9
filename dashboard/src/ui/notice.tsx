// A line at the bottom that says what was done, and goes away.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const notice = signal("");

export function tell(text: string) {
    notice.value = text;
}

export function Notice() {
    useEffect(() => {
        const timer = notice.value ? setTimeout(() => (notice.value = ""), 6000) : undefined;
        return () => clearTimeout(timer);
    }, [notice.value]);
    return (
        <div class="notice" role="status">
            {notice.value && <p dir="auto">{notice.value}</p>}
        </div>
    );
}
