import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locale } from "../../i18n/locale.ts";
import type { Picture } from "./article-html.ts";

/** Where the pictures of articles are served. */
export const picturesPath = "/help/images/";
export const picturesFolder = (root: string) => join(root, "help", "images");

/** An article as the portal brought it: `help/<language>/<slug>.md`. */
export interface ArticleFile {
  slug: string;
  locale: Locale;
  /** From the project's root, with forward slashes. */
  path: string;
  source: string;
}

/** Every article file, whether right or wrong, by language and name. A folder that is not there holds none. */
export async function readArticleFiles(root: string): Promise<ArticleFile[]> {
  const folder = join(root, "help");
  const files: ArticleFile[] = [];
  for (const locale of (await names(folder)).filter((name) => /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/.test(name))) {
    for (const name of await names(join(folder, locale))) {
      if (!name.endsWith(".md")) continue;
      const source = await readFile(join(folder, locale, name), "utf8");
      files.push({ slug: name.slice(0, -".md".length), locale, path: `help/${locale}/${name}`, source });
    }
  }
  return files;
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

/** A picture file: `<name>.<language>.png`. Taken at two dots a CSS pixel, so that it is sharp on a telephone. */
export interface PictureFile extends Picture {
  name: string;
  locale: Locale;
  bytes: number;
}

/** Every picture, with its size read from its header (PNG, third edition, §11.2.1). */
export async function readPictureFiles(root: string): Promise<PictureFile[]> {
  const folder = picturesFolder(root);
  const pictures: PictureFile[] = [];
  for (const file of await names(folder)) {
    const [, name, locale] = /^([a-z0-9-]+)\.([A-Za-z-]+)\.png$/.exec(file) ?? [];
    if (name === undefined || locale === undefined) continue;
    const content = await readFile(join(folder, file));
    const version = createHash("sha256").update(content).digest("hex").slice(0, 12);
    pictures.push({
      name,
      locale,
      src: `${picturesPath}${file}?v=${version}`,
      width: Math.round(content.readUInt32BE(16) / 2),
      height: Math.round(content.readUInt32BE(20) / 2),
      bytes: content.length,
    });
  }
  return pictures;
}
