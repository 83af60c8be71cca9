import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ApiError } from "../api/http";
import { asApiError } from "../resource";
import { signedOutBecause, signIn } from "../session";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import { Brand } from "../ui/brand";
import { ThemeButton } from "../ui/theme_button";

const reasons = {
    "": "",
    ended: "Your session has ended. Sign in to go on where you were.",
    left: "You are signed out.",
};

function explain({ status, message }: ApiError): string {
    if (status === 401 && /^(invalid|incorrect)/i.test(message)) {
        return "This key is not known here. Check that all of it was pasted.";
    }
    return status === 403 && /kind of API key|billing key/i.test(message) ? "This is an API key. Sign in with a billing key." : message;
}

export function SignIn() {
    const key = useSignal("");
    const problem = useSignal("");
    const busy = useSignal(false);
    const form = useRef<HTMLFormElement>(null);
    useEffect(() => {
        document.title = "Sign in · API keys";
        form.current?.querySelector("input")?.focus();
    }, []);
    const submit = async (event: Event) => {
        event.preventDefault();
        const text = key.value.trim();
        if (!text) {
            problem.value = "Paste a billing key first.";
        } else {
            busy.value = true;
            problem.value = "";
            try {
                await signIn(text);
            } catch (error) {
                problem.value = explain(asApiError(error));
            }
            busy.value = false;
        }
        if (problem.value) {
            form.current?.querySelector("input")?.focus();
        }
    };
    return (
        <main class="sign-in">
            <div class="sign-in-top">
                <Brand />
                <ThemeButton />
            </div>
            <form ref={form} class="card" noValidate onSubmit={submit}>
                <h1>Sign in</h1>
                {reasons[signedOutBecause.value] && (
                    <p class="box" role="status">
                        {reasons[signedOutBecause.value]}
                    </p>
                )}
                <Field
                    label="Billing key"
                    type="password"
                    value={key.value}
                    onInput={(text) => (key.value = text)}
                    error={problem.value || undefined}
                    hint="A management key of the account. It is exchanged for a session and not kept in this browser."
                />
                <Button look="primary" submits busy={busy.value}>
                    Sign in
                </Button>
                <p class="hint">
                    No key yet? Your operator creates the first one with <code>apikeyctl key create</code>.
                </p>
            </form>
        </main>
    );
}
