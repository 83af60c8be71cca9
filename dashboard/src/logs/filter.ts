// The filters of the request log, as the address has them.
import type { Query } from "../api/http";

export const filterNames = ["request_id", "key", "name", "alias", "status", "result", "model", "method", "path", "from", "to"] as const;
export type FilterName = (typeof filterNames)[number];
export type LogFilter = Partial<Record<FilterName | "last", string>>;

// The last so many seconds: the address says how long, not since when.
export const presets: [string, string][] = [
    ["", "Any time"],
    ["900", "Last 15 minutes"],
    ["3600", "Last hour"],
    ["86400", "Last 24 hours"],
    ["604800", "Last 7 days"],
    ["custom", "Custom range…"],
];

export function filterOf(query: URLSearchParams): LogFilter {
    return Object.fromEntries([...filterNames, "last"].flatMap((name) => (query.get(name) ? [[name, query.get(name)!.trim()]] : [])));
}

export function asQuery({ last, ...filter }: LogFilter): Query {
    const seconds = Number(last);
    return seconds > 0 ? { ...filter, from: new Date(Date.now() - seconds * 1000).toISOString(), to: undefined } : { ...filter };
}
