import { expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { journey, scriptModes } from "../support/journey.ts";
import { words } from "../support/words.ts";

const password = "ancien-mot-de-passe-9";

journey("changing an address", { preset: "service" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: the new one is proved, the old one told, and both are on the account page`, async () => {
      const [old, next] = [scene.unused("sofia@example.fr"), scene.unused("sofia.lopes@example.org")];
      await anAccount(scene.portal, "Sofia Lopes").email(old).made();
      const sofia = await scene.visitor({ script });
      await sofia.signIn(old, password);
      expect(sofia.path).toBe("/account");
      await sofia.follow(words("contacts.correct"));
      await sofia.submit({ email: "sofia@", "current-password": "pas le bon" });
      expect(sofia.status).toBe(422);
      await sofia.submit({ email: next, "current-password": password });
      expect(sofia.path).toBe("/account/contacts/waiting");
      await scene.portal.settle();
      expect(await scene.subjectsTo(old)).toContain(
        words("contacts.warn.asked.subject", { brand: scene.portal.config.preset.brandName }),
      );
      // A mail scanner at the new address proves nothing.
      const mail = await scene.messageTo(next);
      for (const link of mail.links) await fetch(link);
      await sofia.submit({ "one-time-code": mail.code ?? "" });
      expect(sofia.path).toBe("/account");
      expect(await sofia.text()).toContain(next);
      await sofia.follow(words("account.journal.title"));
      await sofia.press("Se déconnecter");
      await sofia.signIn(next, password);
      expect(sofia.path).toBe("/account");
    });

    test(`${mode}: « Ce n'est pas moi » stops it: contacts frozen, devices signed out, the request ended`, async () => {
      const [owner, thiefs] = [scene.unused("sofia@example.fr"), scene.unused("voleur@example.org")];
      await anAccount(scene.portal, "Sofia Lopes").email(owner).made();
      const thief = await scene.visitor({ script });
      await thief.signIn(owner, password);
      await thief.open("/account/contacts/add/email");
      await thief.submit({ email: thiefs, "current-password": password });
      expect(thief.path).toBe("/account/contacts/waiting");
      const stolen = await scene.messageTo(thiefs);
      expect(stolen.text).not.toContain("Sofia");
      const warning = await scene.messageTo(owner);

      const sofia = await scene.visitor({ script, width: 320 });
      await sofia.openLinkOf(warning);
      expect(await sofia.heading()).toBe(words("not-me.title"));
      await sofia.submit();
      expect(await sofia.heading()).toBe(words("not-me.done.title"));
      // By itself it gives access to nobody.
      expect(await sofia.cookie("session")).toBeUndefined();

      await thief.open("/account");
      expect(thief.path).toBe("/sign-in");
      await thief.openLinkOf(stolen);
      expect(thief.status).toBeGreaterThanOrEqual(400);
      await thief.signIn(owner, password);
      await thief.open("/account/contacts/add/email");
      expect(thief.status).toBe(403);
      expect(await thief.heading()).toBe(words("contacts.frozen.title"));
      await sofia.openLinkOf(warning);
      expect(await sofia.heading()).toBe(words("not-me.spent.used.title"));
    });
  }

  test("a number is added, proved by SMS in another browser, and removed again", async () => {
    const email = scene.unused("sofia@example.fr");
    await anAccount(scene.portal, "Sofia Lopes").email(email).made();
    const sofia = await scene.visitor();
    await sofia.signIn(email, password);
    await sofia.follow(words("contacts.add.title"));
    await sofia.follow(words("contacts.add.sms"));
    await sofia.submit({ tel: "06 39 98 00 77", "current-password": password });
    const sms = await scene.messageTo("+33639980077");
    const telephone = await scene.visitor({ width: 320 });
    await telephone.openLinkOf(sms);
    await telephone.submit();
    expect(await telephone.heading()).toBe(words("contacts.proved.title"));
    await sofia.open("/account");
    expect(await sofia.text()).toContain("06 39 98 00 77");
    const remove = sofia.main.getByRole("link", { name: "06 39 98 00 77" }).last();
    await Promise.all([sofia.page.waitForEvent("load"), remove.click()]);
    await sofia.look();
    await sofia.submit({ "current-password": password });
    expect(sofia.path).toBe("/account");
    expect(await sofia.text()).toContain(words("contacts.removed.notice"));
  });
});
