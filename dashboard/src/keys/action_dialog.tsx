// The dialog of what is about to be done, and after it the secret where there is a new one.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { session } from "../session";
import { tell } from "../ui/notice";
import { action, finish } from "./action";
import { ActiveDialog, CloneDialog, DeleteDialog, RotateDialog } from "./confirm_dialogs";
import { CreateDialog, EditDialog } from "./edit_dialogs";
import { SecretDialog } from "./secret_dialog";

export function ActionDialog() {
    const secret = useSignal("");
    const current = action.value;
    const mayGoOn = Boolean(session.value) || secret.value !== ""; // a secret stays until it is saved, even where its session has ended
    useEffect(() => {
        if (!mayGoOn) {
            finish(false);
        }
    }, [mayGoOn]);
    if (!current || !mayGoOn) {
        return null;
    }
    const { name, collection, key } = current;
    const created = name !== "rotate";
    if (secret.value) {
        const close = () => {
            secret.value = "";
            tell(created ? "Key created." : "Key rotated.");
            finish(true);
        };
        return <SecretDialog secret={secret.value} collection={collection} onClose={close} />;
    }
    const onSecret = (text: string) => (secret.value = text);
    if (!key) {
        return <CreateDialog collection={collection} onClose={() => finish(false)} onSecret={onSecret} />;
    }
    const shared = { collection, of: key, onClose: finish };
    switch (name) {
        case "edit":
            return <EditDialog {...shared} />;
        case "rotate":
            return <RotateDialog {...shared} onSecret={onSecret} />;
        case "clone":
            return <CloneDialog {...shared} onSecret={onSecret} />;
        case "delete":
            return <DeleteDialog {...shared} />;
        default:
            return <ActiveDialog {...shared} active={name === "enable"} />;
    }
}
