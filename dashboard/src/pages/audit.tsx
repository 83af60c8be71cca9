import { AuditTable } from "../audit/audit_list";
import { ChainState } from "../audit/chain_state";
import { listAudit } from "../api/calls";
import { fromLocalInput, toLocalInput } from "../format";
import { KeyPicker } from "../keys/key_picker";
import { useResource } from "../resource";
import { changeQuery, place } from "../router";
import { Choice, Field } from "../ui/field";
import { Filters } from "../ui/filters";
import { PageHead } from "../ui/page_head";
import { Pager } from "../ui/pager";
import { Empty, Loaded } from "../ui/state";

const pageSize = 50;
const filterNames = ["action", "key", "from", "to"];

const actions: [string, string][] = [
    ["", "Any action"],
    ["key", "All of keys"],
    ["key.create", "Keys created"],
    ["key.clone", "Keys cloned"],
    ["key.rotate", "Keys rotated"],
    ["key.disable", "Keys deactivated"],
    ["key.enable", "Keys activated"],
    ["key.update", "Keys changed"],
    ["key.delete", "Keys deleted"],
    ["account", "The account"],
    ["session", "Sessions"],
    ["access.denied", "Failed attempts"],
];

function AuditFilters({ keyName }: { keyName: string | undefined }) {
    const { query } = place.value;
    const change = (name: string, value: string) => changeQuery({ [name]: value, cursor: undefined });
    return (
        <Filters
            set={filterNames.filter((name) => query.get(name)).length}
            onClear={() => changeQuery(Object.fromEntries([...filterNames, "cursor"].map((name) => [name, undefined])))}
        >
            <Choice
                compact
                label="Action"
                value={query.get("action") ?? ""}
                options={actions}
                onChange={(value) => change("action", value)}
            />
            <KeyPicker id={query.get("key") ?? ""} name={keyName} onPick={(id) => change("key", id)} />
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
        </Filters>
    );
}

export function Audit() {
    const { query } = place.value;
    const page = useResource((signal) => listAudit({ ...Object.fromEntries(query), limit: pageSize }, signal), [query.toString()]);
    return (
        <>
            <PageHead
                title="Security log"
                about="Who changed which key, when and from where. Tamper-evident: each entry is linked to the one before by a hash chain."
            />
            <ChainState />
            <AuditFilters keyName={page.data?.keys?.find(({ id }) => String(id) === query.get("key"))?.name} />
            <Loaded from={page} rows={8}>
                {({ entries, keys = [], next }) => (
                    <>
                        {entries.length === 0 ? (
                            <Empty title="No matching entries">
                                <p>Change the filters to see more.</p>
                            </Empty>
                        ) : (
                            <AuditTable entries={entries} keys={keys} />
                        )}
                        <Pager next={next} />
                    </>
                )}
            </Loaded>
        </>
    );
}
