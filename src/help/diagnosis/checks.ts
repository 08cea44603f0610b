import type { MessageKey, Translate } from "../../i18n/translations.ts";

/**
 * What the browser's own script can look at (`src/ui/client/diagnosis.ts`), in one closed list. `perhaps`: nobody can
 * be sure of it, and the page says so.
 */
export const browserChecks = [
  "cookies",
  "storage",
  "clock",
  "age",
  "address",
  "line",
  "filter",
  "forms",
  "private",
] as const;
export type BrowserCheck = (typeof browserChecks)[number];
export type CheckResult = "good" | "bad" | "perhaps";

/**
 * The lines that each can have. Not being in a private window is nothing to praise; cookies the server sees better,
 * by whether they come back.
 */
export const resultsOf: Record<BrowserCheck, CheckResult[]> = {
  cookies: [],
  storage: ["good", "bad"],
  clock: ["good", "bad"],
  age: ["good", "bad"],
  address: ["good", "bad"],
  line: ["good", "bad", "perhaps"],
  filter: ["good", "bad"],
  forms: ["good", "bad"],
  private: ["perhaps"],
};

/** What the server finds of a visit by itself, and the script carries along with what it found. */
const foundByServer = ["network", "requests", "service"] as const;

/** What a trail says the browser found (`checks.clock,cookies`), in words; null where nothing of it is known. */
export function sayChecks(t: Translate, found: string): { question: string; answer: string } | null {
  const known = [...browserChecks, ...foundByServer].filter((check) => found.split(",").includes(check));
  if (known.length === 0) return null;
  const names = known.map((check) => t(`browser-checks.${check}.name` as MessageKey));
  return { question: t("browser-checks.title"), answer: names.join(t("service-status.comma")) };
}
