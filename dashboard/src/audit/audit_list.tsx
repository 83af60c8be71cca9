// Entries of the security log: who did what to which key, and what it changed.
import type { Actor, AuditEntry } from "../api/types";
import { instant, words } from "../format";
import { KeyLink } from "../keys/key_link";
import { Table, type Column } from "../ui/table";
import { Badge, Name, type Tone } from "../ui/text";

const columns: Column[] = [
    { title: "Time" },
    { title: "What" },
    { title: "Key" },
    { title: "By" },
    { title: "From", kind: "wide" },
    { title: "Changes" },
];

function toneOf(action: string): Tone {
    if (/delete|denied|disable/.test(action)) {
        return "bad";
    }
    return /create|clone|enable|topup/.test(action) ? "good" : "calm";
}

function ActorName({ of }: { of: Actor }) {
    if (of.keyId !== undefined) {
        return <KeyLink id={of.keyId} likely="billing-keys" />;
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

export function AuditTable({ entries }: { entries: AuditEntry[] }) {
    return (
        <Table label="Entries" columns={columns}>
            {entries.map((entry) => (
                <tr key={entry.number}>
                    <td>
                        <time dateTime={entry.at}>{instant(entry.at)}</time>
                        <span class="sub">#{entry.number}</span>
                    </td>
                    <th scope="row">
                        <Badge tone={toneOf(entry.action)}>{words(entry.action)}</Badge>
                    </th>
                    <td>{entry.keyId ? <KeyLink id={entry.keyId} /> : <span class="faint">—</span>}</td>
                    <td>
                        <ActorName of={entry.actor} />
                    </td>
                    <td class="wide">
                        <code>{entry.address ?? "—"}</code>
                    </td>
                    <td>
                        <Changes of={entry} />
                    </td>
                </tr>
            ))}
        </Table>
    );
}
