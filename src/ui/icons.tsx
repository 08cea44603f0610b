import type { Tone } from "./view.ts";

// Shapes differ as much as colours do: a tick, a triangle, an octagon. Nobody has to see green or red.
const shapes = {
  good: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm-1.4 14.6-4.2-4.2 1.6-1.6 2.6 2.6 5.4-5.6 1.6 1.6Z",
  careful: "M12 2.4 1.4 21.2h21.2Zm-1.2 6.8h2.4v6h-2.4Zm0 7.4h2.4V19h-2.4Z",
  wrong: "M7.9 2h8.2L22 7.9v8.2L16.1 22H7.9L2 16.1V7.9Zm2.9 4.6v6.8h2.4V6.6Zm0 8.6v2.4h2.4v-2.4Z",
} satisfies Record<Tone, string>;

/** The picture of a state. Decoration only: the word stands beside it. */
export function ToneIcon({ tone }: { tone: Tone }) {
  return (
    <svg class={`icon is-${tone}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path fill="currentColor" fill-rule="evenodd" d={shapes[tone]} />
    </svg>
  );
}

/** A ring, empty until its rule is met; then the style sheet draws the tick. */
export function RuleIcon() {
  return (
    <svg class="icon rule-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" stroke-width="2" />
      <path class="rule-tick" fill="currentColor" fill-rule="evenodd" d={shapes.good} />
    </svg>
  );
}
