import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults, RunOptions } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { addToGallery } from "./gallery.ts";
import { ask } from "./in-page.ts";
import type { Visitor } from "./visitor.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const everyRule: RunOptions = {
  resultTypes: ["violations"],
  runOnly: {
    type: "tag",
    values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  },
};
const only = (...values: string[]): RunOptions => ({
  resultTypes: ["violations"],
  runOnly: { type: "rule", values },
});
/** What another colour scheme can change. */
const rulesOfColour = only("color-contrast", "link-in-text-block");
/** What a narrow window can change. */
const rulesOfLayout = only("target-size", "scrollable-region-focusable", "region", "landmark-unique");

/** Pages seen before in this file, by what of them is measured once. */
const seen = new Set<string>();

/** True for the first that asks, in this file and, in a whole run, in all of them: a page takes its time. */
function isFirstToSee(state: string): boolean {
  if (seen.has(state)) return false;
  seen.add(state);
  const shared = process.env.LOQUET_TEST_MEASURED;
  if (!shared) return true;
  try {
    closeSync(openSync(join(shared, state), "wx"));
    return true;
  } catch {
    return false;
  }
}

interface Looked {
  title: string;
  html: string;
  isDark: boolean;
  faults: string[];
}

/**
 * What holds on every page that a journey meets (promise 8, design §8): axe finds nothing, in light and in dark,
 * wide and narrow; one `h1`, one `main`, language and direction named, the way past the header first, nothing
 * wider than a window of 320 px, no fault of a script, no 5xx. Throws everything that is wrong at once.
 */
export async function checkPage(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  const looked = await ask<Looked>(page, "look");
  const at = `${visitor.path} « ${looked.title} »`;
  const wrong = looked.faults.map((fault) => `${at}: ${fault}`);
  const { width = 0 } = page.viewportSize() ?? {};
  const words = wordsOf(looked.html);
  if (isFirstToSee(digest(`words ${words}`))) {
    const lens = await openLens(visitor, looked);
    if (isFirstToSee(digest(`built ${width} ${builtOf(words)}`)))
      wrong.push(...(await judgeBuilt(lens, at, looked)));
    await lens.setViewportSize({ width: 320, height: 800 });
    wrong.push(...(await ask<string[]>(lens, "widthFaults")).map((fault) => `${at}, 320 px: ${fault}`));
    await addToGallery(visitor);
  }
  wrong.push(...visitor.troubles);
  if (wrong.length > 0) throw new Error(`This page is not as every page must be:\n${wrong.join("\n")}`);
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

/** A page but for numbers, secrets and references: what decides how wide it is. */
function wordsOf(html: string): string {
  return html
    .replaceAll(/<bdi class="exact">[^<]*<\/bdi>/g, "")
    .replaceAll(/ value="[^"]*"/g, "")
    .replaceAll(/incident=[\w-]+/g, "")
    .replaceAll(/[A-Za-z0-9_-]{22,}/g, "")
    .replaceAll(/\d+/g, "");
}

/**
 * A page but for its words: its elements, what they are for assistive technology, and whether they say something. Of a
 * list, two lines that are built alike stand for all of them.
 */
function builtOf(html: string): string {
  const built = html
    .replaceAll(/ (href|src|id|for|name|action|content|datetime|title|alt|placeholder)="[^"]+"/g, " $1")
    .replaceAll(/ (aria-(?:label|labelledby|describedby|controls))="[^"]+"/g, " $1")
    .replaceAll(/>[^<]*[^<\s][^<]*</g, ">x<");
  return built.replaceAll(/(<(li|tr|div|option)\b[^>]*>(?:(?!<\2\b).)*?<\/\2>)(?:\s*\1)+/gs, "$1$1");
}

/** What the elements of a page decide, whatever they say. */
async function judgeBuilt(lens: Page, at: string, { isDark }: Looked): Promise<string[]> {
  const wrong: string[] = [];
  const [scheme, otherScheme] = isDark ? (["dark", "light"] as const) : (["light", "dark"] as const);
  const judge = async (where: string, rules: RunOptions) => {
    for (const { id, help, nodes } of (await runAxe(lens, rules)).violations) {
      const elements = nodes.map((node) => `${node.html} (${node.failureSummary ?? ""})`).join("; ");
      wrong.push(`${at}, ${where}: axe ${id}: ${help}: ${elements}`);
    }
  };
  await judge(scheme, everyRule);
  await lens.emulateMedia({ colorScheme: otherScheme });
  await judge(otherScheme, rulesOfColour);
  await lens.emulateMedia({ colorScheme: scheme });
  await lens.setViewportSize({ width: 320, height: 800 });
  await judge("320 px", rulesOfLayout);
  return wrong;
}

/**
 * What the visitor sees, shown once more in a page of ours that runs no script but axe: axe needs timers, which a
 * browser without script does not have, and takes longer to arrive in a page than to judge it.
 */
async function openLens({ page, context }: Visitor, { html, isDark }: Looked): Promise<Page> {
  const lens = await lensOf(context.browser() as Browser, new URL(page.url()).origin);
  await lens.setViewportSize(page.viewportSize() ?? { width: 1440, height: 900 });
  await lens.emulateMedia({ colorScheme: isDark ? "dark" : "light" });
  await lens.setContent(html, { waitUntil: "load" });
  return lens;
}

const lenses = new Map<string, Promise<Page>>();

function lensOf(browser: Browser, origin: string): Promise<Page> {
  const known = lenses.get(origin);
  if (known) return known;
  const opened = (async () => {
    const page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage();
    await page.route("**/*.js", (route) => route.abort());
    await page.goto(`${origin}/healthz`);
    // Stays while the content changes, and is evaluated by the browser's own tools: no content policy is loosened.
    await page.evaluate(axeSource);
    return page;
  })();
  lenses.set(origin, opened);
  return opened;
}

/** Nobody looks at the pages of this portal any more. */
export async function closeLens(origin: string): Promise<void> {
  const opened = lenses.get(origin);
  lenses.delete(origin);
  await (await opened)?.context().close();
}

function runAxe(page: Page, rules: RunOptions): Promise<AxeResults> {
  return page.evaluate(`axe.run(document, ${JSON.stringify(rules)})`);
}
