// A labelled input with its hint and what the server said of it.
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
    label: string;
    value: string;
    onInput: (value: string) => void;
    error?: string | undefined;
    hint?: ComponentChildren;
    type?: "text" | "number" | "password" | "datetime-local" | "area" | "search";
    suggestions?: string[];
    first?: boolean; // gets the focus in a dialog
    required?: boolean;
    placeholder?: string;
    compact?: boolean; // the label is for ears only
    onEnter?: () => void; // what was typed is complete
}

export function Field({
    label,
    value,
    onInput,
    error,
    hint,
    type = "text",
    suggestions,
    first,
    required,
    placeholder,
    compact,
    onEnter,
}: FieldProps) {
    const id = useId();
    const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ") || undefined;
    const shared = {
        id,
        value,
        placeholder,
        required,
        spellcheck: false,
        dir: "auto" as const,
        autocomplete: "off",
        "aria-invalid": error ? true : undefined,
        "aria-describedby": described,
        "data-first": first ? "" : undefined,
        onChange: onEnter,
    };
    const input = {
        ...shared,
        type: type === "number" ? "text" : type,
        inputMode: type === "number" ? "decimal" : undefined,
        list: suggestions ? `${id}-list` : undefined,
    } as JSX.IntrinsicElements["input"];
    const read = (event: Event) => onInput((event.currentTarget as HTMLInputElement).value);
    return (
        <div class="field">
            <label for={id} class={compact ? "unseen" : required ? "required" : ""}>
                {label}
            </label>
            {type === "area" ? <textarea {...shared} rows={3} onInput={read} /> : <input {...input} onInput={read} />}
            {suggestions && (
                <datalist id={`${id}-list`}>
                    {suggestions.map((one) => (
                        <option value={one} />
                    ))}
                </datalist>
            )}
            {hint && (
                <p class="hint" id={`${id}-hint`}>
                    {hint}
                </p>
            )}
            {error && (
                <p class="error" id={`${id}-error`}>
                    {error}
                </p>
            )}
        </div>
    );
}

interface ChoiceProps {
    label: string;
    value: string;
    options: [string, string][]; // value, text
    onChange: (value: string) => void;
    compact?: boolean;
    error?: string | undefined;
    hint?: string | undefined;
}

export function Choice({ label, value, options, onChange, compact, error, hint }: ChoiceProps) {
    const id = useId();
    const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ") || undefined;
    return (
        <div class="field">
            <label for={id} class={compact ? "unseen" : ""}>
                {label}
            </label>
            <select
                id={id}
                value={value}
                aria-invalid={error ? true : undefined}
                aria-describedby={described}
                onChange={(event) => onChange(event.currentTarget.value)}
            >
                {options.map(([option, text]) => (
                    <option value={option} selected={option === value}>
                        {text}
                    </option>
                ))}
            </select>
            {hint && (
                <p class="hint" id={`${id}-hint`}>
                    {hint}
                </p>
            )}
            {error && (
                <p class="error" id={`${id}-error`}>
                    {error}
                </p>
            )}
        </div>
    );
}
