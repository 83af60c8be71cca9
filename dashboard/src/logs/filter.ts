// The filters of the request log, as the address has them.
import type { Query } from "../api/http";

export const filterNames = ["request_id", "key", "name", "alias", "status", "method", "path", "from", "to"] as const;
export type FilterName = (typeof filterNames)[number];
export type LogFilter = Partial<Record<FilterName, string>>;

export function filterOf(query: URLSearchParams): LogFilter {
    return Object.fromEntries(filterNames.flatMap((name) => (query.get(name) ? [[name, query.get(name)!.trim()]] : [])));
}

export const asQuery = (filter: LogFilter): Query => ({ ...filter });
