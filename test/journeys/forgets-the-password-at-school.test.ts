import { expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { journey, scriptModes } from "../support/journey.ts";
import { words } from "../support/words.ts";

const newPassword = "trois-cerfs-volants-8";
let numbers = 10;
const aNumber = () => `+3363998${String(numbers++).padStart(4, "0")}`;

journey("a forgotten password, by SMS", { preset: "school" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: a guardian gets back in by the code of an SMS`, async () => {
      const [username, mobile] = [scene.unused("c.martin"), aNumber()];
      await anAccount(scene.portal, "Claire Martin")
        .username(username)
        .kind("guardian")
        .mobile(mobile)
        .made();
      const claire = await scene.visitor({ script, width: 320 });
      await claire.open("/sign-in");
      await claire.follow("Mot de passe oublié ?");
      await claire.choose("channel", "sms");
      await claire.submit({ username });
      expect(await claire.heading()).toBe(words("recovery.waiting.title.sms"));
      const sms = await scene.messageTo(mobile);
      expect(sms.channel).toBe("sms");
      expect(sms.text.trim().split("\n").at(-1)).toMatch(/^@127\.0\.0\.1 #\d{8}$/);
      await claire.submit({ "one-time-code": sms.code ?? "" });
      await claire.submit({ "new-password": newPassword });
      expect(claire.path).toBe("/sign-in");
      expect(await claire.field("username").inputValue()).toBe(username);
      await claire.submit({ "current-password": newPassword });
      expect(await claire.cookie("session")).toBeDefined();
    });

    test(`${mode}: whoever chose the wrong way asks for the other from the waiting page`, async () => {
      const [username, email] = [scene.unused("l.benali"), scene.unused("lina@example.org")];
      await anAccount(scene.portal, "Lina Benali")
        .username(username)
        .kind("pupil")
        .email(email)
        .mobile(aNumber())
        .made();
      const lina = await scene.visitor({ script });
      await lina.open("/forgot-password");
      await lina.choose("channel", "sms");
      await lina.submit({ username });
      await scene.portal.settle();
      await lina.press(words("recovery.waiting.other.email"));
      expect(await lina.heading()).toBe(words("recovery.waiting.title.email"));
      const mail = await scene.messageTo(email);
      await lina.openLinkOf(mail);
      await lina.submit({ "new-password": newPassword });
      expect(lina.path).toBe("/sign-in");
    });
  }
});
