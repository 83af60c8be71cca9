// Our own few icons, drawn with lines on a field of 24.
const drawings = {
    overview: "M4 19V5m0 14h16M8 15v-4m4 4V8m4 7v-6",
    key: "M8 12a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm3 1 8-8m-4 4 3 3",
    card: "M3 6h18v12H3zM3 10h18M7 15h3",
    log: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
    shield: "M12 3 5 6v5c0 4.5 3 8 7 10 4-2 7-5.5 7-10V6zM9 12l2 2 4-4",
    wallet: "M4 7h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zm0 0 11-3v3m1 6h.01",
    plus: "M12 5v14M5 12h14",
    copy: "M9 9h10v11H9zM5 15V4h10",
    check: "m5 12 5 5 9-10",
    sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0-5v1m0 16v1m9-9h-1M4 12H3m15.4-6.4-.7.7M6.3 17.7l-.7.7m0-12.8.7.7m11.4 11.400.7.7",
    moon: "M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10Z",
    system: "M4 5h16v11H4zM9 20h6m-3-4v4",
    menu: "M4 7h16M4 12h16M4 17h16",
    leave: "M14 4h5v16h-5M4 12h10m-4-4 4 4-4 4",
    close: "m6 6 12 12M18 6 6 18",
    download: "M12 4v11m-4-4 4 4 4-4M5 20h14",
    play: "M8 5v14l11-7z",
    pause: "M9 5v14m6-14v14",
    reload: "M20 11a8 8 0 1 0-2 6m2-11v5h-5",
    warning: "M12 4 3 20h18zm0 6v4m0 3h.01",
    back: "m14 6-6 6 6 6",
    next: "m10 6 6 6-6 6",
    down: "m7 10 5 5 5-5",
    filter: "M4 6h16M7 12h10M10 18h4",
    chart: "M5 20V10m5 10V4m5 16v-7m5 7V8",
    gear: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6Zm0-6v3m0 12v3M3 12h3m12 0h3M5.600 5.600l2.100 2.100m8.600 8.600 2.100 2.100m0-12.800-2.100 2.100m-8.600 8.600-2.100 2.100",
} as const;

export type IconName = keyof typeof drawings;

export function Icon({ name }: { name: IconName }) {
    return (
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d={drawings[name]} />
        </svg>
    );
}
