// One key: what it may do, what it has used, its requests and who changed it.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { listAudit, readKey, readKeyUsage } from "../api/calls";
import { windowNames, type Collection, type Key, type KeyUsage } from "../api/types";
import { AuditTable } from "../audit/audit_list";
import { ago, count, credits, moment } from "../format";
import { begin, changes } from "../keys/action";
import { KeyMenu } from "../keys/key_menu";
import { resetText, SpendBar, WindowBar, windowLabels } from "../keys/limit_bars";
import { rememberKey } from "../keys/names";
import { Expiry, KeyStatus } from "../keys/status";
import { RequestLog } from "../logs/request_log";
import { useResource } from "../resource";
import { href } from "../router";
import { TrafficPlots } from "../traffic/plots";
import { rangeName, usageRange } from "../traffic/range";
import { RangeChoice } from "../traffic/range_choice";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { PageHead } from "../ui/page_head";
import { Empty, Loaded } from "../ui/state";
import { Name, Time } from "../ui/text";

interface Place {
    collection: Collection;
    id: number;
}

function Back({ collection }: { collection: Collection }) {
    return (
        <a class="back" href={href(collection)}>
            <Icon name="back" />
            {collection === "keys" ? "API keys" : "Billing keys"}
        </a>
    );
}

function Settings({ of }: { of: Key }) {
    const rows: [string, ComponentChildren][] = [
        ["Secret", <code>{of.prefix}…</code>],
        ["Alias", of.alias ? <Name>{of.alias}</Name> : "—"],
        ["Category", of.category ? <Name>{of.category}</Name> : "—"],
        ["Type", <Name>{of.type}</Name>],
        ["Expires", <Expiry of={of} />],
        ["Created", moment(of.createdAt)],
        ["Last used", <Time at={of.lastUsedAt} none="Never" />],
        ["Models", of.models.length > 0 ? <Name>{of.models.join(", ")}</Name> : "All of the plan"],
        ["Addresses", of.allowedIps.length > 0 ? of.allowedIps.join(", ") : "From anywhere"],
        ...(of.plan ? [["Plan", <Name>{of.plan}</Name>] as [string, ComponentChildren]] : []),
    ];
    return (
        <section class="card" aria-labelledby="settings">
            <h2 id="settings">Settings</h2>
            <dl class="settings">
                {rows.map(([name, value]) => (
                    <div>
                        <dt>{name}</dt>
                        <dd>{value}</dd>
                    </div>
                ))}
            </dl>
        </section>
    );
}

function Limits({ usage }: { usage: KeyUsage }) {
    const { spend } = usage;
    const windows = windowNames.flatMap((name) => (usage.quotas[name] ? [[name, usage.quotas[name]] as const] : []));
    return (
        <section class="card" aria-labelledby="limits">
            <h2 id="limits">Limits</h2>
            {windows.length === 0 && !spend.limit && (
                <p class="about">No quota and no monthly limit: only the plan and the wallet hold it.</p>
            )}
            <div class="bars">
                {windows.map(([name, state]) => (
                    <div key={name}>
                        <WindowBar label={`Requests, ${windowLabels[name].toLowerCase()}`} state={state} />
                        <p class="about">
                            {count(state.remaining)} left, {resetText(state)}
                        </p>
                    </div>
                ))}
                {spend.limit && (
                    <div>
                        <SpendBar usage={usage} />
                        <p class="about">
                            {credits(spend.remaining ?? "0")} left in this month, resets {ago(spend.resets)}
                        </p>
                    </div>
                )}
                {!spend.limit && Number(spend.used) > 0 && <p class="about">{credits(spend.used)} credits spent this month.</p>}
            </div>
        </section>
    );
}

function Changes({ id }: { id: number }) {
    const audit = useResource((signal) => listAudit({ key: id, limit: 20 }, signal), [id, changes.value]);
    return (
        <Loaded from={audit}>
            {({ entries, next }) => (
                <>
                    {entries.length === 0 ? <Empty title="No changes on record" /> : <AuditTable entries={entries} />}
                    {next && <a href={href("audit", { key: String(id) })}>All of its entries in the security log</a>}
                </>
            )}
        </Loaded>
    );
}

function History({ id }: { id: number }) {
    return (
        <>
            <h2>Requests</h2>
            <RequestLog keyId={id} />
            <h2>Changes</h2>
            <Changes id={id} />
        </>
    );
}

// A key that was deleted has its history still.
function Gone({ id, collection }: Place) {
    return (
        <>
            <PageHead title={`Key ${id}`} about="It was deleted, or this account never had it. What is on record of it stands below." />
            <Back collection={collection} />
            <History id={id} />
        </>
    );
}

function Live({ of, collection }: { of: Key; collection: Collection }) {
    const range = rangeName();
    useEffect(() => rememberKey(of, collection), [of]);
    const usage = useResource((signal) => readKeyUsage(collection, of.id, usageRange(range), signal), [of, range]);
    const heading = (
        <>
            <Name>{of.name}</Name> <KeyStatus of={of} />
        </>
    );
    return (
        <>
            <Back collection={collection} />
            <PageHead title={of.name} heading={heading}>
                <Button onClick={() => begin("edit", collection, of)}>Edit</Button>
                <Button onClick={() => begin("rotate", collection, of)}>Rotate</Button>
                <KeyMenu of={of} collection={collection} />
            </PageHead>
            <div class="two">
                <Settings of={of} />
                <Loaded from={usage}>{(data) => <Limits usage={data} />}</Loaded>
            </div>
            <div class="section-head">
                <h2>Use</h2>
                <RangeChoice />
            </div>
            <Loaded from={usage}>{({ series }) => <TrafficPlots points={series} />}</Loaded>
            <History id={of.id} />
        </>
    );
}

export function KeyPage({ collection, id }: Place) {
    const key = useResource((signal) => readKey(collection, id, signal), [id, changes.value]);
    if (key.error?.status === 404) {
        return <Gone id={id} collection={collection} />;
    }
    return <Loaded from={key}>{(data) => <Live of={data} collection={collection} />}</Loaded>;
}
