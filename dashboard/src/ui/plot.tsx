// A plot over time by uPlot, in the colours of the theme, with its numbers as a table for those who do not see it.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { compact, moment } from "../format";
import { isDark } from "../theme";

export interface Line {
    label: string;
    values: number[];
    color: "series-1" | "series-2" | "series-3";
    drawn?: "bars" | "line";
}

interface PlotProps {
    title: string;
    summary: string;
    times: string[];
    lines: Line[];
    format?: (value: number) => string;
}

// What a custom property is as a colour, whichever way it is written: a canvas knows no var().
function colorOf(element: HTMLElement, property: string): string {
    const probe = element.appendChild(document.createElement("i"));
    probe.style.color = `var(--${property})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
}

const height = 170;
const timeParts = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const hourParts = new Intl.DateTimeFormat(undefined, { hour: "numeric" });
const dateParts = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

function axisTimes(_: uPlot, splits: number[], __: number, ___: number, step: number): string[] {
    const parts = step >= 86_400 ? dateParts : step >= 3600 ? hourParts : timeParts;
    return splits.map((seconds) => parts.format(seconds * 1000));
}

function options(element: HTMLElement, { times, lines, format = compact }: PlotProps): uPlot.Options {
    const text = colorOf(element, "text-2");
    const half = times.length > 1 ? (Date.parse(times[1]!) - Date.parse(times[0]!)) / 2000 : 1;
    const grid = { stroke: colorOf(element, "line"), width: 1 };
    const axis = { stroke: text, grid, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const bars = uPlot.paths.bars!({ size: [0.7, 28], radius: 0.2 });
    return {
        width: Math.max(element.clientWidth, 100),
        height,
        padding: [8, 8, 0, 0],
        cursor: { y: false, points: { show: false }, sync: { key: "time" } },
        legend: { live: true },
        scales: {
            x: { range: (_, first, last) => [first - half, last + half] },
            y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
        },
        axes: [
            { ...axis, size: 28, space: 64, values: axisTimes, grid: { show: false } },
            { ...axis, size: 52, values: (_, splits) => splits.map((value) => format(value)) },
        ],
        series: [
            { label: "Time", value: (_, seconds) => (seconds === null ? "—" : moment(new Date(seconds * 1000).toISOString())) },
            ...lines.map((line): uPlot.Series => {
                const color = colorOf(element, line.color);
                const drawn = line.drawn === "line" ? { width: 2 } : { width: 0, fill: color, paths: bars };
                return {
                    label: line.label,
                    stroke: color,
                    points: { show: false },
                    value: (_, value) => (value === null ? "—" : format(value)),
                    ...drawn,
                };
            }),
        ],
    };
}

export function Plot(props: PlotProps) {
    const { title, summary, times, lines, format = compact } = props;
    const element = useRef<HTMLDivElement>(null);
    useEffect(() => {
        const target = element.current!;
        const data: uPlot.AlignedData = [times.map((time) => Date.parse(time) / 1000), ...lines.map((line) => line.values)];
        const plot = new uPlot(options(target, props), data, target);
        const watch = new ResizeObserver(() => plot.setSize({ width: Math.max(target.clientWidth, 100), height }));
        watch.observe(target);
        return () => {
            watch.disconnect();
            plot.destroy();
        };
    }, [times, lines, isDark.value]);
    return (
        <figure class="plot">
            <figcaption>
                <span>{title}</span>
                <span class="about">{summary}</span>
            </figcaption>
            <div ref={element} role="img" aria-label={`${title}: ${summary}`} />
            <details>
                <summary>As a table</summary>
                <div class="table" role="region" aria-label={`${title}, as a table`} tabIndex={0}>
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">Time</th>
                                {lines.map((line) => (
                                    <th scope="col" class="number">
                                        {line.label}
                                    </th>
                                ))}
                            </tr>
                        </thead>
                        <tbody>
                            {times.map((time, index) => (
                                <tr>
                                    <td>{moment(time)}</td>
                                    {lines.map((line) => (
                                        <td class="number">{format(line.values[index] ?? 0)}</td>
                                    ))}
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            </details>
        </figure>
    );
}
