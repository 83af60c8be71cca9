// What a page loads: its data, or why there is none. The data stays in view while it is loaded again.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, isAbort } from "./api/http";

export interface Resource<T> {
    data: T | undefined;
    error: ApiError | undefined;
    loading: boolean;
    reload: () => void;
}

interface State<T> {
    data?: T | undefined;
    error?: ApiError | undefined;
    loading: boolean;
}

// What `load` shows before it is done is in view meanwhile.
export function useResource<T>(load: (signal: AbortSignal, show: (partial: T) => void) => Promise<T>, inputs: unknown[]): Resource<T> {
    const state = useSignal<State<T>>({ loading: true });
    const turn = useSignal(0);
    useEffect(() => {
        const controller = new AbortController();
        state.value = { data: state.peek().data, loading: true };
        const show = (partial: T) => {
            if (!controller.signal.aborted) {
                state.value = { data: partial, loading: true };
            }
        };
        load(controller.signal, show).then(
            (data) => {
                if (!controller.signal.aborted) {
                    state.value = { data, loading: false };
                }
            },
            (error: unknown) => {
                if (!controller.signal.aborted && !isAbort(error)) {
                    state.value = { error: asApiError(error), loading: false };
                }
            },
        );
        return () => controller.abort();
    }, [...inputs, turn.value]);
    return { data: state.value.data, error: state.value.error, loading: state.value.loading, reload: () => turn.value++ };
}

export function asApiError(error: unknown): ApiError {
    return error instanceof ApiError ? error : new ApiError(0, "This page could not make sense of the server's answer. Reload it.");
}
