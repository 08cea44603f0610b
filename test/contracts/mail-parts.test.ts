import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MessageKey } from "../../src/i18n/translations.ts";
import { type SentSample, sendSamples } from "../support/sent-samples.ts";
import { type SmtpPeer, startSmtpPeer } from "../support/smtp-peer.ts";
import { words } from "../support/words.ts";

/** What a mail says in its HTML part: tags gone, addresses of links kept, white space folded. */
function wordsOfHtml(html: string): string {
  const shown = html
    .replaceAll(/<(style|title|head)\b[\s\S]*?<\/\1>/g, " ")
    .replaceAll(/<a\b[^>]*href="([^"]*)"[^>]*>/g, " $1 ")
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'");
  return shown.replaceAll(/[\s\u00a0\u202f]+/g, " ");
}

const wordsOfText = (text: string) =>
  text
    .split(/[\s\u00a0\u202f]+/)
    .map((word) => word.replaceAll(/^[*-]+$/g, ""))
    .filter((word) => word !== "");

for (const locale of ["fr", "en", "ar"]) {
  describe(`every mail in ${locale}, as an SMTP server receives it`, () => {
    let peer: SmtpPeer;
    let sent: SentSample[];
    beforeAll(async () => {
      peer = await startSmtpPeer();
      sent = await sendSamples(peer, locale);
    });
    afterAll(() => peer.stop());

    const each = (judge: (sample: SentSample) => void) => {
      expect(sent.length).toBeGreaterThan(0);
      for (const sample of sent) judge(sample);
    };

    test("has a text part that says the same as its HTML part", () => {
      each(({ mail, template }) => {
        // The text part has no button that could fail.
        const html = wordsOfHtml(mail.parsed.html ?? "").replace(words("mail.link.instead", {}, locale), "");
        const said = html.replaceAll(" ", "");
        const missing = wordsOfText(mail.parsed.text ?? "").filter((word) => !said.includes(word));
        expect(missing, template).toEqual([]);
        const text = (mail.parsed.text ?? "").replaceAll(/[\s\u00a0\u202f]+/g, "");
        const unsaid = wordsOfText(html).filter((word) => !text.includes(word));
        expect(unsaid, template).toEqual([]);
      });
    });

    test("is named for staff who see it in somebody's history", () => {
      for (const { template } of sent) {
        expect(words(`people.message.${template}` as MessageKey, {}, locale), template).not.toBe("");
      }
    });

    test("names its language and direction", () => {
      const dir = locale === "ar" ? "rtl" : "ltr";
      each(({ mail, template }) => {
        expect(mail.parsed.html, template).toMatch(new RegExp(`<html[^>]* lang="${locale}"`));
        expect(mail.parsed.html, template).toMatch(new RegExp(`<html[^>]* dir="${dir}"`));
      });
    });

    test("loads nothing from elsewhere, and holds no script", () => {
      each(({ mail, template }) => {
        const html = mail.parsed.html ?? "";
        expect(html, template).not.toMatch(/<(img|script|link|iframe|object|form|video|audio)\b/i);
        expect(html, template).not.toMatch(/url\(|@import|\sbackground="|srcset/i);
        expect(mail.parsed.attachments, template).toEqual([]);
      });
    });

    test("has one button at most, and links only to the portal", () => {
      each(({ mail, template }) => {
        const html = mail.parsed.html ?? "";
        const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href as string);
        for (const href of links) expect(new URL(href).origin, template).toBe("https://acces.example.org");
        const buttons = [...html.matchAll(/<a\b[^>]*style="[^"]*background/g)];
        expect(buttons.length, template).toBeLessThanOrEqual(1);
      });
    });

    test("warns that nobody may ask for what it holds, wherever it holds a link or a code", () => {
      each(({ mail, template }) => {
        const text = mail.parsed.text ?? "";
        const hasSecret = text.includes("token=") || text.includes("20274816");
        if (hasSecret)
          expect(text.replaceAll(/\s+/g, " "), template).toContain(words("mail.never-ask", {}, locale));
      });
    });

    test("is marked as automatic where nobody wrote it, with an id on the sender's domain and both parts in UTF-8", () => {
      each(({ mail, template }) => {
        // An answer of staff was written by somebody, and may be answered as any letter (RFC 3834 §2).
        const isWritten = template === "cases.answer";
        expect(mail.header("auto-submitted"), template).toBe(isWritten ? "no" : "auto-generated");
        expect(mail.header("message-id"), template).toMatch(/^<[^@<>\s]+@acces\.example\.org>$/);
        expect(mail.header("content-type"), template).toMatch(/^multipart\/alternative/);
        expect(mail.from, template).toBe("ne-pas-repondre@acces.example.org");
        expect(mail.parsed.subject?.trim(), template).not.toBe("");
        expect(mail.parsed.text?.trim(), template).not.toBe("");
        for (const line of mail.raw.split("\r\n")) expect(line.length, template).toBeLessThanOrEqual(998);
      });
    });
  });
}
