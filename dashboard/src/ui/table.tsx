// A table that scrolls by itself where it is wider than the page, also by keyboard.
import type { ComponentChildren } from "preact";

export interface Column {
    title: string;
    kind?: "number" | "wide" | "wider" | "unseen"; // wide and wider stand only where there is room
}

export function Table({ label, columns, children }: { label: string; columns: Column[]; children: ComponentChildren }) {
    return (
        <div class="table" role="region" aria-label={label} tabIndex={0}>
            <table>
                <thead>
                    <tr>
                        {columns.map(({ title, kind }) => (
                            <th scope="col" class={kind === "unseen" ? "" : kind}>
                                {kind === "unseen" ? <span class="unseen">{title}</span> : title}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>{children}</tbody>
            </table>
        </div>
    );
}
