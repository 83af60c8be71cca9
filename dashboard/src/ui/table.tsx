// A table that scrolls by itself where it is wider than the page, also by keyboard; on a small screen each row is a card.
import type { ComponentChildren } from "preact";
import { Icon } from "./icon";

export interface Column<Row> {
    title: string;
    cell: (row: Row) => ComponentChildren;
    kind?: "head" | "number" | "unseen"; // what the row is called; a number; a column whose title is for ears only
    room?: "wide" | "wider"; // it stands only where there is room
    about?: string; // of the title
    sort?: string; // the order that its title chooses
}

export interface Order {
    by: string;
    choose: (by: string) => void;
}

interface TableProps<Row> {
    label: string;
    columns: Column<Row>[];
    rows: Row[];
    keyOf: (row: Row) => string | number;
    order?: Order;
    onRow?: ((row: Row) => void) | undefined; // a click on it, beside its links and buttons
}

function Title<Row>({ of: { title, kind, sort, about }, order }: { of: Column<Row>; order: Order | undefined }) {
    if (kind === "unseen") {
        return <span class="unseen">{title}</span>;
    }
    if (!sort || !order) {
        return about ? <abbr title={about}>{title}</abbr> : <>{title}</>;
    }
    return (
        <button type="button" class="sort" title={about} onClick={() => order.choose(sort)}>
            {title}
            {order.by === sort && <Icon name="down" />}
        </button>
    );
}

const classOf = ({ kind, room }: Column<never>) => [kind === "unseen" ? "end" : kind, room].filter(Boolean).join(" ");
const isControl = (target: EventTarget | null) =>
    target instanceof Element && target.closest("a, button, input, label, [role=menu]") !== null;

export function Table<Row>({ label, columns, rows, keyOf, order, onRow }: TableProps<Row>) {
    return (
        <div class="table" role="region" aria-label={label} tabIndex={0}>
            <table role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        {columns.map((column) => (
                            <th
                                scope="col"
                                role="columnheader"
                                class={classOf(column)}
                                aria-sort={column.sort && order?.by === column.sort ? "descending" : undefined}
                            >
                                <Title of={column} order={order} />
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    {rows.map((row) => (
                        <tr
                            key={keyOf(row)}
                            role="row"
                            class={onRow ? "opens" : undefined}
                            onClick={onRow && ((event) => !isControl(event.target) && onRow(row))}
                        >
                            {columns.map((column) =>
                                column.kind === "head" ? (
                                    <th scope="row" role="rowheader">
                                        {column.cell(row)}
                                    </th>
                                ) : (
                                    <td
                                        role="cell"
                                        class={classOf(column)}
                                        data-title={column.kind === "unseen" ? undefined : column.title}
                                    >
                                        <div>{column.cell(row)}</div>
                                    </td>
                                ),
                            )}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
