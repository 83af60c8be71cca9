// How long the balance lasts, by what was spent of late.
import type { Transaction } from "../api/types";

export interface Forecast {
    perDay: number; // credits
    overDays: number; // complete UTC days that this is the average of
    lastsDays: number; // of what is available
    monthSoFar: number; // credits spent in this month (UTC), as far as the entries go back
    wholeMonth: number; // the same until its end, at that rate
}

const millisecondsPerDay = 86_400_000;
const daysLookedAt = 7;

const dayOf = (time: string) => Math.floor(Date.parse(time) / millisecondsPerDay);

// `entries` are the newest of the ledger; `hasMore` says that older ones are not among them, so the oldest day may be incomplete. Nothing where no
// complete day is known, or nothing was spent.
export function forecastOf(entries: Transaction[], hasMore: boolean, available: number, now: number): Forecast | undefined {
    const spent = new Map<number, number>(); // by day
    for (const { type, amount, createdAt } of entries) {
        if (type === "usage") {
            spent.set(dayOf(createdAt), (spent.get(dayOf(createdAt)) ?? 0) - Number(amount));
        }
    }
    const today = Math.floor(now / millisecondsPerDay);
    const oldest = Math.min(...entries.map(({ createdAt }) => dayOf(createdAt)));
    const first = Math.max(today - daysLookedAt, hasMore ? oldest + 1 : oldest);
    const overDays = today - first;
    if (overDays < 1) {
        return undefined;
    }
    const sumFrom = (begin: number) => [...spent].reduce((sum, [day, amount]) => (day >= begin ? sum + amount : sum), 0);
    const perDay = (sumFrom(first) - (spent.get(today) ?? 0)) / overDays;
    if (!(perDay > 0)) {
        return undefined;
    }
    const date = new Date(now);
    const monthBegin = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / millisecondsPerDay;
    const monthEnd = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / millisecondsPerDay;
    const monthSoFar = sumFrom(monthBegin);
    return {
        perDay,
        overDays,
        lastsDays: Math.floor(Math.max(available, 0) / perDay),
        monthSoFar,
        wholeMonth: monthSoFar + perDay * (monthEnd - now / millisecondsPerDay),
    };
}
