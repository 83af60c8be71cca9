// Sending a form once, with what is wrong with its fields: before it is sent, and by the server's answer. A repetition after a lost answer
// does not do it twice.
import { useSignal } from "@preact/signals";
import { ApiError } from "../api/http";
import { asApiError } from "../resource";

export type Problems = Record<string, string>; // by field

export interface Submission {
    busy: boolean;
    problems: Problems;
    failure: ApiError | undefined; // what no field of the form is about
    attempts: number;
    submit: (event?: Event) => Promise<void>;
}

function makeOnce(): string {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What the server says of `quotas.daily` or of `allowedIps[1]`, at that field.
function problemOf({ field, message }: ApiError, fields: string[]): Problems | undefined {
    const [, name = field, item] = /^(.+)\[(\d+)\]$/.exec(field) ?? [];
    return fields.includes(name) ? { [name]: item ? `Line ${Number(item) + 1}: ${message}` : message } : undefined;
}

interface Form {
    fields?: string[]; // that show a problem themselves
    check?: () => Problems; // what can be told without the server
}

export function useSubmit(send: (once: string) => Promise<void>, { fields = [], check = () => ({}) }: Form = {}): Submission {
    const state = useSignal<Omit<Submission, "submit">>({ busy: false, problems: {}, failure: undefined, attempts: 0 });
    const once = useSignal(makeOnce());
    const submit = async (event?: Event) => {
        event?.preventDefault();
        if (state.value.busy) {
            return;
        }
        const attempts = state.value.attempts + 1;
        const problems = check();
        if (Object.keys(problems).length > 0) {
            state.value = { busy: false, problems, failure: undefined, attempts };
            return;
        }
        state.value = { busy: true, problems: {}, failure: undefined, attempts };
        try {
            await send(once.value);
            state.value = { ...state.value, busy: false };
        } catch (thrown) {
            const error = asApiError(thrown);
            const ofField = problemOf(error, fields);
            state.value = { busy: false, problems: ofField ?? {}, failure: ofField ? undefined : error, attempts };
            if (error.status !== 0 && error.status < 500) {
                once.value = makeOnce();
            }
        }
    };
    return { ...state.value, submit };
}
