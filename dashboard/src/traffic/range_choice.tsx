import { changeQuery } from "../router";
import { Choice } from "../ui/field";
import { defaultRange, rangeName, ranges } from "./range";

const options = Object.entries(ranges).map(([name, { text }]): [string, string] => [name, text]);

export function RangeChoice() {
    const choose = (name: string) => changeQuery({ range: name === defaultRange ? undefined : name });
    return <Choice compact label="Time" value={rangeName()} options={options} onChange={choose} />;
}
