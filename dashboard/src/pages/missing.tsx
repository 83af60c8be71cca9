import { href } from "../router";
import { PageHead } from "../ui/page_head";
import { Empty } from "../ui/state";

export function Missing() {
    return (
        <>
            <PageHead title="Not found" />
            <Empty title="There is no such page">
                <a href={href("keys")}>Go to the API keys</a>
            </Empty>
        </>
    );
}
