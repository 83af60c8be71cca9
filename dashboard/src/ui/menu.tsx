// A button with a menu in the top layer. Arrows move, Escape closes, what is chosen has the focus go back to the button first.
import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";

export interface MenuItem {
    text: string;
    danger?: boolean;
    whyNot?: string | undefined; // it cannot be chosen, and this is why
    onChoose: () => void;
}

const gap = 4;

function placeBelow(menu: HTMLElement, button: HTMLElement) {
    const at = button.getBoundingClientRect();
    const fitsBelow = at.bottom + gap + menu.offsetHeight < window.innerHeight;
    menu.style.top = `${Math.max(gap, fitsBelow ? at.bottom + gap : at.top - gap - menu.offsetHeight)}px`;
    menu.style.left = `${Math.max(gap, Math.min(at.right - menu.offsetWidth, window.innerWidth - menu.offsetWidth - gap))}px`;
}

export function Menu({ label, items }: { label: string; items: MenuItem[] }) {
    const menu = useRef<HTMLDivElement>(null);
    const button = useRef<HTMLButtonElement>(null);
    const open = useSignal(false);
    const id = useId();
    const entries = () => [...(menu.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const toggle = () => {
        menu.current?.togglePopover();
        if (menu.current?.matches(":popover-open")) {
            placeBelow(menu.current, button.current!);
            entries()[0]?.focus();
        }
    };
    const move = (event: KeyboardEvent) => {
        const all = entries();
        const at = all.indexOf(document.activeElement as HTMLElement);
        const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
        if (to !== undefined) {
            event.preventDefault();
            all[to % all.length]?.focus();
        } else if (event.key === "Tab") {
            menu.current?.hidePopover();
        }
    };
    const choose = (item: MenuItem) => {
        if (item.whyNot) {
            return;
        }
        menu.current?.hidePopover();
        button.current?.focus();
        item.onChoose();
    };
    return (
        <>
            <button
                ref={button}
                type="button"
                class="button quiet bare"
                aria-label={label}
                aria-haspopup="menu"
                aria-expanded={open.value}
                aria-controls={id}
                onClick={toggle}
            >
                <span class="dots" aria-hidden="true" />
            </button>
            <div
                ref={menu}
                id={id}
                popover="auto"
                role="menu"
                aria-label={label}
                class="menu"
                onKeyDown={move}
                onToggle={(event) => (open.value = (event as ToggleEvent).newState === "open")}
            >
                {items.map((item) => (
                    <button
                        type="button"
                        role="menuitem"
                        tabIndex={-1}
                        class={item.danger ? "danger" : ""}
                        aria-disabled={item.whyNot ? true : undefined}
                        onClick={() => choose(item)}
                    >
                        {item.text}
                        {item.whyNot && <span class="sub">{item.whyNot}</span>}
                    </button>
                ))}
            </div>
        </>
    );
}
