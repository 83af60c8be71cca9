import { CopyButton } from "./copy";

// A key's id, to be copied.
export function Id({ of }: { of: number }) {
    return (
        <span class="id">
            ID {of}
            <CopyButton text={String(of)} what={`the ID ${of}`} />
        </span>
    );
}
