// Small pieces of text that are the same everywhere.
import type { ComponentChildren } from "preact";
import { ago, moment } from "../format";

// Whatever a person has typed somewhere: text of its own direction, never markup.
export function Name({ children }: { children: string | undefined }) {
    return <bdi>{children}</bdi>;
}

export function Time({ at, none = "—" }: { at: string | undefined; none?: string }) {
    return at ? (
        <time dateTime={at} title={moment(at)}>
            {ago(at, "short")}
        </time>
    ) : (
        <span class="faint">{none}</span>
    );
}

export type Tone = "good" | "bad" | "warn" | "calm";

export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
    return <span class={`badge ${tone}`}>{children}</span>;
}

export const statusTone = (status: number): Tone => (status < 300 ? "good" : status < 400 ? "calm" : status < 500 ? "warn" : "bad");
