// The filters of a list. What is needed seldom is behind a button; on a small screen all of them are.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Button } from "./button";

interface FiltersProps {
    set: number; // how many are set
    more?: ComponentChildren;
    moreSet?: number; // of the seldom ones
    onClear: () => void;
    children: ComponentChildren;
}

export function Filters({ set, more, moreSet = 0, onClear, children }: FiltersProps) {
    const open = useSignal(moreSet > 0);
    const id = useId();
    return (
        <form class={`filters${open.value ? " open" : ""}`} role="search" onSubmit={(event) => event.preventDefault()}>
            <div class={`filters-toggle${more ? "" : " small-only"}`}>
                <Button icon="filter" expanded={open.value} controls={id} onClick={() => (open.value = !open.value)}>
                    {set > 0 ? `Filters (${set})` : "Filters"}
                </Button>
                {set > 0 && (
                    <Button look="quiet" onClick={onClear}>
                        Clear
                    </Button>
                )}
            </div>
            <div class="filters-fields" id={id}>
                <div class="filters-row">{children}</div>
                {more && <div class="filters-row more-filters">{more}</div>}
            </div>
        </form>
    );
}
