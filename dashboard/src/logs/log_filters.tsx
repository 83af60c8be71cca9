import type { ApiError } from "../api/http";
import { fromLocalInput, toLocalInput } from "../format";
import { KeyPicker } from "../keys/key_picker";
import { reasonNames, reasonText } from "../reasons";
import { changeQuery } from "../router";
import { useDelayed } from "../ui/delayed";
import { Choice, Field } from "../ui/field";
import { Filters } from "../ui/filters";
import { filterNames, presets, type FilterName, type LogFilter } from "./filter";

const statuses: [string, string][] = [
    ["", "Any status"],
    ["2xx", "2xx success"],
    ["4xx", "4xx client error"],
    ["5xx", "5xx server error"],
    ["400", "400"],
    ["401", "401"],
    ["402", "402"],
    ["403", "403"],
    ["404", "404"],
    ["429", "429"],
    ["503", "503"],
];
const methods = ["", "GET", "POST", "PUT", "PATCH", "DELETE"].map((name): [string, string] => [name, name || "Any method"]);
const results: [string, string][] = [["", "Any result"], ...reasonNames.map((name): [string, string] => [name, reasonText(name)])];
const seldom: FilterName[] = ["name", "alias", "method", "path", "model"];

interface LogFiltersProps {
    filter: LogFilter;
    ofOneKey?: boolean;
    keyName?: string | undefined; // of the key that is filtered by
    error: ApiError | undefined;
}

export function LogFilters({ filter, ofOneKey, keyName, error }: LogFiltersProps) {
    const change = (name: FilterName, value: string, replace = false) => changeQuery({ [name]: value, cursor: undefined }, { replace });
    const text = (name: FilterName): [string, (value: string) => void] =>
        useDelayed(filter[name] ?? "", (value) => change(name, value.trim(), true));
    const [requestId, setRequestId] = text("request_id");
    const [path, setPath] = text("path");
    const [name, setName] = text("name");
    const [alias, setAlias] = text("alias");
    const [model, setModel] = text("model");
    const clear = () => changeQuery(Object.fromEntries([...filterNames, "last", "cursor"].map((name) => [name, undefined])));
    const isCustom = filter.last === "custom" || Boolean(filter.from ?? filter.to);
    const chooseTime = (last: string) => changeQuery({ last, from: undefined, to: undefined, cursor: undefined });
    const problem = (name: FilterName) => (error?.field === name ? error.message : undefined);
    const count = Object.keys(filter).filter((one) => !(one === "last" && filter.last === "custom")).length;
    return (
        <Filters
            set={count}
            moreSet={seldom.filter((one) => filter[one]).length}
            onClear={clear}
            more={
                <>
                    <Field compact label="Model" placeholder="Model" value={model} onInput={setModel} />
                    <Field compact label="Endpoint begins with" placeholder="Endpoint begins with" value={path} onInput={setPath} />
                    <Choice
                        compact
                        label="Method"
                        value={filter.method ?? ""}
                        options={methods}
                        onChange={(value) => change("method", value)}
                    />
                    {!ofOneKey && <Field compact label="Key name" placeholder="Key name, exact" value={name} onInput={setName} />}
                    {!ofOneKey && <Field compact label="Key alias" placeholder="Key alias, exact" value={alias} onInput={setAlias} />}
                </>
            }
        >
            <Field compact label="Request ID" placeholder="Request ID" type="search" value={requestId} onInput={setRequestId} />
            {!ofOneKey && <KeyPicker id={filter.key ?? ""} name={keyName} error={problem("key")} onPick={(id) => change("key", id)} />}
            <Choice
                compact
                label="Status"
                value={filter.status ?? ""}
                options={statuses}
                onChange={(value) => change("status", value)}
                error={problem("status")}
            />
            <Choice compact label="Result" value={filter.result ?? ""} options={results} onChange={(value) => change("result", value)} />
            <Choice compact label="Time" value={isCustom ? "custom" : (filter.last ?? "")} options={presets} onChange={chooseTime} />
            {isCustom && (
                <>
                    <Field
                        compact
                        label="From"
                        type="datetime-local"
                        value={toLocalInput(filter.from)}
                        onInput={(value) => change("from", fromLocalInput(value))}
                        error={problem("from")}
                    />
                    <Field
                        compact
                        label="To"
                        type="datetime-local"
                        value={toLocalInput(filter.to)}
                        onInput={(value) => change("to", fromLocalInput(value))}
                        error={problem("to")}
                    />
                </>
            )}
        </Filters>
    );
}
