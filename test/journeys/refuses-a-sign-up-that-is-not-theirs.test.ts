import { expect, test } from "vitest";
import { journey, scriptModes } from "../support/journey.ts";
import { linkOf } from "../support/visitor.ts";
import { fold, words } from "../support/words.ts";

journey("a sign-up that is not theirs", { preset: "community" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: the owner of the address sees who asked, removes it, and the address is free`, async () => {
      const [prankster, owner] = [await scene.visitor({ script }), await scene.visitor({ script })];
      const email = scene.unused("owner@example.fr");
      const form = { email, name: "Pas Moi", "new-password": "huit-ponts-verts-27" };
      await prankster.open("/sign-up");
      await prankster.submit({ ...form, nickname: scene.unused("prank") });
      const mail = await scene.messageTo(email);
      expect(fold(mail.text)).toContain(words("registration.activate.not-you-link"));
      await owner.openLinkOf(mail);
      const text = await owner.text();
      expect(text).toContain("Pas Moi");
      expect(text).toContain("Chrome");
      expect(text).toMatch(/2 mars 2027/);
      await owner.press(words("confirmation.refuse.button"));
      expect(await owner.heading()).toBe(words("confirmation.refused.done"));

      // The prankster's code opens nothing any more, and the link says what became of it.
      await prankster.submit({ "one-time-code": mail.code ?? "" });
      expect(prankster.path).not.toBe("/account");
      expect(await prankster.cookie("session")).toBeUndefined();
      await owner.open(linkOf(mail));
      expect(owner.status).toBe(410);
      expect(await owner.heading()).toBe(words("confirmation.refused.title"));

      await owner.open("/sign-up");
      await owner.submit({ ...form, name: "Moi", nickname: scene.unused("owner") });
      await owner.submit({ "one-time-code": (await scene.messageTo(email)).code ?? "" });
      expect(owner.path).toBe("/account");
    });
  }
});
