// A key's traffic of the last hour: whoever stops it should know.
import { readKeyUsage } from "../api/calls";
import type { Collection, Key } from "../api/types";
import { ago, count, plural, refusals } from "../format";
import { useResource } from "../resource";

export function LastHour({ of, collection }: { of: Key; collection: Collection }) {
    const usage = useResource((signal) => readKeyUsage(collection, of.id, { bucket: "minute" }, signal), [of.id]);
    if (usage.error) {
        return <p class="box">The last hour is not known: {usage.error.message}</p>;
    }
    if (!usage.data) {
        return (
            <p class="box" role="status">
                Loading the last hour…
            </p>
        );
    }
    const { series, lastUsedAt } = usage.data;
    const allowed = series.reduce((sum, point) => sum + point.requests, 0);
    const refused = series.reduce((sum, point) => sum + refusals(point.refused), 0);
    const busy = allowed + refused > 0;
    return (
        <p class={`box ${busy ? "warn" : ""}`} role="status">
            {busy ? (
                <>
                    In the last hour: <strong>{plural(allowed, "request")}</strong>
                    {refused > 0 && `, ${count(refused)} rejected`}.
                </>
            ) : (
                "No requests in the last hour."
            )}{" "}
            {lastUsedAt ? `Last used ${ago(lastUsedAt)}.` : "Never used."}
        </p>
    );
}
