// How a key is used: with curl, and with the vendors' SDKs. The key comes from the environment, as it should.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { apiBase, gatewayBase } from "../api/http";
import type { Collection } from "../api/types";
import { CopyButton } from "../ui/copy";
import { Choice } from "../ui/field";

const base = gatewayBase.href.replace(/\/$/, "");
const root = base.replace(/\/v1$/, "");

const snippets: Record<string, [string, string]> = {
    curl: ["curl", `curl ${base}/models \\\n  -H "Authorization: Bearer $API_KEY"`],
    "openai-python": [
        "OpenAI SDK, Python",
        `import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url="${base}", api_key=os.environ["API_KEY"])\nanswer = client.chat.completions.create(\n    model="gpt-4o-mini",\n    messages=[{"role": "user", "content": "Hello"}],\n)\nprint(answer.choices[0].message.content)`,
    ],
    "openai-node": [
        "OpenAI SDK, Node",
        `import OpenAI from "openai";\n\nconst client = new OpenAI({ baseURL: "${base}", apiKey: process.env.API_KEY });\nconst answer = await client.chat.completions.create({\n  model: "gpt-4o-mini",\n  messages: [{ role: "user", content: "Hello" }],\n});\nconsole.log(answer.choices[0].message.content);`,
    ],
    anthropic: [
        "Anthropic SDK, Python",
        `import os\nfrom anthropic import Anthropic\n\nclient = Anthropic(base_url="${root}", api_key=os.environ["API_KEY"])\nanswer = client.messages.create(\n    model="claude-sonnet-4-5",\n    max_tokens=256,\n    messages=[{"role": "user", "content": "Hello"}],\n)\nprint(answer.content[0].text)`,
    ],
    gemini: [
        "Gemini SDK, Python",
        `import os\nfrom google import genai\n\nclient = genai.Client(api_key=os.environ["API_KEY"], http_options={"base_url": "${root}"})\nanswer = client.models.generate_content(model="gemini-2.5-flash", contents="Hello")\nprint(answer.text)`,
    ],
};
const choices = Object.entries(snippets).map(([name, [text]]): [string, string] => [name, text]);
const billingSnippet = `curl ${new URL("keys", apiBase).href} \\\n  -H "Authorization: Bearer $API_KEY"`;

export function Code({ text, what }: { text: string; what: string }) {
    const element = useRef<HTMLPreElement>(null);
    return (
        <div class="code">
            <pre ref={element} tabIndex={0} role="region" aria-label={what}>
                {text}
            </pre>
            <CopyButton text={text} what={what.toLowerCase()} from={() => element.current} />
        </div>
    );
}

export function Snippets({ collection }: { collection: Collection }) {
    const chosen = useSignal("curl");
    if (collection === "billing-keys") {
        return <Code text={billingSnippet} what="The example" />;
    }
    return (
        <div class="snippet">
            <Choice label="How to use it" value={chosen.value} options={choices} onChange={(value) => (chosen.value = value)} />
            <Code text={snippets[chosen.value]![1]} what="The example" />
        </div>
    );
}
