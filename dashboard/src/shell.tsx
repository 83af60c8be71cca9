// What stands around every page: where one can go, who one is.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Session } from "./api/types";
import { may } from "./keys/roles";
import { asApiError } from "./resource";
import { href, place } from "./router";
import { signOut } from "./session";
import { Brand } from "./ui/brand";
import { Button } from "./ui/button";
import { Icon, type IconName } from "./ui/icon";
import { Notice, tell } from "./ui/notice";
import { Name } from "./ui/text";
import { ThemeButton } from "./ui/theme_button";

const places: [string, string, IconName, Parameters<typeof may>[0]?][] = [
    ["", "Overview", "overview"],
    ["keys", "API Keys", "key", "readKeys"],
    ["usage", "Usage", "chart"],
    ["logs", "Logs", "log", "readRecords"],
    ["balance", "Balance", "wallet", "readMoney"],
    ["billing-keys", "Billing Keys", "card", "readBillingKeys"],
    ["audit", "Security log", "shield", "readRecords"],
];

function Navigation({ onGo }: { onGo: () => void }) {
    const here = place.value.path[0] ?? "";
    return (
        <nav aria-label="Pages of the dashboard">
            <ul>
                {places
                    .filter(([, , , permission]) => !permission || may(permission))
                    .map(([path, text, icon]) => (
                    <li>
                        <a href={href(path)} aria-current={path === here ? "page" : undefined} onClick={onGo}>
                            <Icon name={icon} />
                            {text}
                        </a>
                    </li>
                ))}
            </ul>
        </nav>
    );
}

function Who({ session }: { session: Session }) {
    const leave = () => signOut().catch((error: unknown) => tell(asApiError(error).message));
    return (
        <div class="who">
            <p>
                <Name>{session.name}</Name>
                <span class="about">
                    <Name>{session.accountName || `Account ${session.account}`}</Name>
                </span>
            </p>
            <ThemeButton />
            <Button look="quiet" icon="leave" label="Sign out" onClick={leave} />
        </div>
    );
}

function skip(event: Event) {
    event.preventDefault();
    document.querySelector("main")?.focus();
}

export function Shell({ session, children }: { session: Session; children: ComponentChildren }) {
    const open = useSignal(false);
    return (
        <div class="shell">
            <header class={`side${open.value ? " open" : ""}`}>
                <a class="skip" href="#main" onClick={skip}>
                    Skip to the page
                </a>
                <div class="side-top">
                    <a class="home" href={href("")}>
                        <Brand />
                    </a>
                    <button
                        type="button"
                        class="button quiet bare burger"
                        aria-expanded={open.value}
                        aria-label="Menu"
                        onClick={() => (open.value = !open.value)}
                    >
                        <Icon name={open.value ? "close" : "menu"} />
                    </button>
                </div>
                <div class="side-more">
                    <Navigation onGo={() => (open.value = false)} />
                    <Who session={session} />
                </div>
            </header>
            <main id="main" tabIndex={-1}>
                {children}
            </main>
            <Notice />
        </div>
    );
}
