// The newest requests as they come, while the page is in view.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { listLogs } from "../api/calls";
import type { ApiError } from "../api/http";
import { isAbort } from "../api/http";
import type { LogEntry } from "../api/types";
import { asApiError } from "../resource";
import { asQuery, type LogFilter } from "./filter";

const every = 2000;
const asked = 100;
const kept = 200;

export interface Tail {
    entries: LogEntry[];
    problem: ApiError | undefined;
}

// The older ones stay, the newer ones come before them, none twice.
function joined(fresh: LogEntry[], entries: LogEntry[]): LogEntry[] {
    const known = new Set(fresh.map((entry) => entry.requestId));
    const all = [...fresh, ...entries.filter((entry) => !known.has(entry.requestId))];
    return all.sort((one, other) => Date.parse(other.at) - Date.parse(one.at)).slice(0, kept);
}

export function useTail(on: boolean, filter: LogFilter): Tail {
    const state = useSignal<Tail>({ entries: [], problem: undefined });
    useEffect(() => {
        state.value = { entries: [], problem: undefined };
        if (!on) {
            return undefined;
        }
        const controller = new AbortController();
        let timer: ReturnType<typeof setTimeout> | undefined;
        const poll = async () => {
            if (!document.hidden) {
                try {
                    const { logs } = await listLogs({ ...asQuery(filter), limit: asked }, controller.signal);
                    state.value = { entries: joined(logs, state.value.entries), problem: undefined };
                } catch (error) {
                    if (isAbort(error)) {
                        return;
                    }
                    state.value = { ...state.value, problem: asApiError(error) };
                }
            }
            timer = setTimeout(poll, every);
        };
        void poll();
        return () => {
            clearTimeout(timer);
            controller.abort();
        };
    }, [on, JSON.stringify(filter)]);
    return state.value;
}
