import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Preset } from "../config/preset.ts";
import type { Locale } from "../i18n/locale.ts";

/**
 * The pages in every footer: legal notice, personal data, accessibility. Their text is the operator's own Markdown,
 * `<legalFolder>/<language>/<page>.md`; until that exists, a template whose gaps are marked `[[…]]`.
 *
 * Settings: legalFolder, languages.
 */
export const legalPages = ["legal", "privacy", "accessibility"] as const;
export type LegalPage = (typeof legalPages)[number];

export interface LegalText {
  /** Null where the text does not begin with a title. */
  title: string | null;
  /** Made from Markdown; holds no markup of the text's own. */
  html: string;
  /** The language it is written in, which may not be the one asked for. */
  locale: Locale;
  hasGaps: boolean;
}

const gap = /\[\[[^\]]+\]\]/;

export function createLegal(deps: { root: string; preset: Pick<Preset, "legalFolder" | "languages"> }) {
  const { legalFolder, languages } = deps.preset;
  const templates = join(deps.root, "legal");
  const rendered = new Map<string, { modifiedAt: number; text: LegalText }>();

  /** Where the text is: the operator's before a template, the language asked for before the portal's own. */
  async function findFile(
    page: LegalPage,
    locale: Locale,
  ): Promise<{ file: string; locale: Locale; at: number }> {
    const folders = legalFolder === null ? [templates] : [legalFolder, templates];
    for (const folder of folders) {
      for (const language of [locale, languages.default, "fr"]) {
        const file = join(folder, language, `${page}.md`);
        const found = await stat(file).catch(() => null);
        if (found?.isFile()) return { file, locale: language, at: found.mtimeMs };
      }
    }
    throw new Error(`The template of /${page} is missing.`);
  }

  async function read(page: LegalPage, locale: Locale): Promise<LegalText> {
    const { file, locale: written, at } = await findFile(page, locale);
    const kept = rendered.get(file);
    if (kept?.modifiedAt === at) return kept.text;
    const text = await render(await readFile(file, "utf8"), written);
    rendered.set(file, { modifiedAt: at, text });
    return text;
  }

  /** Pages and languages whose text still has gaps, such as `fr/legal.md`. */
  async function listUnfilled(): Promise<string[]> {
    const unfilled = new Set<string>();
    for (const locale of languages.offered) {
      for (const page of legalPages) {
        const text = await read(page, locale);
        if (text.hasGaps) unfilled.add(`${text.locale}/${page}.md`);
      }
    }
    return [...unfilled];
  }

  return { read, listUnfilled };
}

async function render(source: string, locale: Locale): Promise<LegalText> {
  // Only when somebody first reads one of these pages.
  const { default: MarkdownIt } = await import("markdown-it");
  const markdown = new MarkdownIt({ html: false, linkify: false });
  const [, title = null, body = source] = /^\uFEFF?\s*# +(.+?)\s*\n([\s\S]*)$/.exec(source) ?? [];
  return { title, html: markdown.render(body), locale, hasGaps: gap.test(source) };
}
