import { expect, test } from "vitest";
import { journey, scriptModes } from "../support/journey.ts";
import { fold, words } from "../support/words.ts";

const day = 24 * 60 * 60_000;

journey("coming back after removal", { preset: "community" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: an unfinished sign-up is reminded once, removed, and its owner told when they return`, async () => {
      const zoe = await scene.visitor({ script });
      const email = scene.unused("zoe@example.fr");
      const nickname = scene.unused("zoe");
      const form = { email, name: "Zoé Blanc", nickname, "new-password": "huit-ponts-verts-27" };
      await zoe.open("/sign-up");
      await zoe.submit(form);
      const first = await scene.messageTo(email);

      await scene.wait(3 * day + 60_000);
      const reminder = await scene.messageTo(email);
      expect(reminder.subject).toBe(words("registration.reminder.subject"));
      await scene.wait(day);
      expect(await scene.subjectsTo(email)).toHaveLength(2);

      await scene.wait(3 * day + 60_000);
      await zoe.openLinkOf(first);
      expect(zoe.status).toBe(410);
      // Weeks later, with a new telephone: nothing of the sign-up is known there.
      const telephone = await scene.visitor({ script, width: 320 });
      await telephone.open("/confirm");
      await telephone.submit({ email });
      const truth = await scene.messageTo(email);
      expect(truth.subject).toBe(words("truth.mail.subject", { brand: "Place civique" }));
      expect(fold(truth.text)).toMatch(/supprimée le (9|16) mars 2027/);

      // Its link leads to a new sign-up, with the same address and nickname.
      const again = truth.links.find((link) => link.includes("/sign-up"));
      await telephone.open(again ?? "");
      await telephone.submit(form);
      await telephone.submit({ "one-time-code": (await scene.messageTo(email)).code ?? "" });
      expect(telephone.path).toBe("/account");
    });
  }
});
