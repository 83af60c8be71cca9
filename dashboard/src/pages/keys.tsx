// The keys of the account, of one collection.
import { useSignal, type Signal } from "@preact/signals";
import type { Collection, Key } from "../api/types";
import { credits, plural, shortCredits } from "../format";
import { begin, changes } from "../keys/action";
import { BulkBar } from "../keys/bulk";
import { mayChange, mayCreate } from "../keys/roles";
import { categories } from "../keys/key_fields";
import { KeyMenu } from "../keys/key_menu";
import { readKeyPage, shows, sorts, type KeyPageData } from "../keys/key_page";
import { TightestBars } from "../keys/limit_bars";
import { Expiry, KeyStatus } from "../keys/status";
import { useResource } from "../resource";
import { changeQuery, href, place } from "../router";
import { session } from "../session";
import { Button } from "../ui/button";
import { useDelayed } from "../ui/delayed";
import { Choice, Field } from "../ui/field";
import { Filters } from "../ui/filters";
import { Id } from "../ui/id";
import { PageHead } from "../ui/page_head";
import { Pager } from "../ui/pager";
import { Sparkline } from "../ui/sparkline";
import { Empty, Loaded } from "../ui/state";
import { Table, type Column } from "../ui/table";
import { Name, Time } from "../ui/text";

const texts = {
    keys: { title: "API Keys", about: "Keys for calling the API. Use a separate key per app and environment.", create: "Create API Key" },
    "billing-keys": {
        title: "Billing Keys",
        about: "Management keys for this account. They cannot call the API.",
        create: "Create Billing Key",
    },
};

const states: [string, string][] = [
    ["", "Any status"],
    ["true", "Active"],
    ["false", "Inactive or expired"],
];
const filterNames = ["q", "category", "active", "type"] as const;
const viewNames = ["sort", "show"] as const;

// A secret that was pasted is looked for by what is shown of it; the rest of it must not get into the address.
function withoutSecret(text: string): string {
    const shown = 8;
    return session.value?.types.some(({ prefix }) => text.startsWith(prefix)) ? text.slice(0, shown) : text;
}

function KeyFilters({ collection }: { collection: Collection }) {
    const { query } = place.value;
    const change = (name: string, value: string, replace = false) => changeQuery({ [name]: value, cursor: undefined }, { replace });
    const [text, setText] = useDelayed(query.get("q") ?? "", (value) => change("q", value.trim(), true));
    const [category, setCategory] = useDelayed(query.get("category") ?? "", (value) => change("category", value, true));
    const types = session.value?.types.filter(({ manages }) => manages === (collection === "billing-keys")) ?? [];
    return (
        <Filters set={[...filterNames, "show"].filter((name) => query.get(name)).length} onClear={clearFilters}>
            <Field
                compact
                label="Search by name, alias, prefix or ID"
                placeholder="Name, alias, prefix or ID"
                type="search"
                value={text}
                onInput={(value) => setText(withoutSecret(value.trim()) === value.trim() ? value : withoutSecret(value.trim()))}
            />
            <Field compact label="Category" placeholder="Any category" value={category} onInput={setCategory} suggestions={categories} />
            <Choice
                compact
                label="Status"
                value={query.get("active") ?? ""}
                options={states}
                onChange={(value) => change("active", value)}
            />
            {types.length > 1 && (
                <Choice
                    compact
                    label="Type"
                    value={query.get("type") ?? ""}
                    options={[["", "Any type"], ...types.map(({ name }): [string, string] => [name, name])]}
                    onChange={(value) => change("type", value)}
                />
            )}
            <Choice compact label="Show" value={query.get("show") ?? ""} options={shows} onChange={(value) => change("show", value)} />
            <Choice compact label="Sort by" value={query.get("sort") ?? ""} options={sorts} onChange={(value) => change("sort", value)} />
        </Filters>
    );
}

function clearFilters() {
    changeQuery(Object.fromEntries([...filterNames, ...viewNames, "cursor"].map((name) => [name, undefined])));
}

function SelectBox({ of, selected }: { of: Key; selected: Signal<ReadonlySet<number>> }) {
    const toggle = () => {
        const ids = new Set(selected.value);
        if (!ids.delete(of.id)) {
            ids.add(of.id);
        }
        selected.value = ids;
    };
    return <input type="checkbox" aria-label={`Select ${of.name}`} checked={selected.value.has(of.id)} onChange={toggle} />;
}

function columnsOf(collection: Collection, traffic: KeyPageData["traffic"], selected: Signal<ReadonlySet<number>>): Column<Key>[] {
    const ofApi: Column<Key>[] = [
        { title: "Limits", cell: ({ usage }) => usage && <TightestBars use={usage} /> },
        {
            title: "Credits",
            kind: "number",
            about: "This month (UTC)",
            sort: "credits",
            cell: ({ usage }) => {
                const used = usage?.spend.used ?? "0";
                return <span title={credits(used)}>{Number(used) === 0 ? "—" : shortCredits(Number(used))}</span>;
            },
        },
    ];
    const select: Column<Key> = { title: "Select", kind: "unseen", cell: (key) => <SelectBox of={key} selected={selected} /> };
    return [
        ...(mayChange(collection) ? [select] : []),
        {
            title: "Key",
            kind: "head",
            sort: "name",
            cell: (key) => (
                <>
                    <a class="title" title={key.name} href={href(`${collection}/${key.id}`)}>
                        <Name>{key.name}</Name>
                    </a>
                    <span class="sub">
                        <code>{key.prefix}…</code>
                        <Id of={key.id} />
                        {key.alias && key.alias !== key.name && <Name>{key.alias}</Name>}
                    </span>
                </>
            ),
        },
        {
            title: "Category",
            room: "wide",
            cell: ({ category }) =>
                category ? (
                    <span class="tag">
                        <Name>{category}</Name>
                    </span>
                ) : (
                    <span class="faint">—</span>
                ),
        },
        { title: "Status", cell: (key) => <KeyStatus of={key} /> },
        ...(collection === "keys" ? ofApi : []),
        {
            title: "24 hours",
            room: "wide",
            cell: ({ id }) => {
                const points = traffic.get(id);
                return points && <Sparkline points={points} />;
            },
        },
        { title: "Last used", room: "wide", sort: "used", cell: ({ lastUsedAt }) => <Time at={lastUsedAt} none="Never" /> },
        { title: "Expires", room: "wider", sort: "expires", cell: (key) => <Expiry of={key} /> },
        { title: "Actions", kind: "unseen", cell: (key) => <KeyMenu of={key} collection={collection} /> },
    ];
}

function CreateButton({ collection }: { collection: Collection }) {
    return (
        <Button look="primary" icon="plus" onClick={() => begin("create", collection)}>
            {texts[collection].create}
        </Button>
    );
}

function NoKeys({ collection, isFiltered, next }: { collection: Collection; isFiltered: boolean; next: string | undefined }) {
    if (next) {
        return (
            <Empty title="No matches yet">
                <p>There are more keys than are searched at once. “Older” continues the search.</p>
            </Empty>
        );
    }
    if (isFiltered) {
        return (
            <Empty title="No matching keys">
                <p>Change the search, or show all keys.</p>
                <Button onClick={clearFilters}>Clear filters</Button>
            </Empty>
        );
    }
    return (
        <Empty title={collection === "keys" ? "No API keys yet" : "No billing keys"}>
            {mayCreate(collection) && (
                <>
                    <p>Create the first one: its secret is shown once, with examples to try it.</p>
                    <CreateButton collection={collection} />
                </>
            )}
        </Empty>
    );
}

function Summary({ of }: { of: KeyPageData }) {
    if (of.searching) {
        return (
            <p class="about" role="status">
                Looking through the keys…
            </p>
        );
    }
    return of.total === undefined ? null : (
        <p class="about" role="status">
            {plural(of.total, "key")}
            {of.isPartial && ", among the newest of this account: there are more than can be sorted at once"}
        </p>
    );
}

export function Keys({ collection }: { collection: Collection }) {
    const { query } = place.value;
    const read = (name: string) => query.get(name) ?? "";
    const filter = Object.fromEntries(filterNames.map((name) => [name, read(name)]));
    const asked = { filter, cursor: read("cursor"), sort: read("sort"), show: read("show") };
    const selected = useSignal<ReadonlySet<number>>(new Set());
    const page = useResource<KeyPageData>(
        (signal, show) => readKeyPage(collection, asked, signal, show),
        [query.toString(), changes.value],
    );
    const { title, about } = texts[collection];
    const isFiltered = [...filterNames, "show", "cursor"].some((name) => query.get(name));
    const order = { by: asked.sort, choose: (by: string) => changeQuery({ sort: by === asked.sort ? undefined : by, cursor: undefined }) };
    return (
        <>
            <PageHead title={title} about={about}>
                {mayCreate(collection) && <CreateButton collection={collection} />}
            </PageHead>
            <KeyFilters collection={collection} />
            <Loaded from={page} rows={8}>
                {(data) => (
                    <>
                        <Summary of={data} />
                        <BulkBar collection={collection} keys={data.keys} selected={selected} />
                        {data.keys.length === 0 ? (
                            !data.searching && <NoKeys collection={collection} isFiltered={isFiltered} next={data.next} />
                        ) : (
                            <Table
                                label={title}
                                columns={columnsOf(collection, data.traffic, selected)}
                                rows={data.keys}
                                keyOf={({ id }) => id}
                                order={order}
                            />
                        )}
                        <Pager next={data.next} />
                    </>
                )}
            </Loaded>
        </>
    );
}
