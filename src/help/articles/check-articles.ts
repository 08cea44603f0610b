import { kindsOfPerson, type Preset } from "../../config/preset.ts";
import type { Locale } from "../../i18n/locale.ts";
import type { Translate } from "../../i18n/translations.ts";
import { type ArticleFault, explainFault } from "./article-fault.ts";
import { type ArticleFile, readArticleFiles, readPictureFiles } from "./article-files.ts";
import { onlyNames, type Picture, type RenderedArticle, renderArticle } from "./article-html.ts";
import { isSlug } from "./article-shape.ts";
import { articleValues } from "./article-values.ts";
import { type ReadArticle, readArticle } from "./read-article.ts";

type ValuesOf = Parameters<typeof articleValues>[0];

/** The languages in which a text or picture is looked for, in order. */
export function languagesFrom(locale: Locale, preset: Pick<Preset, "languages">): Locale[] {
  return [...new Set([locale, preset.languages.default, "fr", "en"])];
}

/** Finds the picture of a figure, in this language or the nearest that there is. */
export function pictureFinder(
  pictures: (Picture & { name: string; locale: Locale })[],
  preset: Pick<Preset, "languages">,
  locale: Locale,
): (name: string) => Picture | null {
  return (name) => {
    const own = pictures.filter((picture) => picture.name === name);
    const order = languagesFrom(locale, preset);
    return order.flatMap((language) => own.find((picture) => picture.locale === language) ?? [])[0] ?? null;
  };
}

/** Renders what was read for a portal of this preset. */
export function renderFor(
  read: Pick<ReadArticle, "body" | "bodyLine">,
  about: {
    preset: ValuesOf & Pick<Preset, "name" | "kinds">;
    locale: Locale;
    picture: (name: string) => Picture | null;
    tableLabel: string;
  },
): RenderedArticle {
  const { preset, locale, picture, tableLabel } = about;
  return renderArticle(read.body, read.bodyLine, {
    names: [preset.name, ...preset.kinds],
    knownNames: onlyNames(kindsOfPerson),
    values: articleValues(preset, locale),
    picture,
    tableLabel,
  });
}

/** What is wrong with an article as a whole, beside what reading and rendering told. */
export function judgeWhole(
  slug: string,
  read: ReadArticle,
  knownSlugs: (slug: string) => boolean,
): ArticleFault[] {
  const faults: ArticleFault[] = [];
  if (!isSlug(slug)) faults.push({ line: 1, says: "slug", values: { slug } });
  if (!read.front) return faults;
  if (read.front.action === null && !/^ {0,3}:::\s*action\s/m.test(read.body)) {
    faults.push({ line: 2, field: "action", says: "action-none" });
  }
  for (const related of read.front.related.filter((other) => other === slug || !knownSlugs(other))) {
    faults.push({ line: 2, field: "related", says: "related-unknown", values: { slug: related } });
  }
  return faults;
}

export interface FileFault extends ArticleFault {
  /** From the project's root. */
  path: string;
}

/** One sentence for the operator: which file, which line, and what is wrong there. */
export function explainFileFault(t: Translate, fault: FileFault): string {
  return `${fault.path}, line ${fault.line}: ${explainFault(t, fault)}`;
}

/**
 * Every fault of the article files, each with its file: for the doctor, the start and the tests. A file with a
 * fault in its front matter is left out of the help; with one in its body it is shown as well as it can be.
 */
export async function checkArticleFiles(
  root: string,
  preset: ValuesOf & Pick<Preset, "name" | "kinds">,
): Promise<FileFault[]> {
  const files = await readArticleFiles(root);
  const pictures = await readPictureFiles(root);
  const slugs = new Set(files.map(({ slug }) => slug));
  const check = ({ slug, locale, path, source }: ArticleFile) => {
    const read = readArticle(source);
    const picture = pictureFinder(pictures, preset, locale);
    const rendered = renderFor(read, { preset, locale, picture, tableLabel: "" });
    const whole = judgeWhole(slug, read, (other) => slugs.has(other));
    return [...read.faults, ...rendered.faults, ...whole].map((fault) => ({ ...fault, path }));
  };
  return files.flatMap(check);
}
