import { RequestLog } from "../logs/request_log";
import { PageHead } from "../ui/page_head";

export function Logs() {
    return (
        <>
            <PageHead
                title="Logs"
                about="Every request whose key is known, let in or refused. Its id stands in the X-Request-Id of its answer."
            />
            <RequestLog />
        </>
    );
}
