import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defaultMailColours } from "./mail-colours.ts";

const folder = join(import.meta.dirname, "styles");
const read = (file: string) => readFileSync(join(folder, file), "utf8");
const sheets = readdirSync(folder).filter((file) => file.endsWith(".css"));
const tokens = read("tokens.css");

type Palette = Record<string, string>;

const readColours = (css: string): Palette =>
  Object.fromEntries(
    [...css.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name, colour]),
  );
/** The `:root` block inside one media query. */
const within = (query: string): Palette => {
  const start = tokens.indexOf(`@media ${query} {`);
  expect(start, query).toBeGreaterThan(0);
  return readColours(tokens.slice(start, tokens.indexOf("\n}", start)));
};

const light = readColours(tokens.slice(0, tokens.indexOf("@media")));
const dark = { ...light, ...within("(prefers-color-scheme: dark)") };
const themes: Record<string, Palette> = {
  light,
  dark,
  "light with more contrast": { ...light, ...within("(prefers-contrast: more)") },
  "dark with more contrast": {
    ...dark,
    ...within("(prefers-contrast: more) and (prefers-color-scheme: dark)"),
  },
};

/** Relative luminance and contrast ratio as WCAG 2.2 defines them. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(palette: Palette, front: string, back: string): number {
  const [a, b] = [front, back].map((name) => luminance(palette[name] as string)) as [number, number];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const grounds = ["paper", "sheet", "field", "good-paper", "careful-paper", "wrong-paper"];
const texts = [
  ...["ink", "accent", "accent-pressed"].flatMap((front) => grounds.map((back) => [front, back] as const)),
  ...["paper", "sheet", "field"].map((back) => ["ink-soft", back] as const),
  ...["sheet", "paper", "wrong-paper"].map((back) => ["wrong", back] as const),
  ["on-accent", "accent"],
  ["on-accent", "accent-pressed"],
  ["on-wrong", "wrong"],
] as [string, string][];
const shapes: [string, string][] = [
  ["edge", "sheet"],
  ["edge", "paper"],
  ["edge", "field"],
  ["good", "sheet"],
  ["good", "good-paper"],
  ["careful", "sheet"],
  ["careful", "careful-paper"],
  ["wrong", "wrong-paper"],
];

describe.each(Object.entries(themes))("in the theme %s", (_, palette) => {
  test.each(texts)("text in %s can be read on %s (4.5 to 1)", (front, back) => {
    expect(contrast(palette, front, back)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(shapes)("%s stands out from %s (3 to 1)", (front, back) => {
    expect(contrast(palette, front, back)).toBeGreaterThanOrEqual(3);
  });
});

describe("the style sheets", () => {
  test.each(sheets)("%s names no left or right, so that it reads from either side", (file) => {
    const physical =
      /(?:^|[\s;{])((?:margin|padding|border|inset)-(?:left|right|top|bottom)[a-z-]*|(?:left|right|top|bottom|width|height|(?:min|max)-(?:width|height)))\s*:/gm;
    const declarations = read(file)
      .replaceAll(/\/\*[\s\S]*?\*\//g, "")
      .replaceAll(/@media[^{]*/g, "");
    expect([...declarations.matchAll(physical)].map(([, name]) => name)).toEqual([]);
    expect(declarations).not.toMatch(/(?:text-align|float|clear):\s*(?:left|right)/);
  });

  test.each(sheets.filter((file) => file !== "tokens.css" && file !== "print.css"))(
    "%s takes every colour from the tokens",
    (file) => expect(read(file)).not.toMatch(/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(/i),
  );

  test("use only tokens that exist", () => {
    const all = sheets.map(read).join("\n");
    const known = new Set([...all.matchAll(/(--[a-z0-9-]+)\s*:/g)].map(([, name]) => name));
    const used = [...all.matchAll(/var\((--[a-z0-9-]+)/g)].map(([, name]) => name);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });

  test("have five sizes of text", () => {
    expect(tokens.match(/--size-[a-z]+:/g)).toHaveLength(5);
    const others = sheets.flatMap((file) =>
      [...read(file).matchAll(/font-size:\s*([^;]+);/g)].map(([, size]) => size),
    );
    expect(others.filter((size) => !size?.startsWith("var(--size-"))).toEqual([]);
  });

  test("move nothing for those who asked for stillness", () => {
    for (const file of sheets) {
      const still = read(file).replaceAll(
        /@media \(prefers-reduced-motion: no-preference\) \{[\s\S]*?\n\}/g,
        "",
      );
      expect(still).not.toMatch(/\b(?:animation|transition)\s*:/);
    }
  });

  test("are all in the index", () => {
    const others = sheets.filter((file) => file !== "index.css");
    expect([...read("index.css").matchAll(/"\.\/(.+)"/g)].map(([, file]) => file).sort()).toEqual(
      others.sort(),
    );
  });
});

test("mails have the colours of the light theme", () => {
  const { paper, sheet, ink, line, accent } = light;
  expect(defaultMailColours).toEqual({
    paper,
    sheet,
    ink,
    line,
    accent,
    inkSoft: light["ink-soft"],
    onAccent: light["on-accent"],
  });
});
