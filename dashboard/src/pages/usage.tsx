// What was used and what it cost, broken down.
import { useMemo } from "preact/hooks";
import { compact, count, credits, localZone, refusals, share, shortCredits } from "../format";
import { KeyLink } from "../keys/key_link";
import { useResource } from "../resource";
import { changeQuery, go, href, place } from "../router";
import { readBreakdown, stack, valueOf, type Group, type Metric, type Part } from "../traffic/breakdown";
import { currentRange, rangeKey, type Range } from "../traffic/range";
import { RangeChoice } from "../traffic/range_choice";
import { Button } from "../ui/button";
import { Choice } from "../ui/field";
import { csvLine, saveFile } from "../ui/file";
import { PageHead } from "../ui/page_head";
import { Plot, colors } from "../ui/plot";
import { Empty, Loaded } from "../ui/state";
import { Table, type Column } from "../ui/table";
import { Name } from "../ui/text";

const groups: [Group, string][] = [
    ["key", "By API key"],
    ["model", "By model"],
    ["category", "By category"],
    ["result", "By result"],
];
const metrics: [Metric, string][] = [
    ["credits", "Credits"],
    ["requests", "Requests"],
    ["tokens", "Tokens"],
];
const titles: Record<Group, string> = { key: "API Key", model: "Model", category: "Category", result: "Result" };

const formats: Record<Metric, { short: (value: number) => string; exact: (value: number) => string }> = {
    credits: { short: shortCredits, exact: (value) => credits(value.toFixed(6)) },
    requests: { short: compact, exact: count },
    tokens: { short: compact, exact: count },
};

function chosen<Value extends string>(name: string, options: [Value, string][]): Value {
    const value = place.value.query.get(name);
    return options.find(([option]) => option === value)?.[0] ?? options[0]![0];
}

function columnsOf(group: Group, metric: Metric, whole: number): Column<Part>[] {
    const read = valueOf[metric];
    const order: Column<Part>[] = [
        {
            title: titles[group],
            kind: "head",
            cell: ({ key, label }) => (key ? <KeyLink id={key.id} of={key} /> : <Name>{label}</Name>),
        },
        {
            title: "Credits",
            kind: "number",
            sort: "credits",
            cell: ({ total }) => <span title={credits(total.credits)}>{shortCredits(Number(total.credits))}</span>,
        },
        { title: "Share", kind: "number", cell: ({ total }) => (whole > 0 ? share(read(total) / whole) : "—") },
        { title: "Allowed", kind: "number", sort: "requests", cell: ({ total }) => count(total.requests) },
        { title: "Rejected", kind: "number", cell: ({ total }) => count(refusals(total.refused)) },
        { title: "Input tokens", kind: "number", room: "wide", cell: ({ total }) => count(total.inputTokens) },
        { title: "Output tokens", kind: "number", room: "wide", cell: ({ total }) => count(total.outputTokens) },
    ];
    return order;
}

function saveCsv(group: Group, parts: Part[]) {
    const head = csvLine(["at", group, "requests", "rejected", "inputTokens", "outputTokens", "credits"]);
    const rows = parts.flatMap(({ label, points }) =>
        points
            .filter((point) => valueOf.requests(point) > 0)
            .map((point) =>
                csvLine([point.at, label, point.requests, refusals(point.refused), point.inputTokens, point.outputTokens, point.credits]),
            ),
    );
    saveFile([head, ...rows], "text/csv", `usage-by-${group}.csv`);
}

function Breakdown({ parts, group, metric, range }: { parts: Part[]; group: Group; metric: Metric; range: Range }) {
    const sorted = useMemo(() => {
        const read = valueOf[metric];
        return parts.toSorted((one, other) => read(other.total) - read(one.total));
    }, [parts, metric]);
    const layers = useMemo(() => stack(sorted, metric, colors), [sorted, metric]);
    if (sorted.length === 0) {
        return (
            <Empty title="No usage in this time">
                <p>Choose a longer time range.</p>
            </Empty>
        );
    }
    const whole = sorted.reduce((sum, { total }) => sum + valueOf[metric](total), 0);
    const { short, exact } = formats[metric];
    const title = metrics.find(([name]) => name === metric)![1];
    const setMetric = (by: string) => changeQuery({ metric: by });
    return (
        <>
            <div class="plots">
                <Plot
                    title={title}
                    summary={`${metric === "credits" ? short(whole) : exact(whole)} in total`}
                    times={sorted[0]!.points.map(({ at }) => at)}
                    bucket={range.bucket}
                    utc={range.bucket === "day" || place.value.query.get("zone") === "utc"}
                    layers={layers}
                    format={short}
                    exact={exact}
                    onSelect={(from, to) => go(href("logs", { last: "custom", from, to }))}
                />
            </div>
            <Table
                label="Usage"
                columns={columnsOf(group, metric, whole)}
                rows={sorted}
                keyOf={({ id }) => id}
                order={{ by: metric, choose: setMetric }}
            />
        </>
    );
}

export function Usage() {
    const range = currentRange();
    const group = chosen("group", groups);
    const metric = chosen("metric", metrics);
    const usage = useResource((signal) => readBreakdown(group, metric, range, signal), [rangeKey(range), group, metric]);
    return (
        <>
            <PageHead title="Usage" about="What was used and what it cost. Drag on the plot to see the requests of a time.">
                <Button icon="download" disabled={!usage.data?.length} onClick={() => saveCsv(group, usage.data ?? [])}>
                    CSV
                </Button>
            </PageHead>
            <div class="filters-row usage-choices">
                <Choice compact label="Group" value={group} options={groups} onChange={(value) => changeQuery({ group: value })} />
                <Choice compact label="Measure" value={metric} options={metrics} onChange={(value) => changeQuery({ metric: value })} />
                <RangeChoice custom />
                {range.bucket !== "day" && (
                    <Choice
                        compact
                        label="Time zone"
                        value={place.value.query.get("zone") ?? ""}
                        options={[
                            ["", localZone],
                            ["utc", "UTC"],
                        ]}
                        onChange={(zone) => changeQuery({ zone })}
                    />
                )}
            </div>
            <Loaded from={usage} rows={6}>
                {(parts) => <Breakdown parts={parts} group={group} metric={metric} range={range} />}
            </Loaded>
        </>
    );
}
