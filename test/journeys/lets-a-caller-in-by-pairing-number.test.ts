import { expect, test } from "vitest";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import { visitorAtDesk } from "../support/at-desk.ts";
import { journey, type Scene, scriptModes } from "../support/journey.ts";
import { anEstablishment, belongs } from "../support/schools.ts";
import { aStaffMember } from "../support/staff.ts";
import { linkOf, type Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

const newPassword = "trois-cerfs-volants-8";

async function atDesk(
  scene: Scene,
  role: string,
  script: boolean,
  establishmentId?: string,
): Promise<Visitor> {
  const staff = await aStaffMember(scene.portal, role, { name: "Anne Moreau", establishmentId });
  return visitorAtDesk(scene, staff, { script });
}

/** The caller opens « Mot de passe oublié ? » and reads out what the page shows. */
async function readOut(caller: Visitor, identifier: string): Promise<string> {
  await caller.open("/forgot-password");
  await caller.submit({ username: identifier });
  expect(caller.path).toBe("/forgot-password/sent");
  expect(await caller.text()).toContain(words("recovery.pairing.never-the-code"));
  return caller.page.locator(".pairing-number").innerText();
}

/** Staff type the number as they hear it, ask which browser it is, and approve it. */
async function letIn(desk: Visitor, { account }: MadeAccount, number: string): Promise<void> {
  await desk.open(`/desk/people/${account.id}`);
  await desk.follow(words("people.act.browser"));
  expect(await desk.text()).toContain(words("people.pairing.never"));
  await desk.page.fill("#number", "000 000");
  await desk.page.fill("#reason", "Rappelée au numéro de sa fiche");
  await desk.submit();
  expect(desk.status).toBe(422);
  expect(await desk.focused()).toBe("#errors");
  await desk.page.fill("#number", number);
  await desk.submit();
  expect(await desk.heading()).toBe(words("people.pairing.confirm.title"));
  expect(await desk.text()).toContain("Chrome");
  await desk.submit();
  expect(desk.path).toBe(`/desk/people/${account.id}`);
  expect(await desk.text()).toContain(words("people.pairing.done"));
}

/** With script the page goes on by itself; without at the next press. */
async function goOn(caller: Visitor): Promise<void> {
  if (caller.hasScript) await caller.page.waitForURL("**/reset");
  else await caller.reload();
  await caller.look();
  expect(caller.path).toBe("/reset");
}

for (const { mode, script } of scriptModes) {
  journey(`a caller whose mailbox is lost, ${mode}`, { preset: "community" }, (scene) => {
    test("is let in by the number on their page, and every contact point is told", async () => {
      const email = scene.unused("lina@example.fr");
      const lina = await anAccount(scene.portal, "Lina Benali").kind("member").email(email).made();
      const desk = await atDesk(scene, "support", script);
      const [caller, stranger] = [
        await scene.visitor({ script, width: 320 }),
        await scene.visitor({ script }),
      ];
      const number = await readOut(caller, email);
      const foreign = await readOut(stranger, scene.unused("inconnue@example.fr"));
      expect(foreign).not.toBe(number);
      await letIn(desk, lina, number);
      await goOn(caller);
      expect(await caller.cookie("session")).toBeUndefined();
      await caller.submit({ "new-password": newPassword });
      expect(caller.path).toBe("/sign-in");
      await caller.submit({ "current-password": newPassword });
      expect(caller.path).toBe("/account");
      await caller.open("/account/journal");
      expect(await caller.text()).toContain("Navigateur approuvé par l’assistance");
      expect(await caller.text()).not.toContain("Rappelée");

      await stranger.reload();
      expect(stranger.path).toBe("/forgot-password/sent");
      const subjects = await scene.subjectsTo(email);
      expect(subjects).toContain(words("people.mail.browser.subject", { brand: "Place civique" }));
      expect(subjects).toContain(words("recovery.done.subject", { brand: "Place civique" }));
    });

    test("is stopped by the owner, who answers « Ce n’est pas moi »", async () => {
      const email = scene.unused("paul@example.fr");
      const paul = await anAccount(scene.portal, "Paul Durand").kind("member").email(email).made();
      const desk = await atDesk(scene, "support", script);
      const thief = await scene.visitor({ script: false });
      await letIn(desk, paul, await readOut(thief, email));
      const mail = await scene.messageTo(email);
      expect(mail.subject).toBe(words("people.mail.browser.subject", { brand: "Place civique" }));
      const owner = await scene.visitor({ script });
      await owner.open(linkOf(mail));
      expect(await owner.text()).toContain(words("not-me.what.browser-approved", { brand: "Place civique" }));
      await owner.submit();
      expect(await owner.heading()).toBe(words("not-me.done.title"));
      await thief.reload();
      expect(thief.path).not.toBe("/reset");
    });
  });

  journey(`a pupil without any address, ${mode}`, { preset: "school" }, (scene) => {
    test("is let in by the number on the page", async () => {
      const username = scene.unused("h.petit");
      const hugo = await anAccount(scene.portal, "Hugo Petit").kind("pupil").username(username).made();
      const school = await anEstablishment(scene.portal, "school", "Collège des Tilleuls");
      await belongs(scene.portal, hugo, school);
      const desk = await atDesk(scene, "pupil-life-office", script, school);
      const caller = await scene.visitor({ script });
      await letIn(desk, hugo, await readOut(caller, username));
      await goOn(caller);
      await caller.submit({ "new-password": newPassword });
      await caller.submit({ "current-password": newPassword });
      expect(caller.path).toBe("/account");
    });
  });
}
