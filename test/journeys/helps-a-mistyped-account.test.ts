import { expect, test } from "vitest";
import { visitorAtDesk } from "../support/at-desk.ts";
import { journey, type Scene, scriptModes } from "../support/journey.ts";
import { aStaffMember } from "../support/staff.ts";
import type { Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

async function signUp(visitor: Visitor, email: string, nickname: string): Promise<void> {
  await visitor.open("/sign-up");
  await visitor.submit({ email, name: "Noé Vertbois", nickname, "new-password": "huit-ponts-verts-27" });
  expect(visitor.path).toBe("/sign-up/sent");
}

async function atDesk(scene: Scene, script: boolean): Promise<Visitor> {
  const staff = await aStaffMember(scene.portal, "support", { name: "Anne Moreau" });
  const visitor = await visitorAtDesk(scene, staff, { script });
  await visitor.open("/desk/people");
  return visitor;
}

/** Types into the search: with script the answer comes by itself, without by the button. */
async function search(desk: Visitor, typed: string, awaited: string): Promise<void> {
  await desk.page.locator("#q").fill("");
  await desk.page.locator("#q").pressSequentially(typed);
  if (!desk.hasScript) return desk.submit();
  await desk.page.locator("#people-results", { hasText: awaited }).waitFor();
  expect(await desk.focused()).toBe("#q");
  await desk.look();
}

journey("an account made on a mistyped address", { preset: "community" }, (scene) => {
  for (const { mode, script } of scriptModes) {
    test(`${mode}: it is found by near spelling, deleted, and made again on the right address`, async () => {
      const right = scene.unused(script ? "noe.vertbois@example.fr" : "noe.grandsaule@example.fr");
      const mistyped = right.replace("noe.", "neo.");
      const nickname = scene.unused("noe");
      const noe = await scene.visitor({ script });
      await signUp(noe, mistyped, nickname);
      expect((await scene.messageTo(mistyped)).subject).toBe("Veuillez activer votre compte");
      // He waits for a mail that went elsewhere, asks for it again at the right address, and then calls.
      await noe.open("/forgot-password");
      await noe.submit({ username: right });
      await scene.messageTo(right);

      const desk = await atDesk(scene, script);
      await search(desk, right, words("people.address.title.email"));
      expect(await desk.text()).toContain(words("people.address.near"));
      expect(await desk.text()).toContain(words("people.message.truth.no-account"));
      expect(await desk.text()).toContain(mistyped);
      await desk.follow("Noé Vertbois");
      expect(await desk.text()).toContain(words("people.state.pending"));
      expect(await desk.text()).toContain(words("people.message.registration.activate"));
      await desk.follow(words("people.act.delete"));
      expect(await desk.text()).toContain(words("people.delete.then"));
      expect(await desk.text()).toContain(mistyped);
      await desk.submit();
      expect(desk.status).toBe(422);
      expect(await desk.focused()).toBe("#errors");
      await desk.page.fill("#reason", "Adresse mal écrite, la personne l’a épelée au téléphone");
      await desk.submit();
      expect(desk.path).toBe("/desk/people");
      expect(await desk.text()).toContain(words("people.delete.done"));
      await search(desk, mistyped, words("people.address.title.email"));
      expect(await desk.page.locator("#people-results a", { hasText: "Noé Vertbois" }).count()).toBe(0);

      await signUp(noe, right, nickname);
      const mail = await scene.messageTo(right);
      await noe.submit({ "one-time-code": mail.code ?? "" });
      expect(noe.path).toBe("/account");
      expect(await noe.text()).toContain(nickname);
      expect(await scene.subjectsTo(mistyped)).toHaveLength(1);

      await desk.open(`/desk/people?q=${right}&state=active`);
      expect(await desk.text()).toContain(right);
    });
  }

  test("on a telephone, in Arabic, and with the keyboard alone", async () => {
    const email = scene.unused("lina.quatrepierres@example.fr");
    const lina = await scene.visitor();
    await lina.open("/sign-up");
    await lina.submit({
      email,
      name: "Lina Quatrepierres",
      nickname: scene.unused("lina"),
      "new-password": "huit-ponts-verts-27",
    });
    await lina.submit({ "one-time-code": (await scene.messageTo(email)).code ?? "" });
    const desk = await atDesk(scene, true);
    await desk.press("العربية");
    await desk.page.setViewportSize({ width: 320, height: 800 });
    await desk.page.locator("#q").focus();
    await desk.page.keyboard.type("quatrepieres lina");
    await desk.page.locator("#near").waitFor();
    await desk.look();
    await desk.page.locator("#near a").first().focus();
    await Promise.all([desk.page.waitForEvent("load"), desk.page.keyboard.press("Enter")]);
    await desk.look();
    expect(await desk.heading()).toBe("Lina Quatrepierres");
    for (const act of ["recovery", "browser", "close", "contacts/add/email", "contacts/add/sms"]) {
      await desk.open(`${desk.path.split("/").slice(0, 4).join("/")}/${act}`);
      expect(desk.status).toBe(200);
    }
    await desk.open("/desk/people/invite");
    await desk.submit();
    expect(desk.status).toBe(422);
  });
});
