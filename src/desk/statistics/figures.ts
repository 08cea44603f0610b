/**
 * What is counted of the people of an establishment, in the order in which it is shown. Each is a number of people.
 *
 * `people` are `activated`, `invited`, `waiting` and `disabled` together: each stands in one of the four. The others say
 * more of some of them: `unused` of those who activated, `unreachable` of those who may sign in or shall, `locked` and
 * `failed` of anybody.
 */
export const figures = [
  "people",
  "activated",
  "invited",
  "waiting",
  "disabled",
  "unused",
  "unreachable",
  "locked",
  "failed",
] as const;
export type Figure = (typeof figures)[number];
export type Figures = Record<Figure, number>;

export const noFigures = (): Figures =>
  Object.fromEntries(figures.map((figure) => [figure, 0])) as unknown as Figures;

export function addUp(all: readonly Figures[]): Figures {
  const sums = noFigures();
  for (const one of all) for (const figure of figures) sums[figure] += one[figure];
  return sums;
}

/** Figures as they were kept; what was not counted then is nought. */
export function readFigures(kept: Partial<Figures> | undefined): Figures {
  return { ...noFigures(), ...kept };
}
