import { expect, test } from "vitest";
import { day } from "../../src/kernel/clock.ts";
import { anAccount } from "../support/an-account.ts";
import { visitorAtDesk } from "../support/at-desk.ts";
import { journey } from "../support/journey.ts";
import { anEstablishment, belongs } from "../support/schools.ts";
import { aStaffMember, type MadeStaff, plantSecondFactor } from "../support/staff.ts";
import type { Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

/** Follows the first link to such an address: several are called alike. */
async function openLink(visitor: Visitor, part: string): Promise<void> {
  const href = await visitor.page.locator(`main a[href*="${part}"]`).first().getAttribute("href");
  await visitor.open(href ?? "no such link");
}

journey("a head who is short of staff", { preset: "school" }, (scene) => {
  test("lends a role to a teacher for a week; the teacher helps a pupil, and the right ends by itself", async () => {
    const { portal } = scene;
    const academy = await anEstablishment(portal, "academy", "Académie du Nord");
    const school = await anEstablishment(portal, "school", "Collège Hélène-Boucher", academy);
    const head = await aStaffMember(portal, "head", { name: "Claire Fontaine", establishmentId: school });
    const account = await anAccount(portal, "Karim Benali")
      .kind("staff")
      .username("k.benali")
      .email("k.benali@ecole.example")
      .made();
    await belongs(portal, account, school);
    await plantSecondFactor(portal, account.account.id);
    const teacher: MadeStaff = { ...account, identifier: "k.benali", email: "k.benali@ecole.example" };
    const pupil = await anAccount(portal, "Zoé Lambert")
      .kind("pupil")
      .username("z.lambert")
      .email("zoe@example.fr")
      .made();
    await belongs(portal, pupil, school);

    // The head goes there from the first page of the desk. Without a script: nothing here needs one.
    const boss = await visitorAtDesk(scene, head, { script: false });
    await boss.follow(words("staff.lent.title"));
    expect(await boss.heading()).toBe(words("staff.lent.at", { place: "Collège Hélène-Boucher" }));
    await openLink(boss, `/to/${account.account.id}`);
    await boss.submit();
    expect(boss.status).toBe(422);
    expect(await boss.focused()).toBe("#errors");
    await boss.choose("role", "pupil-life-office");
    await boss.page.fill("#reason", "Remplace la CPE, en congé");
    await boss.submit();
    expect(await boss.text()).toContain(words("staff.lent.done"));
    await boss.open(`/desk/staff/lent`);
    await boss.follow(words("staff.lent.invite"));
    await boss.submit();
    expect(boss.status).toBe(422);

    const mail = await scene.messageTo("k.benali@ecole.example");
    expect(mail.text).toContain("Claire Fontaine");

    const karim = await visitorAtDesk(scene, teacher);
    expect(karim.path).toBe("/desk");
    expect(await karim.text()).toContain("Collège Hélène-Boucher");
    await karim.open(`/desk/people/${pupil.account.id}`);
    await karim.follow(words("people.act.recovery"));
    await karim.page.fill("#reason", "Est venue au bureau");
    await karim.page.locator("input[name=contact]").first().check();
    await karim.submit();
    expect(await karim.text()).toContain(words("people.recovery.done"));
    expect((await scene.messageTo("zoe@example.fr")).links.length).toBeGreaterThan(0);

    // A day after the last one, the teacher’s account opens nothing of the desk.
    await scene.wait(8 * day);
    const late = await scene.visitor();
    await late.signIn(teacher.identifier, teacher.password ?? "");
    await late.open(`/desk/people/${pupil.account.id}`);
    expect(late.status).toBe(403);

    // In Arabic: lending once more, taking it back, and what was done in the meantime.
    const arabic = await visitorAtDesk(scene, head, { locale: "ar" });
    await arabic.open(`/desk/staff/lent/${school}/to/${account.account.id}`);
    await arabic.choose("role", "pupil-life-office");
    await arabic.page.fill("#reason", "غياب");
    await arabic.submit();
    await openLink(arabic, "/end/");
    await arabic.page.fill("#reason", "انتهى الغياب");
    await arabic.submit();
    expect(await arabic.text()).toContain(words("staff.lent.taken-back", {}, "ar"));
    await arabic.open("/desk/acts");
    for (const text of ["Karim Benali", "Zoé Lambert", "Est venue au bureau", "Remplace la CPE, en congé"]) {
      expect(await arabic.text()).toContain(text);
    }
  });

  test("a member of staff of two schools: one list of roles, each taken by itself", async () => {
    const { portal } = scene;
    const first = await anEstablishment(portal, "school", "Collège des Lilas");
    await anEstablishment(portal, "school", "Collège des Tilleuls");
    const office = await aStaffMember(portal, "school-office", {
      name: "Nadia Cherif",
      establishmentId: first,
    });
    const operator = await visitorAtDesk(scene, await aStaffMember(portal, "operator"));
    await operator.open(`/desk/staff/${office.account.id}`);
    await operator.choose("role", "school-office");
    await operator.page.fill("#establishment", "collège des");
    await operator.page.fill("#reason", "Aide aussi les Tilleuls");
    await operator.submit();
    expect(operator.status).toBe(422);
    await operator.page.getByLabel("Collège des Tilleuls").check();
    await operator.submit();
    expect(await operator.text()).toContain(words("staff.role.changed"));
    await openLink(operator, "/roles/");
    await operator.page.fill("#reason", "Ne travaille plus là");
    await operator.submit();
    expect(await operator.text()).toContain(words("staff.role.taken"));
  });
});
