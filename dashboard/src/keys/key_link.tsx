import type { Collection } from "../api/types";
import { href } from "../router";
import { Name } from "../ui/text";
import { keyName } from "./names";

// A key by its name, as a link to its page; by what the log knows of it, or its number, where it is gone.
export function KeyLink({ id, likely = "keys", known }: { id: number; likely?: Collection; known?: string }) {
    const key = keyName(id, likely);
    const name = key?.name ?? known;
    return <a href={href(`${key?.collection ?? likely}/${id}`)}>{name ? <Name>{name}</Name> : `Key ${id}`}</a>;
}
