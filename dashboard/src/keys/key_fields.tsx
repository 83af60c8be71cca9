// The fields of a key, new or old, each with what the server said of it.
import type { Signal } from "@preact/signals";
import type { ApiError } from "../api/http";
import { windowNames, type Collection } from "../api/types";
import { Choice, Field } from "../ui/field";
import { expiryPresets, type KeyDraft } from "./draft";

interface KeyFieldsProps {
    draft: Signal<KeyDraft>;
    error: ApiError | undefined;
    collection: Collection;
}

const quotaLabels = { total: "In total", daily: "In 24 hours", weekly: "In 7 days", monthly: "In 30 days" };
export const categories = ["production", "staging", "development"];

// `allowed_ips[2]` and `quotas.daily` are said of their fields.
export function errorAt(error: ApiError | undefined, field: string): string | undefined {
    const item = error && /^(.+)\[(\d+)\]$/.exec(error.field);
    const name = item ? item[1] : error?.field;
    if (!error || name !== field) {
        return undefined;
    }
    return item ? `Line ${Number(item[2]) + 1}: ${error.message}` : error.message;
}

const fields = [
    "name",
    "alias",
    "category",
    "expiresAt",
    "quotas",
    "monthlyLimit",
    "models",
    "allowedIps",
    ...windowNames.map((name) => `quotas.${name}`),
];

// What is said of no field that is in view.
export function errorElsewhere(error: ApiError | undefined): ApiError | undefined {
    return error && fields.some((field) => errorAt(error, field)) ? undefined : error;
}

export function KeyFields({ draft, error, collection }: KeyFieldsProps) {
    const set = (change: Partial<KeyDraft>) => (draft.value = { ...draft.value, ...change });
    const { value } = draft;
    return (
        <>
            <Field
                label="Name"
                first
                required
                value={value.name}
                onInput={(name) => set({ name })}
                error={errorAt(error, "name")}
                hint="Where it is used: an app, a machine, a person"
            />
            <div class="columns">
                <Field
                    label="Alias"
                    value={value.alias}
                    onInput={(alias) => set({ alias })}
                    error={errorAt(error, "alias")}
                    hint="Unique in the account"
                />
                <Field
                    label="Category"
                    value={value.category}
                    onInput={(category) => set({ category })}
                    error={errorAt(error, "category")}
                    suggestions={categories}
                    hint="For filters and sums"
                />
            </div>
            <div class="columns">
                <Choice
                    label="Expires"
                    value={value.expiry}
                    options={expiryPresets}
                    onChange={(expiry) => set({ expiry })}
                    error={value.expiry === "date" ? undefined : errorAt(error, "expiresAt")}
                />
                {value.expiry === "date" && (
                    <Field
                        label="Date and time"
                        type="datetime-local"
                        value={value.date}
                        onInput={(date) => set({ date })}
                        error={errorAt(error, "expiresAt")}
                    />
                )}
            </div>
            {collection === "keys" && <Limits draft={draft} error={error} />}
            <details
                class="more"
                open={value.models !== "" || value.allowedIps !== "" || Boolean(errorAt(error, "models") ?? errorAt(error, "allowedIps"))}
            >
                <summary>{collection === "keys" ? "Models and addresses" : "Addresses"}</summary>
                {collection === "keys" && (
                    <Field
                        label="Models"
                        type="area"
                        value={value.models}
                        onInput={(models) => set({ models })}
                        error={errorAt(error, "models")}
                        placeholder={"gpt-4o*\nclaude-*"}
                        hint="One in each line, * stands for anything. Empty: all of the plan"
                    />
                )}
                <Field
                    label="Allowed addresses"
                    type="area"
                    value={value.allowedIps}
                    onInput={(allowedIps) => set({ allowedIps })}
                    error={errorAt(error, "allowedIps")}
                    placeholder={"203.0.113.7\n2001:db8::/32"}
                    hint="One address or CIDR block in each line. Empty: from anywhere"
                />
            </details>
        </>
    );
}

function Limits({ draft, error }: Omit<KeyFieldsProps, "collection">) {
    const { value } = draft;
    const setQuota = (name: string, text: string) => (draft.value = { ...value, quotas: { ...value.quotas, [name]: text } });
    return (
        <fieldset>
            <legend>Limits</legend>
            <p class="hint">Requests within rolling windows, and credits in a calendar month. Empty: no limit.</p>
            <div class="columns four">
                {windowNames.map((name) => (
                    <Field
                        label={quotaLabels[name]}
                        type="number"
                        value={value.quotas[name]}
                        onInput={(text) => setQuota(name, text)}
                        error={errorAt(error, `quotas.${name}`)}
                    />
                ))}
            </div>
            <Field
                label="Credits a month"
                type="number"
                value={value.monthlyLimit}
                onInput={(monthlyLimit) => (draft.value = { ...value, monthlyLimit })}
                error={errorAt(error, "monthlyLimit")}
            />
        </fieldset>
    );
}
