import { useEffect } from "preact/hooks";
import { onUnconfirmed } from "./api/http";
import { ActionDialog } from "./keys/action_dialog";
import { BalancePage } from "./pages/balance";
import { Audit } from "./pages/audit";
import { KeyPage } from "./pages/key";
import { Keys } from "./pages/keys";
import { Logs } from "./pages/logs";
import { Overview } from "./pages/overview";
import { Missing } from "./pages/missing";
import { SignIn } from "./pages/sign_in";
import { Usage } from "./pages/usage";
import { place } from "./router";
import { resumeSession, session, sessionProblem } from "./session";
import { Shell } from "./shell";
import { warn } from "./ui/notice";
import { Failed, Loading } from "./ui/state";

onUnconfirmed((nodes) =>
    warn(`Saved, but these nodes have not confirmed the change and may still use the previous version for up to a minute: ${nodes}`),
);

function Page() {
    const [name, id, ...rest] = place.value.path;
    if (rest.length > 0 || (id !== undefined && !/^[1-9]\d*$/.test(id))) {
        return <Missing />;
    }
    if (name === "keys" || name === "billing-keys") {
        return id ? <KeyPage key={id} collection={name} id={Number(id)} /> : <Keys key={name} collection={name} />;
    }
    if (id !== undefined) {
        return <Missing />;
    }
    switch (name) {
        case undefined:
            return <Overview />;
        case "usage":
            return <Usage />;
        case "logs":
            return <Logs />;
        case "audit":
            return <Audit />;
        case "balance":
            return <BalancePage />;
        default:
            return <Missing />;
    }
}

function Content() {
    if (sessionProblem.value) {
        return (
            <main class="sign-in">
                <Failed error={sessionProblem.value} retry={resumeSession} />
            </main>
        );
    }
    if (session.value === undefined) {
        return (
            <main class="sign-in">
                <Loading />
            </main>
        );
    }
    return session.value === null ? (
        <SignIn />
    ) : (
        <Shell session={session.value}>
            <Page />
        </Shell>
    );
}

export function App() {
    useEffect(() => void resumeSession(), []);
    return (
        <>
            <Content />
            <ActionDialog />
        </>
    );
}
