import type { ComponentChildren, Ref } from "preact";
import { Icon, type IconName } from "./icon";

interface ButtonProps {
    children?: ComponentChildren;
    icon?: IconName;
    look?: "plain" | "primary" | "danger" | "quiet";
    label?: string; // instead of a text
    disabled?: boolean;
    busy?: boolean;
    pressed?: boolean;
    expanded?: boolean; // what it shows and hides …
    controls?: string; // … and its id
    submits?: boolean;
    onClick?: () => void;
    buttonRef?: Ref<HTMLButtonElement>;
}

export function Button({
    children,
    icon,
    look = "plain",
    label,
    disabled,
    busy,
    pressed,
    expanded,
    controls,
    submits,
    onClick,
    buttonRef,
}: ButtonProps) {
    return (
        <button
            ref={buttonRef ?? null}
            type={submits ? "submit" : "button"}
            class={`button ${look}${children ? "" : " bare"}`}
            aria-label={label}
            title={label}
            aria-pressed={pressed}
            aria-expanded={expanded}
            aria-controls={controls}
            aria-busy={busy}
            disabled={disabled || busy}
            onClick={onClick}
        >
            {icon && <Icon name={icon} />}
            {children && <span>{children}</span>}
        </button>
    );
}
