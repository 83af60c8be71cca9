// Who is signed in. The cookie is out of reach of scripts; this is what the server told of it.
import { signal } from "@preact/signals";
import { closeSession, openSession, readSession } from "./api/calls";
import { ApiError, onSessionEnd } from "./api/http";
import type { Session } from "./api/types";

export const session = signal<Session | null | undefined>(undefined); // undefined: not known yet
export const signedOutBecause = signal<"" | "ended" | "left">("");
export const sessionProblem = signal<ApiError | null>(null);

onSessionEnd(() => {
    if (session.value) {
        signedOutBecause.value = "ended";
        session.value = null;
    }
});

export async function resumeSession() {
    sessionProblem.value = null;
    try {
        session.value = await readSession();
    } catch (error) {
        if (error instanceof ApiError && error.status !== 401) {
            sessionProblem.value = error;
        } else {
            session.value = null;
        }
    }
}

export async function signIn(key: string) {
    session.value = await openSession(key);
    signedOutBecause.value = "";
}

export async function signOut() {
    await closeSession();
    signedOutBecause.value = "left";
    session.value = null;
}
