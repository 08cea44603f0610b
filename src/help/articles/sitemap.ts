import type { Locale } from "../../i18n/locale.ts";

/** A page of the help in every language in which it can be read. */
export interface SitemapPage {
  path: string;
  languages: Locale[];
  /** Such as `2026-11-22`; null where nothing says. */
  updated: string | null;
}

const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
const escapeXml = (text: string) => text.replaceAll(/[&<>"']/g, (char) => escapes[char] as string);

export const inLanguage = (url: string, path: string, locale: Locale) =>
  `${url}${path}?lang=${encodeURIComponent(locale)}`;

/** The list that search engines read (sitemaps.org 0.9), each page with its other languages. */
export function renderSitemap(url: string, pages: SitemapPage[]): string {
  const entries = pages.flatMap(({ path, languages, updated }) => {
    const alternates = languages.map(
      (locale) =>
        `<xhtml:link rel="alternate" hreflang="${escapeXml(locale)}" href="${escapeXml(inLanguage(url, path, locale))}"/>`,
    );
    return languages.map(
      (locale) =>
        `<url><loc>${escapeXml(inLanguage(url, path, locale))}</loc>${updated === null ? "" : `<lastmod>${escapeXml(updated)}</lastmod>`}${alternates.join("")}</url>`,
    );
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ...entries,
    "</urlset>\n",
  ].join("\n");
}

/** What crawlers are asked to leave alone: what is private, and what only repeats other pages. */
export function renderRobots(url: string): string {
  const closed = ["/account", "/desk", "/api/", "/help/search", "/help/*?print=1"];
  return [
    "User-agent: *",
    ...closed.map((path) => `Disallow: ${path}`),
    "",
    `Sitemap: ${url}/help/sitemap.xml`,
    "",
  ].join("\n");
}
