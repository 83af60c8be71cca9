// Whether the security log is intact.
import { readChain } from "../api/calls";
import { plural } from "../format";
import { useResource } from "../resource";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy";
import { Icon } from "../ui/icon";
import { Loaded } from "../ui/state";

export function ChainState() {
    const chain = useResource((signal) => readChain(signal), []);
    return (
        <section class="card chain" aria-label="Hash chain">
            <Loaded from={chain} rows={1}>
                {({ chain: { intact, entries, verified, head, problem, noted = [] } }) => (
                    <div class={`chain-state ${intact ? "good" : "bad"}`}>
                        <Icon name={intact ? "shield" : "warning"} />
                        <div>
                            <p class="title">{intact ? "The hash chain is intact" : "The hash chain is broken"}</p>
                            <p class="about">
                                {intact
                                    ? `${plural(entries, "entry", "entries")}, ${verified === entries ? "all" : `the last ${verified}`} verified: no entry was modified, removed or reordered.`
                                    : `${problem}. Tell your operator: apikeyctl audit verify has the details.`}
                            </p>
                            {intact &&
                                noted.map(({ first, last, by }) => (
                                    <p class="about">
                                        Except {first === last ? `entry ${first}` : `entries ${first} to ${last}`}, which cannot be
                                        verified: entry {by} explains why.
                                    </p>
                                ))}
                            {head && (
                                <p class="head">
                                    Head <code>{head.slice(0, 24)}…</code>
                                    <CopyButton text={head} what="the head of the hash chain" />
                                </p>
                            )}
                        </div>
                        <Button icon="reload" look="quiet" label="Verify again" onClick={chain.reload} />
                    </div>
                )}
            </Loaded>
        </section>
    );
}
