// What was allowed, what was rejected and why, tokens and credits, over time.
import { useMemo } from "preact/hooks";
import type { Bucket, Point } from "../api/types";
import { compact, count, credits, refusals, shortCredits } from "../format";
import { reasonText } from "../reasons";
import { Plot, colors, type Layer } from "../ui/plot";
import { reasonsOf, sumsOf } from "./sums";

const mostReasons = colors - 3; // beside the others, and other than the colours of what was allowed

interface TrafficPlotsProps {
    points: Point[];
    bucket: Bucket;
    onSelect?: (from: string, to: string) => void;
}

function layersByReason(points: Point[], reasons: [string, number][]): Layer[] {
    const named = reasons.slice(0, mostReasons).map(([reason]) => reason);
    const layers = named.map((reason) => ({ label: reasonText(reason), values: points.map(({ refused }) => refused[reason] ?? 0) }));
    if (reasons.length > named.length) {
        const others = points.map(({ refused }, index) => refusals(refused) - layers.reduce((sum, { values }) => sum + values[index]!, 0));
        layers.push({ label: "Other", values: others });
    }
    return layers.length > 0 ? layers : [{ label: "Rejected", values: points.map(() => 0) }];
}

export function TrafficPlots({ points, bucket, onSelect }: TrafficPlotsProps) {
    const data = useMemo(() => {
        const of = (read: (point: Point) => number) => points.map(read);
        const reasons = reasonsOf(points);
        return {
            times: points.map((point) => point.at),
            credits: [{ label: "Credits", values: of((point) => Number(point.credits)) }],
            requests: [{ label: "Requests", values: of((point) => point.requests) }],
            rejected: layersByReason(points, reasons),
            tokens: [
                { label: "Input", values: of((point) => point.inputTokens) },
                { label: "Output", values: of((point) => point.outputTokens) },
            ],
            sums: sumsOf(points),
            reasons,
        };
    }, [points]);
    const { times, sums, reasons } = data;
    const why = reasons.slice(0, 2).map(([reason, number]) => `${reasonText(reason)} ${count(number)}`);
    const more = reasons.length > 2 ? `, ${reasons.length - 2} more` : "";
    const shared = { times, bucket, utc: bucket === "day", onSelect };
    return (
        <div class="plots">
            <Plot {...shared} title="Requests" summary={`${count(sums.requests)} allowed`} layers={data.requests} exact={count} />
            <Plot
                {...shared}
                title="Rejected"
                summary={why.length > 0 ? why.join(", ") + more : "none"}
                layers={data.rejected}
                firstColor={3}
                exact={count}
            />
            <Plot
                {...shared}
                title="Tokens"
                summary={`${compact(sums.inputTokens)} in, ${compact(sums.outputTokens)} out`}
                layers={data.tokens}
                exact={count}
            />
            <Plot
                {...shared}
                title="Credits"
                summary={`${shortCredits(sums.credits)} spent`}
                layers={data.credits}
                firstColor={2}
                format={shortCredits}
                exact={(value) => credits(value.toFixed(6))}
            />
        </div>
    );
}
