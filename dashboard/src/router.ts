// Where one is: `#/keys?q=shop`. Filters and pages stand in the address, so that it can be kept, sent and gone back to.
import { signal } from "@preact/signals";

export interface Place {
    path: string[];
    query: URLSearchParams;
    trail: string[]; // cursors of the pages before this one
}

function read(): Place {
    const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
    const state = history.state as { trail?: string[] } | null;
    return { path: path.split("/").filter(Boolean), query: new URLSearchParams(query), trail: state?.trail ?? [] };
}

export const place = signal<Place>(read());
export const arrived = signal(0); // how often another page was gone to

function update() {
    const before = place.peek();
    const now = read();
    if (before.path.join("/") !== now.path.join("/")) {
        arrived.value++;
        window.scrollTo(0, 0);
    }
    place.value = now;
}

window.addEventListener("hashchange", update);
window.addEventListener("popstate", update);

export function href(path: string, query: Record<string, string | undefined> = {}): string {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
        if (value) {
            search.set(name, value);
        }
    }
    const text = search.toString();
    return `#/${path}${text ? `?${text}` : ""}`;
}

export function go(address: string) {
    history.pushState(null, "", address);
    update();
}

// Changes arguments of this page's address. Typing replaces, choosing a page goes on.
export function changeQuery(
    change: Record<string, string | undefined>,
    { trail, replace = false }: { trail?: string[]; replace?: boolean } = {},
) {
    const { path, query } = place.peek();
    const merged = { ...Object.fromEntries(query), ...change };
    const address = href(path.join("/"), merged);
    history[replace ? "replaceState" : "pushState"](trail ? { trail } : null, "", address);
    update();
}
