import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { addToGallery } from "./gallery.ts";
import type { Visitor } from "./visitor.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const wholeCheck: RunOptions = {
  resultTypes: ["violations"],
  runOnly: {
    type: "tag",
    values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  },
};
const contrastOnly: RunOptions = {
  resultTypes: ["violations"],
  runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] },
};

/** Pages seen before in this file, but for digits and secrets: they are measured once. */
const seen = new Set<string>();

/**
 * What holds on every page that a journey meets (promise 8, design §8): axe finds nothing, in light and in dark;
 * one `h1`, one `main`, language and direction named, the way past the header first, nothing wider than a
 * window of 320 px. Throws everything that is wrong at once.
 */
export async function checkPage(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  const at = `${visitor.path} « ${await page.title()} »`;
  const wrong = (await page.evaluate(structureFaults)).map((fault) => `${at}: ${fault}`);
  const key = await stateOf(page, visitor.hasScript);
  if (!seen.has(key)) {
    seen.add(key);
    wrong.push(...(await measure(page, at)));
    await addToGallery(visitor);
  }
  wrong.push(...visitor.troubles);
  if (wrong.length > 0) throw new Error(`This page is not as every page must be:\n${wrong.join("\n")}`);
}

/** Two pages are in the same state when nothing but numbers, secrets and references differs. */
async function stateOf(page: Page, hasScript: boolean): Promise<string> {
  const html = (await page.content())
    .replaceAll(/[A-Za-z0-9_-]{22,}/g, "")
    .replaceAll(/\d+/g, "")
    .replaceAll(/<bdi class="exact">[^<]*<\/bdi>/g, "");
  const { width = 0 } = page.viewportSize() ?? {};
  return createHash("sha256").update(`${width} ${hasScript} ${html}`).digest("base64");
}

async function measure(page: Page, at: string): Promise<string[]> {
  const wrong: string[] = [];
  const size = page.viewportSize() ?? { width: 1440, height: 900 };
  const say = (where: string, results: AxeResults) => {
    for (const { id, help, nodes } of results.violations) {
      const elements = nodes.map((node) => `${node.html} (${node.failureSummary ?? ""})`).join("; ");
      wrong.push(`${at}, ${where}: axe ${id}: ${help}: ${elements}`);
    }
  };
  say("light", await runAxe(page, wholeCheck));
  const scheme = await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
  await page.emulateMedia({ colorScheme: scheme ? "light" : "dark" });
  say(scheme ? "light" : "dark", await runAxe(page, contrastOnly));
  await page.emulateMedia({ colorScheme: scheme ? "dark" : "light" });
  await page.setViewportSize({ width: 320, height: 800 });
  wrong.push(...(await page.evaluate(widthFaults)).map((fault) => `${at}, 320 px: ${fault}`));
  say("320 px", await runAxe(page, wholeCheck));
  await page.setViewportSize(size);
  return wrong;
}

async function runAxe(page: Page, options: RunOptions): Promise<AxeResults> {
  // Evaluated by the browser's own tools: the page's content policy stays as strict as people get it.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
  return page.evaluate(
    (chosen) => (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run(document, chosen),
    options,
  );
}

/** Runs in the page. */
function structureFaults(): string[] {
  const faults: string[] = [];
  const count = (selector: string) => document.querySelectorAll(selector).length;
  if (count("h1") !== 1) faults.push(`${count("h1")} h1`);
  if (count("main") !== 1) faults.push(`${count("main")} main`);
  const { lang, dir } = document.documentElement;
  if (!/^[a-z]{2,3}/.test(lang)) faults.push(`lang is "${lang}"`);
  if (dir !== (/^(ar|he|fa|ur)\b/.test(lang) ? "rtl" : "ltr")) faults.push(`dir is "${dir}" for ${lang}`);
  if (document.title.trim() === "") faults.push("no title");
  const focusable = "a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex='0']";
  const first = document.querySelector(focusable);
  if (!first?.matches("a.skip[href='#content']")) faults.push(`first is ${first?.outerHTML}`);
  const switcher = document.querySelector("form.languages button");
  if (switcher && document.querySelectorAll(focusable)[1] !== switcher) faults.push("languages not second");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids)) {
    if (ids.filter((other) => other === id).length > 1) faults.push(`the id ${id} stands twice`);
  }
  if (/undefined|\[object |NaN|\{[a-z]+\}/i.test(document.querySelector("main")?.innerText ?? "")) {
    faults.push(`a word was left open: ${document.querySelector("main")?.innerText}`);
  }
  return faults;
}

/** Runs in the page. Names what is wider than the window. */
function widthFaults(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const wide = [...document.querySelectorAll("body *")].filter((element) => {
    const { left, right } = element.getBoundingClientRect();
    return right > clientWidth + 1 || left < -1;
  });
  const names = wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 120));
  return [`${scrollWidth} px wide: ${names.join(" | ")}`];
}
