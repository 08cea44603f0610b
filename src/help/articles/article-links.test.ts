import fc from "fast-check";
import { expect, test } from "vitest";
import { isOwnPath, isSafeLink } from "./article-links.ts";

test.each([
  "/forgot-password",
  "/help/mail-not-received#part-spam",
  "/help/search?q=spam",
  "#part-spam",
  "https://www.example.org/aide?x=1#y",
  "http://example.org",
  "mailto:aide@example.fr?subject=Aide",
])("%s may stand in an article", (href) => {
  expect(isSafeLink(href)).toBe(true);
});

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " javascript:alert(1)",
  "java\tscript:alert(1)",
  "java\nscript:alert(1)",
  "\u0001javascript:alert(1)",
  "javascript&colon;alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox(1)",
  "file:///etc/passwd",
  "blob:https://example.org/x",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "https:evil.example",
  "https:/\\evil.example",
  "https://portail.example.fr@evil.example/",
  "tel:+33123456789",
  "help/autre",
  "/help\\x",
  "/help/x\u0000",
  '/help/x#a"onclick=alert(1)',
  "",
  "#",
])("%j may not", (href) => {
  expect(isSafeLink(href)).toBe(false);
});

test("whatever is allowed opens a page of ours, a web page, a mail, or a place on the page", () => {
  const portal = "https://portail.example.fr/help/x";
  fc.assert(
    fc.property(
      fc.oneof(fc.webUrl(), fc.string(), fc.webPath(), fc.constantFrom("javascript:", "data:,", "//")),
      fc.string(),
      (start, rest) => {
        const href = start + rest;
        if (!isSafeLink(href)) return;
        const parsed = new URL(href, portal);
        expect(["http:", "https:", "mailto:"]).toContain(parsed.protocol);
        if (isOwnPath(href)) expect(parsed.origin).toBe("https://portail.example.fr");
      },
    ),
  );
});
