// What is typed is seen at once, and told when the typing pauses.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const pause = 300;

export function useDelayed(value: string, tellOf: (value: string) => void): [string, (value: string) => void] {
    const typed = useSignal(value);
    const timer = useSignal<ReturnType<typeof setTimeout> | undefined>(undefined);
    useEffect(() => {
        typed.value = value;
        return () => clearTimeout(timer.value);
    }, [value]);
    const type = (text: string) => {
        typed.value = text;
        clearTimeout(timer.value);
        timer.value = setTimeout(() => tellOf(text), pause);
    };
    return [typed.value, type];
}
