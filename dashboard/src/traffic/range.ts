// How far back plots look. It stands in the address, as filters do.
import type { UsageRange } from "../api/calls";
import { place } from "../router";

interface Range {
    text: string;
    bucket: UsageRange["bucket"];
    days?: number; // more than the server takes for the bucket by itself
}

export const ranges: Record<string, Range> = {
    hour: { text: "Last hour", bucket: "minute" },
    day: { text: "Last 24 hours", bucket: "hour" },
    week: { text: "Last 7 days", bucket: "hour", days: 7 },
    month: { text: "Last 30 days", bucket: "day" },
    quarter: { text: "Last 90 days", bucket: "day", days: 90 },
};

export const defaultRange = "day";

export function rangeName(): string {
    const name = place.value.query.get("range") ?? "";
    return name in ranges ? name : defaultRange;
}

const usual: Record<UsageRange["bucket"], number> = { minute: 59 * 60_000, hour: 23 * 3_600_000, day: 29 * 86_400_000 };

// When a range that ends now begins.
export function rangeBegin(name: string): number {
    const { bucket, days } = ranges[name]!;
    return Date.now() - (days ? days * 86_400_000 : usual[bucket]);
}

export function usageRange(name: string): UsageRange {
    const { bucket, days } = ranges[name]!;
    return { bucket, from: days ? new Date(Date.now() - days * 86_400_000).toISOString() : undefined };
}
