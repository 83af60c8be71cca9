// A page's heading. After going somewhere it has the focus, so that the next Tab and a screen reader begin there.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { arrived } from "../router";

let greeted = 0;

interface PageHeadProps {
    title: string; // of the window
    heading?: ComponentChildren;
    about?: ComponentChildren;
    children?: ComponentChildren; // what can be done
}

export function PageHead({ title, heading, about, children }: PageHeadProps) {
    const element = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        document.title = `${title} · API keys`;
    }, [title]);
    useEffect(() => {
        if (arrived.value !== greeted) {
            greeted = arrived.value;
            element.current?.focus({ preventScroll: true });
        }
    }, [arrived.value]);
    return (
        <div class="page-head">
            <div>
                <h1 ref={element} tabIndex={-1}>
                    {heading ?? title}
                </h1>
                {about && <p class="about">{about}</p>}
            </div>
            {children && <div class="actions">{children}</div>}
        </div>
    );
}
