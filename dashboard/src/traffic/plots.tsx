// What was let in, what was refused and why, tokens and credits, over time.
import { useMemo } from "preact/hooks";
import type { Point } from "../api/types";
import { compact, count, refusals, shortCredits, words } from "../format";
import { Plot } from "../ui/plot";
import { reasonsOf, sumsOf } from "./sums";

export function TrafficPlots({ points }: { points: Point[] }) {
    const data = useMemo(() => {
        const of = (read: (point: Point) => number) => points.map(read);
        return {
            times: points.map((point) => point.at),
            requests: [{ label: "Requests", color: "series-1" as const, values: of((point) => point.requests) }],
            refusals: [{ label: "Refusals", color: "series-3" as const, values: of((point) => refusals(point.refused)) }],
            tokens: [
                { label: "Input", color: "series-1" as const, drawn: "line" as const, values: of((point) => point.inputTokens) },
                { label: "Output", color: "series-2" as const, drawn: "line" as const, values: of((point) => point.outputTokens) },
            ],
            credits: [{ label: "Credits", color: "series-2" as const, values: of((point) => Number(point.credits)) }],
            sums: sumsOf(points),
            reasons: reasonsOf(points),
        };
    }, [points]);
    const { times, sums, reasons } = data;
    const why = reasons.slice(0, 2).map(([reason, number]) => `${words(reason)} ${count(number)}`);
    return (
        <div class="plots">
            <Plot title="Requests" summary={`${count(sums.requests)} let in`} times={times} lines={data.requests} />
            <Plot title="Refusals" summary={why.length > 0 ? why.join(", ") : "none"} times={times} lines={data.refusals} />
            <Plot
                title="Tokens"
                summary={`${compact(sums.inputTokens)} in, ${compact(sums.outputTokens)} out`}
                times={times}
                lines={data.tokens}
            />
            <Plot
                title="Credits"
                summary={`${shortCredits(sums.credits)} spent`}
                times={times}
                lines={data.credits}
                format={shortCredits}
            />
        </div>
    );
}
