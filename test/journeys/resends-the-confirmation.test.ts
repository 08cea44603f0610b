import { expect, test } from "vitest";
import { journey, type Scene, scriptModes } from "../support/journey.ts";
import type { Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

const minute = 60_000;

async function signUp(visitor: Visitor, scene: Scene): Promise<string> {
  const email = scene.unused("ana@example.fr");
  await visitor.open("/sign-up");
  await visitor.submit({
    email,
    name: "Ana Roux",
    nickname: scene.unused("ana"),
    "new-password": "huit-ponts-verts-27",
  });
  return email;
}

journey("resending", { preset: "community" }, (scene) => {
  test("without script: a repeat asked for too early is answered with a time, later ones replace", async () => {
    const ana = await scene.visitor({ script: false });
    const email = await signUp(ana, scene);
    const first = await scene.messageTo(email);
    await ana.press(words("registration.waiting.resend"));
    expect(ana.status).toBe(429);
    expect(await ana.heading()).toBe(words("wait.too-early"));
    expect(await ana.text()).toMatch(/09:01/);
    await ana.follow(words("wait.back"));
    expect(ana.path).toBe("/sign-up/sent");

    await scene.wait(minute);
    await ana.press(words("registration.waiting.resend"));
    expect(ana.path).toBe("/sign-up/sent");
    expect(await ana.text()).toContain(words("registration.waiting.sent-again"));
    const second = await scene.messageTo(email);
    expect(second.code).not.toBe(first.code);
    expect(await scene.subjectsTo(email)).toHaveLength(2);

    // The pause has doubled, the first message serves no more, the second does.
    await scene.wait(minute);
    await ana.press(words("registration.waiting.resend"));
    expect(ana.status).toBe(429);
    await ana.openLinkOf(first);
    expect(await ana.heading()).toBe(words("confirmation.replaced.title"));
    await ana.openLinkOf(second);
    await ana.submit();
    expect(ana.path).toBe("/account");
  });

  test("with script: the seconds run beside the button, which works as soon as they are over", async () => {
    const ana = await scene.visitor();
    await ana.page.clock.install();
    const email = await signUp(ana, scene);
    await scene.messageTo(email);
    const button = ana.page.getByRole("button", { name: words("registration.waiting.resend") });
    await expect.poll(() => button.innerText()).toMatch(/dans (1:00|0:5\d)/);
    await ana.page.clock.fastForward(30_000);
    expect(await button.innerText()).toMatch(/dans 0:[23]\d/);
    await button.click({ force: true });
    expect(ana.path).toBe("/sign-up/sent");
    expect(await scene.subjectsTo(email)).toHaveLength(1);
    await ana.page.clock.fastForward(31_000);
    expect(await button.getAttribute("aria-disabled")).toBeNull();
    await scene.wait(minute);
    await ana.press(words("registration.waiting.resend"));
    expect(await ana.text()).toContain(words("registration.waiting.sent-again"));
    expect(await scene.subjectsTo(email)).toHaveLength(2);
  });

  for (const { mode, script } of scriptModes) {
    test(`${mode}: « Vous n'avez pas reçu les instructions de confirmation ? » works from any browser`, async () => {
      const [home, library] = [await scene.visitor({ script }), await scene.visitor({ script })];
      const email = await signUp(home, scene);
      const first = await scene.messageTo(email);
      await library.open("/sign-up");
      await library.follow("Vous n'avez pas reçu les instructions de confirmation ?");
      await library.submit({ email });
      expect(await library.text()).toContain(email);
      const second = await scene.messageTo(email);
      expect(second.code).not.toBe(first.code);
      // What another browser asked for ends nothing of the first.
      await home.submit({ "one-time-code": first.code ?? "" });
      expect(home.path).toBe("/account");
      await library.openLinkOf(second);
      expect(await library.heading()).toBe(words("confirmation.used.title"));
      // Asked for once more, the mail says that the account is active already.
      await scene.wait(minute);
      await library.open("/confirm");
      await library.submit({ email });
      await scene.portal.settle();
      const subjects = await scene.subjectsTo(email);
      expect(subjects.at(-1)).toBe(words("registration.already.subject", { brand: "Place civique" }));
    });
  }

  test("five wrong codes end the code, and never the link", async () => {
    const ana = await scene.visitor();
    const email = await signUp(ana, scene);
    const mail = await scene.messageTo(email);
    const wrong = mail.code === "00000000" ? "11111111" : "00000000";
    for (let left = 4; left >= 1; left--) {
      await ana.submit({ "one-time-code": wrong });
      expect(ana.status).toBe(422);
      expect(await ana.text()).toContain(words("code.wrong", { left }));
    }
    await ana.submit({ "one-time-code": wrong });
    expect(await ana.text()).toContain(words("code.ended"));
    await ana.submit({ "one-time-code": mail.code ?? "" });
    expect(await ana.text()).toContain(words("code.ended"));
    await ana.openLinkOf(mail);
    await ana.submit();
    expect(ana.path).toBe("/account");
  });

  test("a code typed in another browser than the one that asked is not judged", async () => {
    const [ana, thief] = [await scene.visitor(), await scene.visitor()];
    const email = await signUp(ana, scene);
    const mail = await scene.messageTo(email);
    await signUp(thief, scene);
    await thief.submit({ "one-time-code": mail.code ?? "" });
    expect(thief.status).toBe(422);
    await ana.submit({ "one-time-code": mail.code ?? "" });
    expect(ana.path).toBe("/account");
  });
});
