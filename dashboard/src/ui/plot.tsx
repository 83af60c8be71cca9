// A plot over time by uPlot, in the colours of the theme: stacked bars with a tooltip, and their numbers as a table for those who do not see
// them. The bucket that is still open is hatched.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Bucket } from "../api/types";
import { compact, localZone, moment, utcDay, utcMoment } from "../format";
import { isDark } from "../theme";

export interface Layer {
    label: string;
    values: number[];
}

export interface PlotProps {
    title: string;
    summary: string;
    times: string[];
    bucket: Bucket;
    utc: boolean; // days always are
    layers: Layer[];
    firstColor?: number;
    format?: (value: number) => string;
    exact?: (value: number) => string;
    onSelect?: ((from: string, to: string) => void) | undefined; // a part of the time, chosen by dragging
}

export const colors = 8;
const height = 180;
const widths: Record<Bucket, number> = { minute: 60, hour: 3600, day: 86_400 };

// What a custom property is as a colour, whichever way it is written: a canvas knows no var().
function colorOf(element: HTMLElement, property: string): string {
    const probe = element.appendChild(document.createElement("i"));
    probe.style.color = `var(--${property})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
}

function axisFormats(utc: boolean) {
    const zone = utc ? { timeZone: "UTC" } : {};
    return {
        time: new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit", ...zone }),
        hour: new Intl.DateTimeFormat(undefined, { hour: "numeric", ...zone }),
        date: new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", ...zone }),
    };
}

export function timeText(at: string, bucket: Bucket, utc: boolean): string {
    return bucket === "day" ? utcDay(at) : utc ? `${utcMoment(at)} UTC` : moment(at);
}

// Each layer on top of those before it; drawn from the highest to the lowest, so that each covers what belongs to the others.
function stacked(layers: Layer[]): number[][] {
    const sums: number[][] = [];
    for (const { values } of layers) {
        const below = sums.at(-1);
        sums.push(values.map((value, index) => value + (below?.[index] ?? 0)));
    }
    return sums.reverse();
}

function hatch(plot: uPlot, left: number, width: number, color: string) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, width, bbox.height);
    ctx.clip();
    ctx.strokeStyle = color;
    ctx.lineWidth = 2 * devicePixelRatio;
    for (let at = left - bbox.height; at < left + width; at += 6 * devicePixelRatio) {
        ctx.beginPath();
        ctx.moveTo(at, bbox.top + bbox.height);
        ctx.lineTo(at + bbox.height, bbox.top);
        ctx.stroke();
    }
    ctx.restore();
}

interface Drawing {
    target: HTMLElement;
    hover: (index: number | null, left: number) => void;
}

function options(
    { target, hover }: Drawing,
    { bucket, utc, layers, firstColor = 1, format = compact, onSelect }: PlotProps,
): uPlot.Options {
    const width = widths[bucket];
    const axis = {
        stroke: colorOf(target, "text-2"),
        grid: { stroke: colorOf(target, "line"), width: 1 },
        ticks: { show: false },
        font: "12px system-ui, sans-serif",
    };
    const surface = colorOf(target, "surface");
    const formats = axisFormats(utc);
    const bars = uPlot.paths.bars!({ size: [0.75, 32] });
    const axisTimes = (_: uPlot, splits: number[], __: number, ___: number, step: number) => {
        const format = step >= 86_400 ? formats.date : step >= 3600 ? formats.hour : formats.time;
        return splits.map((seconds) => format.format(seconds * 1000));
    };
    const markOpen = (plot: uPlot) => {
        const last = plot.data[0].at(-1);
        if (last !== undefined && (last + width) * 1000 > Date.now()) {
            const half = plot.valToPos(last + width / 2, "x", true) - plot.valToPos(last, "x", true);
            hatch(plot, plot.valToPos(last, "x", true) - half, 2 * half, surface);
        }
    };
    const select = (plot: uPlot) => {
        const from = plot.posToVal(plot.select.left, "x");
        const to = plot.posToVal(plot.select.left + plot.select.width, "x");
        if (onSelect && plot.select.width > 0) {
            const edge = (seconds: number) => new Date(Math.round(seconds / width) * width * 1000).toISOString();
            onSelect(edge(from - width / 2), edge(to + width / 2));
        }
    };
    return {
        width: Math.max(target.clientWidth, 100),
        height,
        padding: [8, 8, 0, 0],
        tzDate: (seconds) => (utc ? uPlot.tzDate(new Date(seconds * 1000), "UTC") : new Date(seconds * 1000)),
        cursor: { y: false, points: { show: false }, sync: { key: "time" }, drag: { x: Boolean(onSelect), y: false, setScale: false } },
        legend: { show: false },
        scales: {
            x: { range: (_, first, last) => [first - width / 2, last + width / 2] },
            y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
        },
        axes: [
            { ...axis, size: 28, space: 64, values: axisTimes, grid: { show: false } },
            { ...axis, size: 58, values: (_, splits) => splits.map((value) => format(value)) },
        ],
        series: [
            {},
            ...layers
                .map((_, index): uPlot.Series => {
                    const color = colorOf(target, `series-${((firstColor - 1 + index) % colors) + 1}`);
                    return { stroke: color, fill: color, width: 0, paths: bars, points: { show: false } };
                })
                .reverse(),
        ],
        hooks: {
            draw: [markOpen],
            setSelect: [select],
            setCursor: [(plot) => hover(target.matches(":hover") ? (plot.cursor.idx ?? null) : null, plot.cursor.left ?? 0)],
        },
    };
}

function Tooltip({ of, index, left }: { of: PlotProps; index: number; left: number }) {
    const { times, bucket, utc, layers, firstColor = 1, exact = of.format ?? compact } = of;
    const shown = layers.filter(({ values }) => layers.length === 1 || values[index] !== 0);
    return (
        <div class="tooltip" aria-hidden="true" style={{ left: `${left}px` }}>
            <strong>{timeText(times[index]!, bucket, utc)}</strong>
            {shown.length === 0 && <span>None</span>}
            {shown.map((layer) => (
                <span>
                    <i class={`swatch color-${((firstColor - 1 + layers.indexOf(layer)) % colors) + 1}`} />
                    {layer.label} <b class="number">{exact(layer.values[index] ?? 0)}</b>
                </span>
            ))}
        </div>
    );
}

function NumbersTable({ of: { title, times, bucket, utc, layers, format = compact, exact = format } }: { of: PlotProps }) {
    return (
        <details>
            <summary>As a table</summary>
            <div class="table" role="region" aria-label={`${title}, as a table`} tabIndex={0}>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">Time</th>
                            {layers.map((layer) => (
                                <th scope="col" class="number">
                                    {layer.label}
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        {times.map((time, index) => (
                            <tr>
                                <td>{timeText(time, bucket, utc)}</td>
                                {layers.map((layer) => (
                                    <td class="number">{exact(layer.values[index] ?? 0)}</td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </details>
    );
}

export function Plot(props: PlotProps) {
    const { title, summary, times, bucket, utc, layers, firstColor = 1, onSelect } = props;
    const element = useRef<HTMLDivElement>(null);
    const hovered = useSignal<{ index: number; left: number } | null>(null);
    useEffect(() => {
        const target = element.current!;
        const hover = (index: number | null, left: number) => (hovered.value = index === null ? null : { index, left });
        const data: uPlot.AlignedData = [times.map((time) => Date.parse(time) / 1000), ...stacked(layers)];
        const plot = new uPlot(options({ target, hover }, props), data, target);
        const watch = new ResizeObserver(() => plot.setSize({ width: Math.max(target.clientWidth, 100), height }));
        watch.observe(target);
        return () => {
            watch.disconnect();
            plot.destroy();
            hovered.value = null;
        };
    }, [times, layers, utc, Boolean(onSelect), isDark.value]);
    return (
        <figure class="plot">
            <figcaption>
                <span>
                    {title} <span class="unit">per {bucket}</span>
                </span>
                <span class="about">{summary}</span>
            </figcaption>
            <div class="canvas">
                <div ref={element} role="img" aria-label={`${title}: ${summary}`} />
                {hovered.value && times[hovered.value.index] !== undefined && (
                    <Tooltip of={props} index={hovered.value.index} left={hovered.value.left} />
                )}
            </div>
            {layers.length > 1 && (
                <ul class="legend" aria-label={`Legend of ${title}`}>
                    {layers.map(({ label }, index) => (
                        <li>
                            <i class={`swatch color-${((firstColor - 1 + index) % colors) + 1}`} />
                            {label}
                        </li>
                    ))}
                </ul>
            )}
            <NumbersTable of={props} />
            <p class="zone">
                {bucket === "day" ? "Days in UTC" : utc ? "Times in UTC" : `Times in ${localZone}`}
                {Date.parse(times.at(-1) ?? "") + widths[bucket] * 1000 > Date.now() && `; the last ${bucket}, hatched, is not over`}
            </p>
        </figure>
    );
}
