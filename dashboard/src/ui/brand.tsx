export function Brand() {
    return (
        <span class="brand">
            <img src="icon.svg" alt="" width="28" height="28" />
            <span>API keys</span>
        </span>
    );
}
