// The secret of a key, this once. It lives in this component alone: when it is closed, nothing has it any more.
import { useRef } from "preact/hooks";
import type { Collection } from "../api/types";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy";
import { Dialog } from "../ui/dialog";
import { Code, Snippets } from "./snippets";

export function SecretDialog({ secret, collection, onClose }: { secret: string; collection: Collection; onClose: () => void }) {
    const shown = useRef<HTMLElement>(null);
    return (
        <Dialog title="Save this secret" onClose={onClose} mustAnswer large>
            <p>Copy it now: you will not see it again. Store it in a secret manager, never in code.</p>
            <div class="secret">
                <code ref={shown} data-first="" tabIndex={0} aria-label="The secret">
                    {secret}
                </code>
                <CopyButton text={secret} what="the secret" from={() => shown.current} />
            </div>
            <p class="hint">To try it, in a shell:</p>
            <Code text={`export API_KEY=${secret}`} what="The setting" />
            <Snippets collection={collection} />
            <footer>
                <Button look="primary" icon="check" onClick={onClose}>
                    I have saved it
                </Button>
            </footer>
        </Dialog>
    );
}
