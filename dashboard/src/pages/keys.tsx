// The keys of the account, of one collection.
import { useEffect } from "preact/hooks";
import { readKeyUsage } from "../api/calls";
import type { Collection, Key } from "../api/types";
import { begin, changes } from "../keys/action";
import { categories } from "../keys/key_fields";
import { KeyMenu } from "../keys/key_menu";
import { readKeyPage, type KeyPageData } from "../keys/key_page";
import { TightestBars } from "../keys/limit_bars";
import { rememberKey } from "../keys/names";
import { Expiry, KeyStatus } from "../keys/status";
import { useResource } from "../resource";
import { changeQuery, href, place } from "../router";
import { Button } from "../ui/button";
import { Choice, Field } from "../ui/field";
import { PageHead } from "../ui/page_head";
import { Pager } from "../ui/pager";
import { Sparkline } from "../ui/sparkline";
import { Empty, Loaded } from "../ui/state";
import { Table, type Column } from "../ui/table";
import { Name, Time } from "../ui/text";
import { useDelayed } from "../ui/delayed";

const texts = {
    keys: { title: "API keys", about: "They open the API. Give each app and each environment its own." },
    "billing-keys": { title: "Billing keys", about: "They manage this account: keys, balance, logs. They do not open the API." },
};

const columns: Column[] = [
    { title: "Key" },
    { title: "Category", kind: "wide" },
    { title: "Status" },
    { title: "Limits" },
    { title: "24 hours", kind: "wide" },
    { title: "Last used", kind: "wide" },
    { title: "Expires", kind: "wider" },
    { title: "Created", kind: "wider" },
    { title: "Actions", kind: "unseen" },
];

const states: [string, string][] = [
    ["", "Any status"],
    ["true", "Active"],
    ["false", "Disabled or expired"],
];

function Filters() {
    const { query } = place.value;
    const change = (name: string, value: string, replace = false) => changeQuery({ [name]: value, cursor: undefined }, { replace });
    const [text, setText] = useDelayed(query.get("q") ?? "", (value) => change("q", value, true));
    const [category, setCategory] = useDelayed(query.get("category") ?? "", (value) => change("category", value, true));
    return (
        <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
            <Field
                compact
                label="Search by name or alias"
                placeholder="Search by name or alias"
                type="search"
                value={text}
                onInput={setText}
            />
            <Field compact label="Category" placeholder="Any category" value={category} onInput={setCategory} suggestions={categories} />
            <Choice
                compact
                label="Status"
                value={query.get("active") ?? ""}
                options={states}
                onChange={(value) => change("active", value)}
            />
        </form>
    );
}

function Row({ of, collection }: { of: Key; collection: Collection }) {
    const usage = useResource((signal) => readKeyUsage(collection, of.id, { bucket: "hour" }, signal), [of]);
    return (
        <tr>
            <th scope="row">
                <a class="title" title={of.name} href={href(`${collection}/${of.id}`)}>
                    <Name>{of.name}</Name>
                </a>
                <span class="sub">
                    <code>{of.prefix}…</code>
                    {of.alias && <Name>{of.alias}</Name>}
                </span>
            </th>
            <td class="wide">
                {of.category ? (
                    <span class="tag">
                        <Name>{of.category}</Name>
                    </span>
                ) : (
                    <span class="faint">—</span>
                )}
            </td>
            <td>
                <KeyStatus of={of} />
            </td>
            <td class="limits">
                {usage.data ? <TightestBars usage={usage.data} /> : <span class="faint">{usage.error ? "Not known" : "…"}</span>}
            </td>
            <td class="wide">{usage.data && <Sparkline points={usage.data.series} />}</td>
            <td class="wide">
                <Time at={of.lastUsedAt} none="Never" />
            </td>
            <td class="wider">
                <Expiry of={of} />
            </td>
            <td class="wider">
                <Time at={of.createdAt} />
            </td>
            <td class="end">
                <KeyMenu of={of} collection={collection} />
            </td>
        </tr>
    );
}

function NoKeys({ collection, isFiltered, next }: { collection: Collection; isFiltered: boolean; next: string | undefined }) {
    if (next) {
        return (
            <Empty title="None among those looked at so far">
                <p>There are more keys than can be searched at once. “Older” goes on searching.</p>
            </Empty>
        );
    }
    if (isFiltered) {
        return (
            <Empty title="No key fits">
                <p>Change the search, or look at all of them.</p>
                <Button onClick={() => changeQuery({ q: undefined, category: undefined, active: undefined, cursor: undefined })}>
                    Clear filters
                </Button>
            </Empty>
        );
    }
    return (
        <Empty title={collection === "keys" ? "No API keys yet" : "No billing keys"}>
            <p>Create the first one: its secret is shown once, with a line of curl to try it.</p>
            <Button look="primary" icon="plus" onClick={() => begin("create", collection)}>
                Create key
            </Button>
        </Empty>
    );
}

export function Keys({ collection }: { collection: Collection }) {
    const { query } = place.value;
    const filter = {
        q: query.get("q") ?? "",
        category: query.get("category") ?? "",
        active: query.get("active") ?? "",
        cursor: query.get("cursor") ?? "",
    };
    const page = useResource<KeyPageData>(
        (signal, show) => readKeyPage(collection, filter, signal, show),
        [query.toString(), changes.value],
    );
    useEffect(() => page.data?.keys.forEach((key) => rememberKey(key, collection)), [page.data]);
    const { title, about } = texts[collection];
    const isFiltered = Boolean(filter.q || filter.category || filter.active || filter.cursor);
    return (
        <>
            <PageHead title={title} about={about}>
                <Button look="primary" icon="plus" onClick={() => begin("create", collection)}>
                    Create key
                </Button>
            </PageHead>
            <Filters />
            <Loaded from={page} rows={8}>
                {({ keys, next, searching }) => (
                    <>
                        {searching && (
                            <p class="about" role="status">
                                Looking through the keys…
                            </p>
                        )}
                        {keys.length === 0 ? (
                            !searching && <NoKeys collection={collection} isFiltered={isFiltered} next={next} />
                        ) : (
                            <Table label={title} columns={columns}>
                                {keys.map((key) => (
                                    <Row key={key.id} of={key} collection={collection} />
                                ))}
                            </Table>
                        )}
                        <Pager next={next} />
                    </>
                )}
            </Loaded>
        </>
    );
}
