import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "vitest";
import { ask } from "./in-page.ts";
import type { Visitor } from "./visitor.ts";

const folder = process.env.SCREENSHOTS;
let taken = 0;

/**
 * With SCREENSHOTS=<folder>: pictures of the page that is open, as people meet it: narrow and wide, light and
 * dark, printed, and zoomed to 400 % (WCAG 1.4.10: 1,280 px become 320). Arabic comes from the journeys in it.
 */
export async function addToGallery(visitor: Visitor): Promise<void> {
  if (!folder) return;
  const { page } = visitor;
  const story = basename(expect.getState().testPath ?? "journey").replace(/\.test\.tsx?$/, "");
  taken += 1;
  const place = `${String(taken).padStart(2, "0")}${visitor.path.replaceAll(/\/[0-9a-f-]{36}/g, "").replaceAll("/", "-")}-${visitor.status}`;
  const into = join(folder, story);
  mkdirSync(into, { recursive: true });
  const size = page.viewportSize() ?? { width: 1440, height: 900 };
  const shoot = (variant: string, fullPage = true) =>
    page.screenshot({ path: join(into, `${place}-${variant}.png`), fullPage });

  const isDark = await ask<boolean>(page, "isDark");
  const script = visitor.hasScript ? "" : "-no-script";
  for (const width of [320, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await shoot(`${width}-${colorScheme}${script}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light", media: "print" });
  await page.setViewportSize({ width: 720, height: 1000 });
  await shoot(`print${script}`);
  await page.emulateMedia({ colorScheme: isDark ? "dark" : "light", media: "screen" });
  await page.setViewportSize({ width: 320, height: 225 });
  await shoot(`zoom-400${script}`, false);
  await page.setViewportSize(size);
}
