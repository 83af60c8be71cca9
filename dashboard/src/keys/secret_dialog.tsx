// The secret of a key, this once. It lives in this component alone: when it is closed, nothing has it any more.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { apiBase, gatewayBase } from "../api/http";
import type { Collection } from "../api/types";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy";
import { Dialog } from "../ui/dialog";
import { Choice } from "../ui/field";

type Language = "curl" | "python" | "node";

const languages: [Language, string][] = [
    ["curl", "curl"],
    ["python", "Python, OpenAI's SDK"],
    ["node", "Node, OpenAI's SDK"],
];

function snippet(language: Language, secret: string): string {
    const base = gatewayBase.href.replace(/\/$/, "");
    switch (language) {
        case "curl":
            return `curl ${base}/models \\\n  -H "Authorization: Bearer ${secret}"`;
        case "python":
            return `from openai import OpenAI\n\nclient = OpenAI(\n    base_url="${base}",\n    api_key="${secret}",\n)\nprint(client.models.list())`;
        case "node":
            return `import OpenAI from "openai";\n\nconst client = new OpenAI({\n  baseURL: "${base}",\n  apiKey: "${secret}",\n});\nconsole.log(await client.models.list());`;
    }
}

const billingSnippet = (secret: string) => `curl ${new URL("keys", apiBase).href} \\\n  -H "Authorization: Bearer ${secret}"`;

export function SecretDialog({ secret, collection, onClose }: { secret: string; collection: Collection; onClose: () => void }) {
    const language = useSignal<Language>("curl");
    const shown = useRef<HTMLElement>(null);
    const example = useRef<HTMLPreElement>(null);
    const code = collection === "billing-keys" ? billingSnippet(secret) : snippet(language.value, secret);
    return (
        <Dialog title="Save this secret" onClose={onClose} mustAnswer large>
            <p>It is shown this once and stored nowhere. Put it where your secrets are kept, not into code.</p>
            <div class="secret">
                <code ref={shown} data-first="" tabIndex={0} aria-label="The secret">
                    {secret}
                </code>
                <CopyButton text={secret} what="the secret" from={() => shown.current} />
            </div>
            <div class="snippet">
                {collection === "keys" ? (
                    <Choice
                        label="How to use it"
                        value={language.value}
                        options={languages}
                        onChange={(value) => (language.value = value as Language)}
                    />
                ) : (
                    <p class="hint">To manage keys with it:</p>
                )}
                <div class="code">
                    <pre ref={example} tabIndex={0} aria-label="An example">
                        {code}
                    </pre>
                    <CopyButton text={code} what="the example" from={() => example.current} />
                </div>
            </div>
            <footer>
                <Button look="primary" icon="check" onClick={onClose}>
                    I have saved it
                </Button>
            </footer>
        </Dialog>
    );
}
