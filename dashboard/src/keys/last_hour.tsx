// What a key was used for within the last hour: whoever stops it should know.
import { readKeyUsage } from "../api/calls";
import type { Collection, Key } from "../api/types";
import { ago, plural, refusals } from "../format";
import { useResource } from "../resource";

export function LastHour({ of, collection }: { of: Key; collection: Collection }) {
    const usage = useResource((signal) => readKeyUsage(collection, of.id, { bucket: "minute" }, signal), [of.id]);
    if (usage.error) {
        return <p class="box">What was used in the last hour is not known: {usage.error.message}</p>;
    }
    if (!usage.data) {
        return (
            <p class="box" role="status">
                Looking at the last hour…
            </p>
        );
    }
    const { series, lastUsedAt } = usage.data;
    const letIn = series.reduce((sum, point) => sum + point.requests, 0);
    const refused = series.reduce((sum, point) => sum + refusals(point.refused), 0);
    const busy = letIn + refused > 0;
    return (
        <p class={`box ${busy ? "warn" : ""}`} role="status">
            {busy ? (
                <>
                    In the last hour: <strong>{plural(letIn, "request")}</strong>
                    {refused > 0 && `, ${refused} refused`}.
                </>
            ) : (
                "No requests in the last hour."
            )}{" "}
            {lastUsedAt ? `Last used ${ago(lastUsedAt)}.` : "It was never used."}
        </p>
    );
}
