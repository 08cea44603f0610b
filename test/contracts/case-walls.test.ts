import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { holdCase, insertAttachment } from "../../src/desk/cases/cases.store.ts";
import type { Case } from "../../src/desk/cases/cases.ts";
import { findEstablishment, putEstablishment } from "../../src/school/establishments/establishments.store.ts";
import { aCase, caseNow, eventsOf } from "../support/a-case.ts";
import { anAccount } from "../support/an-account.ts";
import type { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { anEstablishment, belongs } from "../support/schools.ts";
import { aStaffMember, atTheDesk, giveRole, type MadeStaff } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const views = ["team", "unassigned", "all"];
let written = 0;

onEachEngine("the walls of cases", (engine) => {
  let portal: TestPortal;
  let [north, south, lilas, acacias, tilleuls] = ["", "", "", "", ""];
  /** Everybody of one school, of two, of an academy, and of all. */
  let [lilasStaff, tilleulsStaff, bothStaff, northStaff]: MadeStaff[] = [];
  let office: PlainBrowser;
  let both: PlainBrowser;
  let academic: PlainBrowser;
  let operator: PlainBrowser;
  let [atLilas, atAcacias, atTilleuls, nowhere]: Case[] = [];

  beforeAll(async () => {
    portal = await startPortal({ engine, preset: "school", change: withLongSessions });
    north = await anEstablishment(portal, "academy", "Académie du Nord");
    south = await anEstablishment(portal, "academy", "Académie du Sud");
    lilas = await anEstablishment(portal, "school", "Collège des Lilas", north);
    acacias = await anEstablishment(portal, "school", "Collège des Acacias", north);
    tilleuls = await anEstablishment(portal, "school", "Lycée des Tilleuls", south);
    lilasStaff = await aStaffMember(portal, "school-office", { name: "Lise Lilas", establishmentId: lilas });
    tilleulsStaff = await aStaffMember(portal, "school-office", {
      name: "Tim Tilleul",
      establishmentId: tilleuls,
    });
    bothStaff = await aStaffMember(portal, "school-office", { name: "Béa Deux", establishmentId: lilas });
    await giveRole(portal, bothStaff.account.id, "school-office", acacias);
    northStaff = await aStaffMember(portal, "academic-support", {
      name: "Nora Nord",
      establishmentId: north,
    });
    // A wall inside a wall: nothing is found twice.
    await giveRole(portal, northStaff.account.id, "academic-support", lilas);
    office = await atTheDesk(portal, lilasStaff);
    both = await atTheDesk(portal, bothStaff);
    academic = await atTheDesk(portal, northStaff);
    operator = await atTheDesk(portal, await aStaffMember(portal, "operator", { name: "Oscar Haut" }));
    atLilas = await aRequestAt(lilas);
    atAcacias = await aRequestAt(acacias);
    atTilleuls = await aRequestAt(tilleuls);
    nowhere = await aRequestAt(null);
  });
  afterAll(() => portal?.close());

  /** A guardian's case for the school office; each from an address of its own. */
  function aRequestAt(
    establishmentId: string | null,
    change: Parameters<typeof aCase>[1] = {},
  ): Promise<Case> {
    const address = `famille${++written}@example.fr`;
    return aCase(portal, {
      kind: "guardian",
      symptom: "locked",
      subject: "Glycine en fleur",
      email: { address, key: address },
      evidence: { at: portal.clock.now() },
      establishmentId,
      ...change,
    });
  }

  const number = (one: Case | undefined) => one?.number as string;
  const numbers = (...all: (Case | undefined)[]) => all.map(number).sort();
  async function listed(desk: PlainBrowser, query: string): Promise<string[]> {
    const page = await desk.get(`/desk/cases?${query}`);
    expect(page.status).toBe(200);
    return [...page.html.matchAll(/href="\/desk\/cases\/([0-9A-Z]{4}-[0-9A-Z]{4})"/g)]
      .map((match) => match[1] as string)
      .sort();
  }
  const countedIn = async (desk: PlainBrowser, view: string) =>
    new RegExp(`view=${view}"[^>]*>[^<]*<span class="case-count">([^<]*)<`).exec(
      (await desk.get("/desk/cases")).html,
    )?.[1];
  const seenIn = (html: string) => /name="seen" value="([^"]*)"/.exec(html)?.[1] ?? "";

  test("each list, count and search shows the cases inside one's walls, each once, and no other", async () => {
    const seen: [PlainBrowser, string[]][] = [
      [office, numbers(atLilas)],
      [both, numbers(atLilas, atAcacias)],
      [academic, numbers(atLilas, atAcacias)],
      [operator, numbers(atLilas, atAcacias, atTilleuls, nowhere)],
    ];
    for (const [desk, own] of seen) {
      for (const view of views) {
        expect(await listed(desk, `view=${view}`), view).toEqual(own);
        expect(await listed(desk, `view=${view}&state=any`), view).toEqual(own);
        expect(await countedIn(desk, view), view).toBe(String(own.length));
      }
      for (const q of ["glycine", "glyc fleur", "martin glycine"]) {
        expect(await listed(desk, new URLSearchParams({ q }).toString()), q).toEqual(own);
      }
      for (const one of [atLilas, atAcacias, atTilleuls, nowhere]) {
        const isOwn = own.includes(number(one));
        for (const q of [number(one), one?.email ?? ""]) {
          expect(await listed(desk, new URLSearchParams({ q }).toString())).toEqual(
            isOwn ? [number(one)] : [],
          );
        }
        for (const name of [number(one), one?.id]) {
          expect((await desk.get(`/desk/cases/${name}`)).status).toBe(isOwn ? 200 : 404);
        }
      }
      expect((await desk.get("/desk")).text).toContain(words("inbox.news.unassigned", { count: own.length }));
    }
  });

  test("an establishment can be chosen where there are several, and is named on the line", async () => {
    expect((await office.get("/desk/cases")).html).not.toContain('name="establishment"');
    expect((await office.get("/desk/cases")).text).not.toContain("Collège des Lilas");
    for (const desk of [both, academic]) {
      const page = await desk.get("/desk/cases?view=all");
      expect(page.html).toContain(`<option value="${acacias}">Collège des Acacias</option>`);
      expect(page.html).not.toContain(tilleuls);
      expect(page.text).toContain("Collège des Lilas");
      expect(await listed(desk, `view=all&establishment=${acacias}`)).toEqual(numbers(atAcacias));
      expect(await listed(desk, `q=glycine&establishment=${acacias}`)).toEqual(numbers(atAcacias));
      for (const other of [tilleuls, south]) {
        expect(await listed(desk, `view=all&establishment=${other}`)).toEqual([]);
        expect(await listed(desk, `q=glycine&establishment=${other}`)).toEqual([]);
      }
    }
    expect(await listed(operator, `view=all&establishment=${south}`)).toEqual(numbers(atTilleuls));
    expect(await listed(both, `view=all&establishment=${north}`)).toEqual(numbers(atLilas, atAcacias));
    await both.post("/desk/cases/filters", {
      query: `view=all&establishment=${acacias}`,
      "filter-name": "Acacias",
    });
    expect((await both.get("/desk/cases")).html).toContain(`view=all&amp;establishment=${acacias}"`);
  });

  test("what is assigned to somebody is theirs to see only inside their walls", async () => {
    const mine = (desk: PlainBrowser) => listed(desk, "view=mine");
    for (const one of [atLilas, atTilleuls]) {
      await portal.portal.store.transact((tx) =>
        tx.ask("update cases set assignee_id = ? where id = ?", [lilasStaff?.account.id, one?.id]),
      );
    }
    expect(await mine(office)).toEqual(numbers(atLilas));
    expect(await countedIn(office, "mine")).toBe("1");
    expect(await listed(office, "q=glycine")).toEqual(numbers(atLilas));
    expect(await listed(office, `view=all&assignee=${lilasStaff?.account.id}`)).toEqual(numbers(atLilas));
    expect((await office.get(`/desk/cases/${number(atTilleuls)}`)).status).toBe(404);
    // The academy sees whose it is inside its walls, and not beyond.
    expect(await listed(academic, `view=all&assignee=${lilasStaff?.account.id}`)).toEqual(numbers(atLilas));
    await portal.portal.store.transact((tx) => tx.ask("update cases set assignee_id = null", []));
  });

  test("no act, picture or form reaches a case beyond the walls, and nothing is changed by trying", async () => {
    const file = `cases/${atTilleuls?.id}/secret.png`;
    const path = join(portal.config.dataFolder, "uploads", file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "picture");
    const picture = "01890000-0000-7000-8000-00000000000a";
    await portal.portal.store.transact((tx) =>
      insertAttachment(tx, {
        id: picture,
        case_id: atTilleuls?.id as string,
        message_id: null,
        name: "secret.png",
        type: "image/png",
        bytes: 7,
        file,
        at: 1,
      }),
    );
    const before = JSON.stringify(await caseNow(portal, atTilleuls as Case));
    const acts = portal.portal
      .deskRoutes()
      .filter(({ method, path: route }) => method === "POST" && route.startsWith("/desk/cases/:number/"));
    expect(acts.length).toBeGreaterThan(14);
    const filled = { answer: "Bonjour", act: "send", note: "Vu", to: "relay:head", reason: "Parce que" };
    const more = { "escalate-reason": "Plus haut", symptom: "other", merge: number(atLilas), place: lilas };
    for (const desk of [office, academic]) {
      for (const name of [number(atTilleuls), number(nowhere), atTilleuls?.id as string]) {
        for (const { path: route } of acts) {
          const met = await desk.post(route.replace(":number", name), { ...filled, ...more, account: "" });
          expect(met.status, route).toBe(404);
        }
        expect((await desk.get(`/desk/cases/${name}/attachments/${picture}`)).status).toBe(404);
      }
      expect((await desk.get(`/desk/cases/${number(atLilas)}/attachments/${picture}`)).status).toBe(404);
      const merged = await desk.post(`/desk/cases/${number(atLilas)}/merge`, { merge: number(atTilleuls) });
      expect(merged.text).toContain(words("inbox.merge.unknown"));
    }
    expect(JSON.stringify(await caseNow(portal, atTilleuls as Case))).toBe(before);
    expect(await eventsOf(portal, atTilleuls as Case)).toEqual([]);
    expect((await operator.get(`/desk/cases/${number(atTilleuls)}/attachments/${picture}`)).status).toBe(200);
  });

  test("is handed only to those who see it there; what stands nowhere, only to teams that see everywhere", async () => {
    const page = await academic.get(`/desk/cases/${number(atLilas)}`);
    const offered = (name: string) => words("inbox.hand-over.colleague", { name });
    for (const name of ["Lise Lilas", "Béa Deux", "Oscar Haut"]) expect(page.text).toContain(offered(name));
    expect(page.text).not.toContain(offered("Tim Tilleul"));
    const elsewhere = await academic.get(`/desk/cases/${number(atAcacias)}`);
    expect(elsewhere.text).not.toContain(offered("Lise Lilas"));
    const path = `/desk/cases/${number(atLilas)}/hand-over`;
    const refused = await academic.post(path, { to: `staff:${tilleulsStaff?.account.id}`, reason: "À lui" });
    expect(refused.text).toContain(words("inbox.hand-over.nobody"));
    await academic.post(path, { to: `staff:${lilasStaff?.account.id}`, reason: "À elle" });
    expect((await caseNow(portal, atLilas as Case)).assignee_id).toBe(lilasStaff?.account.id);
    await office.post(`/desk/cases/${number(atLilas)}/put-back`, {});
    expect((await caseNow(portal, nowhere as Case)).relay).toBe("operator");
    const lost = await operator.post(`/desk/cases/${number(nowhere)}/hand-over`, {
      to: "relay:school-office",
      reason: "À eux",
    });
    expect(lost.text).toContain(words("inbox.hand-over.nobody"));
  });

  test("goes to another establishment inside one's walls, by whoever has more than one", async () => {
    const moving = await aRequestAt(lilas);
    const path = `/desk/cases/${moving.number}`;
    expect((await office.get(path)).html).not.toContain(`action="${path}/place"`);
    for (const place of [tilleuls, acacias, lilas, "Lycée des Tilleuls", "%00", "Collège", ""]) {
      expect((await office.post(`${path}/place`, { place })).status, place).toBe(422);
    }
    expect((await caseNow(portal, moving)).establishment_id).toBe(lilas);
    await office.post(`${path}/take`, {});
    const form = await both.get(path);
    expect(form.html).toContain(`<option value="${acacias}">Collège des Acacias</option>`);
    const refused = await both.post(`${path}/place`, { place: tilleuls });
    expect(refused.text).toContain(words("inbox.place.unknown"));
    const moved = await both.post(`${path}/place`, { place: acacias });
    expect(moved.text).toContain(words("cases.event.placed", { place: "Collège des Acacias" }));
    // Who had it does not answer there.
    expect(await caseNow(portal, moving)).toMatchObject({
      establishment_id: acacias,
      academy_id: north,
      assignee_id: null,
    });
    expect((await office.get(path)).status).toBe(404);
    expect(await listed(office, "q=glycine")).toEqual(numbers(atLilas));
    const several = await operator.post(`${path}/place`, { place: "collège des" });
    expect(several.text).toContain(words("inbox.place.several"));
    const seen = await operator.post(`${path}/place`, { place: "lycee tilleuls" });
    expect(seen.html).toContain(`href="/desk/establishments/${tilleuls}"`);
    expect((await both.get(path)).status).toBe(404);
    await operator.post(`${path}/close`, {});
  });

  test("a role that ends while the form is open: nothing is sent, and the page is gone", async () => {
    const leaving = await aStaffMember(portal, "school-office", { establishmentId: lilas });
    const desk = await atTheDesk(portal, leaving);
    const path = `/desk/cases/${number(atLilas)}`;
    const seen = seenIn((await desk.get(path)).html);
    await giveRole(portal, leaving.account.id, "school-office", tilleuls);
    await portal.portal.store.transact((tx) =>
      tx.ask("update staff_grants set expires_at = ? where account_id = ? and establishment_id = ?", [
        portal.clock.now(),
        leaving.account.id,
        lilas,
      ]),
    );
    const late = await desk.post(`${path}/answer`, { answer: "Trop tard.", seen, act: "send" });
    expect(late.status).toBe(404);
    expect((await desk.get(path)).status).toBe(404);
    expect((await caseNow(portal, atLilas as Case)).first_answered_at).toBeNull();
    expect(await listed(desk, "view=team")).toEqual(numbers(atTilleuls));
  });

  test("tied to an account it stands at its only school; of several, it stays where it is", async () => {
    const one = await anAccount(portal, "Anna Roux").kind("guardian").username("a.roux").made();
    const two = await anAccount(portal, "Bilal Roux").kind("guardian").username("b.roux").made();
    for (const [made, school] of [
      [one, tilleuls],
      [two, lilas],
      [two, tilleuls],
    ] as const) {
      await belongs(portal, made, school);
    }
    const tied = await aRequestAt(null);
    const tie = (account: string) => operator.post(`/desk/cases/${tied.number}/tie`, { account });
    await tie(two.account.id);
    expect((await caseNow(portal, tied)).establishment_id).toBeNull();
    await tie(one.account.id);
    expect(await caseNow(portal, tied)).toMatchObject({ establishment_id: tilleuls, academy_id: south });
    expect(await eventsOf(portal, tied)).toContain("cases.event.placed");
    await tie(two.account.id);
    expect((await caseNow(portal, tied)).establishment_id).toBe(tilleuls);
    // A case that comes with its account stands at its school from the beginning.
    const signedIn = await aRequestAt(undefined as never, {
      accountId: one.account.id,
      isIdentityProved: true,
    });
    expect(signedIn).toMatchObject({ establishment_id: tilleuls, relay: "school-office" });
    for (const { number: name } of [tied, signedIn]) await operator.post(`/desk/cases/${name}/close`, {});
  });

  test("a school that changes academy takes its cases with it", async () => {
    const row = await findEstablishment(portal.portal.store, acacias);
    const put = (parent_id: string) =>
      portal.portal.store.transact((tx) =>
        putEstablishment(tx, { ...(row as NonNullable<typeof row>), parent_id }),
      );
    await put(south);
    expect(await listed(academic, "view=all&state=live")).toEqual(numbers(atLilas));
    expect(await listed(both, "view=all&state=live")).toEqual(numbers(atLilas, atAcacias));
    expect((await caseNow(portal, atAcacias as Case)).academy_id).toBe(south);
    await put(north);
    expect(await listed(academic, "view=all&state=live")).toEqual(numbers(atLilas, atAcacias));
  });

  test("what is promised counts the hours, closed days and time zone of the establishment", async () => {
    const { relays } = portal.config.preset;
    const relay = relays.find(({ id }) => id === "school-office");
    const night = { mon: [], tue: [], wed: [], thu: [], fri: [], sat: ["10:00-20:00"], sun: [] };
    const details = { relays: { "school-office": { hours: night, closedOn: ["2027-03-06"] } } };
    await portal.portal.store.transact((tx) =>
      tx.ask("update establishments set details = ?, timezone = 'Indian/Reunion' where id = ?", [
        JSON.stringify(details),
        tilleuls,
      ]),
    );
    const there = await aRequestAt(tilleuls);
    // Closed on Saturday 6 March: the Saturday after it, at 10 in the morning of Réunion (UTC+4), and on from there.
    const due = Date.UTC(2027, 2, 13, 6) + (relay?.firstAnswerWithinSeconds ?? 0) * 1000;
    expect(there.first_answer_due_at).toBe(due);
    expect(there.expected_at).toBeGreaterThanOrEqual(due);
    expect((await aRequestAt(lilas)).first_answer_due_at).toBeLessThan(Date.UTC(2027, 2, 6));
  });

  test("passed on, it keeps its place: its own academy sees it and is told, no other", async () => {
    const southStaff = await aStaffMember(portal, "academic-support", { establishmentId: south });
    const other = await atTheDesk(portal, southStaff);
    portal.clock.advance(day);
    const late = await listed(office, "view=late");
    expect([late.includes(number(atLilas)), late.includes(number(atTilleuls))]).toEqual([true, false]);
    const going = await aRequestAt(lilas);
    const gone = await office.post(`/desk/cases/${going.number}/escalate`, { "escalate-reason": "Trop dur" });
    expect(gone.path).toBe("/desk/cases");
    expect(await caseNow(portal, going)).toMatchObject({
      relay: "academic-support",
      establishment_id: lilas,
    });
    expect((await office.get(`/desk/cases/${going.number}`)).status).toBe(404);
    expect((await academic.get(`/desk/cases/${going.number}`)).text).toContain("Trop dur");
    expect((await other.get(`/desk/cases/${going.number}`)).status).toBe(404);
    portal.clock.advance(minute);
    await portal.settle();
    const told = async (one: MadeStaff | undefined) =>
      (await portal.messages(one?.email)).filter(({ text }) => text.includes(going.number)).length;
    expect([await told(northStaff), await told(southStaff)]).toEqual([1, 0]);
    await operator.post(`/desk/cases/${going.number}/close`, {});
  });

  test("reports show whose figures they are, and nobody else's, on the page and in the file", async () => {
    const head = await atTheDesk(portal, await aStaffMember(portal, "head", { establishmentId: lilas }));
    for (const school of [lilas, lilas, acacias, tilleuls]) await aRequestAt(school);
    portal.clock.advance(hour + minute);
    await portal.settle();
    const [all] = await portal.portal.store.ask<{ count: number }>(
      "select count(*) as count from cases where status <> 'merged'",
      [],
    );
    const opened = async (where: string, ids: string[]) => {
      const [row] = await portal.portal.store.ask<{ count: number }>(
        `select count(*) as count from cases where ${where} = ?`,
        ids,
      );
      return Number(row?.count);
    };
    async function figures(desk: PlainBrowser, query = "") {
      const file = (await desk.get(`/desk/reports.csv?days=30${query}`)).html;
      const total = file.trimEnd().split("\r\n").at(-1)?.split(",")[2];
      return { total: Number(total), file };
    }
    expect((await figures(operator)).total).toBe(Number(all?.count));
    expect((await figures(operator, `&establishment=${tilleuls}`)).total).toBe(
      await opened("establishment_id", [tilleuls]),
    );
    const own = await opened("relay = 'school-office' and establishment_id", [lilas]);
    expect(own).toBeGreaterThan(0);
    for (const query of [
      "",
      `&establishment=${lilas}`,
      `&establishment=${tilleuls}`,
      `&establishment=${north}`,
    ]) {
      const { total, file } = await figures(head, query);
      expect(total, query).toBe(own);
      expect(file).toContain("Collège des Lilas");
      expect(file).not.toContain("Tilleuls");
    }
    expect((await figures(academic)).total).toBe(await opened("academy_id", [north]));
    const page = await academic.get(`/desk/reports?establishment=${acacias}`);
    expect(page.text).toContain(fold(words("case-reports.whose", { names: "Collège des Acacias" })));
    expect(page.html).toContain(`<option value="${lilas}">`);
    expect(page.html).not.toContain(tilleuls);
    expect((await figures(academic, `&establishment=${acacias}`)).total).toBe(
      await opened("establishment_id", [acacias]),
    );
    expect((await operator.get("/desk/reports")).text).not.toContain("Collège des Lilas");
  });

  test("goes back to the team once the role of whoever took it is taken or has ended", async () => {
    const base = await anAccount(portal, "Ève Éphémère").kind("staff").username("eve.e").made();
    await belongs(portal, base, lilas);
    const boss = await aStaffMember(portal, "head", { establishmentId: lilas });
    const desk = await atTheDesk(portal, boss);
    const lend = async (days: number) => {
      await desk.post(`/desk/staff/lent/${lilas}/to/${base.account.id}`, {
        role: "school-office",
        until: new Date(portal.clock.now() + days * day).toISOString().slice(0, 10),
        reason: "Remplace Mme Roux",
      });
      const [grant] = await portal.portal.store.ask<{ id: string }>(
        "select id from staff_grants where account_id = ? order by granted_at desc limit 1",
        [base.account.id],
      );
      return grant?.id ?? "";
    };
    const [taken, ended] = [await aRequestAt(lilas), await aRequestAt(lilas)];
    const assign = async (one: Case) => {
      await portal.portal.store.transact((tx) =>
        tx.ask("update cases set assignee_id = ? where id = ?", [base.account.id, one.id]),
      );
    };
    const grant = await lend(3);
    await assign(taken);
    await desk.post(`/desk/staff/lent/${lilas}/end/${grant}`, { reason: "Retour de congé" });
    expect((await caseNow(portal, taken)).assignee_id).toBeNull();
    expect(await eventsOf(portal, taken)).toContain("cases.event.put-back");
    await lend(0);
    await assign(ended);
    portal.clock.advance(2 * day);
    await portal.settle();
    expect((await caseNow(portal, ended)).assignee_id).toBeNull();
    for (const { number: named } of [taken, ended]) await operator.post(`/desk/cases/${named}/close`, {});
  });

  test("an act that waited while the role ended is not done; a name without end costs no time", async () => {
    const one = await aRequestAt(lilas);
    const short = await aStaffMember(portal, "school-office", { establishmentId: lilas });
    const desk = await atTheDesk(portal, short);
    const page = await desk.get(`/desk/cases/${one.number}`);
    let done: Promise<unknown> | undefined;
    await portal.portal.store.transact(async (tx) => {
      await holdCase(tx, one.id);
      done = Promise.all([
        desk.post(`/desk/cases/${one.number}/answer`, {
          answer: "Trop tard.",
          seen: seenIn(page.html),
          act: "send",
        }),
        desk.post(`/desk/cases/${one.number}/take`, {}),
      ]);
      await new Promise((resolve) => setTimeout(resolve, 250));
      await tx.ask("delete from staff_grants where account_id = ?", [short.account.id]);
    });
    await done;
    expect(await caseNow(portal, one)).toMatchObject({ assignee_id: null, first_answered_at: null });
    const startedAt = performance.now();
    const moved = await (await atTheDesk(portal, bothStaff as MadeStaff)).post(
      `/desk/cases/${one.number}/place`,
      { place: `zz${" ".repeat(60_000)}zz` },
    );
    expect(moved.status).toBe(422);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    await operator.post(`/desk/cases/${one.number}/close`, {});
  });
});

/** So that the clock can go on while somebody is at the desk. */
function withLongSessions(config: TestPortal["config"]): TestPortal["config"] {
  const sessions = {
    ...config.preset.sessions,
    idleForSeconds: 30 * 86_400,
    absoluteForSeconds: 30 * 86_400,
  };
  return { ...config, preset: { ...config.preset, sessions } };
}
