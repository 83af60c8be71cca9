// All that the log has of one request, and why it was rejected.
import type { ComponentChildren } from "preact";
import type { LogEntry } from "../api/types";
import { count, credits, instant, utcMoment } from "../format";
import { reasonSentence, reasonText } from "../reasons";
import { CopyButton } from "../ui/copy";
import { Dialog } from "../ui/dialog";
import { Badge, Name, statusTone } from "../ui/text";
import { LoggedKey } from "./log_table";

function rowsOf(entry: LogEntry): [string, ComponentChildren][] {
    const { at, requestId, keyAlias, keyId, firstByteMs, address, model, inputTokens, outputTokens, credits: amount } = entry;
    const rows: [string, ComponentChildren | undefined][] = [
        [
            "Request ID",
            requestId && (
                <span class="id">
                    <code>{requestId}</code>
                    <CopyButton text={requestId} what="the request ID" />
                </span>
            ),
        ],
        ["Time", `${instant(at)} (${utcMoment(at)} UTC)`],
        ["API Key", <LoggedKey of={entry} />],
        ["Key ID", String(keyId)],
        ["Alias", keyAlias && <Name>{keyAlias}</Name>],
        ["IP", address && <code>{address}</code>],
        ["Time to first byte", firstByteMs === undefined ? undefined : `${count(firstByteMs)} ms`],
        ["Model", model && <Name>{model}</Name>],
        ["Input tokens", inputTokens === undefined ? undefined : count(inputTokens)],
        ["Output tokens", outputTokens === undefined ? undefined : count(outputTokens)],
        ["Credits", amount && credits(amount)],
    ];
    return rows.filter((row): row is [string, ComponentChildren] => Boolean(row[1]));
}

export function RequestDialog({ of, onClose }: { of: LogEntry; onClose: () => void }) {
    const sentence = of.result === "ok" ? undefined : reasonSentence(of.result);
    return (
        <Dialog
            title={
                <code>
                    <bdi>
                        {of.method} {of.path}
                    </bdi>
                </code>
            }
            onClose={onClose}
            large
        >
            <p>
                <Badge tone={statusTone(of.status)}>{of.status}</Badge> {reasonText(of.result)}
            </p>
            {sentence && <p class="box warn">{sentence}</p>}
            <dl class="settings last">
                {rowsOf(of).map(([name, value]) => (
                    <div>
                        <dt>{name}</dt>
                        <dd>{value}</dd>
                    </div>
                ))}
            </dl>
        </Dialog>
    );
}
