// Light, dark, or as the system has it.
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");
const stored = localStorage.getItem("theme");

export const theme = signal<Theme>(stored === "light" || stored === "dark" ? stored : "system");
export const isDark = signal(false);

function apply() {
    isDark.value = theme.value === "dark" || (theme.value === "system" && systemIsDark.matches);
}

effect(() => {
    document.documentElement.dataset.theme = theme.value;
    if (theme.value === "system") {
        localStorage.removeItem("theme");
    } else {
        localStorage.setItem("theme", theme.value);
    }
    apply();
});
systemIsDark.addEventListener("change", apply);
