// Entries of the security log: who did what to which key, and what it changed.
import type { Actor, AuditEntry, NamedKey } from "../api/types";
import { instant, words } from "../format";
import { byId, KeyLink, type KnownKeys } from "../keys/key_link";
import { Table, type Column } from "../ui/table";
import { Badge, Name, type Tone } from "../ui/text";

function toneOf(action: string): Tone {
    if (/delete|denied|disable/.test(action)) {
        return "bad";
    }
    return /create|clone|enable|topup/.test(action) ? "good" : "calm";
}

function ActorName({ of, keys }: { of: Actor; keys: KnownKeys }) {
    if (of.keyId !== undefined) {
        return <KeyLink id={of.keyId} of={keys.get(of.keyId)} />;
    }
    return of.name ? <Name>{of.name}</Name> : <span class="faint">{of.type === "operator" ? "Operator" : "Unknown"}</span>;
}

function shown(value: unknown): string {
    if (Array.isArray(value)) {
        return value.map(shown).join(", ") || "—";
    }
    if (typeof value === "object" && value !== null) {
        return (
            Object.entries(value)
                .map(([name, one]) => `${name} ${shown(one)}`)
                .join(", ") || "—"
        );
    }
    return value === undefined || value === null || value === "" ? "—" : String(value);
}

function Changes({ of: { before = {}, after = {} } }: { of: AuditEntry }) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    if (names.length === 0) {
        return <span class="faint">—</span>;
    }
    return (
        <dl class="changes">
            {names.map((name) => (
                <div>
                    <dt>{name}</dt>
                    <dd>
                        {name in before && (
                            <del>
                                <Name>{shown(before[name])}</Name>
                            </del>
                        )}
                        {name in after && (
                            <ins>
                                <Name>{shown(after[name])}</Name>
                            </ins>
                        )}
                    </dd>
                </div>
            ))}
        </dl>
    );
}

function columnsOf(keys: KnownKeys): Column<AuditEntry>[] {
    return [
        {
            title: "Time",
            cell: ({ at, number }) => (
                <>
                    <time dateTime={at}>{instant(at)}</time>
                    <span class="sub">#{number}</span>
                </>
            ),
        },
        { title: "Action", kind: "head", cell: ({ action }) => <Badge tone={toneOf(action)}>{words(action)}</Badge> },
        {
            title: "Key",
            cell: ({ keyId }) => (keyId ? <KeyLink id={keyId} of={keys.get(keyId)} /> : <span class="faint">—</span>),
        },
        { title: "Actor", cell: ({ actor }) => <ActorName of={actor} keys={keys} /> },
        { title: "IP", room: "wide", cell: ({ address }) => <code>{address ?? "—"}</code> },
        { title: "Changes", cell: (entry) => <Changes of={entry} /> },
    ];
}

export function AuditTable({ entries, keys }: { entries: AuditEntry[]; keys: NamedKey[] }) {
    return <Table label="Entries" columns={columnsOf(byId(keys))} rows={entries} keyOf={({ number }) => number} />;
}
