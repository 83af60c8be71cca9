// Numbers, times and amounts as people read them, in the browser's own language.

const whole = new Intl.NumberFormat();
const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const dateOnly = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const dateThisYear = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
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
export const compact = (number: number) => (number < 10_000 ? whole.format(number) : short.format(number));
export function day(time: string): string {
    const date = new Date(time);
    return (date.getFullYear() === new Date().getFullYear() ? dateThisYear : dateOnly).format(date);
}
export const moment = (time: string) => dateTime.format(new Date(time));
export const instant = (time: string) => exactTime.format(new Date(time));

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

// Exact to the last decimal that says something: "24.998310" is 24.99831, "5.000000" is 5.00.
export function credits(amount: string): string {
    const [units = "0", decimals = ""] = amount.split(".", 2);
    const negative = units.startsWith("-");
    const grouped = whole.format(BigInt(units.replace("-", "") || "0"));
    const kept = decimals.replace(/0+$/, "").padEnd(2, "0");
    return `${negative ? "−" : ""}${grouped}.${kept}`;
}

// Where many are added up: to the cent, small ones to three digits.
export const shortCredits = (amount: number) => credits(amount < 1 ? Number(amount.toPrecision(3)).toFixed(6) : amount.toFixed(2));

export const refusals = (refused: Record<string, number>) => Object.values(refused).reduce((sum, one) => sum + one, 0);

// `key_spend_exceeded` and `key.rotate` as words
export const words = (name: string) => name.replace(/[._]/g, " ");

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
