// What a key can do right now, in one word.
import type { Key } from "../api/types";
import { day, moment } from "../format";
import { session } from "../session";
import { Badge, type Tone } from "../ui/text";

const soon = 7 * 86_400_000;

export const isExpired = (key: Key) => key.expiresAt !== undefined && Date.parse(key.expiresAt) <= Date.now();

// Why a key cannot be deleted here; nothing: it can.
export const whyNotDeleted = ({ lastUsedAt }: Key) =>
    lastUsedAt && session.value?.deletes === "unused" ? "It was used: deactivate it instead" : undefined;

function statusOf(key: Key): [Tone, string] {
    if (isExpired(key)) {
        return ["bad", "Expired"];
    }
    if (!key.active) {
        return ["calm", "Inactive"];
    }
    const ends = key.expiresAt && Date.parse(key.expiresAt) - Date.now() < soon;
    return ends ? ["warn", "Expires soon"] : ["good", "Active"];
}

export function KeyStatus({ of }: { of: Key }) {
    const [tone, text] = statusOf(of);
    return <Badge tone={tone}>{text}</Badge>;
}

export function Expiry({ of }: { of: Key }) {
    return of.expiresAt ? (
        <time dateTime={of.expiresAt} title={moment(of.expiresAt)}>
            {day(of.expiresAt)}
        </time>
    ) : (
        <span class="faint">Never</span>
    );
}
