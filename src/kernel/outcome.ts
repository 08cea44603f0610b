/**
 * An expected outcome is returned, never thrown. `refusal` is the public reason, and the key of its words;
 * the private one goes to the journal. Bugs and outages throw a `Fault` instead.
 */
export type Outcome<Done extends object, Refusal extends string> =
  | ({ ok: true } & Done)
  | { ok: false; refusal: Refusal };

export const done = { ok: true } as const;

export function refused<Refusal extends string>(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal };
}

/** For the end of an exhaustive switch: a case that was forgotten does not compile. */
export function unreachable(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
