// How far back plots look. It stands in the address, as filters do.
import type { UsageRange } from "../api/calls";
import type { Bucket } from "../api/types";
import { place } from "../router";

interface Preset {
    text: string;
    bucket: Bucket;
    buckets: number;
}

export const ranges: Record<string, Preset> = {
    hour: { text: "Last hour", bucket: "minute", buckets: 60 },
    day: { text: "Last 24 hours", bucket: "hour", buckets: 24 },
    week: { text: "Last 7 days", bucket: "hour", buckets: 168 },
    month: { text: "Last 30 days", bucket: "day", buckets: 30 },
    quarter: { text: "Last 90 days", bucket: "day", buckets: 90 },
    year: { text: "Last 12 months", bucket: "day", buckets: 365 },
};

export const defaultRange = "day";
export const bucketWidths: Record<Bucket, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const mostMinutes = 180; // of a range of one's own that is shown by the minute
const mostHours = 240;

// A range of time with its buckets: a preset that ends now, or the address's `from` and `to`.
export interface Range {
    text: string;
    bucket: Bucket;
    from: number;
    to: number;
}

function bucketFor(span: number): Bucket {
    return span <= mostMinutes * bucketWidths.minute ? "minute" : span <= mostHours * bucketWidths.hour ? "hour" : "day";
}

export const hasCustomRange = () => place.value.query.get("range") === "custom";

export function currentRange(): Range {
    const { query } = place.value;
    const name = query.get("range") ?? "";
    const from = Date.parse(query.get("from") ?? "");
    if (name === "custom" && !Number.isNaN(from)) {
        const until = Date.parse(query.get("to") ?? "");
        const bucket = bucketFor((Number.isNaN(until) ? Date.now() : until) - from);
        const to = Number.isNaN(until) ? (Math.floor(Date.now() / bucketWidths[bucket]) + 1) * bucketWidths[bucket] : until;
        return { text: "Chosen time", bucket, from, to };
    }
    return presetRange(name);
}

export function presetRange(name: string): Range {
    const { text, bucket, buckets } = ranges[name] ?? ranges[defaultRange]!;
    const width = bucketWidths[bucket];
    const first = Math.floor(Date.now() / width) - buckets + 1;
    return { text, bucket, from: first * width, to: (first + buckets) * width };
}

// Names a range as long as it is the same: what it gives in another minute is another range.
export const rangeKey = ({ bucket, from, to }: Range) => `${bucket} ${from} ${to}`;

export const asUsageRange = ({ bucket, from, to }: Range): UsageRange => ({
    bucket,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
});
