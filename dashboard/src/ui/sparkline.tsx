// A line without axes: how busy a key was.
import { plural, refusals } from "../format";
import type { Point } from "../api/types";

const width = 72;
const height = 24;

export function Sparkline({ points }: { points: Point[] }) {
    const values = points.map((point) => point.requests + refusals(point.refused));
    const total = values.reduce((sum, one) => sum + one, 0);
    if (total === 0) {
        return <span class="faint">None</span>;
    }
    const most = Math.max(...values);
    const step = width / Math.max(values.length - 1, 1);
    const line = values.map((value, index) => `${(index * step).toFixed(1)} ${(height - 2 - (value / most) * (height - 4)).toFixed(1)}`);
    return (
        <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${plural(total, "request")} in 24 hours`}>
            <path class="area" d={`M0 ${height}L${line.join("L")}L${width} ${height}Z`} />
            <path d={`M${line.join("L")}`} />
        </svg>
    );
}
