import type { Collection, Key } from "../api/types";
import { Menu } from "../ui/menu";
import { begin } from "./action";
import { isExpired } from "./status";

// What can be done with a key.
export function KeyMenu({ of, collection }: { of: Key; collection: Collection }) {
    const item = (name: "edit" | "rotate" | "clone" | "disable" | "enable" | "delete", text: string) => ({
        text,
        danger: name === "delete",
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
                isActive ? item("disable", "Disable…") : item("enable", "Enable…"),
                item("delete", "Delete…"),
            ]}
        />
    );
}
