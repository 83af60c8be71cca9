// The limits of a key as bars: all of them, or those that come first.
import { windowNames, type KeyUsage, type LimitState } from "../api/types";
import { ago, compact, credits } from "../format";
import { Bar } from "../ui/bar";

export const windowLabels = { total: "In total", daily: "24 hours", weekly: "7 days", monthly: "30 days" };

// The quota nearest to its end, and the spend.
export function TightestBars({ usage }: { usage: KeyUsage }) {
    const quotas = windowNames.flatMap((name) => (usage.quotas[name] ? [[name, usage.quotas[name]] as const] : []));
    quotas.sort(([, a], [, b]) => b.used / b.limit - a.used / a.limit);
    const tightest = quotas[0];
    const { spend } = usage;
    if (!tightest && !spend.limit) {
        return <span class="faint">No limits</span>;
    }
    return (
        <div class="bars">
            {tightest && <WindowBar label={windowLabels[tightest[0]]} state={tightest[1]} />}
            {spend.limit && <SpendBar usage={usage} />}
        </div>
    );
}

export function WindowBar({ label, state }: { label: string; state: LimitState }) {
    return <Bar label={label} used={state.used} limit={state.limit} text={`${compact(state.used)} / ${compact(state.limit)}`} />;
}

export function SpendBar({ usage: { spend } }: { usage: KeyUsage }) {
    const used = Number(spend.used) + Number(spend.held);
    return <Bar label="Credits" used={used} limit={Number(spend.limit)} text={`${credits(spend.used)} / ${credits(spend.limit!)}`} />;
}

// When a full window has room again.
export const resetText = (state: LimitState) => (state.resets ? `resets ${ago(state.resets)}` : "does not reset");
