import type { Job } from "../../operate/jobs.ts";
import type { Joins } from "./joins.ts";

/** What families do by themselves: accounts that were joined thirty days ago are closed for good. */
export function createFamilyJobs({ settleDue }: Pick<Joins, "settleDue">): Job[] {
  return [{ name: "families.settle", everySeconds: 3600, run: settleDue }];
}
