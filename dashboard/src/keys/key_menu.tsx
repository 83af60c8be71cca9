import type { Collection, Key } from "../api/types";
import { Menu } from "../ui/menu";
import { mayChange, mayCreate } from "./roles";
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
    const clone = mayCreate(collection) ? [item("clone", "Clone…")] : [];
    const items = mayChange(collection)
        ? [
              item("edit", "Edit…"),
              item("rotate", "Rotate…"),
              ...clone,
              isActive ? item("disable", "Deactivate…") : item("enable", "Activate…"),
              item("delete", "Delete…", whyNotDeleted(of)),
          ]
        : clone;
    return items.length > 0 ? <Menu label={`Actions for ${of.name}`} items={items} /> : null;
}
