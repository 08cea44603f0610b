import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { picturesFolder, readArticleFiles, readPictureFiles } from "../../src/help/articles/article-files.ts";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { anAccount } from "../support/an-account.ts";
import { helpFigures } from "../support/help-figures.ts";
import { journey, type Scene } from "../support/journey.ts";
import { nextAddress } from "../support/visitor.ts";

/**
 * The pictures of the help articles are taken here, from the portal as it is. An ordinary run looks whether each
 * still shows what the portal says; `npm run help-pictures` takes them again.
 */
const isDrawing = process.env.HELP_PICTURES === "1";
const root = findProjectRoot();
const folder = picturesFolder(root);
const listFile = join(folder, "pictures.json");
const drawPoints = readFileSync(new URL("../support/draw-points.js", import.meta.url), "utf8");

/** What each picture says in words, as a digest. */
const list: Record<string, string> = JSON.parse(readFileSync(listFile, "utf8"));
const password = "ancien-mot-de-passe-9";
const bytesAtMost = 60 * 1024;
const widthAtMost = 720;

interface Drawn {
  missing: string[];
  clip: { x: number; y: number; width: number; height: number };
  words: string;
}

/** The figures that articles show, with their languages and how many points each article lists. */
async function figuresInArticles(): Promise<
  { name: string; locale: string; points: number; path: string }[]
> {
  const files = await readArticleFiles(root);
  return files.flatMap(({ source, locale, path }) =>
    [...source.matchAll(/^:::figure (\S+)\n([\s\S]*?)^:::$/gm)].map((match) => ({
      name: match[1] as string,
      locale,
      points: (match[2] as string).match(/^\d+\. /gm)?.length ?? 0,
      path,
    })),
  );
}

async function draw(scene: Scene, name: string, locale: string): Promise<Drawn & { png: Buffer }> {
  const figure = helpFigures[name];
  if (!figure) throw new Error(`test/support/help-figures.ts has no figure "${name}".`);
  const identifier = scene.unused("l.martin");
  await anAccount(scene.portal, "Léa Martin")
    .username(identifier)
    .email(scene.unused("lea@example.fr"))
    .mobile("+33639980001")
    .made();
  const browser = (await scene.visitor()).context.browser() as Browser;
  const context = await browser.newContext({
    baseURL: scene.portal.url,
    locale,
    viewport: { width: 420, height: 800 },
    deviceScaleFactor: 2,
    reducedMotion: "reduce",
    extraHTTPHeaders: { "x-forwarded-for": nextAddress() },
  });
  try {
    const page = await context.newPage();
    await figure.open(page, locale, { identifier, password });
    await page.evaluate(drawPoints);
    const { from, to, points, numbers, without } = figure;
    const drawn = await page.evaluate<Drawn>(
      `drawPoints(${JSON.stringify({ from, to, points, numbers, without })})`,
    );
    if (drawn.missing.length > 0) throw new Error(`${name}: the page has no ${drawn.missing.join(", ")}.`);
    const png = await page.screenshot({ clip: drawn.clip, fullPage: true });
    return {
      ...drawn,
      png: await sharp(png).png({ palette: true, colours: 16, dither: 0, effort: 10 }).toBuffer(),
    };
  } finally {
    await context.close();
  }
}

const digestOf = (words: string) => createHash("sha256").update(words).digest("hex").slice(0, 16);

const figures = await figuresInArticles();
for (const preset of ["school", "community"] as const) {
  journey(`the help's pictures of ${preset}`, { preset, wideSources: true }, (scene) => {
    const own = Object.entries(helpFigures).filter(([, figure]) => figure.preset === preset);
    for (const [name] of own) {
      for (const locale of new Set(figures.filter((used) => used.name === name).map((used) => used.locale))) {
        test(`${name} in ${locale} shows what the portal says`, async () => {
          const { png, words } = await draw(scene, name, locale);
          if (isDrawing) {
            mkdirSync(folder, { recursive: true });
            writeFileSync(join(folder, `${name}.${locale}.png`), png);
            list[`${name}.${locale}`] = digestOf(words);
          }
          expect(list[`${name}.${locale}`], "drawn anew by: npm run help-pictures").toBe(digestOf(words));
        });
      }
    }
  });
}

afterAll(() => {
  if (!isDrawing) return;
  const sorted = Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(listFile, `${JSON.stringify(sorted, null, 2)}\n`);
});

test("every figure of an article is one that can be drawn, with as many points as its list", () => {
  for (const { name, points, path } of figures) {
    expect(helpFigures[name]?.points.length, `${path}: ${name}`).toBe(points);
  }
});

test("every picture is there, small, and used", async () => {
  const pictures = await readPictureFiles(root);
  const names = pictures.map(({ name, locale }) => `${name}.${locale}`);
  const used = [...new Set(figures.map(({ name, locale }) => `${name}.${locale}`))];
  expect(names.sort()).toEqual(used.sort());
  for (const { bytes, width } of pictures) {
    expect(bytes).toBeLessThanOrEqual(bytesAtMost);
    expect(width).toBeLessThanOrEqual(widthAtMost);
  }
});
