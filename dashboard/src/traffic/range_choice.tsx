import { fromLocalInput, toLocalInput } from "../format";
import { changeQuery, place } from "../router";
import { Choice, Field } from "../ui/field";
import { currentRange, defaultRange, hasCustomRange, ranges } from "./range";

const options = Object.entries(ranges).map(([name, { text }]): [string, string] => [name, text]);

// Which time is looked at: so far back, or from one moment to another where `custom` offers that.
export function RangeChoice({ custom = false }: { custom?: boolean }) {
    const name = place.value.query.get("range") ?? defaultRange;
    const choose = (chosen: string) => {
        const { from } = currentRange();
        const start = chosen === "custom" ? new Date(from).toISOString() : undefined;
        changeQuery({ range: chosen === defaultRange ? undefined : chosen, from: start, to: undefined });
    };
    const isKnown = name in ranges || (custom && name === "custom");
    return (
        <>
            <Choice
                compact
                label="Time range"
                value={isKnown ? name : defaultRange}
                options={custom ? [...options, ["custom", "Custom range…"]] : options}
                onChange={choose}
            />
            {custom && hasCustomRange() && <CustomRange />}
        </>
    );
}

function CustomRange() {
    const { query } = place.value;
    return (
        <>
            <Field
                compact
                label="From"
                type="datetime-local"
                value={toLocalInput(query.get("from") ?? "")}
                onInput={(value) => changeQuery({ from: fromLocalInput(value) }, { replace: true })}
            />
            <Field
                compact
                label="To"
                type="datetime-local"
                value={toLocalInput(query.get("to") ?? "")}
                onInput={(value) => changeQuery({ to: fromLocalInput(value) }, { replace: true })}
            />
        </>
    );
}
