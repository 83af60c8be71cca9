// What was used, broken down by key, model, category or result.
import { readUsage, type UsageGroup } from "../api/calls";
import type { Counts, Point, Series } from "../api/types";
import { refusals } from "../format";
import { reasonText } from "../reasons";
import { asUsageRange, type Range } from "./range";
import { added, reasonsOf, sumsOf } from "./sums";

export type Group = UsageGroup | "result";
export type Metric = "credits" | "requests" | "tokens";

export interface Part {
    id: string;
    label: string;
    key?: { id: number; name: string; type: string } | undefined;
    total: Counts;
    points: Point[]; // of all buckets of the range
}

const most = 100; // of names in an answer

export const valueOf: Record<Metric, (counts: Counts) => number> = {
    credits: ({ credits }) => Number(credits),
    requests: ({ requests, refused }) => requests + refusals(refused),
    tokens: ({ inputTokens, outputTokens }) => inputTokens + outputTokens,
};

// All that was allowed is one part, and each reason of a refusal another.
function byResult(series: Series[], range: Range): Part[] {
    const points = added(series, range.bucket, range.from, range.to);
    const none = { requests: 0, refused: {}, inputTokens: 0, outputTokens: 0, credits: "0" };
    const part = (id: string, read: (point: Point) => Counts): Part => {
        const own = points.map((point) => ({ ...read(point), at: point.at }));
        const { requests, inputTokens, outputTokens, credits } = sumsOf(own);
        const refused = Object.fromEntries(reasonsOf(own));
        return {
            id,
            label: reasonText(id),
            points: own,
            total: { requests, refused, inputTokens, outputTokens, credits: credits.toFixed(6) },
        };
    };
    return [
        part("ok", (point) => ({ ...point, refused: {} })),
        ...reasonsOf(points).map(([reason]) => part(reason, ({ refused }) => ({ ...none, refused: { [reason]: refused[reason] ?? 0 } }))),
    ];
}

const nameOf = (series: Series) => series.model ?? series.category ?? "";

export async function readBreakdown(group: Group, metric: Metric, range: Range, signal: AbortSignal): Promise<Part[]> {
    const asked = group === "result" ? "category" : group;
    const order = metric === "credits" ? "credits" : "requests";
    const { series, keys = [] } = await readUsage(asked, { ...asUsageRange(range), order, limit: most }, signal);
    if (group === "result") {
        return byResult(series, range);
    }
    return series.map((one) => {
        const key = keys.find(({ id }) => id === one.keyId);
        return {
            id: String(one.keyId ?? nameOf(one)),
            label: one.keyId ? (key?.name ?? `Key ${one.keyId}`) : nameOf(one) || "No category",
            key: one.keyId ? (key ?? { id: one.keyId, name: "", type: "" }) : undefined,
            total: one.total,
            points: added([one], range.bucket, range.from, range.to),
        };
    });
}

// The first parts, and the others as one more.
export function stack(parts: Part[], metric: Metric, mostLayers: number): { label: string; values: number[] }[] {
    const read = valueOf[metric];
    const layers = parts.slice(0, mostLayers - 1).map(({ label, points }) => ({ label, values: points.map(read) }));
    const others = parts.slice(mostLayers - 1);
    if (others.length > 0) {
        const values = others[0]!.points.map((_, index) => others.reduce((sum, { points }) => sum + read(points[index]!), 0));
        layers.push({ label: others.length > 1 ? "Other" : others[0]!.label, values });
    }
    return layers;
}
