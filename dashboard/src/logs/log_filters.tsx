import { fromLocalInput, toLocalInput } from "../format";
import { changeQuery } from "../router";
import { Button } from "../ui/button";
import { useDelayed } from "../ui/delayed";
import { Choice, Field } from "../ui/field";
import { filterNames, type FilterName, type LogFilter } from "./filter";

const statuses: [string, string][] = [
    ["", "Any status"],
    ["2xx", "2xx, let through"],
    ["4xx", "4xx, refused or wrong"],
    ["5xx", "5xx, failed"],
    ["401", "401"],
    ["402", "402"],
    ["403", "403"],
    ["429", "429"],
];
const methods = ["", "GET", "POST", "PUT", "PATCH", "DELETE"].map((name): [string, string] => [name, name || "Any method"]);

interface LogFiltersProps {
    filter: LogFilter;
    ofOneKey?: boolean;
}

export function LogFilters({ filter, ofOneKey }: LogFiltersProps) {
    const change = (name: FilterName, value: string, replace = false) => changeQuery({ [name]: value, cursor: undefined }, { replace });
    const [requestId, setRequestId] = useDelayed(filter.request_id ?? "", (value) => change("request_id", value.trim(), true));
    const [path, setPath] = useDelayed(filter.path ?? "", (value) => change("path", value.trim(), true));
    const [key, setKey] = useDelayed(filter.key ?? "", (value) => change("key", value.trim(), true));
    const [name, setName] = useDelayed(filter.name ?? "", (value) => change("name", value, true));
    const [alias, setAlias] = useDelayed(filter.alias ?? "", (value) => change("alias", value.trim(), true));
    const clear = () => changeQuery(Object.fromEntries([...filterNames, "cursor"].map((name) => [name, undefined])));
    return (
        <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
            <Field compact label="Request id" placeholder="Request id" type="search" value={requestId} onInput={setRequestId} />
            {!ofOneKey && <Field compact label="Key's number" placeholder="Key's number" value={key} onInput={setKey} />}
            {!ofOneKey && <Field compact label="Key's name" placeholder="Key's name" value={name} onInput={setName} />}
            {!ofOneKey && <Field compact label="Key's alias" placeholder="Key's alias" value={alias} onInput={setAlias} />}
            <Field compact label="Path begins with" placeholder="Path begins with" value={path} onInput={setPath} />
            <Choice compact label="Status" value={filter.status ?? ""} options={statuses} onChange={(value) => change("status", value)} />
            <Choice compact label="Method" value={filter.method ?? ""} options={methods} onChange={(value) => change("method", value)} />
            <Field
                label="From"
                type="datetime-local"
                value={toLocalInput(filter.from)}
                onInput={(value) => change("from", fromLocalInput(value))}
            />
            <Field
                label="To"
                type="datetime-local"
                value={toLocalInput(filter.to)}
                onInput={(value) => change("to", fromLocalInput(value))}
            />
            {Object.keys(filter).length > 0 && (
                <Button look="quiet" onClick={clear}>
                    Clear
                </Button>
            )}
        </form>
    );
}
