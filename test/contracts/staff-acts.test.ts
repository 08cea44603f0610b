import { afterAll, beforeAll, expect, test } from "vitest";
import { endOfDay } from "../../src/desk/roles/days.ts";
import { createDayOf } from "../../src/i18n/moment.ts";
import { day } from "../../src/kernel/clock.ts";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import type { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { anEstablishment, belongs, leaves } from "../support/schools.ts";
import { aStaffMember, atTheDesk, type MadeStaff } from "../support/staff.ts";
import { withWalledRoles } from "../support/walled-roles.ts";
import { fold, words } from "../support/words.ts";

onEachEngine("the acts of staff that a head sees", (engine) => {
  let portal: TestPortal;
  let lilas: string;
  let tilleuls: string;
  let boss: MadeStaff;
  let neighbour: MadeStaff;
  let office: MadeStaff;
  let made = 0;

  beforeAll(async () => {
    portal = await startPortal({ engine, preset: "school", change: withWalledRoles });
    const academy = await anEstablishment(portal, "academy", "Académie du Nord");
    lilas = await anEstablishment(portal, "school", "Collège des Lilas", academy);
    tilleuls = await anEstablishment(portal, "school", "Collège des Tilleuls", academy);
    boss = await aStaffMember(portal, "a-boss", { name: "Hélène Garnier", establishmentId: lilas });
    neighbour = await aStaffMember(portal, "a-boss", { name: "Noé Blanc", establishmentId: tilleuls });
    office = await aStaffMember(portal, "an-office", { name: "Sami Petit", establishmentId: lilas });
  });
  afterAll(() => portal?.close());

  async function guardian(name: string, school = lilas, status: "active" | "pending" = "active") {
    made += 1;
    const one = await anAccount(portal, name)
      .kind("guardian")
      .username(`famille.${made}`)
      .email(`famille-${made}@example.fr`)
      .status(status)
      .made();
    await belongs(portal, one, school);
    return one;
  }
  const addContact = (desk: PlainBrowser, { account }: MadeAccount, reason: string) =>
    desk.post(`/desk/people/${account.id}/contacts/add/email`, {
      contact: `nouveau-${++made}@example.fr`,
      reason,
    });
  const acts = async (desk: PlainBrowser, query = "") => {
    const page = await desk.get(`/desk/acts${query}`);
    expect(page.status).toBe(200);
    return fold(page.text);
  };
  const csv = async (desk: PlainBrowser, query = "") => (await desk.get(`/desk/acts.csv${query}`)).html;

  test("are those of any staff for the people of the school, with who, what, for whom and why", async () => {
    const anna = await guardian("Anna Martin");
    const bilal = await guardian("Bilal Roux", tilleuls);
    const desk = await atTheDesk(portal, office);
    await addContact(desk, anna, "Appel de la mère");
    const above = await atTheDesk(portal, await aStaffMember(portal, "operator", { name: "Olivier Blanc" }));
    await above.post(`/desk/people/${anna.account.id}/close`, { reason: "Double compte" });
    await addContact(above, bilal, "Chez les voisins");

    const mine = await atTheDesk(portal, boss);
    const seen = await acts(mine);
    for (const text of ["Sami Petit", "Olivier Blanc", "Anna Martin", "Appel de la mère", "Double compte"]) {
      expect(seen).toContain(text);
    }
    expect(seen).toContain(words("journal.people.closed"));
    for (const text of ["Bilal", "Chez les voisins"]) expect(seen).not.toContain(text);
    const theirs = await acts(await atTheDesk(portal, neighbour));
    expect(theirs).toContain("Bilal Roux");
    expect(theirs).not.toContain("Anna");
    // What the head's own staff lack: the act.
    expect((await desk.get("/desk/acts")).status).toBe(403);
    // Whoever reaches everybody sees each act once.
    const both = await guardian("Chloé Deux");
    await belongs(portal, both, tilleuls);
    await addContact(above, both, "Dans deux écoles");
    expect((await csv(above)).split("Dans deux écoles")).toHaveLength(2);
  });

  test("stay with the school in which they were done, and go on being listed when the account is gone", async () => {
    const desk = await atTheDesk(portal, boss);
    const gone = await guardian("Gaël Parti");
    await addContact(desk, gone, "Avant le départ");
    await leaves(portal, gone, lilas);
    await belongs(portal, gone, tilleuls);
    expect(await acts(desk)).toContain("Gaël Parti");
    expect(await acts(await atTheDesk(portal, neighbour))).not.toContain("Gaël Parti");
    made += 1;
    const mistyped = await anAccount(portal, "Mal Écrit")
      .kind("guardian")
      .username(`mal.${made}`)
      .email(`mal-${made}@example.fr`, { origin: "staff", state: "declared" })
      .status("pending")
      .made();
    await belongs(portal, mistyped, lilas);
    const deleted = await desk.post(`/desk/people/${mistyped.account.id}/delete`, {
      reason: "Adresse fausse",
    });
    expect(deleted.text).toContain(words("people.delete.done"));
    const seen = await acts(desk);
    expect(seen).toContain("Adresse fausse");
    expect(seen).toContain(words("staff.acts.gone"));
  });

  test("letters printed and what the command line did are among them; a look is not", async () => {
    const waiting = await guardian("Wafa Attend", lilas, "pending");
    await portal.portal.store.transact((tx) =>
      tx.ask("update accounts set password_hash = null where id = ?", [waiting.account.id]),
    );
    const desk = await atTheDesk(portal, boss);
    const before = (await csv(desk)).split("\r\n").length;
    await desk.get(`/desk/people/${waiting.account.id}`);
    expect((await csv(desk)).split("\r\n")).toHaveLength(before);
    const letter = await desk.post(`/desk/letters/people/${waiting.account.id}`, {});
    expect(letter.headers.get("content-type")).toBe("application/pdf");
    expect(await acts(desk)).toContain(words("staff.acts.letter"));
    expect(await portal.portal.operator.accounts.signOut(`famille.${made}`)).toEqual({ ok: true });
    expect(await acts(desk)).toContain(words("staff.acts.command-line"));
  });

  test("are found by who did them and by day, page by page, and go into a file that runs nothing", async () => {
    portal.clock.advance(day);
    const later = await atTheDesk(portal, boss);
    const anna = await guardian("=cmd|calc", lilas);
    await addContact(later, anna, "+SUM(A1)");
    const today = createDayOf(portal.config.timezone)(portal.clock.now());
    const filtered = await acts(later, `?day=${today}`);
    expect(filtered).toContain("+SUM(A1)");
    expect(filtered).not.toContain("Appel de la mère");
    expect(await acts(later, `?by=${office.account.id}`)).not.toContain("+SUM(A1)");
    expect(await acts(later, `?by=${office.account.id}`)).toContain("Appel de la mère");
    const letters = await acts(later, "?kind=letters");
    expect(letters).toContain(words("staff.acts.letter"));
    expect(letters).not.toContain("+SUM(A1)");
    expect(await acts(later, "?kind=contacts")).toContain("+SUM(A1)");
    // From an act to its person, for whoever may help them.
    expect((await later.get("/desk/acts")).html).toContain(`href="/desk/people/${anna.account.id}"`);
    for (const odd of ["?kind=x", "?day=demain", "?before=x", "?by=nobody", "?day=2026-02-31"])
      await acts(later, odd);
    const file = await csv(later, `?day=${today}`);
    expect(file).toContain("'=cmd|calc");
    expect(file).toContain("'+SUM(A1)");

    await portal.portal.store.transact(async (tx) => {
      const [line] = await tx.ask<{ journal_id: string; at: number; account_id: string }>(
        "select journal_id, at, account_id from establishment_acts order by at desc limit 1",
        [],
      );
      for (let n = 0; n < 60; n++) {
        await tx.ask(
          "insert into establishment_acts (establishment_id, at, journal_id, staff_id, account_id) values (?, ?, ?, ?, ?)",
          [lilas, (line?.at ?? 0) + 1 + n, line?.journal_id, office.account.id, line?.account_id],
        );
      }
    });
    const first = await later.get("/desk/acts");
    const [next] = first.html.match(/\/desk\/acts\?before=[0-9a-f.-]+/) ?? [];
    expect(await acts(later, next?.slice("/desk/acts".length))).toContain("Appel de la mère");
  });

  test("are forgotten with the journal", async () => {
    const { retention } = portal.config.preset;
    portal.clock.advance((retention.journalDays + 2) * day);
    await portal.settle();
    expect(await portal.portal.store.ask("select 1 from establishment_acts", [])).toEqual([]);
  });
});

test("a day ends where the school is, also when the clocks change", () => {
  expect(endOfDay("2026-10-25", "Europe/Paris")).toBe(Date.parse("2026-10-25T23:00:00Z"));
  expect(endOfDay("2026-10-24", "Europe/Paris")).toBe(Date.parse("2026-10-24T22:00:00Z"));
  expect(endOfDay("2026-01-01", "Pacific/Auckland")).toBe(Date.parse("2026-01-01T11:00:00Z"));
  expect(endOfDay("2026-01-01", "Pacific/Honolulu")).toBe(Date.parse("2026-01-02T10:00:00Z"));
  for (const name of ["2026-02-30", "26-01-01", "", "2026-1-1"]) expect(endOfDay(name, "UTC")).toBeNull();
});
