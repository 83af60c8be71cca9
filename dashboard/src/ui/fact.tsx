import type { ComponentChildren } from "preact";

// A number with its name.
export function Fact({ label, children, about }: { label: string; children: ComponentChildren; about?: ComponentChildren }) {
    return (
        <div class="fact">
            <dt>{label}</dt>
            <dd>
                <strong>{children}</strong>
                {about && <span class="about">{about}</span>}
            </dd>
        </div>
    );
}
