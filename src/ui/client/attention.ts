/** After so long without a key or a touch, nobody is taken to sit there. */
const attendedForMs = 600_000;

/** Answers whether somebody has touched this page lately: one that nobody touches must not keep a session alive. */
export function watchAttention(): () => boolean {
  let touchedAt = Date.now();
  for (const event of ["keydown", "pointerdown", "pointermove", "scroll", "focus"]) {
    addEventListener(event, () => {
      touchedAt = Date.now();
    });
  }
  return () => Date.now() - touchedAt <= attendedForMs;
}
