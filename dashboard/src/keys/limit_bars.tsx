// The limits of a key as bars: all of them, or those that come first.
import { windowNames, type LimitState, type Use } from "../api/types";
import { ago, compact, credits } from "../format";
import { Bar } from "../ui/bar";
import { windows } from "./windows";

export const quotasOf = ({ quotas }: Pick<Use, "quotas">) =>
    windowNames.flatMap((name) => (quotas[name] ? [{ name, state: quotas[name] }] : []));

// How near a key is to its nearest limit, 1: at it.
export function fullness(use: Pick<Use, "quotas" | "spend">): number {
    const { spend } = use;
    const spent = spend.limit ? (Number(spend.used) + Number(spend.held)) / Number(spend.limit) : 0;
    return Math.max(spent, ...quotasOf(use).map(({ state }) => state.used / state.limit));
}

// The quota nearest to its end, and the spend.
export function TightestBars({ use }: { use: Use }) {
    const [tightest] = quotasOf(use).sort((one, other) => other.state.used / other.state.limit - one.state.used / one.state.limit);
    if (!tightest && !use.spend.limit) {
        return <span class="faint">No limits</span>;
    }
    return (
        <div class="bars">
            {tightest && <WindowBar label={windows[tightest.name].label} state={tightest.state} />}
            {use.spend.limit && <SpendBar use={use} />}
        </div>
    );
}

export function WindowBar({ label, state }: { label: string; state: LimitState }) {
    return <Bar label={label} used={state.used} limit={state.limit} text={`${compact(state.used)} / ${compact(state.limit)}`} />;
}

export function SpendBar({ use: { spend }, label = "Credits" }: { use: Pick<Use, "spend">; label?: string }) {
    const used = Number(spend.used) + Number(spend.held);
    return <Bar label={label} used={used} limit={Number(spend.limit)} text={`${credits(spend.used)} / ${credits(spend.limit!)}`} />;
}

// When a full window has room again.
export const resetText = (state: LimitState) => (state.resets ? `resets ${ago(state.resets)}` : "does not reset");
