import { expect, test } from "vitest";
import { smsSegments, toGsm7WhereAllowed, withOriginBoundCode } from "../../channels/sms-text.ts";
import { formatDuration, formatMoment } from "../../i18n/moment.ts";
import { createTranslations } from "../../i18n/translations.ts";
import { findProjectRoot } from "../../kernel/root.ts";
import type { MessageView } from "../../ui/message-template.ts";
import { recoveryMessages } from "./recovery.messages.tsx";

const translations = createTranslations(findProjectRoot(), "Europe/Paris");

function view(locale: string, host: string): MessageView {
  const page = (path: string) => `https://${host}${path}?lang=${locale}`;
  return {
    t: translations.to(locale),
    locale,
    brandName: "Portail scolaire",
    sender: { name: "Portail scolaire", address: "no-reply@example.org" },
    mailId: (messageId) => `<${messageId}@example.org>`,
    page,
    link: (path) => `${page(path)}&token=${"x".repeat(22)}`,
    moment: (ms) => formatMoment(locale, "Europe/Paris", ms),
    duration: (seconds) => formatDuration(locale, seconds),
    codePlain: "01234567",
  };
}

const params = {
  name: "Léa Martin",
  identifier: "l.martin12",
  askedAt: 0,
  browser: null,
  validForSeconds: 1800,
  instead: null,
};

const write = (locale: string, change: object = {}, host = "acces.example.fr") =>
  recoveryMessages["recovery.reset"]?.sms?.(view(locale, host), { ...params, ...change } as never) ?? "";

test.each(["fr", "en", "ar"])("the SMS in %s holds code and identifier in two parts at most", (locale) => {
  for (const instead of [null, "none", "limit"]) {
    const text = withOriginBoundCode(
      toGsm7WhereAllowed(write(locale, { instead }), locale),
      "acces.example.fr",
      "01234567",
    );
    expect(text).toContain("01234567");
    expect(text).toContain("l.martin12");
    expect(smsSegments(text).segments).toBeLessThanOrEqual(2);
  }
});

test("the link is in the SMS where it fits, and left out whole where it does not", () => {
  expect(write("fr")).toContain("https://acces.example.fr/reset");
  const longHost = `${"tres-long-".repeat(9)}nom.example.fr`;
  expect(write("fr", {}, longHost)).not.toContain("https://");
});

test("why another channel was used is said as long as there is room", () => {
  const why = translations.to("fr")("recovery.reset.sms-instead.none");
  expect(write("fr", { instead: "none" })).toContain(why);
  expect(write("fr")).not.toContain(why);
});
