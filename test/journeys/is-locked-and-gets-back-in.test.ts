import { expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { journey, scriptModes } from "../support/journey.ts";
import { linkOf, type Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

const warned = "Vous avez encore un essai avant le verrouillage de votre compte.";
const locked = "Votre compte est verrouillé.";
const password = "ancien-mot-de-passe-9";

journey("a locked account", { preset: "community", engines: ["sqlite", "postgres"] }, (scene) => {
  async function anOwner(): Promise<string> {
    const email = scene.unused("paul@example.fr");
    await anAccount(scene.portal, "Paul Durand").email(email).made();
    return email;
  }

  /** Eight wrong passwords of a stranger, then the owner's own two: warned, then locked. */
  async function lockOut(paul: Visitor, email: string): Promise<void> {
    await scene.guess(email, 8);
    await paul.signIn(email, "mauvais mot de passe");
    expect(await paul.text()).toContain(warned);
    expect(await paul.text()).toContain("Identifiant ou mot de passe incorrect.");
    expect(await paul.field("username").inputValue()).toBe(email);
    await paul.submit({ "current-password": "encore mauvais" });
    expect(paul.status).toBe(429);
    expect(await paul.heading()).toBe(locked);
  }

  for (const { mode, script } of scriptModes) {
    test(`${mode}: is warned, locked, and unlocked by the link of the mail`, async () => {
      const paul = await scene.visitor({ script });
      const email = await anOwner();
      await lockOut(paul, email);
      // While it is locked no password is judged, not even the right one.
      await paul.signIn(email, password);
      expect(await paul.heading()).toBe(locked);
      const mail = await scene.messageTo(email);
      const telephone = await scene.visitor({ script, width: 320 });
      await telephone.openLinkOf(mail);
      expect(await telephone.text()).toContain(email);
      await telephone.submit();
      expect(telephone.path).toBe("/sign-in");
      expect(await telephone.text()).toContain(words("lockout.unlocked"));
      expect(await telephone.field("username").inputValue()).toBe(email);
      expect(await telephone.cookie("session")).toBeUndefined();
      await telephone.submit({ "current-password": password });
      expect(telephone.path).toBe("/account");
      // The browser that was locked works again too; the link says that it has served.
      await paul.signIn(email, password);
      expect(paul.path).toBe("/account");
      await paul.open(linkOf(mail));
      expect(paul.status).toBe(410);
      expect(await paul.heading()).toBe(words("lockout.used.title"));
    });

    test(`${mode}: is unlocked by the code, typed where it was locked`, async () => {
      const paul = await scene.visitor({ script });
      const email = await anOwner();
      await lockOut(paul, email);
      const { code } = await scene.messageTo(email);
      await paul.submit({ "one-time-code": code === "00000000" ? "11111111" : "00000000" });
      expect(paul.status).toBe(422);
      await paul.submit({ "one-time-code": code ?? "" });
      expect(paul.path).toBe("/sign-in");
      expect(await paul.text()).toContain(words("lockout.unlocked"));
      await paul.submit({ "current-password": password });
      expect(paul.path).toBe("/account");
    });
  }

  test("the page says until when, and after that the account opens by itself", async () => {
    const paul = await scene.visitor();
    const email = await anOwner();
    await lockOut(paul, email);
    expect(await paul.text()).toMatch(/2 mars 2027/);
    await scene.wait(59 * 60_000);
    await paul.signIn(email, password);
    expect(await paul.heading()).toBe(locked);
    await scene.wait(60_000);
    await paul.signIn(email, password);
    expect(paul.path).toBe("/account");
  });

  test("« Vous n'avez pas reçu les instructions de déverrouillage ? » sends them once more", async () => {
    const paul = await scene.visitor();
    const email = await anOwner();
    await lockOut(paul, email);
    const first = await scene.messageTo(email);
    const library = await scene.visitor();
    await library.open("/sign-in");
    await library.follow("Vous n'avez pas reçu les instructions de déverrouillage ?");
    await library.submit({ username: email });
    await scene.portal.settle();
    const second = await scene.messageTo(email);
    expect(second.code).not.toBe(first.code);
    await library.submit({ "one-time-code": second.code ?? "" });
    expect(library.path).toBe("/sign-in");
    expect(await library.text()).toContain(words("lockout.unlocked"));
  });

  test("an identifier that nobody has is warned and locked like any other", async () => {
    const nobody = await scene.visitor();
    await lockOut(nobody, scene.unused("personne@example.fr"));
    expect(await nobody.text()).toContain(words("lockout.locked.mail"));
  });
});
