import type { Collection } from "../api/types";
import { href } from "../router";
import { Name } from "../ui/text";
import { keyName } from "./names";

// A key by its name, as a link to its page; by its number where it is gone.
export function KeyLink({ id, likely = "keys" }: { id: number; likely?: Collection }) {
    const key = keyName(id, likely);
    return <a href={href(`${key?.collection ?? likely}/${id}`)}>{key ? <Name>{key.name}</Name> : `Key ${id}`}</a>;
}
