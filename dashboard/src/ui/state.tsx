// While there is nothing to show: why, and what to do.
import type { ComponentChildren } from "preact";
import type { ApiError } from "../api/http";
import type { Resource } from "../resource";
import { Button } from "./button";
import { Icon } from "./icon";

export function Loading({ rows = 3 }: { rows?: number }) {
    return (
        <div class="loading" role="status" aria-label="Loading">
            {Array.from({ length: rows }, () => (
                <span class="bone" />
            ))}
        </div>
    );
}

export function Failed({ error, retry }: { error: ApiError; retry?: (() => void) | undefined }) {
    return (
        <div class="state failed" role="alert">
            <Icon name="warning" />
            <p>{error.message}</p>
            {retry && (
                <Button icon="reload" onClick={retry}>
                    Try again
                </Button>
            )}
        </div>
    );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
    return (
        <div class="state">
            <p class="title">{title}</p>
            {children}
        </div>
    );
}

// A resource in its three states; the function shows its data.
export function Loaded<T>({ from, rows, children }: { from: Resource<T>; rows?: number; children: (data: T) => ComponentChildren }) {
    if (from.error) {
        return <Failed error={from.error} retry={from.reload} />;
    }
    if (from.data === undefined) {
        return <Loading rows={rows ?? 3} />;
    }
    return <div aria-busy={from.loading}>{children(from.data)}</div>;
}
