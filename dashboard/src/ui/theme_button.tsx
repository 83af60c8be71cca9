import { theme, type Theme } from "../theme";
import { Button } from "./button";

const following: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const icons = { system: "system", light: "sun", dark: "moon" } as const;
const labels = { system: "as the system", light: "light", dark: "dark" };

export function ThemeButton() {
    const current = theme.value;
    return (
        <Button
            look="quiet"
            icon={icons[current]}
            label={`Theme: ${labels[current]}. Change to ${labels[following[current]]}`}
            onClick={() => (theme.value = following[current])}
        />
    );
}
