import { expect, test } from "vitest";
import { journey, type Scene, scriptModes } from "../support/journey.ts";
import type { Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

async function signUp(visitor: Visitor, scene: Scene, email: string): Promise<void> {
  await visitor.open("/sign-up");
  await visitor.submit({
    email,
    name: "Noé Petit",
    nickname: scene.unused("noe"),
    "new-password": "huit-ponts-verts-27",
  });
}

const correction = "main form[action='/sign-up/correct']";

journey("a mistyped address", { preset: "community" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: a mistyped domain is noticed, and the offered address taken in one press`, async () => {
      const noe = await scene.visitor({ script });
      const mistyped = scene.unused("noe@gmial.com");
      const meant = mistyped.replace("gmial", "gmail");
      await signUp(noe, scene, mistyped);
      expect(await noe.text()).toContain(meant);
      const wrongMail = await scene.messageTo(mistyped);
      await noe.press(words("registration.waiting.use-suggestion"));
      expect(noe.path).toBe("/sign-up/sent");
      expect(await noe.text()).toContain(meant);
      expect(await noe.text()).toContain(words("registration.waiting.sent-again"));
      const mail = await scene.messageTo(meant);
      expect(mail.subject).toBe("Veuillez activer votre compte");

      // What went to the wrong mailbox opens nothing: its link says that it was replaced.
      const stranger = await scene.visitor({ script });
      await stranger.openLinkOf(wrongMail);
      expect(stranger.status).toBe(410);
      expect(await stranger.heading()).toBe(words("confirmation.replaced.title"));
      expect(await stranger.text()).not.toContain(meant);

      await noe.submit({ "one-time-code": mail.code ?? "" });
      expect(noe.path).toBe("/account");
    });

    test(`${mode}: the suggestion is only offered: the address as typed works too`, async () => {
      const noe = await scene.visitor({ script });
      const unusual = scene.unused("noe@gmial.com");
      await signUp(noe, scene, unusual);
      await noe.submit({ "one-time-code": (await scene.messageTo(unusual)).code ?? "" });
      expect(noe.path).toBe("/account");
    });

    test(`${mode}: an address wrong in another way is corrected without waiting or starting again`, async () => {
      const noe = await scene.visitor({ script, width: 320 });
      const wrong = scene.unused("eon@example.fr");
      const right = scene.unused("noe@example.fr");
      await signUp(noe, scene, wrong);
      await noe.unfold(words("registration.waiting.wrong-address"));
      const form = noe.page.locator(correction).last();
      await form.locator("[autocomplete~=email]").fill("noe@");
      await noe.press(words("registration.waiting.correct"), form);
      expect(noe.status).toBe(422);
      expect(await noe.text()).toContain(words("email.malformed"));
      await noe.page.locator(correction).last().locator("[autocomplete~=email]").fill(right);
      if (!(await noe.page.locator(correction).last().getByRole("button").isVisible())) {
        await noe.unfold(words("registration.waiting.wrong-address"));
      }
      await noe.press(words("registration.waiting.correct"));
      expect(await noe.text()).toContain(right);
      await noe.submit({ "one-time-code": (await scene.messageTo(right)).code ?? "" });
      expect(noe.path).toBe("/account");
    });
  }

  test("mistakes are listed above the form, lead to their fields, and keep what was typed", async () => {
    const noe = await scene.visitor();
    await noe.open("/sign-up");
    await noe.submit({ email: "noe@@example", name: "Noé Petit", nickname: "n", "new-password": "soleil" });
    expect(noe.status).toBe(422);
    expect(await noe.page.title()).toMatch(/^Erreur\s: /);
    expect(await noe.focused()).toBe("#errors");
    expect(await noe.field("name").inputValue()).toBe("Noé Petit");
    expect(await noe.field("new-password").inputValue()).toBe("");
    await noe.page.locator("#errors a[href='#email']").click();
    expect(await noe.focused()).toBe("#email");
    await noe.submit({
      email: scene.unused("noe@example.fr"),
      nickname: scene.unused("noe"),
      "new-password": "huit-ponts-verts-27",
    });
    expect(noe.path).toBe("/sign-up/sent");
  });
});
