import type { Collection, Key } from "../api/types";
import { Menu } from "../ui/menu";
import { begin, type ActionName } from "./action";
import { isExpired, whyNotDeleted } from "./status";

// What can be done with a key.
export function KeyMenu({ of, collection }: { of: Key; collection: Collection }) {
    const item = (name: ActionName, text: string, whyNot?: string) => ({
        text,
        danger: name === "delete",
        whyNot,
        onChoose: () => begin(name, collection, of),
    });
    const isActive = of.active || isExpired(of);
    return (
        <Menu
            label={`Actions for ${of.name}`}
            items={[
                item("edit", "Edit…"),
                item("rotate", "Rotate…"),
                item("clone", "Clone…"),
                isActive ? item("disable", "Deactivate…") : item("enable", "Activate…"),
                item("delete", "Delete…", whyNotDeleted(of)),
            ]}
        />
    );
}
