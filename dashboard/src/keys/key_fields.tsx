// The fields of a key, new or old, each with what is wrong with it.
import type { Signal } from "@preact/signals";
import { windowNames, type Collection, type Role } from "../api/types";
import { session } from "../session";
import { Choice, Field } from "../ui/field";
import { expiryPresets, type KeyDraft } from "./draft";
import { roleHints, roleNames } from "./roles";
import type { Problems } from "./submit";
import { windows } from "./windows";

const roleOptions = Object.entries(roleNames);

interface KeyFieldsProps {
    draft: Signal<KeyDraft>;
    problems: Problems;
    collection: Collection;
    isNew?: boolean;
}

export const categories = ["production", "staging", "development"];

// The types that a key of the collection may have.
function TypeChoice({ draft, problems, collection }: KeyFieldsProps) {
    const types = session.value?.types.filter(({ manages }) => manages === (collection === "billing-keys")) ?? [];
    if (types.length < 2) {
        return null;
    }
    return (
        <Choice
            label="Type"
            value={draft.value.type || types[0]!.name}
            options={types.map(({ name, prefix }) => [name, `${name} (${prefix}…)`])}
            onChange={(type) => (draft.value = { ...draft.value, type })}
            error={problems.type}
        />
    );
}

export function KeyFields({ draft, problems, collection, isNew }: KeyFieldsProps) {
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
                error={problems.name}
                hint="Where it is used: an app, a machine, a person. May be left out if there is an alias"
            />
            <div class="columns">
                <Field
                    label="Alias"
                    value={value.alias}
                    onInput={(alias) => set({ alias })}
                    error={problems.alias}
                    hint="Unique in the account"
                />
                <Field
                    label="Category"
                    value={value.category}
                    onInput={(category) => set({ category })}
                    error={problems.category}
                    suggestions={categories}
                    hint="Groups keys in filters and usage"
                />
            </div>
            {collection === "billing-keys" && (
                <Choice
                    label="Role"
                    value={value.role || "owner"}
                    options={roleOptions}
                    onChange={(role) => set({ role: role as Role })}
                    error={problems.role}
                    hint={roleHints[value.role || "owner"]}
                />
            )}
            <div class="columns">
                {isNew && <TypeChoice draft={draft} problems={problems} collection={collection} />}
                <Choice
                    label="Expires"
                    value={value.expiry}
                    options={expiryPresets}
                    onChange={(expiry) => set({ expiry })}
                    error={value.expiry === "date" ? undefined : problems.expiresAt}
                />
                {value.expiry === "date" && (
                    <Field
                        label="Date and time"
                        type="datetime-local"
                        value={value.date}
                        onInput={(date) => set({ date })}
                        error={problems.expiresAt}
                    />
                )}
            </div>
            {collection === "keys" && <Limits draft={draft} problems={problems} />}
            <details class="more" open={Boolean(value.models || value.allowedIps || problems.models || problems.allowedIps)}>
                <summary>{collection === "keys" ? "Models and IP allowlist" : "IP allowlist"}</summary>
                {collection === "keys" && (
                    <Field
                        label="Models"
                        type="area"
                        value={value.models}
                        onInput={(models) => set({ models })}
                        error={problems.models}
                        placeholder={"gpt-4o*\nclaude-*"}
                        hint="One per line, * matches anything. Empty: all models in plan"
                    />
                )}
                <Field
                    label="IP allowlist"
                    type="area"
                    value={value.allowedIps}
                    onInput={(allowedIps) => set({ allowedIps })}
                    error={problems.allowedIps}
                    placeholder={"203.0.113.7\n2001:db8::/32"}
                    hint="One IP address or CIDR block per line. Empty: any IP"
                />
            </details>
        </>
    );
}

function Limits({ draft, problems }: Pick<KeyFieldsProps, "draft" | "problems">) {
    const { value } = draft;
    const setQuota = (name: string, text: string) => (draft.value = { ...value, quotas: { ...value.quotas, [name]: text } });
    return (
        <fieldset>
            <legend>Request quotas</legend>
            <div class="columns four">
                {windowNames.map((name) => (
                    <Field
                        label={windows[name].label}
                        type="number"
                        value={value.quotas[name]}
                        onInput={(text) => setQuota(name, text)}
                        error={problems[`quotas.${name}`] ?? (name === "total" ? problems.quotas : undefined)}
                        placeholder="No limit"
                        hint={windows[name].about}
                    />
                ))}
            </div>
            <Field
                label="Monthly limit"
                type="number"
                value={value.monthlyLimit}
                onInput={(monthlyLimit) => (draft.value = { ...value, monthlyLimit })}
                error={problems.monthlyLimit}
                placeholder="No limit"
                hint="Credits in a calendar month (UTC)"
            />
        </fieldset>
    );
}
