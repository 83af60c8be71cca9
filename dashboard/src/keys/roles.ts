// What the roles of billing keys are called, and what they may do.
import type { Role } from "../api/types";

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
