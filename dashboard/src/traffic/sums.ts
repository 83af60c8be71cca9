// Sums of counters.
import type { Bucket, Counts, Point, Series } from "../api/types";
import { refusals } from "../format";

export interface Sums {
    requests: number;
    refused: number;
    inputTokens: number;
    outputTokens: number;
    credits: number;
}

export function sumsOf(counts: Counts[]): Sums {
    const sums = { requests: 0, refused: 0, inputTokens: 0, outputTokens: 0, credits: 0 };
    for (const one of counts) {
        sums.requests += one.requests;
        sums.refused += refusals(one.refused);
        sums.inputTokens += one.inputTokens;
        sums.outputTokens += one.outputTokens;
        sums.credits += Number(one.credits);
    }
    return sums;
}

function addTo(point: Point, other: Point): Point {
    const refused = { ...point.refused };
    for (const [reason, number] of Object.entries(other.refused)) {
        refused[reason] = (refused[reason] ?? 0) + number;
    }
    return {
        at: point.at,
        requests: point.requests + other.requests,
        refused,
        inputTokens: point.inputTokens + other.inputTokens,
        outputTokens: point.outputTokens + other.outputTokens,
        credits: (Number(point.credits) + Number(other.credits)).toFixed(6),
    };
}

const widths: Record<Bucket, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

const nothing = (at: string): Point => ({ at, requests: 0, refused: {}, inputTokens: 0, outputTokens: 0, credits: "0.000000" });

// One series of several, with a point for every bucket of the range: the server leaves out those without anything.
export function added(series: Series[], bucket: Bucket, from: number, to: number): Point[] {
    const points = new Map<number, Point>();
    for (let at = Math.floor(from / widths[bucket]) * widths[bucket]; at < to; at += widths[bucket]) {
        points.set(at, nothing(new Date(at).toISOString()));
    }
    for (const point of series.flatMap((one) => one.points)) {
        const at = Date.parse(point.at);
        points.set(at, addTo(points.get(at) ?? nothing(point.at), point));
    }
    return [...points.entries()].sort(([one], [other]) => one - other).map(([, point]) => point);
}

// The reasons of all refusals, the most frequent first.
export function reasonsOf(points: Counts[]): [string, number][] {
    const total = new Map<string, number>();
    for (const { refused } of points) {
        for (const [reason, number] of Object.entries(refused)) {
            total.set(reason, (total.get(reason) ?? 0) + number);
        }
    }
    return [...total].sort((a, b) => b[1] - a[1]);
}
