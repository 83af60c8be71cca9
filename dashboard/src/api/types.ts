// What the management API answers.

export type Collection = "keys" | "billing-keys";
export type WindowName = "total" | "daily" | "weekly" | "monthly";
export const windowNames: WindowName[] = ["total", "daily", "weekly", "monthly"];

export interface KeyType {
    name: string;
    prefix: string;
    manages: boolean;
}

export interface Session {
    account: number;
    accountName: string;
    keyId: number;
    name: string;
    role?: Role;
    expiresAt: string;
    types: KeyType[];
    deletes: "always" | "unused";
}

export interface NamedKey {
    id: number;
    name: string;
    alias?: string;
    type: string;
}

export type Role = "owner" | "editor" | "creator" | "viewer" | "billing_viewer";

export interface Key {
    id: number;
    name: string;
    alias?: string;
    category?: string;
    type: string;
    prefix: string;
    active: boolean;
    createdAt: string;
    expiresAt?: string;
    lastUsedAt?: string;
    models: string[];
    quotas: Partial<Record<WindowName, number>>;
    monthlyLimit?: string;
    allowedIps: string[];
    role?: Role;
    plan?: string;
    usage?: Use;
}

export interface Use {
    quotas: Partial<Record<WindowName, LimitState>>;
    rates: Record<string, LimitState>;
    spend: Spend;
}

export interface KeyList {
    keys: Key[];
    next?: string;
}

// What a change names: null clears.
export interface KeyChange {
    name?: string;
    alias?: string | null;
    category?: string | null;
    active?: boolean;
    expiresAt?: string | null;
    models?: string[];
    quotas?: Partial<Record<WindowName, number | string | null>>;
    monthlyLimit?: string | null;
    allowedIps?: string[];
    role?: Role | null;
}

export interface NewKey extends KeyChange {
    name: string;
    type?: string;
}

export interface Secret {
    id: number;
    key: string;
}

export interface LimitState {
    used: number;
    limit: number;
    remaining: number;
    resets?: string;
}

export interface Spend {
    month: string;
    used: string;
    held: string;
    limit?: string;
    remaining?: string;
    resets: string;
}

export interface Counts {
    requests: number;
    refused: Record<string, number>;
    inputTokens: number;
    outputTokens: number;
    credits: string;
}

export interface Point extends Counts {
    at: string;
}

export type Bucket = "minute" | "hour" | "day";

export interface KeyUsage {
    id: number;
    quotas: Partial<Record<WindowName, LimitState>>;
    rates: Record<string, LimitState>;
    spend: Spend;
    lastUsedAt?: string;
    bucket: Bucket;
    series: Point[];
    key: Key;
}

export interface Series {
    keyId?: number;
    category?: string;
    model?: string;
    total: Counts;
    points: Point[];
}

export interface UsageSeries {
    series: Series[];
    keys?: NamedKey[];
}

export interface LogEntry {
    at: string;
    keyId: number;
    keyName?: string;
    keyAlias?: string;
    keyType?: string;
    method?: string;
    path?: string;
    status: number;
    result: string;
    firstByteMs?: number;
    address?: string;
    credits?: string;
    model?: string;
    inputTokens?: number;
    outputTokens?: number;
    requestId?: string;
}

export interface LogPage {
    logs: LogEntry[];
    next?: string;
}

export interface Actor {
    type: "key" | "operator" | "unknown";
    keyId?: number;
    name?: string;
}

export interface AuditEntry {
    number: number;
    at: string;
    action: string;
    actor: Actor;
    address?: string;
    requestId?: string;
    keyId?: number;
    before?: Record<string, unknown>;
    after?: Record<string, unknown>;
}

export interface AuditPage {
    entries: AuditEntry[];
    next?: string;
    keys?: NamedKey[];
}

export interface Chain {
    entries: number;
    verified: number;
    intact: boolean;
    head: string;
    problem?: string;
    noted?: { first: number; last: number; by: number }[];
}

export interface Balance {
    balance: string;
    held: string;
    available: string;
}

export interface Transaction {
    id: number;
    type: string;
    amount: string;
    keyId?: number;
    plan?: string;
    reference?: string;
    createdAt: string;
    updatedAt?: string;
}

export interface TransactionPage {
    transactions: Transaction[];
    next?: string;
    keys?: NamedKey[];
}

export interface Subscription {
    plan?: string;
    models: string[];
    multiplier: string;
    rates: Record<string, LimitState>;
}
