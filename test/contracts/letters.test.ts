import { afterEach, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { insertManyAccounts } from "../../src/accounts/bulk-accounts.store.ts";
import { formatDay, formatMoment } from "../../src/i18n/moment.ts";
import { day } from "../../src/kernel/clock.ts";
import { createIds } from "../../src/kernel/ids.ts";
import * as establishmentRows from "../../src/school/establishments/establishments.store.ts";
import { aLetter, aSchool, belongs, isGuardianOf, type MadeSchool } from "../support/a-school.ts";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { readPrintedLetters } from "../support/printed-letters.ts";
import { aStaffMember, atTheDesk, type MadeStaff } from "../support/staff.ts";
import { words } from "../support/words.ts";
import { seededRandom } from "../support/world.ts";

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
  const aClass = async (code: string, name: string) => {
    const id = createIds(portal.clock, seededRandom(3)).uuid();
    const row = { id, parent_id: school.id, type: "class", code, name, timezone: null } as const;
    await portal.portal.store.transact((tx) =>
      establishmentRows.putEstablishments(tx, [{ ...row, details: "{}", created_at: 1, closed_at: null }]),
    );
    return id;
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
    const form = await desk.get(`/desk/letters/schools/${school.id}`);
    expect(form.text).toContain("2 élèves sur 2, 1 responsable sur 1");
    const asked = { kind: "guardian", class: school.classId };
    expect(pagesOf((await desk.post(`/desk/letters/schools/${school.id}`, asked)).html)).toBe(1);
    expect(await codesOf(guardian)).toHaveLength(1);
    expect(await codesOf(other)).toEqual([]);

    // Whoever has a letter that serves keeps it, unless all are written to; the numbers say so before.
    const path = `/desk/letters/schools/${school.id}`;
    const next = await desk.get(path);
    expect(next.text).toContain("2 élèves sur 2, 0 responsable sur 1");
    expect(next.text).toContain("Aux responsables légaux (1 sans lettre valable, sur 2 à activer)");
    const [rest] = readPrintedLetters((await desk.post(path, { kind: "guardian" })).bytes);
    expect(rest?.identifier).toBe("a.autre");
    const none = await desk.post(path, asked);
    expect(none.text).toContain(words("letters.nobody.without-letter"));
    expect(await codesOf(guardian)).toMatchObject([{ status: "live" }]);
    portal.clock.advance(1000);
    const whole = { kind: "guardian", class: "", to: "everybody" };
    expect(pagesOf((await desk.post(path, whole)).html)).toBe(2);
    expect(await codesOf(guardian)).toMatchObject([{ status: "replaced" }, { status: "live" }]);

    // A letter whose time is over is none.
    portal.clock.advance(94 * day);
    desk = await atTheDesk(portal, staff);
    expect(pagesOf((await desk.post(path, { kind: "guardian", to: "without-letter" })).html)).toBe(2);
  });

  test("lie in the order of the classes, say for which pupil they are, and come from the school that prints", async () => {
    await open();
    const fourth = await aClass("4A", "4e A");
    const [lea, hugo] = [await pending("Léa Martin", "l.martin"), await pending("Hugo Petit", "h.petit")];
    await belongs(portal, hugo, { id: school.id, classId: fourth });
    const [anne, paul] = [
      await pending("Anne Martin", "a.martin", "guardian"),
      await pending("Paul Zola", "p.zola", "guardian"),
    ];
    await pending("Zoé Seule", "z.seule", "guardian");
    await isGuardianOf(portal, anne, lea, school);
    for (const pupil of [lea, hugo]) await isGuardianOf(portal, paul, pupil, school);
    const sortedBy = async (asked: object) => {
      const answer = await desk.post(`/desk/letters/schools/${school.id}`, {
        kind: "guardian",
        to: "everybody",
        ...asked,
      });
      return readPrintedLetters(answer.bytes).map(({ identifier, runs }) => [
        identifier,
        ...runs.filter(({ left, bottom }) => left > 109 && bottom < 44).map(({ text }) => text),
      ]);
    };
    const byHand = "À remettre en main propre";
    expect(await sortedBy({})).toEqual([
      ["p.zola", "4e A · pour Hugo P.", "6e B · pour Léa M.", byHand],
      ["a.martin", "6e B · pour Léa M.", byHand],
      ["z.seule", byHand],
    ]);
    expect(await sortedBy({ class: school.classId })).toEqual([
      ["a.martin", "6e B · pour Léa M.", byHand],
      ["p.zola", "6e B · pour Léa M.", "4e A · pour Hugo P.", byHand],
    ]);

    // Of several schools of one person, the letter is from the one in which whoever prints helps.
    const elsewhere = await aSchool(portal, "Lycée Ailleurs");
    const guardian = await anAccount(portal, "Yves Double")
      .kind("guardian")
      .username("y.double")
      .status("pending")
      .withoutPassword()
      .made();
    await belongs(portal, guardian, elsewhere);
    portal.clock.advance(1000);
    await belongs(portal, guardian, school);
    const answer = await desk.post(`/desk/letters/people/${guardian.account.id}`, {});
    const [letter] = readPrintedLetters(answer.bytes);
    expect(letter?.text).toContain("Collège Jean-Moulin");
    expect(letter?.text).not.toContain("Lycée Ailleurs");
  });

  test("of more people than a printer takes at once are refused; of more schools than a list holds each is found", async () => {
    await open();
    const ids = createIds(portal.clock, seededRandom(4));
    const made = Array.from({ length: 2001 }, (_, n) => {
      const id = ids.uuid();
      const empty = { nickname: null, password_hash: null, password_changed_at: null, activated_at: null };
      const never = { contacts_frozen_until: null, closed_at: null, reminded_at: null };
      return {
        account: {
          id,
          kind: "pupil" as const,
          status: "pending" as const,
          name: `Élève ${n}`,
          locale: "fr",
          created_at: 1,
          ...empty,
          ...never,
        },
        identifiers: [{ key: `e.${n}`, account_id: id, kind: "username" as const, shown: `e.${n}` }],
        contacts: [],
      };
    });
    await portal.portal.store.transact(async (tx) => {
      await insertManyAccounts(tx, made);
      const place = { establishment_id: school.id, kind: "pupil", class_id: null, since: 1 } as const;
      await establishmentRows.putMemberships(
        tx,
        made.map(({ account }) => ({ account_id: account.id, ...place })),
      );
    });
    const page = await desk.post(`/desk/letters/schools/${school.id}`, { kind: "pupil" });
    expect(page.status).toBe(422);
    expect(page.text).toContain(words("letters.beyond", { count: 2001, most: 2000 }));
    expect(await portal.portal.store.ask("select id from letter_codes", [])).toEqual([]);

    // And of more schools than a list holds, each is found by its name or its code.
    const [first] = await portal.portal.store.ask<{ code: string }>(
      "select code from establishments where id = ?",
      [school.id],
    );
    await portal.portal.store.transact((tx) =>
      establishmentRows.putEstablishments(
        tx,
        Array.from({ length: 60 }, (_, n) => ({
          id: ids.uuid(),
          parent_id: null,
          type: n === 0 ? ("academy" as const) : ("school" as const),
          code: n === 0 ? "AC" : `0010${String(n).padStart(3, "0")}A`,
          name: `Collège ${n}`,
          timezone: null,
          details: "{}",
          created_at: 1,
          closed_at: null,
        })),
      ),
    );
    const operator = await atTheDesk(portal, await aStaffMember(portal, "operator"));
    const list = await operator.get("/desk/letters");
    expect(list.text).toContain(words("establishments.search.more"));
    expect(list.text).not.toContain("Jean-Moulin");
    const link = `href="/desk/letters/schools/${school.id}"`;
    for (const typed of ["jean moul", first?.code ?? ""]) {
      const found = await operator.get(`/desk/letters?q=${encodeURIComponent(typed)}`);
      expect(found.html).toContain(link);
      expect(found.text).not.toContain("Collège 1");
    }
    // Whoever prints for one school finds no other, and needs not choose.
    expect((await desk.get("/desk/letters")).path).toBe(`/desk/letters/schools/${school.id}`);
    const other = await desk.get("/desk/letters?q=Collège");
    expect(other.html).toContain(link);
    expect(other.text).not.toContain("Collège 1");
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
    const until = formatDay("fr", "Europe/Paris", (codes[1]?.expires_at ?? 0) - day);
    const seen = { moment: formatMoment("fr", "Europe/Paris", portal.clock.now()), until };
    expect(page.text).toContain(words("letters.newest.live", seen));
    portal.clock.advance(94 * day);
    desk = await atTheDesk(portal, staff);
    for (const path of [`/desk/letters/people/${lea.account.id}`, `/desk/people/${lea.account.id}`]) {
      expect((await desk.get(path)).text).toContain(words("letters.newest.expired", seen));
    }
  });

  test("of ten who print the same class at once, each person keeps exactly one live code", async () => {
    await open();
    const people: MadeAccount[] = [];
    for (let at = 0; at < 12; at++) people.push(await pending(`Élève ${at} Numéro`, `e.numero${at}`));
    // Of three who mean to replace none, none replaces what another has just printed.
    const first = await Promise.all(
      [1, 2, 3].map(() => desk.post(`/desk/letters/schools/${school.id}`, { kind: "pupil" })),
    );
    expect(first.reduce((sum, { html }) => sum + pagesOf(html), 0)).toBe(12);
    const asked = { kind: "pupil", class: "", to: "everybody" };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => desk.post(`/desk/letters/schools/${school.id}`, asked)),
    );
    for (const answer of answers) expect(pagesOf(answer.html)).toBe(12);
    for (const person of people) {
      const codes = await codesOf(person);
      expect(codes).toHaveLength(11);
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
    expect((await desk.post(own, { kind: "pupil", to: "everybody" })).text).toContain(
      words("letters.nobody"),
    );
  });

  test("a day's acts of staff are limited until when it says; where people sign up as well, letters lead somewhere", async () => {
    portal = await startPortal({
      preset: "school",
      engine,
      change: (config) => {
        const limits = { ...config.preset.limits, "staff-act.per-staff": { max: 1, perSeconds: 86_400 } };
        const registration = { ...config.preset.registration, isOpen: true };
        const identifier = "username-or-email" as const;
        const preset = { ...config.preset, limits, registration, identifier, sharedEmail: false };
        return { ...config, preset };
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
    const visitor = new PlainBrowser(portal.url);
    expect((await visitor.get("/activate?lang=fr")).text).toContain(words("activation.letter.code"));
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
