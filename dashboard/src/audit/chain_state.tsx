// Whether the security log is what was written.
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
        <section class="card chain" aria-label="The chain of entries">
            <Loaded from={chain} rows={1}>
                {({ chain: { intact, entries, verified, head, problem, noted = [] } }) => (
                    <div class={`chain-state ${intact ? "good" : "bad"}`}>
                        <Icon name={intact ? "shield" : "warning"} />
                        <div>
                            <p class="title">{intact ? "The chain is intact" : "The chain is broken"}</p>
                            <p class="about">
                                {intact
                                    ? `${plural(entries, "entry", "entries")}, ${verified === entries ? "all" : `the last ${verified}`} verified: none was altered, taken out or moved.`
                                    : `${problem}. Tell whoever runs the gateway: apikeyctl audit verify says more.`}
                            </p>
                            {intact &&
                                noted.map(({ first, last, by }) => (
                                    <p class="about">
                                        But for {first === last ? `entry ${first}` : `entries ${first} to ${last}`}, whose signatures do not
                                        hold: entry {by} says why.
                                    </p>
                                ))}
                            {head && (
                                <p class="head">
                                    Head <code>{head.slice(0, 24)}…</code>
                                    <CopyButton text={head} what="the head of the chain" />
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
