// The account's money and plan.
import { listTransactions, readBalance, readSubscription } from "../api/calls";
import type { Subscription, Transaction } from "../api/types";
import { credits, moment, words } from "../format";
import { KeyLink } from "../keys/key_link";
import { WindowBar } from "../keys/limit_bars";
import { useResource } from "../resource";
import { place } from "../router";
import { Fact } from "../ui/fact";
import { PageHead } from "../ui/page_head";
import { Pager } from "../ui/pager";
import { Empty, Loaded } from "../ui/state";
import { Table, type Column } from "../ui/table";
import { Badge, Name } from "../ui/text";

const pageSize = 50;

const columns: Column[] = [{ title: "Time" }, { title: "What" }, { title: "For" }, { title: "Credits", kind: "number" }];

function Row({ of }: { of: Transaction }) {
    const isMore = Number(of.amount) > 0;
    return (
        <tr>
            <td>{moment(of.updatedAt ?? of.createdAt)}</td>
            <th scope="row">
                <Badge tone={of.type === "topup" ? "good" : "calm"}>{of.type === "topup" ? "top-up" : words(of.type)}</Badge>
            </th>
            <td>{of.keyId ? <KeyLink id={of.keyId} /> : <Name>{of.plan ?? of.reference ?? "—"}</Name>}</td>
            <td class={`number ${isMore ? "plus" : ""}`}>{Number(of.amount) === 0 ? "—" : `${isMore ? "+" : ""}${credits(of.amount)}`}</td>
        </tr>
    );
}

const rateLabels: Record<string, string> = { second: "Requests a second", minute: "Requests a minute" };

function Plan({ of }: { of: Subscription }) {
    const rates = Object.entries(of.rates);
    return (
        <section class="card" aria-labelledby="plan">
            <h2 id="plan">
                Plan: <Name>{of.plan ?? "none"}</Name>
            </h2>
            <p class="about">
                Prices × {credits(of.multiplier)}.{" "}
                {of.models.length === 0 ? (
                    "All models."
                ) : (
                    <>
                        Models: <Name>{of.models.join(", ")}</Name>.
                    </>
                )}
            </p>
            {rates.length === 0 ? (
                <p class="about">No rate limit.</p>
            ) : (
                <div class="bars">
                    {rates.map(([name, state]) => (
                        <WindowBar key={name} label={rateLabels[name] ?? name} state={state} />
                    ))}
                </div>
            )}
        </section>
    );
}

function Wallet() {
    const balance = useResource((signal) => readBalance(signal), []);
    return (
        <section class="card" aria-label="Wallet">
            <Loaded from={balance} rows={2}>
                {({ available, held, balance: whole }) => (
                    <dl class="facts">
                        <Fact
                            label="Available"
                            about={Number(available) <= 0 ? "Requests with a price are refused until it is topped up." : "credits"}
                        >
                            {credits(available)}
                        </Fact>
                        <Fact label="Balance">{credits(whole)}</Fact>
                        <Fact label="Held" about="in running requests">
                            {credits(held)}
                        </Fact>
                    </dl>
                )}
            </Loaded>
        </section>
    );
}

export function BalancePage() {
    const cursor = place.value.query.get("cursor") ?? "";
    const subscription = useResource((signal) => readSubscription(signal), []);
    const ledger = useResource((signal) => listTransactions({ cursor, limit: pageSize }, signal), [cursor]);
    return (
        <>
            <PageHead
                title="Balance"
                about="What the account has, and what became of the rest. One credit is one US dollar unless your operator says otherwise."
            />
            <div class="two">
                <Wallet />
                <Loaded from={subscription}>{(plan) => <Plan of={plan} />}</Loaded>
            </div>
            <h2>Transactions</h2>
            <Loaded from={ledger} rows={6}>
                {({ transactions, next }) => (
                    <>
                        {transactions.length === 0 ? (
                            <Empty title="No transactions yet">
                                <p>Top-ups, changes of plan and each key's use by day stand here.</p>
                            </Empty>
                        ) : (
                            <Table label="Transactions" columns={columns}>
                                {transactions.map((one) => (
                                    <Row key={one.id} of={one} />
                                ))}
                            </Table>
                        )}
                        <Pager next={next} />
                    </>
                )}
            </Loaded>
        </>
    );
}
