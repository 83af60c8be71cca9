// The account at a glance: its traffic, its busiest keys and models.
import { useMemo } from "preact/hooks";
import { readBalance, readUsage } from "../api/calls";
import type { Series } from "../api/types";
import { compact, count, credits, refusals, shortCredits } from "../format";
import { begin, changes } from "../keys/action";
import { KeyLink } from "../keys/key_link";
import { useResource } from "../resource";
import { href } from "../router";
import { TrafficPlots } from "../traffic/plots";
import { rangeBegin, rangeName, ranges, usageRange } from "../traffic/range";
import { RangeChoice } from "../traffic/range_choice";
import { added, sumsOf } from "../traffic/sums";
import { Button } from "../ui/button";
import { Fact } from "../ui/fact";
import { PageHead } from "../ui/page_head";
import { Empty, Loaded } from "../ui/state";
import { Name } from "../ui/text";

const mostRanked = 5;
const mostCategories = 100; // as many as there may be

function Facts({ series }: { series: Series[] }) {
    const balance = useResource((signal) => readBalance(signal), []);
    const sums = sumsOf(series.map((one) => one.total));
    const share = sums.refused / Math.max(sums.requests + sums.refused, 1);
    return (
        <dl class="facts card">
            <Fact label="Requests" about="let in">
                {compact(sums.requests)}
            </Fact>
            <Fact label="Refused" about={`${(share * 100).toFixed(1)} %`}>
                {compact(sums.refused)}
            </Fact>
            <Fact label="Tokens" about={`${compact(sums.inputTokens)} in, ${compact(sums.outputTokens)} out`}>
                {compact(sums.inputTokens + sums.outputTokens)}
            </Fact>
            <Fact label="Credits" about="spent">
                {shortCredits(sums.credits)}
            </Fact>
            <Fact label="Available" about={<a href={href("balance")}>Balance</a>}>
                {balance.data ? credits(balance.data.available) : balance.error ? "—" : "…"}
            </Fact>
        </dl>
    );
}

function refusedText({ total }: Series): string {
    const refused = refusals(total.refused);
    return refused > 0 ? `${compact(refused)} refused` : "";
}

function Ranking({ title, series }: { title: string; series: Series[] }) {
    const most = series[0]?.total.requests ?? 0;
    return (
        <section class="card" aria-label={title}>
            <h2>{title}</h2>
            {series.length === 0 ? (
                <p class="about">None in this time.</p>
            ) : (
                <ol class="ranking">
                    {series.slice(0, mostRanked).map((one) => (
                        <li>
                            <span class="ranking-name">{one.keyId ? <KeyLink id={one.keyId} /> : <Name>{one.model}</Name>}</span>
                            <span class="number">{count(one.total.requests)}</span>
                            <span class="about number">
                                {one.keyId ? refusedText(one) : `${shortCredits(Number(one.total.credits))} credits`}
                            </span>
                            <span class="ranking-bar" style={{ width: `${most > 0 ? (one.total.requests / most) * 100 : 0}%` }} />
                        </li>
                    ))}
                </ol>
            )}
        </section>
    );
}

function Rankings({ range }: { range: string }) {
    const keys = useResource((signal) => readUsage("key", usageRange(range), mostRanked, signal), [range]);
    const models = useResource((signal) => readUsage("model", usageRange(range), mostRanked, signal), [range]);
    return (
        <div class="two">
            <Loaded from={keys}>{({ series }) => <Ranking title="Busiest keys" series={series} />}</Loaded>
            <Loaded from={models}>{({ series }) => <Ranking title="Models" series={series} />}</Loaded>
        </div>
    );
}

function Traffic({ series, range }: { series: Series[]; range: string }) {
    const points = useMemo(() => added(series, ranges[range]!.bucket, rangeBegin(range)), [series, range]);
    if (series.length === 0) {
        return (
            <Empty title={`No requests in the ${ranges[range]!.text.toLowerCase()}`}>
                <p>Create a key and send a request with it: it is counted here within a second.</p>
                <Button look="primary" icon="plus" onClick={() => begin("create", "keys")}>
                    Create key
                </Button>
            </Empty>
        );
    }
    return (
        <>
            <Facts series={series} />
            <TrafficPlots points={points} />
            <Rankings range={range} />
        </>
    );
}

export function Overview() {
    const range = rangeName();
    const usage = useResource((signal) => readUsage("category", usageRange(range), mostCategories, signal), [range, changes.value]);
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
