// The routes of the management API, one function each.
import { call, send, type Query } from "./http";
import type {
    AuditPage,
    Balance,
    Bucket,
    Chain,
    Collection,
    Key,
    KeyChange,
    KeyList,
    KeyUsage,
    LogPage,
    NewKey,
    Secret,
    Session,
    Subscription,
    TransactionPage,
    UsageSeries,
} from "./types";

type Signal = AbortSignal | undefined;

export interface UsageRange {
    bucket: Bucket;
    from?: string | undefined;
    to?: string | undefined;
}

const get = <T>(path: string, query: Query, signal?: Signal) => call<T>("GET", path, { query, signal });

export const readSession = () => get<Session>("session", {});
export const openSession = (key: string) => call<Session>("POST", "session", { body: { key } });
export const closeSession = () => call<void>("DELETE", "session");

export const listKeys = (collection: Collection, query: Query, signal?: Signal) => get<KeyList>(collection, query, signal);
export const createKey = (collection: Collection, body: NewKey, once: string) => call<Secret>("POST", collection, { body, once });
export const changeKey = (collection: Collection, id: number, body: KeyChange) => call<Key>("PATCH", `${collection}/${id}`, { body });
export const deleteKey = (collection: Collection, id: number) => call<void>("DELETE", `${collection}/${id}`);
export const rotateKey = (collection: Collection, id: number, overlap: number, once: string) =>
    call<Secret>("POST", `${collection}/${id}/rotate`, { body: { overlap }, once });
export const cloneKey = (collection: Collection, id: number, body: { name: string; alias: string }, once: string) =>
    call<Secret>("POST", `${collection}/${id}/clone`, { body, once });

export const readKeyUsage = (collection: Collection, id: number, range: UsageRange, signal?: Signal) =>
    get<KeyUsage>(`${collection}/${id}/usage`, { ...range }, signal);

export type UsageGroup = "key" | "category" | "model";
export interface UsageQuery extends UsageRange {
    limit?: number;
    order?: "requests" | "credits";
    key?: string; // ids, separated by commas
}
export const readUsage = (groupBy: UsageGroup, query: UsageQuery, signal?: Signal) =>
    get<UsageSeries>("usage", { group_by: groupBy, names: true, ...query }, signal);

export const listLogs = (query: Query, signal?: Signal) => get<LogPage>("logs", query, signal);
export const listAudit = (query: Query, signal?: Signal) => get<AuditPage>("audit", { names: true, ...query }, signal);
export const readChain = (signal?: Signal) => get<{ chain: Chain }>("audit", { verify: true, limit: 1 }, signal);

export const readBalance = (signal?: Signal) => get<Balance>("balance", {}, signal);
export const listTransactions = (query: Query, signal?: Signal) => get<TransactionPage>("transactions", { names: true, ...query }, signal);
export const readSubscription = (signal?: Signal) => get<Subscription>("subscription", {}, signal);

// A page of the request log as text, and the cursor of the next.
export async function readLogCsv(query: Query, signal?: Signal): Promise<{ text: string; next: string }> {
    const answer = await send("GET", "logs", { query: { ...query, format: "csv" }, signal });
    return { text: await answer.text(), next: answer.headers.get("X-Next-Cursor") ?? "" };
}
