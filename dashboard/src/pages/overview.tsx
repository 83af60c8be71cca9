// The account at a glance: its traffic, its costliest keys and models.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { readBalance, readUsage } from "../api/calls";
import type { Series } from "../api/types";
import { compact, count, credits, plural, refusals, share, shortCredits } from "../format";
import { begin, changes } from "../keys/action";
import { mayCreate } from "../keys/roles";
import { byId, KeyLink, type KnownKeys } from "../keys/key_link";
import { useResource } from "../resource";
import { go, href } from "../router";
import { TrafficPlots } from "../traffic/plots";
import { asUsageRange, currentRange, rangeKey, type Range } from "../traffic/range";
import { RangeChoice } from "../traffic/range_choice";
import { added, sumsOf } from "../traffic/sums";
import { Button } from "../ui/button";
import { Fact } from "../ui/fact";
import { Choice } from "../ui/field";
import { PageHead } from "../ui/page_head";
import { Empty, Loaded } from "../ui/state";
import { Name } from "../ui/text";

const mostRanked = 5;
const mostCategories = 100; // as many as there may be

function Facts({ series }: { series: Series[] }) {
    const balance = useResource((signal) => readBalance(signal), []);
    const sums = sumsOf(series.map((one) => one.total));
    const rejected = sums.refused / Math.max(sums.requests + sums.refused, 1);
    const available = balance.data?.available;
    return (
        <dl class="facts card">
            <Fact label="Credits" about="spent">
                <span title={credits(sums.credits.toFixed(6))}>{shortCredits(sums.credits)}</span>
            </Fact>
            <Fact label="Requests" about="allowed">
                {compact(sums.requests)}
            </Fact>
            <Fact label="Rejected" about={share(rejected)}>
                {compact(sums.refused)}
            </Fact>
            <Fact label="Tokens" about={`${compact(sums.inputTokens)} in, ${compact(sums.outputTokens)} out`}>
                {compact(sums.inputTokens + sums.outputTokens)}
            </Fact>
            <Fact label="Available" about={<a href={href("balance")}>Balance</a>}>
                {available ? <span title={credits(available)}>{shortCredits(Number(available))}</span> : balance.error ? "—" : "…"}
            </Fact>
        </dl>
    );
}

function about({ total }: Series): string {
    const refused = refusals(total.refused);
    return `${plural(total.requests, "request")}${refused > 0 ? `, ${count(refused)} rejected` : ""}`;
}

function Ranked({ series, keys }: { series: Series[]; keys: KnownKeys }) {
    const most = Math.max(...series.map(({ total }) => Number(total.credits)));
    return series.length === 0 ? (
        <p class="about">None in this time.</p>
    ) : (
        <ol class="ranking">
            {series.map((one) => (
                <li>
                    <span class="ranking-name">
                        {one.keyId ? <KeyLink id={one.keyId} of={keys.get(one.keyId)} /> : <Name>{one.model}</Name>}
                    </span>
                    <span class="number" title={credits(one.total.credits)}>
                        {shortCredits(Number(one.total.credits))}
                    </span>
                    <span class="about number">{about(one)}</span>
                    <span class="ranking-bar" style={{ width: `${most > 0 ? (Number(one.total.credits) / most) * 100 : 0}%` }} />
                </li>
            ))}
        </ol>
    );
}

// By keys or by models; what is not looked at is not asked for.
function Ranking({ range }: { range: Range }) {
    const group = useSignal<"key" | "model">("key");
    const usage = useResource(
        (signal) => readUsage(group.value, { ...asUsageRange(range), order: "credits", limit: mostRanked }, signal),
        [rangeKey(range), group.value],
    );
    return (
        <section class="card" aria-label="Top by credits">
            <div class="section-head">
                <h2>Top by credits</h2>
                <Choice
                    compact
                    label="Ranking of"
                    value={group.value}
                    options={[
                        ["key", "API Keys"],
                        ["model", "Models"],
                    ]}
                    onChange={(value) => (group.value = value as "key" | "model")}
                />
            </div>
            <Loaded from={usage}>{({ series, keys }) => <Ranked series={series} keys={byId(keys)} />}</Loaded>
        </section>
    );
}

function Traffic({ series, range }: { series: Series[]; range: Range }) {
    const points = useMemo(() => added(series, range.bucket, range.from, range.to), [series]);
    if (series.length === 0) {
        return (
            <Empty title={`No requests in the ${range.text.toLowerCase()}`}>
                <p>Create a key and send a request with it: it is counted here within a second.</p>
                {mayCreate("keys") && (
                    <Button look="primary" icon="plus" onClick={() => begin("create", "keys")}>
                        Create API Key
                    </Button>
                )}
            </Empty>
        );
    }
    return (
        <>
            <Facts series={series} />
            <TrafficPlots points={points} bucket={range.bucket} onSelect={(from, to) => go(href("logs", { last: "custom", from, to }))} />
            <Ranking range={range} />
        </>
    );
}

export function Overview() {
    const range = currentRange();
    const usage = useResource(
        (signal) => readUsage("category", { ...asUsageRange(range), limit: mostCategories }, signal),
        [rangeKey(range), changes.value],
    );
    return (
        <>
            <PageHead title="Overview" about="All keys of the account together.">
                <RangeChoice />
                <Button icon="reload" label="Load again" busy={usage.loading} onClick={usage.reload} />
            </PageHead>
            <Loaded from={usage} rows={6}>
                {({ series }) => <Traffic series={series} range={range} />}
            </Loaded>
        </>
    );
}
