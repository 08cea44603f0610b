/**
 * The latch on the edge of every page: closed, or lifted where something has just opened.
 * Decoration only; the operator's own logo is `images/mark.svg`.
 */
export function Latch({ open = false }: { open?: boolean }) {
  return (
    <svg class={open ? "latch is-open" : "latch"} viewBox="0 0 72 48" aria-hidden="true" focusable="false">
      <path class="latch-keeper" d="M8 12v26h18" />
      <path class="latch-arm" d="M56 24H20" />
      <circle class="latch-pivot" cx="56" cy="24" r="8" />
      <circle class="latch-pin" cx="56" cy="24" r="2.5" />
    </svg>
  );
}
