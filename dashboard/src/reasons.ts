// Why requests are rejected, as people read it: in a word, and in a sentence for whoever looks into it.
import { words } from "./format";

const reasons: Record<string, [string, string]> = {
    ok: ["OK", "The request was allowed."],
    missing_key: ["No key", "The request had no key."],
    multiple_keys: ["Several keys", "The request had more than one key."],
    invalid_key: ["Invalid key", "The key is not known here."],
    inactive_key: ["Key inactive", "The key was deactivated. Activate it to allow its requests again."],
    expired_key: ["Key expired", "The key's expiry has passed. Set a later one, or create another key."],
    wrong_key_type: ["Wrong key type", "A key of this type is not accepted at this endpoint."],
    ip_not_allowed: ["IP not allowed", "The client's IP is not on the key's IP allowlist."],
    ip_blocked: ["IP blocked", "The client's IP is blocked for a while: it sent too many wrong keys."],
    model_not_allowed: ["Model not allowed", "The model is not among those of the key, or of its plan."],
    model_unpriced: ["Model not available", "The model has no price here. Ask your operator to add it."],
    option_unpriced: ["Option not available", "An option of the request has no price here."],
    rate_limited: ["Rate limited", "The account sent more requests in a second or a minute than its plan allows."],
    quota_exceeded: ["Quota exceeded", "A request quota of the key was used up. Raise it, or wait until it resets."],
    key_spend_exceeded: [
        "Monthly limit reached",
        "The key's monthly limit would have been exceeded. Raise it, or wait for the next month.",
    ],
    wallet_empty: ["Insufficient balance", "The account's balance did not cover the maximum cost of the request."],
    request_invalid: ["Invalid request", "The request could not be read."],
    request_too_large: ["Request too large", "The body of the request is larger than is read here."],
    store_unavailable: ["Service unavailable", "The key could not be checked: the gateway's key store was unreachable."],
    session_ended: ["Session ended", "The dashboard's session had ended."],
    upgrade_refused: ["Upgrade rejected", "Connections cannot be upgraded at this endpoint."],
};

export const reasonNames = Object.keys(reasons);
export const reasonText = (name: string) => reasons[name]?.[0] ?? words(name);
export const reasonSentence = (name: string) => reasons[name]?.[1];
