// Newer and older pages of a list that goes by cursors.
import { changeQuery, place } from "../router";
import { Button } from "./button";

export function Pager({ next }: { next: string | undefined }) {
    const { query, trail } = place.value;
    const cursor = query.get("cursor") ?? "";
    if (!cursor && !next) {
        return null;
    }
    const newer = () => changeQuery({ cursor: trail.at(-1) }, { trail: trail.slice(0, -1) });
    const older = () => changeQuery({ cursor: next }, { trail: [...trail, cursor] });
    return (
        <nav class="pager" aria-label="Pages">
            <Button disabled={!cursor} onClick={() => changeQuery({ cursor: undefined })}>
                Newest
            </Button>
            <Button icon="back" disabled={trail.length === 0} onClick={newer}>
                Newer
            </Button>
            <Button icon="next" disabled={!next} onClick={older}>
                Older
            </Button>
        </nav>
    );
}
