// The account's money and plan.
import { listTransactions, readBalance, readSubscription } from "../api/calls";
import type { NamedKey, Subscription, Transaction, TransactionPage } from "../api/types";
import { count, credits, moment, plural, shortCredits, signedCredits, utcDay, words } from "../format";
import { byId, KeyLink } from "../keys/key_link";
import { forecastOf } from "../money/forecast";
import { useResource } from "../resource";
import { place } from "../router";
import { Button } from "../ui/button";
import { Fact } from "../ui/fact";
import { csvLine, saveFile } from "../ui/file";
import { PageHead } from "../ui/page_head";
import { Pager } from "../ui/pager";
import { Empty, Loaded } from "../ui/state";
import { Table, type Column } from "../ui/table";
import { Badge, Name } from "../ui/text";

const pageSize = 50;
const lowBalanceDays = 7;

function download({ transactions, keys = [] }: TransactionPage) {
    const known = byId(keys);
    const lines = transactions.map(({ id, createdAt, type, amount, keyId, plan, reference }) =>
        csvLine([id, createdAt, type, keyId ?? "", (keyId && known.get(keyId)?.name) || "", plan ?? reference ?? "", amount]),
    );
    saveFile([csvLine(["id", "at", "type", "key", "keyName", "for", "credits"]), ...lines], "text/csv", "transactions.csv");
}

// Only the newest entries tell what is spent at present.
function Forecast({ available, ledger }: { available: string; ledger: TransactionPage | undefined }) {
    const forecast = ledger && forecastOf(ledger.transactions, Boolean(ledger.next), Number(available), Date.now());
    if (!forecast) {
        return null;
    }
    const { perDay, overDays, lastsDays, wholeMonth } = forecast;
    return (
        <>
            {lastsDays < lowBalanceDays && (
                <p class="box warn" role="status">
                    The balance is low: it lasts for about {plural(lastsDays, "day")} more. Ask your operator for a top-up.
                </p>
            )}
            <dl class="facts">
                <Fact label="Spent per day" about={`average of the last ${plural(overDays, "day")} (UTC)`}>
                    {shortCredits(perDay)}
                </Fact>
                <Fact label="Lasts for about" about="at that rate">
                    {plural(lastsDays, "day")}
                </Fact>
                <Fact label="This month" about="forecast, at that rate">
                    {shortCredits(wholeMonth)}
                </Fact>
            </dl>
        </>
    );
}

// A day's usage of a key is one entry: its day says more than when it was last charged.
function When({ of: { type, createdAt, updatedAt } }: { of: Transaction }) {
    return type === "usage" ? (
        <time dateTime={createdAt} title={updatedAt && `Last charged ${moment(updatedAt)}`}>
            {utcDay(createdAt)}
        </time>
    ) : (
        <time dateTime={createdAt}>{moment(createdAt)}</time>
    );
}

function columnsOf(keys: NamedKey[]): Column<Transaction>[] {
    const known = byId(keys);
    return [
        { title: "Time", about: "Of usage: the day in UTC", cell: (entry) => <When of={entry} /> },
        {
            title: "Type",
            kind: "head",
            cell: ({ type }) => <Badge tone={type === "topup" ? "good" : "calm"}>{type === "topup" ? "top-up" : words(type)}</Badge>,
        },
        {
            title: "For",
            cell: ({ keyId, plan, reference }) =>
                keyId ? <KeyLink id={keyId} of={known.get(keyId)} /> : <Name>{plan ?? reference ?? "—"}</Name>,
        },
        {
            title: "Credits",
            kind: "number",
            cell: ({ amount }) => (
                <span class={Number(amount) > 0 ? "plus" : ""}>{Number(amount) === 0 ? "—" : signedCredits(amount)}</span>
            ),
        },
    ];
}

const rateLabels: Record<string, string> = { second: "requests per second", minute: "requests per minute" };

function Plan({ of }: { of: Subscription }) {
    const rates = Object.entries(of.rates);
    return (
        <section class="card" aria-labelledby="plan">
            <h2 id="plan">
                Plan: <Name>{of.plan ?? "none"}</Name>
            </h2>
            <dl class="settings">
                <div>
                    <dt>Prices</dt>
                    <dd>× {count(Number(of.multiplier))}</dd>
                </div>
                <div>
                    <dt>Models</dt>
                    <dd>{of.models.length === 0 ? "All models" : <Name>{of.models.join(", ")}</Name>}</dd>
                </div>
                <div>
                    <dt>Rate limits</dt>
                    <dd>
                        {rates.length === 0
                            ? "None"
                            : rates.map(([name, { limit }]) => `${count(limit)} ${rateLabels[name] ?? name}`).join(", ")}
                    </dd>
                </div>
            </dl>
        </section>
    );
}

function Wallet({ ledger }: { ledger: TransactionPage | undefined }) {
    const balance = useResource((signal) => readBalance(signal), []);
    return (
        <section class="card" aria-label="Wallet">
            <Loaded from={balance} rows={2}>
                {({ available, held, balance: whole }) => (
                    <>
                    <dl class="facts">
                        <Fact
                            label="Available"
                            about={Number(available) <= 0 ? "Requests with a price are rejected until it is topped up." : undefined}
                        >
                            <span title={credits(available)}>{shortCredits(Number(available))}</span>
                        </Fact>
                        <Fact label="Balance">
                            <span title={credits(whole)}>{shortCredits(Number(whole))}</span>
                        </Fact>
                        <Fact label="Reserved" about="for running requests">
                            <span title={credits(held)}>{shortCredits(Number(held))}</span>
                        </Fact>
                    </dl>
                    <Forecast available={available} ledger={ledger} />
                    </>
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
                about="Credit balance and transactions. One credit is one US dollar unless your operator says otherwise."
            />
            <div class="two">
                <Wallet ledger={cursor ? undefined : ledger.data} />
                <Loaded from={subscription}>{(plan) => <Plan of={plan} />}</Loaded>
            </div>
            <div class="section-head">
                <h2>Transactions</h2>
                {ledger.data && ledger.data.transactions.length > 0 && <Button onClick={() => download(ledger.data!)}>CSV</Button>}
            </div>
            <Loaded from={ledger} rows={6}>
                {({ transactions, keys = [], next }) => (
                    <>
                        {transactions.length === 0 ? (
                            <Empty title="No transactions yet">
                                <p>Top-ups, plan changes and each key's usage by day appear here.</p>
                            </Empty>
                        ) : (
                            <Table label="Transactions" columns={columnsOf(keys)} rows={transactions} keyOf={({ id }) => id} />
                        )}
                        <Pager next={next} />
                    </>
                )}
            </Loaded>
        </>
    );
}
