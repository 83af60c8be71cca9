// Requests to the management API. The session's cookie goes with them by itself; whatever changes something is JSON.

export class ApiError extends Error {
    constructor(
        readonly status: number, // 0: there was no answer
        message: string,
        readonly field = "",
    ) {
        super(message);
    }
}

export type Query = Record<string, string | number | boolean | undefined>;

export interface CallOptions {
    query?: Query;
    body?: unknown;
    signal?: AbortSignal | undefined;
    once?: string; // Idempotency-Key
}

function metaAddress(name: string): URL {
    const content = document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "../";
    return new URL(content, document.baseURI);
}

export const apiBase = metaAddress("api-base");
export const gatewayBase = metaAddress("gateway-base");

let sessionEnded = () => {};
let changeUnconfirmed = (_nodes: string) => {};

export function onSessionEnd(listener: () => void) {
    sessionEnded = listener;
}

// Nodes that may act on what was before a change for a while.
export function onUnconfirmed(listener: (nodes: string) => void) {
    changeUnconfirmed = listener;
}

function address(path: string, query: Query = {}): URL {
    const url = new URL(path, apiBase);
    for (const [name, value] of Object.entries(query)) {
        if (value !== undefined && value !== "") {
            url.searchParams.set(name, String(value));
        }
    }
    return url;
}

// As a sentence, without what is said to programs only: `alias: another key has it` becomes `Another key has it.`
function sentence(message: string): string {
    const text = message.replace(/, or null$/, "").trim();
    return text && text[0]!.toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

const statusSentences: Record<number, string> = {
    0: "The server did not answer. Check the connection, then try again.",
    404: "This no longer exists, or it never did.",
    413: "That is more than the server takes in one request.",
    503: "The server cannot reach its key store. Try again in a moment; a change may have been made.",
};

// All shapes that `api_key_error_format` has: {"error":"…"}, {"error":{"message"}}, {"detail"}.
function readError(status: number, body: unknown): ApiError {
    const { error, detail } = (body ?? {}) as { error?: unknown; detail?: string };
    const inner = (typeof error === "object" ? error : {}) as { message?: string; param?: string };
    const message = typeof error === "string" ? error : (inner.message ?? detail ?? "");
    const named = /^([A-Za-z_][\w.-]*(?:\[\d+\])?): (.+)$/s.exec(message);
    if (named && status < 500) {
        return new ApiError(status, sentence(named[2]!), named[1]!);
    }
    const known = statusSentences[status];
    return new ApiError(status, known ?? (sentence(message) || `The server answered with status ${status}.`), inner.param ?? "");
}

export async function send(method: string, path: string, { query, body, signal, once }: CallOptions = {}): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method !== "GET") {
        headers["Content-Type"] = "application/json";
    }
    if (once) {
        headers["Idempotency-Key"] = once;
    }
    const options: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store", signal: signal ?? null };
    if (body !== undefined) {
        options.body = JSON.stringify(body);
    }
    let answer: Response;
    try {
        answer = await fetch(address(path, query), options);
    } catch (error) {
        throw signal?.aborted ? error : new ApiError(0, statusSentences[0]!);
    }
    if (!answer.ok) {
        const error = readError(answer.status, await answer.json().catch(() => null));
        if (answer.status === 401 && path !== "session") {
            sessionEnded();
        }
        throw error;
    }
    const nodes = answer.headers.get("X-Unconfirmed-Nodes");
    if (nodes) {
        changeUnconfirmed(nodes);
    }
    return answer;
}

export async function call<T>(method: string, path: string, options?: CallOptions): Promise<T> {
    const answer = await send(method, path, options);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
}

export function isAbort(error: unknown): boolean {
    return error instanceof DOMException && error.name === "AbortError";
}
