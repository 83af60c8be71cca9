// Texts as files that the browser saves.

export function saveFile(parts: string[], type: string, name: string) {
    const address = URL.createObjectURL(new Blob(parts, { type }));
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// A line of RFC 4180. A value that a spreadsheet would take for a formula is prefixed with an apostrophe.
export function csvLine(values: (string | number)[]): string {
    const quoted = values.map(
        (value) =>
            `"${String(value)
                .replace(/^[=+\-@\t\r]/, "'$&")
                .replaceAll('"', '""')}"`,
    );
    return `${quoted.join(",")}\r\n`;
}
