import { useSignal } from "@preact/signals";
import type { LogEntry } from "../api/types";
import { count, credits, instant } from "../format";
import { KeyLink } from "../keys/key_link";
import { reasonText } from "../reasons";
import { CopyButton } from "../ui/copy";
import { Table, type Column } from "../ui/table";
import { Badge, Name, statusTone } from "../ui/text";
import { RequestDialog } from "./request_dialog";

const shortId = (id: string) => id.slice(0, 12);

export const LoggedKey = ({ of: { keyId, keyName, keyType } }: { of: LogEntry }) => (
    <KeyLink id={keyId} of={keyName ? { name: keyName, type: keyType ?? "" } : undefined} />
);

const keyColumn: Column<LogEntry> = {
    title: "API Key",
    cell: (entry) => (
        <>
            <LoggedKey of={entry} />
            {entry.keyAlias && (
                <span class="sub">
                    <Name>{entry.keyAlias}</Name>
                </span>
            )}
        </>
    ),
};

function columnsOf(ofOneKey: boolean, open: (entry: LogEntry) => void): Column<LogEntry>[] {
    return [
        {
            title: "Time",
            cell: ({ at }) => <time dateTime={at}>{instant(at)}</time>,
        },
        ...(ofOneKey ? [] : [keyColumn]),
        {
            title: "Endpoint",
            kind: "head",
            cell: (entry) => (
                <div class="request">
                    <button type="button" class="link" onClick={() => open(entry)}>
                        <code>
                            <bdi>
                                {entry.method} {entry.path}
                            </bdi>
                        </code>
                    </button>
                    {entry.requestId && (
                        <span class="sub id">
                            <code title={entry.requestId}>{shortId(entry.requestId)}…</code>
                            <CopyButton text={entry.requestId} what={`request ID ${shortId(entry.requestId)}`} />
                        </span>
                    )}
                </div>
            ),
        },
        {
            title: "Status",
            cell: ({ status, result }) => (
                <>
                    <Badge tone={statusTone(status)}>{status}</Badge>
                    {result !== "ok" && <span class="sub">{reasonText(result)}</span>}
                </>
            ),
        },
        {
            title: "Duration",
            kind: "number",
            about: "Time to the first byte of the answer",
            cell: ({ firstByteMs }) => (firstByteMs === undefined ? "—" : `${count(firstByteMs)} ms`),
        },
        {
            title: "Tokens",
            about: "Input + output",
            cell: ({ inputTokens, outputTokens, model }) => (
                <>
                    {inputTokens === undefined ? "—" : `${count(inputTokens)} + ${count(outputTokens ?? 0)}`}
                    {model && (
                        <span class="sub">
                            <Name>{model}</Name>
                        </span>
                    )}
                </>
            ),
        },
        {
            title: "Credits",
            kind: "number",
            cell: ({ credits: amount, result }) =>
                amount === undefined || (result !== "ok" && Number(amount) === 0) ? "—" : credits(amount),
        },
        { title: "IP", room: "wide", cell: ({ address }) => <code>{address ?? "—"}</code> },
    ];
}

export function LogTable({ entries, ofOneKey = false }: { entries: LogEntry[]; ofOneKey?: boolean }) {
    const opened = useSignal<LogEntry | null>(null);
    const open = (entry: LogEntry) => (opened.value = entry);
    return (
        <>
            <Table
                label="Requests"
                columns={columnsOf(ofOneKey, open)}
                rows={entries}
                keyOf={({ requestId, at }) => requestId ?? at}
                onRow={open}
            />
            {opened.value && <RequestDialog of={opened.value} onClose={() => (opened.value = null)} />}
        </>
    );
}
