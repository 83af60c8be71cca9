// Sending a form once, with what the server refused. A repetition after a lost answer does not do it twice.
import { useSignal } from "@preact/signals";
import { ApiError } from "../api/http";
import { asApiError } from "../resource";

export interface Submission {
    busy: boolean;
    error: ApiError | undefined;
    submit: (event?: Event) => Promise<void>;
}

function makeOnce(): string {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function useSubmit(send: (once: string) => Promise<void>): Submission {
    const busy = useSignal(false);
    const error = useSignal<ApiError | undefined>(undefined);
    const once = useSignal(makeOnce());
    const submit = async (event?: Event) => {
        event?.preventDefault();
        if (busy.value) {
            return;
        }
        busy.value = true;
        error.value = undefined;
        try {
            await send(once.value);
        } catch (thrown) {
            const problem = asApiError(thrown);
            error.value = problem;
            if (problem.status !== 0 && problem.status < 500) {
                once.value = makeOnce();
            }
        }
        busy.value = false;
    };
    return { busy: busy.value, error: error.value, submit };
}
