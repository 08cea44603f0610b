/**
 * The latch on the edge of every page: closed, or lifted where something has just opened.
 * Decoration only; the operator's own logo is `images/mark.svg`.
 */
export function Latch({ open = false }: { open?: boolean }) {
  return (
    <svg class={open ? "latch is-open" : "latch"} viewBox="0 0 64 48" aria-hidden="true" focusable="false">
      <path class="latch-keeper" d="M10 14v20h12" />
      <path class="latch-arm" d="M52 26H16" />
      <circle class="latch-pivot" cx="52" cy="26" r="6" />
    </svg>
  );
}
