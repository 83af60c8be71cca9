// The request log with its filters: of the account, or of one key.
import { useSignal } from "@preact/signals";
import { listLogs } from "../api/calls";
import type { LogEntry } from "../api/types";
import { asApiError, useResource } from "../resource";
import { place } from "../router";
import { Button } from "../ui/button";
import { tell } from "../ui/notice";
import { Pager } from "../ui/pager";
import { Empty, Failed, Loaded } from "../ui/state";
import { downloadCsv } from "./csv";
import { asQuery, filterOf, type LogFilter } from "./filter";
import { LogFilters } from "./log_filters";
import { LogTable } from "./log_table";
import { useTail } from "./tail";

const pageSizes = { account: 50, key: 20 };

// Each worker writes its requests in batches, which overlap in time.
export const byTime = (entries: LogEntry[]) => entries.toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at));

function Nothing({ isFiltered, next }: { isFiltered: boolean; next: string | undefined }) {
    if (next) {
        return (
            <Empty title="No matches yet">
                <p>The log is longer than is searched at once. “Older” continues the search.</p>
            </Empty>
        );
    }
    return isFiltered ? (
        <Empty title="No matching requests">
            <p>Change the filters. Old requests leave the log after a while: your operator can say when.</p>
        </Empty>
    ) : (
        <Empty title="No requests yet">
            <p>Requests appear here within a second of being answered.</p>
        </Empty>
    );
}

function CsvButton({ filter, keyId }: { filter: LogFilter; keyId?: number | undefined }) {
    const busy = useSignal(false);
    const download = async () => {
        busy.value = true;
        try {
            await downloadCsv(asQuery(filter), keyId ? `requests-of-key-${keyId}.csv` : "requests.csv");
        } catch (error) {
            tell(asApiError(error).message);
        }
        busy.value = false;
    };
    return (
        <Button icon="download" busy={busy.value} onClick={download}>
            CSV
        </Button>
    );
}

export function RequestLog({ keyId }: { keyId?: number }) {
    const { query } = place.value;
    const filter = filterOf(query);
    const asked: LogFilter = keyId ? { ...filter, key: String(keyId) } : filter;
    const cursor = query.get("cursor") ?? "";
    const live = useSignal(false);
    const inputs = JSON.stringify([asked, cursor]);
    const page = useResource(
        (signal) => listLogs({ ...asQuery(asked), cursor, limit: keyId ? pageSizes.key : pageSizes.account }, signal),
        [inputs, live.value],
    );
    const tail = useTail(live.value && !page.error, asked);
    const isFieldError = page.error?.status === 400 && page.error.field !== "";
    return (
        <>
            <LogFilters
                filter={filter}
                ofOneKey={keyId !== undefined}
                keyName={page.data?.logs.find((entry) => String(entry.keyId) === filter.key)?.keyName}
                error={page.error}
            />
            <div class="toolbar">
                <Button icon={live.value ? "pause" : "play"} pressed={live.value} onClick={() => (live.value = !live.value)}>
                    Live
                </Button>
                <CsvButton filter={asked} keyId={keyId} />
                {live.value && (
                    <span class="live" role="status">
                        Watching for new requests
                    </span>
                )}
            </div>
            {tail.problem && <Failed error={tail.problem} />}
            {live.value && tail.entries.length > 0 ? (
                <LogTable entries={tail.entries} ofOneKey={keyId !== undefined} />
            ) : isFieldError ? (
                <Empty title="A filter has a wrong value" />
            ) : (
                <Loaded from={page} rows={8}>
                    {({ logs, next }) => (
                        <>
                            {logs.length === 0 ? (
                                <Nothing isFiltered={Object.keys(filter).length > 0} next={next} />
                            ) : (
                                <LogTable entries={byTime(logs)} ofOneKey={keyId !== undefined} />
                            )}
                            <Pager next={next} />
                        </>
                    )}
                </Loaded>
            )}
        </>
    );
}
