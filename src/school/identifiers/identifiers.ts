import type { Tx } from "../../store/store.ts";
import { identifierOf, identifierStem } from "./identifier-stem.ts";
import { findTaken, takeNumbers } from "./identifiers.store.ts";

/**
 * Identifiers made from names, the way schools know them: `l.martin12`. No two alike, and none given twice, also not
 * after its account is gone.
 *
 * Tables: identifier_stems; reads identifiers, spent_identifiers.
 */
export interface Named {
  firstName: string;
  surname: string;
}

/** An identifier for each of `people`, in their order: some hundred at once cost two statements. */
export async function makeIdentifiers(tx: Tx, people: readonly Named[]): Promise<string[]> {
  const stems = people.map(({ firstName, surname }) => identifierStem(firstName, surname));
  const made = new Array<string>(people.length);
  let open = stems.map((_, index) => index);
  while (open.length > 0) {
    const wanted = new Map<string, number>();
    for (const index of open) {
      const stem = stems[index] as string;
      wanted.set(stem, (wanted.get(stem) ?? 0) + 1);
    }
    const last = await takeNumbers(tx, wanted);
    const next = new Map([...last].map(([stem, number]) => [stem, number - (wanted.get(stem) as number)]));
    for (const index of open) {
      const stem = stems[index] as string;
      const number = (next.get(stem) as number) + 1;
      next.set(stem, number);
      made[index] = identifierOf(stem, number);
    }
    // What staff gave by hand is passed over, also when its account is gone.
    const taken = await findTaken(
      tx,
      open.map((index) => made[index] as string),
    );
    open = open.filter((index) => taken.has(made[index] as string));
  }
  return made;
}
