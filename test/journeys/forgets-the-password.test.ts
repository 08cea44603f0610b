import { expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { journey, scriptModes } from "../support/journey.ts";
import { linkOf, type Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

const oldPassword = "ancien-mot-de-passe-9";
const newPassword = "trois-cerfs-volants-8";

journey("a forgotten password, by e-mail", { preset: "community" }, (scene) => {
  async function anOwner(): Promise<string> {
    const email = scene.unused("lina@example.fr");
    await anAccount(scene.portal, "Lina Benali").email(email).made();
    return email;
  }

  async function ask(visitor: Visitor, email: string): Promise<void> {
    await visitor.open("/sign-in");
    await visitor.follow("Mot de passe oublié ?");
    await visitor.submit({ username: email });
    expect(visitor.path).toBe("/forgot-password/sent");
  }

  for (const { mode, script } of scriptModes) {
    test(`${mode}: chooses a new one behind the link, and everything else of the account ends`, async () => {
      const email = await anOwner();
      const elsewhere = await scene.visitor({ script });
      await elsewhere.signIn(email, oldPassword);
      expect(elsewhere.path).toBe("/account");
      const lina = await scene.visitor({ script });
      await ask(lina, email);
      const mail = await scene.messageTo(email);
      const telephone = await scene.visitor({ script, width: 320 });
      await telephone.openLinkOf(mail);
      await telephone.submit({ "new-password": "soleil" });
      expect(telephone.status).toBe(422);
      expect(await telephone.field("new-password").inputValue()).toBe("");
      await telephone.submit({ "new-password": newPassword });
      expect(telephone.path).toBe("/sign-in");
      expect(await telephone.text()).toContain(words("recovery.done.notice"));
      expect(await telephone.field("username").inputValue()).toBe(email);
      expect(await telephone.cookie("session")).toBeUndefined();
      await telephone.submit({ "current-password": newPassword });
      expect(telephone.path).toBe("/account");

      await elsewhere.open("/account");
      expect(elsewhere.path).toBe("/sign-in");
      await elsewhere.signIn(email, oldPassword);
      expect(await elsewhere.text()).toContain("Identifiant ou mot de passe incorrect.");
      expect(await scene.subjectsTo(email)).toContain(
        words("recovery.done.subject", { brand: "Place civique" }),
      );
      if (script) await lina.page.waitForURL("**/sign-in");
      else await lina.reload();
      expect(lina.path).toBe("/sign-in");
    });

    test(`${mode}: wrong codes end the code and leave the link alive`, async () => {
      const email = await anOwner();
      const lina = await scene.visitor({ script });
      await ask(lina, email);
      const mail = await scene.messageTo(email);
      const wrong = mail.code === "00000000" ? "11111111" : "00000000";
      for (let n = 0; n < 5; n++) await lina.submit({ "one-time-code": wrong });
      expect(await lina.text()).toContain(words("code.ended"));
      await lina.submit({ "one-time-code": mail.code ?? "" });
      expect(lina.path).not.toBe("/reset");
      await lina.openLinkOf(mail);
      await lina.submit({ "new-password": newPassword });
      expect(lina.path).toBe("/sign-in");
    });

    test(`${mode}: expired, used and replaced links say which, and offer a new one in one press`, async () => {
      const email = await anOwner();
      const lina = await scene.visitor({ script });
      await ask(lina, email);
      const first = await scene.messageTo(email);
      await scene.wait(31 * 60_000);
      await lina.openLinkOf(first);
      expect(lina.status).toBe(410);
      expect(await lina.heading()).toBe(words("recovery.expired.title"));
      await lina.submit();
      expect(lina.path).toBe("/forgot-password/sent");
      const second = await scene.messageTo(email);
      expect(linkOf(second)).not.toBe(linkOf(first));

      await scene.wait(16 * 60_000);
      await lina.reload();
      await lina.press(words("registration.waiting.resend"));
      const third = await scene.messageTo(email);
      await lina.openLinkOf(second);
      expect(await lina.heading()).toBe(words("recovery.replaced.title"));
      await lina.openLinkOf(third);
      await lina.submit({ "new-password": newPassword });
      expect(lina.path).toBe("/sign-in");
      await lina.openLinkOf(third);
      expect(await lina.heading()).toBe(words("recovery.used.title"));
    });
  }

  test("a locked account opens again by a new password, and an unknown address meets the same pages", async () => {
    const email = await anOwner();
    await scene.guess(email, 10);
    const [lina, nobody] = [await scene.visitor(), await scene.visitor()];
    await ask(nobody, scene.unused("inconnue@example.fr"));
    // Everybody is shown a number to read out, and each another.
    const saidTo = async (visitor: Visitor) => (await visitor.text()).replaceAll(/\d{3}\s\d{3}/g, "");
    const said = await saidTo(nobody);
    await ask(lina, email);
    expect(await saidTo(lina)).toBe(said);
    await lina.submit({ "one-time-code": (await scene.messageTo(email)).code ?? "" });
    await lina.submit({ "new-password": newPassword });
    await lina.submit({ "current-password": newPassword });
    expect(lina.path).toBe("/account");
  });

  test("with script, each rule is ticked as the password meets it, and the password can be shown", async () => {
    const email = await anOwner();
    const lina = await scene.visitor();
    await ask(lina, email);
    await lina.openLinkOf(await scene.messageTo(email));
    const field = lina.page.locator("#password");
    const met = lina.page.locator("[data-rule].is-met");
    await field.fill("court");
    await lina.look();
    const few = await met.count();
    await field.fill(newPassword);
    await expect.poll(() => met.count()).toBeGreaterThan(few);
    await expect.poll(() => lina.page.locator(".strength").isVisible()).toBe(true);
    await lina.look();
    await lina.page.getByRole("button", { name: words("ui.password.show") }).click();
    expect(await field.getAttribute("type")).toBe("text");
    await lina.look();
  });
});
