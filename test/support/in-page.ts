import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

const source = readFileSync(new URL("in-page.js", import.meta.url), "utf8");

type Question = "look" | "widthFaults" | "isDark" | "focused";

/** Asks the open page one of the questions of `in-page.js`. */
export function ask<Answer>(page: Page, question: Question): Promise<Answer> {
  return page.evaluate(`${source}\ninPage.${question}()`);
}
