// How much of a limit is used.
interface BarProps {
    label: string;
    used: number;
    limit: number;
    text: string; // as people read it: 95 of 100
}

const warnAt = 0.8;

export function Bar({ label, used, limit, text }: BarProps) {
    const share = limit > 0 ? Math.min(used / limit, 1) : 1;
    const tone = share >= 1 ? "full" : share >= warnAt ? "near" : "";
    return (
        <div class="bar">
            <span class="bar-text">
                <span>{label}</span>
                <span class="number">{text}</span>
            </span>
            <div
                class={`bar-track ${tone}`}
                role="meter"
                aria-label={label}
                aria-valuemin={0}
                aria-valuemax={100}
                aria-valuenow={Math.round(share * 100)}
                aria-valuetext={text}
            >
                <div class="bar-fill" style={{ width: `${share * 100}%` }} />
            </div>
        </div>
    );
}
