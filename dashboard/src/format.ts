// Numbers, times and amounts as people read them, in the browser's own language.

const whole = new Intl.NumberFormat();
const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const shares = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const dateOnly = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const dateThisYear = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const utcDate = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const utcTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
const exactTime = new Intl.DateTimeFormat(undefined, {
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    second: "2-digit",
});
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const relativeShort = new Intl.RelativeTimeFormat(undefined, { style: "narrow" });

export const count = (number: number) => whole.format(number);
export const compact = (number: number) => (Math.abs(number) < 10_000 ? whole.format(number) : short.format(number));
export const share = (part: number) => shares.format(part);
export function day(time: string): string {
    const date = new Date(time);
    return (date.getFullYear() === new Date().getFullYear() ? dateThisYear : dateOnly).format(date);
}
export const moment = (time: string) => dateTime.format(new Date(time));
export const instant = (time: string) => exactTime.format(new Date(time));
export const utcDay = (time: string) => utcDate.format(new Date(time));
export const utcMoment = (time: string) => utcTime.format(new Date(time));

// The browser's time zone: `America/Los_Angeles`.
export const localZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
];

export function ago(time: string, style: "long" | "short" = "long"): string {
    const seconds = Math.round((Date.parse(time) - Date.now()) / 1000);
    for (const [unit, size] of units) {
        if (Math.abs(seconds) >= size) {
            return (style === "long" ? relative : relativeShort).format(Math.trunc(seconds / size), unit);
        }
    }
    return seconds > 0 ? "in a moment" : "just now";
}

// What a credit is: `currency` of index.html, a US dollar unless the operator's prices say otherwise. Empty: a unit of its own.
const currency = document.querySelector<HTMLMetaElement>('meta[name="currency"]')?.content ?? "";

function moneyFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const unit: Intl.NumberFormatOptions = currency ? { style: "currency", currency, currencyDisplay: "narrowSymbol" } : {};
    return new Intl.NumberFormat(undefined, { ...unit, ...options });
}

const exactMoney = moneyFormat({ minimumFractionDigits: 2, maximumFractionDigits: 6 });
const signedMoney = moneyFormat({ minimumFractionDigits: 2, maximumFractionDigits: 6, signDisplay: "exceptZero" });
const cents = moneyFormat({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
const smallMoney = moneyFormat({
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    maximumSignificantDigits: 3,
    roundingPriority: "morePrecision",
});

// A decimal text is formatted without a detour over floating point.
const decimal = (amount: string) => amount as Intl.StringNumericLiteral;

// Exact to the last decimal that says something: "24.998310" is $24.99831, "5.000000" is $5.00.
export const credits = (amount: string) => exactMoney.format(decimal(amount));
export const signedCredits = (amount: string) => signedMoney.format(decimal(amount));

// To the cent, small ones to three digits.
export function shortCredits(amount: number): string {
    return (amount !== 0 && Math.abs(amount) < 0.995 ? smallMoney : cents).format(amount);
}

export const refusals = (refused: Record<string, number>) => Object.values(refused).reduce((sum, one) => sum + one, 0);

// `key.rotate` as words
export const words = (name: string) => name.replace(/[._]/g, " ");

// How this language writes 1234.5.
const parts = new Intl.NumberFormat(undefined, { useGrouping: true }).formatToParts(1_234_567.5);
const partOf = (type: string, otherwise: string) => parts.find((part) => part.type === type)?.value ?? otherwise;
const groupMark = partOf("group", ",");
const decimalMark = partOf("decimal", ".");
const plain = new Intl.NumberFormat(undefined, { useGrouping: false, maximumFractionDigits: 6 });

// What a field shows of a number, and what it is again: with groups of thousands or without, with a currency or without. What is no
// number comes back as it is.
export const typedNumber = (number: string) => plain.format(decimal(number));
export function readNumber(text: string): string {
    const bare = text.replace(/[\s\u00a0\u202f'’_]|\p{Sc}/gu, "");
    const grouped = new RegExp(`^\\d{1,3}(\\${groupMark}\\d{3})+(\\${decimalMark}\\d+)?$`);
    const number = (grouped.test(bare) ? bare.replaceAll(groupMark, "") : bare).replace(decimalMark, ".");
    return /^\d*\.?\d+$/.test(number) ? number : text.trim();
}

// The value of <input type="datetime-local"> and back.
export function toLocalInput(time: string | undefined): string {
    if (!time || Number.isNaN(Date.parse(time))) {
        return "";
    }
    const date = new Date(time);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function fromLocalInput(value: string): string {
    const date = new Date(value);
    return value && !Number.isNaN(date.getTime()) ? date.toISOString() : "";
}

export const plural = (number: number, one: string, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
