import { afterEach, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { day } from "../../src/kernel/clock.ts";
import { aLetter, aSchool, belongs, isGuardianOf, type MadeSchool } from "../support/a-school.ts";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import type { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aStaffMember, atTheDesk, type MadeStaff } from "../support/staff.ts";
import { words } from "../support/words.ts";

onEachEngine("letters", (engine) => {
  let portal: TestPortal;
  let school: MadeSchool;
  let staff: MadeStaff;
  let desk: PlainBrowser;
  afterEach(() => portal.close());

  const open = async () => {
    portal = await startPortal({ preset: "school", engine, wideSources: true });
    school = await aSchool(portal);
    staff = await aStaffMember(portal, "head", { establishmentId: school.id });
    desk = await atTheDesk(portal, staff);
  };
  const pending = async (name: string, username: string, kind: "pupil" | "guardian" = "pupil") => {
    const made = await anAccount(portal, name)
      .kind(kind)
      .username(username)
      .status("pending")
      .withoutPassword()
      .made();
    await belongs(portal, made, school);
    return made;
  };
  const codesOf = ({ account }: MadeAccount) =>
    portal.portal.store.ask<{ status: string; code_digest: string; printed_by: string; expires_at: number }>(
      "select * from letter_codes where account_id = ? order by printed_at, id",
      [account.id],
    );
  const pagesOf = (pdf: string) => pdf.split(/\/Type \/Page\n/).length - 1;
  const linesOf = async (accountId: string, event: string) =>
    portal.portal.store.ask<{ actor_id: string; at: number; params: string }>(
      "select actor_id, at, params from journal where account_id = ? and event = ?",
      [accountId, event],
    );

  test("of a class: one page for each who has not activated, and nobody else", async () => {
    await open();
    const [lea, tom] = [await pending("Léa Martin", "l.martin"), await pending("Tom Petit", "t.petit")];
    const active = await anAccount(portal, "Zoé Active").kind("pupil").username("z.active").made();
    await belongs(portal, active, school);
    const guardian = await pending("Paul Martin", "p.martin", "guardian");
    const page = await desk.get(`/desk/letters/schools/${school.id}`);
    expect(page.text).toContain("6e B");
    const asked = { kind: "pupil", class: school.classId };
    const answer = await desk.post(`/desk/letters/schools/${school.id}`, asked);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/pdf");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-disposition")).toMatch(
      /^attachment; filename="lettres-activation\.pdf"/,
    );
    expect(answer.html.startsWith("%PDF")).toBe(true);
    expect(pagesOf(answer.html)).toBe(2);
    for (const person of [lea, tom]) expect(await codesOf(person)).toMatchObject([{ status: "live" }]);
    for (const person of [active, guardian]) expect(await codesOf(person)).toEqual([]);
  });

  test("for the guardians of a class: those of its pupils", async () => {
    await open();
    const [lea, tom] = [await pending("Léa Martin", "l.martin"), await pending("Tom Petit", "t.petit")];
    const guardian = await pending("Paul Martin", "p.martin", "guardian");
    const other = await pending("Anne Autre", "a.autre", "guardian");
    await isGuardianOf(portal, guardian, lea, school);
    await isGuardianOf(portal, guardian, tom, school);
    const asked = { kind: "guardian", class: school.classId };
    expect(pagesOf((await desk.post(`/desk/letters/schools/${school.id}`, asked)).html)).toBe(1);
    expect(await codesOf(guardian)).toHaveLength(1);
    expect(await codesOf(other)).toEqual([]);
    const whole = { kind: "guardian", class: "" };
    expect(pagesOf((await desk.post(`/desk/letters/schools/${school.id}`, whole)).html)).toBe(2);
  });

  test("the journal says who printed and when, on both sides, and no code stands anywhere", async () => {
    await open();
    const lea = await pending("Léa Martin", "l.martin");
    const { codePlain } = await aLetter(portal, lea);
    await desk.post(`/desk/letters/people/${lea.account.id}`, {});
    const printed = await linesOf(lea.account.id, "letters.printed");
    expect(printed.at(-1)).toMatchObject({ actor_id: staff.account.id, at: portal.clock.now() });
    const [own] = await linesOf(staff.account.id, "desk.letters-printed");
    expect(own?.params).toContain("Léa Martin");
    const bare = codePlain.replaceAll("-", "");
    for (const table of ["letter_codes", "journal", "activations", "requests", "messages"]) {
      const text = JSON.stringify(await portal.portal.store.ask(`select * from ${table}`, []));
      expect(text).not.toContain(codePlain);
      expect(text).not.toContain(bare);
    }
    const page = await desk.get(`/desk/people/${lea.account.id}`);
    expect(page.html).not.toContain(codePlain);
  });

  test("printing again replaces the earlier code; the letters serve for three months", async () => {
    await open();
    const lea = await pending("Léa Martin", "l.martin");
    await desk.post(`/desk/letters/people/${lea.account.id}`, {});
    portal.clock.advance(1000);
    await desk.post(`/desk/letters/people/${lea.account.id}`, {});
    const codes = await codesOf(lea);
    expect(codes.map(({ status }) => status)).toEqual(["replaced", "live"]);
    const lasts = ((codes[1]?.expires_at ?? 0) - portal.clock.now()) / day;
    expect(lasts).toBeGreaterThanOrEqual(92);
    expect(lasts).toBeLessThan(95);
    const page = await desk.get(`/desk/letters/people/${lea.account.id}`);
    expect(page.text).toContain(words("letters.replaces.title"));
  });

  test("of ten who print the same class at once, each person keeps exactly one live code", async () => {
    await open();
    const people: MadeAccount[] = [];
    for (let at = 0; at < 12; at++) people.push(await pending(`Élève ${at} Numéro`, `e.numero${at}`));
    const asked = { kind: "pupil", class: "" };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => desk.post(`/desk/letters/schools/${school.id}`, asked)),
    );
    for (const answer of answers) expect(pagesOf(answer.html)).toBe(12);
    for (const person of people) {
      const codes = await codesOf(person);
      expect(codes).toHaveLength(10);
      expect(codes.filter(({ status }) => status === "live")).toHaveLength(1);
    }
  });

  test("nobody prints for oneself, for staff, for an active account, or for who does not exist", async () => {
    await open();
    const active = await anAccount(portal, "Zoé Active").kind("pupil").username("z.active").made();
    await belongs(portal, active, school);
    const colleague = await aStaffMember(portal, "head", { establishmentId: school.id });
    for (const id of [staff.account.id, colleague.account.id, "01890000-0000-7000-8000-000000000000", "x"]) {
      expect((await desk.get(`/desk/letters/people/${id}`)).status).toBe(404);
      expect((await desk.post(`/desk/letters/people/${id}`, {})).status).toBe(404);
    }
    const page = await desk.post(`/desk/letters/people/${active.account.id}`, {});
    expect(page.text).toContain(words("letters.person.active"));
    expect(await codesOf(active)).toEqual([]);
    for (const id of ["01890000-0000-7000-8000-000000000000", school.classId, "x"]) {
      expect((await desk.get(`/desk/letters/schools/${id}`)).status).toBe(404);
      expect((await desk.post(`/desk/letters/schools/${id}`, { kind: "pupil" })).status).toBe(404);
    }
    const own = `/desk/letters/schools/${school.id}`;
    expect((await desk.post(own, { kind: "pupil", class: "nowhere" })).status).toBe(404);
    expect((await desk.post(own, { kind: "" })).status).toBe(422);
    expect((await desk.post(own, { kind: "pupil" })).text).toContain(words("letters.nobody"));
  });

  test("a day's acts of staff are limited, and the limit says until when", async () => {
    portal = await startPortal({
      preset: "school",
      engine,
      change: (config) => {
        const limits = { ...config.preset.limits, "staff-act.per-staff": { max: 1, perSeconds: 86_400 } };
        return { ...config, preset: { ...config.preset, limits } };
      },
    });
    school = await aSchool(portal);
    staff = await aStaffMember(portal, "head", { establishmentId: school.id });
    desk = await atTheDesk(portal, staff);
    const lea = await pending("Léa Martin", "l.martin");
    expect((await desk.post(`/desk/letters/people/${lea.account.id}`, {})).status).toBe(200);
    const page = await desk.post(`/desk/letters/people/${lea.account.id}`, {});
    expect(page.status).toBe(429);
    expect(Number(page.headers.get("retry-after"))).toBeGreaterThan(80_000);
    expect(await codesOf(lea)).toHaveLength(1);
  });

  test("an account closed while its letter is printed gets none", async () => {
    await open();
    const lea = await pending("Léa Martin", "l.martin");
    await portal.portal.store.transact((tx) =>
      accountRows.updateAccount(tx, lea.account.id, { status: "closed", closed_at: portal.clock.now() }),
    );
    const page = await desk.post(`/desk/letters/people/${lea.account.id}`, {});
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(await codesOf(lea)).toEqual([]);
  });
});
