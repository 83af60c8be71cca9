import { AuditTable } from "../audit/audit_list";
import { ChainState } from "../audit/chain_state";
import { listAudit } from "../api/calls";
import { fromLocalInput, toLocalInput } from "../format";
import { useResource } from "../resource";
import { changeQuery, place } from "../router";
import { useDelayed } from "../ui/delayed";
import { Choice, Field } from "../ui/field";
import { PageHead } from "../ui/page_head";
import { Pager } from "../ui/pager";
import { Empty, Loaded } from "../ui/state";

const pageSize = 50;

const actions: [string, string][] = [
    ["", "Everything"],
    ["key", "All of keys"],
    ["key.create", "Keys created"],
    ["key.clone", "Keys cloned"],
    ["key.rotate", "Keys rotated"],
    ["key.disable", "Keys disabled"],
    ["key.enable", "Keys enabled"],
    ["key.update", "Keys changed"],
    ["key.delete", "Keys deleted"],
    ["account", "The account"],
    ["session", "Sessions"],
    ["access.denied", "Failed attempts"],
];

function Filters() {
    const { query } = place.value;
    const change = (name: string, value: string, replace = false) => changeQuery({ [name]: value, cursor: undefined }, { replace });
    const [key, setKey] = useDelayed(query.get("key") ?? "", (value) => change("key", value.trim(), true));
    return (
        <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
            <Choice
                compact
                label="What"
                value={query.get("action") ?? ""}
                options={actions}
                onChange={(value) => change("action", value)}
            />
            <Field compact label="Key's number" placeholder="Key's number" value={key} onInput={setKey} />
            <Field
                label="From"
                type="datetime-local"
                value={toLocalInput(query.get("from") ?? "")}
                onInput={(value) => change("from", fromLocalInput(value))}
            />
            <Field
                label="To"
                type="datetime-local"
                value={toLocalInput(query.get("to") ?? "")}
                onInput={(value) => change("to", fromLocalInput(value))}
            />
        </form>
    );
}

export function Audit() {
    const { query } = place.value;
    const page = useResource((signal) => listAudit({ ...Object.fromEntries(query), limit: pageSize }, signal), [query.toString()]);
    return (
        <>
            <PageHead title="Security log" about="Who did what to which key, when and from where. Each entry is bound to the one before." />
            <ChainState />
            <Filters />
            <Loaded from={page} rows={8}>
                {({ entries, next }) => (
                    <>
                        {entries.length === 0 ? (
                            <Empty title="No entry fits">
                                <p>Change the filters to see more.</p>
                            </Empty>
                        ) : (
                            <AuditTable entries={entries} />
                        )}
                        <Pager next={next} />
                    </>
                )}
            </Loaded>
        </>
    );
}
