import { expect, test } from "vitest";
import { codeAt } from "../../src/access/second-factor/totp.ts";
import { day, minute } from "../../src/kernel/clock.ts";
import { anAccount } from "../support/an-account.ts";
import { journey, type Scene, scriptModes } from "../support/journey.ts";
import { anEstablishment } from "../support/schools.ts";
import { aStaffMember, type MadeStaff, nextCode } from "../support/staff.ts";
import type { Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

const chosen = "onze-moulins-gris-84";

/** Signs in and proves the second factor: at the desk. */
async function enter(scene: Scene, visitor: Visitor, staff: MadeStaff): Promise<void> {
  await visitor.open("/sign-in");
  await visitor.signIn(staff.identifier, staff.password ?? "");
  await visitor.submit({ "one-time-code": nextCode(scene.portal) });
}

/** The recovery codes that the page shows, once. */
const codesOn = async (visitor: Visitor) => visitor.page.locator(".recovery-codes li").allInnerTexts();

journey("the desk", { preset: "service" }, (scene) => {
  test.each(scriptModes)(
    "opens to somebody invited by mail: password, set-up, recovery codes, desk ($mode)",
    async ({ script }) => {
      const operator = await aStaffMember(scene.portal, "operator", { name: "Olivier Blanc" });
      const email = scene.unused("aicha.diallo@example.org");
      const boss = await scene.visitor({ script });
      await enter(scene, boss, operator);
      expect(boss.path).toBe("/desk");
      expect(await boss.text()).toContain(words("desk.home.nothing"));
      await boss.open("/desk/staff");
      await boss.follow(words("staff.invite.title"));
      await boss.submit();
      expect(await boss.focused()).toBe("#errors");
      await boss.page.fill("#name", "Aïcha Diallo");
      await boss.page.fill("#email", email);
      await boss.choose("role", "support");
      await boss.page.fill("#reason", "Rejoint l’équipe lundi");
      await boss.submit();
      expect(await boss.text()).toContain(words("staff.invite.done"));

      const aicha = await scene.visitor({ script });
      await aicha.openLinkOf(await scene.messageTo(email));
      await aicha.submit({ "new-password": chosen });
      // The sign-in page has the identifier already, and leads staff to their desk.
      await aicha.submit({ "current-password": chosen });
      expect(aicha.path).toBe("/desk/second-factor/set-up");
      expect(await aicha.page.locator("svg.qr-code").count()).toBe(1);
      const secret = (await aicha.page.locator(".secret-key").innerText()).replaceAll(/\s/g, "");

      // Whatever else she tries, the desk stays closed without a second factor.
      await aicha.open("/desk/staff");
      expect(aicha.path).toBe("/desk/second-factor/set-up");
      await aicha.submit({ "one-time-code": "000000" });
      expect(aicha.status).toBe(422);
      expect(await aicha.focused()).toBe("#errors");
      await aicha.submit({ "one-time-code": nextCode(scene.portal, secret) });
      expect(await aicha.heading()).toBe(words("second-factor.codes.title"));
      expect(await codesOn(aicha)).toHaveLength(10);
      await aicha.press(words("second-factor.codes.kept"));
      expect(aicha.path).toBe("/desk/staff");
      await aicha.open("/desk/staff/invite");
      expect(aicha.status).toBe(403);
      expect(await aicha.heading()).toBe(words("desk.no-act.title"));

      await boss.open("/desk/staff");
      expect(await boss.text()).toContain("Aïcha Diallo");
    },
  );

  test.each(scriptModes)(
    "asks for the code at each sign-in; wrong ones, then a recovery code ($mode)",
    async ({ script }) => {
      const staff = await aStaffMember(scene.portal, "support", { hasSecondFactor: false });
      const nadia = await scene.visitor({ script });
      await nadia.open("/sign-in?return=/desk");
      await nadia.signIn(staff.identifier, staff.password ?? "");
      const secret = (await nadia.page.locator(".secret-key").innerText()).replaceAll(/\s/g, "");
      await nadia.submit({ "one-time-code": nextCode(scene.portal, secret) });
      const codes = await codesOn(nadia);
      await nadia.press(words("second-factor.codes.kept"));
      expect(nadia.path).toBe("/desk");
      await nadia.press(words("ui.sign-out"));

      await nadia.signIn(staff.identifier, staff.password ?? "");
      expect(nadia.path).toBe("/desk/second-factor");
      await nadia.submit();
      expect(await nadia.text()).toContain(words("second-factor.missing"));
      await nadia.submit({ "one-time-code": "123456" });
      expect(await nadia.text()).toContain(words("second-factor.wrong"));
      // The code that set it up has been used: seen over a shoulder, it opens nothing.
      await nadia.submit({ "one-time-code": codeAt(secret, scene.portal.clock.now()).code });
      expect(await nadia.text()).toContain(words("second-factor.wrong"));

      await nadia.follow(words("second-factor.recovery.title"));
      await nadia.submit({ "one-time-code": "AAAA-BBBB-CCCC" });
      expect(await nadia.text()).toContain(words("second-factor.wrong-recovery"));
      await nadia.submit({ "one-time-code": codes[0]?.toLowerCase() ?? "" });
      expect(nadia.path).toBe("/desk");
      expect((await scene.messageTo(staff.email)).subject).toBe(
        words("second-factor.code-used.subject", { brand: "Loquet" }),
      );

      await nadia.open("/account/second-factor");
      expect(await nadia.text()).toContain(words("second-factor.account.codes-left", { left: 9 }));
      await nadia.follow(words("second-factor.make-codes.title"));
      await nadia.press(words("second-factor.make-codes.submit"));
      expect(await codesOn(nadia)).toHaveLength(10);
      await nadia.open("/account/second-factor/remove");
      await nadia.open("/account/second-factor/replace");
      expect(await nadia.heading()).toBe(words("second-factor.replace.title"));
    },
  );

  test("stays closed after too many codes, says until when, and tells the owner", async () => {
    const staff = await aStaffMember(scene.portal, "support");
    const thief = await scene.visitor();
    await thief.open("/sign-in?return=/desk");
    await thief.signIn(staff.identifier, staff.password ?? "");
    for (let n = 0; n < 10; n++) await thief.submit({ "one-time-code": `10000${n}` });
    await thief.submit({ "one-time-code": "111111" });
    expect(thief.status).toBe(429);
    expect(await thief.text()).toContain(words("second-factor.too-many.not-you"));
    expect((await scene.messageTo(staff.email)).subject).toBe(
      words("second-factor.guessed.subject", { brand: "Loquet" }),
    );
    await thief.open("/desk");
    expect(thief.path).toBe("/desk/second-factor");
  });

  test("is closed to people who are not staff, and says where to find help", async () => {
    const visitor = await scene.visitor({ script: false });
    await visitor.open("/desk");
    expect(visitor.path).toBe("/sign-in");
    const email = scene.unused("lea@example.fr");
    await anAccount(scene.portal, "Léa Martin").email(email).made();
    await visitor.signIn(email, "ancien-mot-de-passe-9");
    expect(visitor.status).toBe(403);
    expect(await visitor.heading()).toBe(words("desk.no-role.title"));
  });

  test.each(scriptModes)(
    "a lost telephone: the reset that a higher role asks for, refused by its owner, then let be ($mode)",
    async ({ script }) => {
      const operator = await aStaffMember(scene.portal, "operator");
      const staff = await aStaffMember(scene.portal, "support", { name: scene.unused("Nadia Cherif") });
      const boss = await scene.visitor({ script });
      await enter(scene, boss, operator);
      const ask = async () => {
        await boss.open(`/desk/staff/${staff.account.id}`);
        await boss.follow(words("staff.reset.link"));
        await boss.submit();
        expect(await boss.text()).toContain(words("staff.reason.missing"));
        await boss.page.fill("#reason", "A perdu son téléphone");
        await boss.submit();
        expect(await boss.text()).toContain(words("staff.reset.asked"));
      };
      await ask();
      const nadia = await scene.visitor({ script });
      const mail = await scene.messageTo(staff.email);
      await nadia.openLinkOf(mail);
      expect(await nadia.heading()).toBe(words("second-factor-reset.keep.title"));
      await nadia.press(words("second-factor-reset.keep.submit"));
      expect(await nadia.heading()).toBe(words("second-factor-reset.end.now.title"));

      await ask();
      const theirs = await scene.visitor({ script });
      await enter(scene, theirs, staff);
      expect(await theirs.text()).toContain(words("second-factor-reset.waits.title"));
      await theirs.follow(words("second-factor-reset.waits.link"));
      expect(await theirs.text()).toContain(words("second-factor-reset.waits.title"));
      const late = await scene.messageTo(staff.email);
      await scene.wait(day + minute);
      await nadia.openLinkOf(late);
      expect(nadia.status).toBe(410);
      expect(await nadia.heading()).toBe(words("second-factor-reset.end.done.title"));
      await nadia.open("/account/second-factor/keep?token=");
      expect(await nadia.heading()).toBe(words("second-factor-reset.end.unknown.title"));
      await nadia.open("/sign-in");
      await nadia.signIn(staff.identifier, staff.password ?? "");
      expect(nadia.path).toBe("/desk/second-factor/set-up");
    },
  );

  test("the keyboard alone is enough", async () => {
    const staff = await aStaffMember(scene.portal, "operator");
    const visitor = await scene.visitor();
    const { keyboard } = visitor.page;
    const tabTo = async (wanted: string) => {
      for (let n = 0; n < 40; n++) {
        await keyboard.press("Tab");
        if ((await visitor.focused()).includes(wanted)) return;
      }
      throw new Error(`The Tab key does not lead to ${wanted}.`);
    };
    const pressEnter = async () => {
      await Promise.all([visitor.page.waitForEvent("load"), keyboard.press("Enter")]);
      await visitor.look();
    };
    await visitor.open("/sign-in");
    await visitor.signIn(staff.identifier, staff.password ?? "");
    await tabTo("#code");
    await keyboard.type(nextCode(scene.portal));
    await pressEnter();
    expect(visitor.path).toBe("/desk");
    await visitor.reload();
    await tabTo(words("desk.nav.staff"));
    await pressEnter();
    expect(visitor.path).toBe("/desk/staff");
    await visitor.reload();
    await tabTo(words("staff.invite.title"));
    await pressEnter();
    await tabTo("#name");
    await keyboard.type("Aïcha Diallo");
    await tabTo("#email");
    await keyboard.type(scene.unused("clavier@example.org"));
    await tabTo("#role");
    await keyboard.press("Space");
    await tabTo("#reason");
    await keyboard.type("Rejoint l’équipe");
    await pressEnter();
    expect(await visitor.text()).toContain(words("staff.invite.done"));
  });
});

journey("the desk, from right to left", { preset: "school" }, (scene) => {
  test("is the same in Arabic", async () => {
    const staff = await aStaffMember(scene.portal, "operator", { hasSecondFactor: false });
    const visitor = await scene.visitor({ locale: "ar" });
    await visitor.open("/sign-in?return=/desk");
    await visitor.signIn(staff.identifier, staff.password ?? "");
    expect(await visitor.heading()).toBe(words("second-factor.set-up.title", {}, "ar"));
    const secret = (await visitor.page.locator(".secret-key").innerText()).replaceAll(/\s/g, "");
    await visitor.submit({ "one-time-code": nextCode(scene.portal, secret) });
    await visitor.press(words("second-factor.codes.kept", {}, "ar"));
    expect(visitor.path).toBe("/desk");
    await visitor.open("/desk/staff");
    await visitor.open("/desk/staff/invite");
    await visitor.submit();
    expect(visitor.status).toBe(422);
    const support = await aStaffMember(scene.portal, "academic-support", {
      name: "Nadia Cherif",
      establishmentId: await anEstablishment(scene.portal, "academy", "Académie du Nord"),
    });
    await visitor.open(`/desk/staff/${support.account.id}`);
    await visitor.open(`/desk/staff/${support.account.id}/second-factor/reset`);
    await visitor.open("/account/second-factor");
  });
});
