import { day } from "../../kernel/clock.ts";
import type { Tx } from "../../store/store.ts";
import type { SecondFactorReset } from "./second-factor-reset.ts";

/** What comes round by itself: resets whose day has passed, and the memory of old ones. */
export function secondFactorJobs(deps: {
  reset: SecondFactorReset;
  clock: { now(): number };
  keptForDays: number;
}) {
  return {
    jobs: [{ name: "second-factor.reset", everySeconds: 60, run: deps.reset.carryOut }],
    forget: [(tx: Tx) => deps.reset.forgetOld(tx, deps.clock.now() - deps.keptForDays * day)],
  };
}
