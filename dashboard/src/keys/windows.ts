// The windows that a quota counts in, as people read them.
import type { WindowName } from "../api/types";

export const windows: Record<WindowName, { label: string; about: string }> = {
    total: { label: "Total", about: "over the key's lifetime" },
    daily: { label: "Daily", about: "in any 24 hours" },
    weekly: { label: "Weekly", about: "in any 7 days" },
    monthly: { label: "Monthly", about: "in any 30 days" },
};
