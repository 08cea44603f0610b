import { describe, expect, test } from "vitest";
import type { MailContent } from "./mail-content.ts";
import { renderMail } from "./mail-layout.tsx";
import { aView } from "./page-view.testing.ts";

const view = (locale = "fr") => {
  const { t, dir } = aView({ locale });
  return { locale, dir, t, brandName: "Portail", publicUrl: "https://portail.example.org" };
};

const content: MailContent = {
  greeting: "Bonjour Léa,",
  paragraphs: [
    "Vous avez demandé un compte le 21 novembre 2026 à 23:05 (heure d’Europe centrale), depuis Firefox sous Windows, à la maison.",
  ],
  facts: [["Adresse", "lea@example.org"]],
  list: [{ title: "Léa Martin, élève", text: "l.martin12" }],
  button: {
    label: "Activer mon compte",
    url: `https://portail.example.org/confirm/${"a".repeat(90)}?b=1&c=2`,
  },
  code: "48213907",
  secondary: {
    label: "Supprimer",
    url: "https://portail.example.org/refuse",
    before: "Vous n’avez rien demandé ?",
  },
  notYou: { text: "Vous n’avez rien à faire." },
  neverAsk: true,
  why: "Quelqu’un a donné cette adresse.",
};

/** What a person reads and can follow of the HTML part, without the line that only mail lists show. */
function readHtml(html: string): string {
  return html
    .replace(/<div style="display:none.*?<\/div>/, "")
    .replace(/^.*<body/s, "<body")
    .replaceAll(/<\/?(?:p|div|li|br|ul)\b[^>]*>/g, "\n")
    .replaceAll(/<a href="([^"]+)"[^>]*>/g, "\n$1\n")
    .replaceAll(/<[^>]+>/g, "")
    .replaceAll("&amp;", "&");
}
const words = (text: string) => new Set(text.split(/[ \n]+/).filter(Boolean));

describe("a mail", () => {
  const { html, text } = renderMail(view(), content);

  test("says the same in both parts", () => {
    const inText = words(text);
    const inHtml = words(readHtml(html));
    const instead = words(view().t("mail.link.instead"));
    expect([...inText].filter((word) => !inHtml.has(word) && !["*", "--"].includes(word))).toEqual([]);
    expect([...inHtml].filter((word) => !inText.has(word) && !instead.has(word))).toEqual([]);
  });

  test("keeps its text within 76 columns, but an address whole on its own line", () => {
    const long = text.split("\n").filter((line) => line.length > 76);
    expect(long).toEqual([content.button?.url]);
    expect(text.split("\n")).toContain(content.secondary?.url);
  });

  test("has one button, and fetches nothing", () => {
    expect(html.match(/display:inline-block/g)).toHaveLength(1);
    expect(html).not.toMatch(/<img|<link|<script|<style|url\(|@import/);
    for (const [, address] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(address).toMatch(/^https:\/\/portail\.example\.org/);
    }
  });

  test("shows the code in groups that are copied as one", () => {
    expect(text).toContain("\n48213907\n");
    expect(html.replaceAll(/<[^>]+>/g, "")).toContain("48213907");
    expect(html).toContain(">4821</span>");
  });

  test("escapes what it is given", () => {
    const bad = '<img src=x onerror="1">';
    const mail = renderMail(view(), {
      ...content,
      greeting: bad,
      paragraphs: [bad],
      facts: [[bad, bad]],
      list: [{ title: bad, text: bad }],
      button: { label: bad, url: `https://portail.example.org/"${bad}` },
      why: bad,
    });
    expect(mail.html).not.toContain("<img");
    expect(mail.text).toContain(bad);
  });

  test("is read from the side of its language", () => {
    const arabic = renderMail(view("ar"), content).html;
    expect(arabic).toContain('<html lang="ar" dir="rtl">');
    expect(arabic).toContain('<bdo dir="ltr"');
  });

  test("warns that nobody may ask for a code only where there is one to ask for", () => {
    const warning = view().t("mail.never-ask").slice(0, 20);
    expect(text).toContain(warning);
    expect(renderMail(view(), { ...content, neverAsk: false }).text).not.toContain(warning);
  });
});
