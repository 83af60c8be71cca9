// What the roles of billing keys are called, and what they may do. The server decides: what it would refuse is not offered.
import type { Collection, Role } from "../api/types";
import { session } from "../session";

export const roleNames: Record<Role, string> = {
    owner: "Owner",
    editor: "Editor",
    creator: "Creator",
    viewer: "Viewer",
    billing_viewer: "Billing viewer",
};

export const roleHints: Record<Role, string> = {
    owner: "May do everything",
    editor: "Changes keys, but no billing keys",
    creator: "Creates keys and reads their usage",
    viewer: "Reads everything and changes nothing",
    billing_viewer: "Reads balance, transactions and usage",
};

type Permission = "readMoney" | "readRecords" | "readKeys" | "createKeys" | "changeKeys" | "readBillingKeys" | "changeBillingKeys";

const reads: Permission[] = ["readMoney", "readRecords", "readKeys", "readBillingKeys"];
const permissions: Record<Role, Permission[]> = {
    owner: [...reads, "createKeys", "changeKeys", "changeBillingKeys"],
    editor: [...reads, "createKeys", "changeKeys"],
    creator: ["readKeys", "createKeys"],
    viewer: reads,
    billing_viewer: ["readMoney"],
};

export const may = (permission: Permission) => permissions[session.value?.role ?? "owner"].includes(permission);
export const mayCreate = (collection: Collection) => may(collection === "keys" ? "createKeys" : "changeBillingKeys");
export const mayChange = (collection: Collection) => may(collection === "keys" ? "changeKeys" : "changeBillingKeys");
