import { RequestLog } from "../logs/request_log";
import { PageHead } from "../ui/page_head";

export function Logs() {
    return (
        <>
            <PageHead title="Logs" about="All requests made with your keys. Look one up by its X-Request-Id header." />
            <RequestLog />
        </>
    );
}
