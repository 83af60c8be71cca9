// The request log as a file: all pages that fit the filter, one after the other.
import { readLogCsv } from "../api/calls";
import type { Query } from "../api/http";
import { saveFile } from "../ui/file";

const mostPages = 200;

export async function downloadCsv(filter: Query, name: string): Promise<void> {
    const parts: string[] = [];
    let cursor = "";
    for (let pages = 0; pages < mostPages; pages++) {
        const { text, next } = await readLogCsv({ ...filter, cursor, limit: 1000 });
        parts.push(pages === 0 ? text : text.slice(text.indexOf("\r\n") + 2));
        cursor = next;
        if (!cursor) {
            break;
        }
    }
    saveFile(parts, "text/csv", name);
}
