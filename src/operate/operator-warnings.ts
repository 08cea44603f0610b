import type { Config } from "../config/config.ts";

/** What a start tells the operator beside the warnings about settings, one sentence each. */
export async function listOperatorWarnings(about: {
  config: Pick<Config, "isDemo" | "preset">;
  countHeld: () => Promise<number>;
  listUnfilled: () => Promise<string[]>;
  /** Roles that end at an establishment, and were given without any. */
  countNowhere: () => Promise<number>;
}): Promise<string[]> {
  const { config } = about;
  const held = await about.countHeld();
  const found = held === 0 ? [] : [`${held} messages are held since a restore: see loquet outbox list.`];
  const nowhere = await about.countNowhere();
  if (nowhere > 0) {
    found.push(
      `Roles that end at an establishment were given without one, and open nothing (${nowhere}): give them again with loquet account grant … --establishment <code>, or at /desk/staff.`,
    );
  }
  // Without a folder of the operator's own, the settings' warnings say so already.
  if (config.isDemo || config.preset.legalFolder === null) return found;
  const unfilled = await about.listUnfilled();
  if (unfilled.length > 0) found.push(`legalFolder: texts with gaps are shown: ${unfilled.join(", ")}.`);
  return found;
}
