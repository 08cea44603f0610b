import { expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { journey, scriptModes } from "../support/journey.ts";
import { words } from "../support/words.ts";

const password = "ancien-mot-de-passe-9";
const newPassword = "trois-cerfs-volants-8";

journey("the language", { preset: "community" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: Arabic, chosen first, stays through sign-in, recovery and the mail, right to left`, async () => {
      const email = scene.unused("karim@example.fr");
      await anAccount(scene.portal, "Karim Haddad").email(email).made();
      const karim = await scene.visitor({ script });
      await karim.open("/sign-in");
      await karim.press("العربية");
      expect(karim.path).toBe("/sign-in");
      expect(await karim.page.locator("html").getAttribute("dir")).toBe("rtl");
      expect(await karim.heading()).toBe(words("sign-in.title", {}, "ar"));
      await karim.submit({ username: email, "current-password": "خطأ" });
      expect(await karim.text()).toContain(words("sign-in.wrong", {}, "ar"));
      await karim.follow(words("sign-in.forgot-password", {}, "ar"));
      await karim.submit({ username: email });
      expect(await karim.heading()).toBe(words("recovery.waiting.title.email", {}, "ar"));
      const mail = await scene.messageTo(email);
      expect(mail.subject).toBe(words("recovery.reset.subject", {}, "ar"));
      expect(mail.html).toMatch(/<html[^>]* dir="rtl"/);
      // The link speaks the language of the message, also in a browser that was never told.
      const telephone = await scene.visitor({ script, width: 320 });
      await telephone.openLinkOf(mail);
      expect(await telephone.heading()).toBe(words("recovery.new.title", {}, "ar"));
      await telephone.submit({ "new-password": newPassword });
      expect(await telephone.page.locator("html").getAttribute("lang")).toBe("ar");
      await telephone.submit({ "current-password": newPassword });
      expect(telephone.path).toBe("/account");
    });

    test(`${mode}: English goes through sign-up to the mail and the account`, async () => {
      const email = scene.unused("emma@example.org");
      const emma = await scene.visitor({ script });
      await emma.open("/sign-up");
      await emma.fill({ email });
      await emma.press("English");
      expect(await emma.heading()).toBe(words("registration.title", {}, "en"));
      await emma.submit({
        email,
        name: "Emma Reed",
        nickname: scene.unused("emma"),
        "new-password": password,
      });
      const mail = await scene.messageTo(email);
      expect(mail.subject).toBe(words("registration.activate.subject", {}, "en"));
      await emma.submit({ "one-time-code": mail.code ?? "" });
      expect(emma.path).toBe("/account");
      expect(await emma.heading()).toBe(words("account.title", {}, "en"));
      expect((await scene.messageTo(email)).subject).toBe(
        words("confirmation.open.subject", { brand: "Place civique" }, "en"),
      );
    });

    test(`${mode}: a browser that asks for English or Arabic is met in it`, async () => {
      for (const [locale, code] of [
        ["en-GB", "en"],
        ["ar-MA", "ar"],
      ] as const) {
        const visitor = await scene.visitor({ script, locale });
        for (const path of ["/sign-in", "/unlock", "/forgot-identifier", "/forgot-password", "/sign-up"]) {
          await visitor.open(path);
          expect(await visitor.page.locator("html").getAttribute("lang")).toBe(code);
        }
      }
    });
  }
});
