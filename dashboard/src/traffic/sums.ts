// Sums of counters.
import type { Counts, Point, Series } from "../api/types";
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

// One series of several: they have the same times.
export function added(series: Series[]): Point[] {
    const [first, ...others] = series.map((one) => one.points);
    return others.reduce((sum, points) => sum.map((point, index) => addTo(point, points[index]!)), first ?? []);
}

export function reasonsOf(points: Point[]): [string, number][] {
    const total = new Map<string, number>();
    for (const { refused } of points) {
        for (const [reason, number] of Object.entries(refused)) {
            total.set(reason, (total.get(reason) ?? 0) + number);
        }
    }
    return [...total].sort((a, b) => b[1] - a[1]);
}
