// One key: what it may do, what it has used, its requests and who changed it.
import type { ComponentChildren } from "preact";
import { listAudit, readKeyUsage } from "../api/calls";
import type { Collection, Key, KeyUsage } from "../api/types";
import { AuditTable } from "../audit/audit_list";
import { ago, count, credits, moment, shortCredits } from "../format";
import { begin, changes } from "../keys/action";
import { KeyMenu } from "../keys/key_menu";
import { isBilling } from "../keys/key_link";
import { quotasOf, resetText, SpendBar, WindowBar } from "../keys/limit_bars";
import { may, mayChange, roleNames } from "../keys/roles";
import { Snippets } from "../keys/snippets";
import { Expiry, KeyStatus } from "../keys/status";
import { windows } from "../keys/windows";
import { RequestLog } from "../logs/request_log";
import { useResource } from "../resource";
import { changeQuery, href } from "../router";
import { TrafficPlots } from "../traffic/plots";
import { asUsageRange, currentRange, rangeKey } from "../traffic/range";
import { RangeChoice } from "../traffic/range_choice";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Id } from "../ui/id";
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
            {collection === "keys" ? "API Keys" : "Billing Keys"}
        </a>
    );
}

function Settings({ of }: { of: Key }) {
    const rows: [string, ComponentChildren][] = [
        ["ID", <Id of={of.id} />],
        ["Secret", <code>{of.prefix}…</code>],
        ["Alias", of.alias ? <Name>{of.alias}</Name> : "—"],
        ["Category", of.category ? <Name>{of.category}</Name> : "—"],
        ["Type", <Name>{of.type}</Name>],
        ...(isBilling(of.type) ? ([["Role", roleNames[of.role ?? "owner"]]] as [string, ComponentChildren][]) : []),
        ["Expires", <Expiry of={of} />],
        ["Created", moment(of.createdAt)],
        ["Last used", <Time at={of.lastUsedAt} none="Never" />],
        ["Plan", of.plan ? <Name>{of.plan}</Name> : "None"],
        ["Models", of.models.length > 0 ? <Name>{of.models.join(", ")}</Name> : "All models in plan"],
        ["IP allowlist", of.allowedIps.length > 0 ? of.allowedIps.join(", ") : "Any IP"],
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
    const quotas = quotasOf(usage);
    return (
        <section class="card" aria-labelledby="limits">
            <h2 id="limits">Limits</h2>
            {quotas.length === 0 && !spend.limit && (
                <p class="about">No quota and no monthly limit: only the plan and the balance limit this key.</p>
            )}
            <div class="bars">
                {quotas.map(({ name, state }) => (
                    <div key={name}>
                        <WindowBar label={`${windows[name].label} quota`} state={state} />
                        <p class="about">
                            Requests {windows[name].about}: {count(state.remaining)} left, {resetText(state)}
                        </p>
                    </div>
                ))}
                {spend.limit && (
                    <div>
                        <SpendBar use={usage} label="Monthly limit" />
                        <p class="about">
                            {credits(spend.remaining ?? "0")} left this calendar month (UTC), resets {ago(spend.resets)}
                        </p>
                    </div>
                )}
                {!spend.limit && Number(spend.used) > 0 && (
                    <p class="about" title={credits(spend.used)}>
                        {shortCredits(Number(spend.used))} spent this month.
                    </p>
                )}
            </div>
        </section>
    );
}

function Changes({ id }: { id: number }) {
    const audit = useResource((signal) => listAudit({ key: id, limit: 20 }, signal), [id, changes.value]);
    return (
        <Loaded from={audit}>
            {({ entries, keys = [], next }) => (
                <>
                    {entries.length === 0 ? <Empty title="No changes on record" /> : <AuditTable entries={entries} keys={keys} />}
                    {next && <a href={href("audit", { key: String(id) })}>All its entries in the security log</a>}
                </>
            )}
        </Loaded>
    );
}

function History({ id }: { id: number }) {
    if (!may("readRecords")) {
        return null;
    }
    return (
        <>
            <h2>Logs</h2>
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
            <PageHead title={`Key ${id}`} about="It was deleted, or this account never had it. Its history is below." />
            <Back collection={collection} />
            <History id={id} />
        </>
    );
}

function Heading({ of, collection }: { of: Key; collection: Collection }) {
    const heading = (
        <>
            <Name>{of.name}</Name> <KeyStatus of={of} />
        </>
    );
    return (
        <PageHead title={of.name} heading={heading}>
            {mayChange(collection) && (
                <>
                    <Button onClick={() => begin("edit", collection, of)}>Edit</Button>
                    <Button onClick={() => begin("rotate", collection, of)}>Rotate</Button>
                </>
            )}
            <KeyMenu of={of} collection={collection} />
        </PageHead>
    );
}

export function KeyPage({ collection, id }: Place) {
    const range = currentRange();
    const usage = useResource((signal) => readKeyUsage(collection, id, asUsageRange(range), signal), [id, changes.value, rangeKey(range)]);
    if (usage.error?.status === 404) {
        return <Gone id={id} collection={collection} />;
    }
    return (
        <>
            <Back collection={collection} />
            <Loaded from={usage}>
                {(data) => (
                    <>
                        <Heading of={data.key} collection={collection} />
                        <div class="two">
                            <Settings of={data.key} />
                            <Limits usage={data} />
                        </div>
                        <details class="card how-to">
                            <summary>How to use it</summary>
                            <Snippets collection={collection} />
                        </details>
                        <div class="section-head">
                            <h2>Usage</h2>
                            <RangeChoice />
                        </div>
                        <TrafficPlots
                            points={data.series}
                            bucket={data.bucket}
                            onSelect={(from, to) => changeQuery({ last: "custom", from, to, cursor: undefined })}
                        />
                    </>
                )}
            </Loaded>
            <History id={id} />
        </>
    );
}
