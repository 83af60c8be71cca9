import type { LogEntry } from "../api/types";
import { count, credits, instant, words } from "../format";
import { KeyLink } from "../keys/key_link";
import { CopyButton } from "../ui/copy";
import { Table, type Column } from "../ui/table";
import { Badge, Name, statusTone } from "../ui/text";

function columnsOf(ofOneKey: boolean): Column[] {
    return [
        { title: "Time" },
        ...(ofOneKey ? [] : [{ title: "Key" }]),
        { title: "Request" },
        { title: "Status" },
        { title: "First byte", kind: "number" },
        { title: "Tokens" },
        { title: "Credits", kind: "number" },
        { title: "Address", kind: "wide" },
    ];
}

function Row({ of, ofOneKey }: { of: LogEntry; ofOneKey: boolean }) {
    return (
        <tr>
            <td>
                <time dateTime={of.at}>{instant(of.at)}</time>
            </td>
            {!ofOneKey && (
                <td>
                    <KeyLink id={of.keyId} known={of.keyName} />
                    {of.keyAlias && (
                        <span class="sub">
                            <Name>{of.keyAlias}</Name>
                        </span>
                    )}
                </td>
            )}
            <th scope="row" class="request">
                <code>
                    <bdi>
                        {of.method} {of.path}
                    </bdi>
                </code>
                {of.requestId && (
                    <span class="sub id">
                        <code title={of.requestId}>{of.requestId.slice(0, 12)}…</code>
                        <CopyButton text={of.requestId} what={`request id ${of.requestId.slice(0, 12)}`} />
                    </span>
                )}
            </th>
            <td>
                <Badge tone={statusTone(of.status)}>{of.status}</Badge>
                {of.result !== "ok" && <span class="sub">{words(of.result)}</span>}
            </td>
            <td class="number">{of.firstByteMs === undefined ? "—" : `${count(of.firstByteMs)} ms`}</td>
            <td>
                {of.inputTokens === undefined ? "—" : `${count(of.inputTokens)} + ${count(of.outputTokens ?? 0)}`}
                {of.model && (
                    <span class="sub">
                        <Name>{of.model}</Name>
                    </span>
                )}
            </td>
            <td class="number">{of.credits === undefined ? "—" : credits(of.credits)}</td>
            <td class="wide">
                <code>{of.address}</code>
            </td>
        </tr>
    );
}

export function LogTable({ entries, ofOneKey = false }: { entries: LogEntry[]; ofOneKey?: boolean }) {
    return (
        <Table label="Requests" columns={columnsOf(ofOneKey)}>
            {entries.map((entry) => (
                <Row key={entry.requestId} of={entry} ofOneKey={ofOneKey} />
            ))}
        </Table>
    );
}
