import { afterAll, beforeAll, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { type ContactPoint, createAccounts } from "../../src/accounts/accounts.ts";
import type { Preset } from "../../src/config/preset.ts";
import { figures, noFigures } from "../../src/desk/statistics/figures.ts";
import { listBehind } from "../../src/desk/statistics/statistics.store.ts";
import { createStatistics } from "../../src/desk/statistics/statistics.ts";
import { shareOf } from "../../src/desk/statistics/statistics-words.ts";
import { day, hour, minute } from "../../src/kernel/clock.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { aLetter, belongs, isGuardianOf } from "../support/a-school.ts";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { anEstablishment, leaves } from "../support/schools.ts";
import { aStaffMember, atTheDesk } from "../support/staff.ts";
import { words } from "../support/words.ts";
import { seededRandom } from "../support/world.ts";

const role = (id: string, more: Partial<Preset["roles"][number]>): Preset["roles"][number] => ({
  id,
  level: 5,
  name: { fr: id, en: id, ar: id },
  helps: ["pupil", "guardian", "staff"],
  reach: "establishment",
  relays: [],
  may: ["statistics.see", "people.search", "people.see", "letters.print"],
  ...more,
});
const roles = [
  role("figures-head", {}),
  role("figures-pupils", { helps: ["pupil"] }),
  role("figures-guardians", { helps: ["guardian"], may: ["statistics.see"] }),
  role("figures-all", {
    reach: "everybody",
    may: ["statistics.see", "people.see", "registry.import"],
  }),
];

/** What counting asks nothing of. */
const unused = {
  wallsFor: () => null,
  reachFor: () => ({ kinds: [], within: [] }),
  staffAmong: async () => [],
  lineOf: async () => [],
  classesOf: async () => [],
  tops: async () => [],
  search: async () => [],
  lockedIdentifiers: async () => new Map(),
};

onEachEngine("the statistics of an establishment", (engine) => {
  let portal: TestPortal;
  let academy: string;
  let lilas: string;
  let tilleuls: string;
  let island: string;
  let fourthA: string;
  let fourthB: string;
  let head: PlainBrowser;
  let pupilsOffice: PlainBrowser;
  let everywhere: PlainBrowser;
  let drawn = 0;
  const path = "/desk/statistics";

  beforeAll(async () => {
    portal = await startPortal({
      engine,
      preset: "school",
      wideSources: true,
      change: (config) => ({
        ...config,
        preset: {
          ...config.preset,
          roles: [...config.preset.roles, ...roles],
          sessions: {
            ...config.preset.sessions,
            idleForSeconds: 30 * 86_400,
            absoluteForSeconds: 30 * 86_400,
          },
        },
      }),
    });
    academy = await anEstablishment(portal, "academy", "Académie du Nord");
    lilas = await anEstablishment(portal, "school", "Collège des Lilas", academy);
    tilleuls = await anEstablishment(portal, "school", "Collège des Tilleuls", academy);
    island = await anEstablishment(portal, "school", "Collège de l’Île");
    await portal.portal.store.transact((tx) =>
      tx.ask("update establishments set timezone = 'Indian/Reunion' where id = ?", [island]),
    );
    fourthA = await anEstablishment(portal, "class", "4e A", lilas);
    fourthB = await anEstablishment(portal, "class", "4e B", lilas);
    await buildLilas();
    head = await atTheDesk(portal, await aStaffMember(portal, "figures-head", { establishmentId: lilas }));
    pupilsOffice = await atTheDesk(
      portal,
      await aStaffMember(portal, "figures-pupils", { establishmentId: lilas }),
    );
    everywhere = await atTheDesk(portal, await aStaffMember(portal, "figures-all"));
  });
  afterAll(() => portal?.close());

  // ── What stands in the school ──────────────────────────────────────────────────────────────────────────────

  const person = (name: string, kind: "pupil" | "guardian" | "staff" = "pupil") => {
    drawn += 1;
    return anAccount(portal, name).kind(kind).username(`p.${drawn}`);
  };
  const put = async (one: MadeAccount, schoolId: string, classId: string | null = null) => {
    await belongs(portal, one, { id: schoolId, classId: classId as string });
    return one;
  };
  const run = (statement: string, parameters: unknown[]) =>
    portal.portal.store.transact((tx) => tx.ask(statement, parameters));

  async function signIn({ account, password }: MadeAccount, typed = password ?? "") {
    const [row] = await portal.portal.store.ask<{ key: string }>(
      "select key from identifiers where account_id = ?",
      [account.id],
    );
    const fields = { identifier: row?.key ?? "", password: typed };
    return new PlainBrowser(portal.url).post("/sign-in", fields, { follow: false });
  }
  async function lockOut(one: MadeAccount) {
    for (let tries = 0; tries < 10; tries++) await signIn(one, "pas-le-bon-mot-de-passe");
  }

  async function message(one: MadeAccount, more: { status: string; at: number; providerId?: string }) {
    drawn += 1;
    const [contact] = one.contacts as [ContactPoint];
    await run(
      `insert into messages (id, correlation_id, account_id, contact_point_id, channel, route, recipient,
        recipient_key, template, locale, params, priority, status, status_at, queued_at, due_at, useful_until, tries,
        provider_id)
      values (?, ?, ?, ?, ?, 'test', ?, ?, 'recovery.reset', 'fr', '{}', 1, ?, ?, ?, ?, ?, 1, ?)`,
      [
        `message-${drawn}`,
        `message-${drawn}`,
        one.account.id,
        contact.id,
        contact.channel,
        contact.address,
        contact.address_key,
        more.status,
        more.at,
        more.at - minute,
        more.at,
        more.at,
        more.providerId ?? null,
      ],
    );
  }

  /** Each state once. */
  async function buildLilas() {
    const now = portal.clock.now();
    const well = await put(await person("Alice Bien").email("alice@example.fr").made(), lilas, fourthA);
    await signIn(well);
    await put(await person("Basile Jamais").email("basile@example.fr").made(), lilas, fourthA);
    const withLetter = person("Chloé Lettre").status("pending").withoutPassword();
    const chloe = await put(
      await withLetter.email("chloe@example.fr", { state: "declared" }).made(),
      lilas,
      fourthB,
    );
    await aLetter(portal, chloe);
    await put(await person("David Rien").status("pending").withoutPassword().made(), lilas, fourthB);
    await put(await person("Emma Finie").status("disabled").made(), lilas, fourthB);
    const dead = await put(await person("Farid Mort").email("farid@example.fr").made(), lilas, fourthB);
    await run("update contact_points set dead_since = ? where account_id = ?", [now, dead.account.id]);
    await signIn(dead);
    const unsent = await put(await person("Gilles Perdu").email("gilles@example.fr").made(), lilas);
    await signIn(unsent);
    await message(unsent, { status: "failed", at: now - 6 * day });
    const unheard = await put(await person("Hana Sourde").mobile("+33612345678").made(), lilas, fourthA);
    await signIn(unheard);
    await message(unheard, { status: "sent", at: now - day, providerId: "one two" });
    await run(
      `insert into message_receipts (route, provider_id, outcome, reason, code, received_at)
        values ('test', 'two', 'not-delivered', 'unknown-number', null, ?)`,
      [now],
    );
    await message(well, { status: "failed", at: now - 8 * day });
    await message(well, { status: "sent", at: now - day });

    const anne = await put(await person("Anne Deux", "guardian").email("anne@example.fr").made(), lilas);
    await isGuardianOf(portal, anne, well, { id: lilas, classId: fourthA });
    await isGuardianOf(portal, anne, chloe, { id: lilas, classId: fourthB });
    const invited = person("Bruno Invité", "guardian").status("pending").withoutPassword();
    const bruno = await put(await invited.mobile("+33612345679").made(), lilas);
    await run(
      `insert into challenges (id, purpose, subject_key, account_id, link_digest, code_tries_left, status, status_at,
        requested_at, expires_at, locale, resends) values ('invitation', 'activate', '', ?, 'x', 0, 'open', ?, ?, ?, 'fr', 0)`,
      [bruno.account.id, now, now, now + 14 * day],
    );

    // Nobody whom a figure counts.
    const closed = await put(await person("Zoé Fermée").status("closed").made(), lilas, fourthA);
    // Nor is her guardian one of a class for her.
    await isGuardianOf(portal, bruno, closed, { id: lilas, classId: fourthA });
    const gone = await put(await person("Yves Parti").email("yves@example.fr").made(), lilas, fourthA);
    await leaves(portal, gone, lilas);
    await put(await person("Xavier Ailleurs").email("xavier@example.fr").made(), tilleuls);
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────

  const kindWord = (kind: "pupil" | "guardian" | "staff") => words(`statistics.kind.${kind}`);
  const all = words("statistics.all");

  /** The rows of the file, by who and class, or by who and school; the figures in their order. */
  async function file(browser: PlainBrowser, id: string): Promise<Map<string, (number | null)[]>> {
    const answer = await browser.get(`${path}/${id}/csv`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toMatch(
      /^attachment; filename="?statistiques-CODE\d+-2027-/,
    );
    const [header, ...lines] = answer.html
      .replace(/^\uFEFF/, "")
      .trimEnd()
      .split("\r\n")
      .map((line) => line.split(","));
    const first = header?.indexOf(words("statistics.figure.people")) ?? 0;
    return new Map(
      lines.map((line) => [
        line.slice(0, 2).join("/"),
        line.slice(first, first + figures.length).map((cell) => (cell === "" ? null : Number(cell))),
      ]),
    );
  }
  const figureIn = async (browser: PlainBrowser, id: string, figure: (typeof figures)[number], row: string) =>
    (await file(browser, id)).get(row)?.[figures.indexOf(figure)];
  const namesOn = ({ html }: Page) =>
    [...html.matchAll(/<p class="item-title">(?:<a [^>]*>)?<bdi>([^<]*)<\/bdi>/g)].map((match) => match[1]);
  const list = async (browser: PlainBrowser, id: string, figure: string, query: string) =>
    browser.get(`${path}/${id}/${figure}?${query}`);

  // ── The figures ────────────────────────────────────────────────────────────────────────────────────────────

  test("are exact: each person counts in each state that is theirs, by kind and by class", async () => {
    const rows = await file(head, lilas);
    // people, activated, invited, waiting, disabled, unused, unreachable, locked, failed
    expect(rows.get(`${kindWord("pupil")}/4e A`)).toEqual([3, 3, 0, 0, 0, 1, 0, 0, 1]);
    expect(rows.get(`${kindWord("pupil")}/4e B`)).toEqual([4, 1, 1, 1, 1, 0, 2, 0, 0]);
    expect(rows.get(`${kindWord("pupil")}/${words("statistics.no-class")}`)).toEqual([
      1, 1, 0, 0, 0, 0, 0, 0, 1,
    ]);
    expect(rows.get(`${kindWord("pupil")}/${all}`)).toEqual([8, 5, 1, 1, 1, 1, 2, 0, 2]);
    // A guardian of two classes counts in both, and once among all.
    expect(rows.get(`${kindWord("guardian")}/4e A`)).toEqual([1, 1, 0, 0, 0, 1, 0, 0, 0]);
    expect(rows.get(`${kindWord("guardian")}/4e B`)).toEqual([1, 1, 0, 0, 0, 1, 0, 0, 0]);
    expect(rows.get(`${kindWord("guardian")}/${words("statistics.no-class.guardian")}`)).toEqual([
      1, 0, 1, 0, 0, 0, 0, 0, 0,
    ]);
    expect(rows.get(`${kindWord("guardian")}/${all}`)).toEqual([2, 1, 1, 0, 0, 1, 0, 0, 0]);
    expect(rows.get(`${kindWord("staff")}/${all}`)?.[0]).toBe(0);
  });

  test("lead to the people whom they count, and from there to what can be done", async () => {
    const page = await head.get(`${path}/${lilas}`);
    expect(page.status).toBe(200);
    expect(page.html).toContain("<svg");
    for (const [figure, query, names] of [
      ["unreachable", `kind=pupil&class=${fourthB}`, ["Farid Mort", "David Rien"]],
      ["unused", `kind=pupil&class=${fourthA}`, ["Basile Jamais"]],
      ["invited", "kind=guardian&class=none", ["Bruno Invité"]],
      ["activated", `kind=guardian&class=${fourthB}`, ["Anne Deux"]],
      ["failed", "kind=pupil", ["Gilles Perdu", "Hana Sourde"]],
      ["people", "kind=pupil&class=none", ["Gilles Perdu"]],
    ] as const) {
      expect(page.html, figure).toContain(`/${lilas}/${figure}?${query.replaceAll("&", "&amp;")}"`);
      expect(namesOn(await list(head, lilas, figure, query)), figure).toEqual(names);
    }
    // Nobody: no link to an empty list.
    expect(page.html).not.toContain(`/${lilas}/locked?`);
    const unreachable = await list(head, lilas, "unreachable", `kind=pupil&class=${fourthB}`);
    expect(unreachable.text).toContain("4e B");
    expect(unreachable.html).toMatch(/href="\/desk\/people\/[0-9a-f-]{36}"/);
    const letters = /href="(\/desk\/letters\/[^"]*)"/.exec(unreachable.html)?.[1]?.replaceAll("&amp;", "&");
    const printing = await head.get(letters ?? "");
    expect(printing.html).toMatch(new RegExp(`<option value="${fourthB}" selected`));
    expect(printing.html).toMatch(
      /<input[^>]*value="pupil"[^>]*checked|<input[^>]*checked[^>]*value="pupil"/,
    );
  });

  test("of one class of nobody, of a kind that there is not, or of nothing known, are answered with 404", async () => {
    for (const [figure, query] of [
      ["unreachable", "kind=pupil&class=nowhere"],
      ["unreachable", "kind=member"],
      ["unreachable", ""],
      ["nothing", "kind=pupil"],
      ["toString", "kind=pupil"],
    ] as const) {
      expect((await list(head, lilas, figure, query)).status, `${figure} ${query}`).toBe(404);
    }
    expect((await head.get(`${path}/${fourthB}`)).status).toBe(404);
  });

  // ── Walls ──────────────────────────────────────────────────────────────────────────────────────────────────

  test("another establishment's are answered like those of none: page, file and lists", async () => {
    const nowhere = "01a40540-d800-740d-8623-0d0d3df4bb6e";
    const said = (page: Page) => page.text.replace(/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/, "");
    for (const rest of ["", "/csv", "/people?kind=pupil"]) {
      const none = await head.get(`${path}/${nowhere}${rest}`);
      expect(none.status).toBe(404);
      for (const id of [tilleuls, academy, island]) {
        const page = await head.get(`${path}/${id}${rest}`);
        expect(page.status, `${id}${rest}`).toBe(404);
        expect(said(page)).toBe(said(none));
      }
    }
    expect((await head.get(path, { follow: false })).location).toBe(`${path}/${lilas}`);
  });

  test("a kind that one's role does not help is not shown there, not even as a total", async () => {
    const page = await pupilsOffice.get(`${path}/${lilas}`);
    expect(page.text).toContain(kindWord("pupil"));
    expect(page.text).not.toContain(kindWord("guardian"));
    const rows = await file(pupilsOffice, lilas);
    expect([...rows.keys()].every((name) => name.startsWith(kindWord("pupil")))).toBe(true);
    expect(rows.get(`${kindWord("pupil")}/${all}`)?.[0]).toBe(8);
    expect((await list(pupilsOffice, lilas, "people", "kind=guardian")).status).toBe(404);
    const blind = await atTheDesk(
      portal,
      await aStaffMember(portal, "figures-guardians", { establishmentId: lilas }),
    );
    const guardians = await list(blind, lilas, "people", "kind=guardian");
    expect(namesOn(guardians)).toEqual(["Anne Deux", "Bruno Invité"]);
    // Who may not open a person, nor print, is led to neither.
    expect(guardians.html).not.toContain("/desk/people/");
    expect(guardians.html).not.toContain("/desk/letters");
  });

  test("whoever has a role is named, and not linked: nobody helps them", async () => {
    const worker = await put(await person("Jean Agent", "staff").email("jean@example.fr").made(), lilas);
    const staff = await aStaffMember(portal, "figures-pupils", { name: "Rose Rôle", establishmentId: lilas });
    await put(staff, lilas);
    const page = await list(head, lilas, "people", "kind=staff");
    expect(namesOn(page)).toEqual(["Jean Agent", "Rose Rôle"]);
    expect([...page.html.matchAll(/href="\/desk\/people\/([^"]*)"/g)].map((match) => match[1])).toEqual([
      worker.account.id,
    ]);
  });

  // ── Academies ──────────────────────────────────────────────────────────────────────────────────────────────

  test("an academy's are those of its schools, as they were counted last; its walls hold there too", async () => {
    const staff = await aStaffMember(portal, "figures-pupils", { establishmentId: academy });
    const support = await atTheDesk(portal, staff);
    const rowOf = (name: string) => `${kindWord("pupil")}/${name}`;
    const before = await support.get(path);
    expect(before.path).toBe(`${path}/${academy}`);
    expect(before.text).toContain(words("statistics.not-all-counted"));
    expect((await file(support, academy)).get(rowOf("Collège des Lilas"))?.[0]).toBeNull();
    await portal.settle();
    const after = await support.get(`${path}/${academy}`);
    expect(after.text).not.toContain(words("statistics.not-all-counted"));
    expect(after.text).not.toContain(kindWord("guardian"));
    expect(after.html).toContain(`href="${path}/${lilas}"`);
    const rows = await file(support, academy);
    expect(rows.get(rowOf("Collège des Lilas"))).toEqual([8, 5, 1, 1, 1, 1, 2, 0, 2]);
    expect(rows.get(rowOf("Collège des Tilleuls"))).toEqual([1, 1, 0, 0, 0, 1, 0, 0, 0]);
    expect(rows.get(rowOf(all))).toEqual([9, 6, 1, 1, 1, 2, 2, 0, 2]);
    expect([...rows.keys()].some((name) => name.includes("Île"))).toBe(false);
    // Whom it counts is seen in the school.
    expect((await list(support, academy, "people", "kind=pupil")).status).toBe(404);
    // Counted anew once it is an hour old.
    await put(await person("Nora Neuve").email("nora@example.fr").made(), tilleuls);
    portal.clock.advance(2 * hour);
    expect(await figureIn(support, academy, "people", rowOf("Collège des Tilleuls"))).toBe(1);
    await portal.settle();
    expect(await figureIn(support, academy, "people", rowOf("Collège des Tilleuls"))).toBe(2);
  });

  test("a school that cannot be counted keeps no other waiting, and is tried again an hour later", async () => {
    const { store } = portal.portal;
    const { preset, timezone } = portal.config;
    let now = portal.clock.now();
    const faults: string[] = [];
    const counting = createStatistics({
      store,
      clock: { now: () => now },
      preset,
      hasSms: true,
      timezone,
      // Of what was sent to the people of one school alone anything is asked.
      async receiptsOf() {
        throw new Error("away");
      },
      onFault: (_cause, what) => faults.push(what),
      ...unused,
    });
    const countedAt = async () =>
      new Map(
        (
          await store.ask<{ id: string; at: number | null }>(
            `select e.id as id, f.counted_at as at from establishments e
              left join school_figures f on f.establishment_id = e.id where e.id in (?, ?)`,
            [lilas, tilleuls],
          )
        ).map(({ id, at }) => [id, at === null ? null : Number(at)]),
      );
    await run("delete from school_figures", []);
    expect(await counting.countDue()).toBeNull();
    expect(faults).toEqual([`statistics of ${lilas}`]);
    expect((await countedAt()).get(lilas)).toBeNull();
    expect((await countedAt()).get(tilleuls)).not.toBeNull();
    await counting.countDue();
    expect(faults).toHaveLength(1);
    now += hour;
    await counting.countDue();
    expect(faults).toHaveLength(2);

    // What is not done within one run is gone on with at once.
    await run("delete from school_figures", []);
    now += hour;
    const slow = createStatistics({
      store,
      clock: {
        now: () => {
          now += 10_000;
          return now;
        },
      },
      preset,
      hasSms: true,
      timezone,
      receiptsOf: async () => new Map(),
      onFault: (_cause, what) => faults.push(what),
      ...unused,
    });
    for (let runs = 0; (await slow.countDue()) === "again"; runs++) expect(runs).toBeLessThan(50);
    expect([...(await countedAt()).values()]).not.toContain(null);
    expect(faults).toHaveLength(2);
  });

  test("whoever sees all of them chooses, or searches", async () => {
    const page = await everywhere.get(path);
    expect(page.path).toBe(path);
    expect(page.text).toContain("Académie du Nord");
    expect(page.text).toContain("Collège de l’Île");
    expect(page.text).not.toContain("Collège des Lilas");
    const found = await everywhere.get(`${path}?q=lilas`);
    expect(found.html).toContain(`href="${path}/${lilas}"`);
    expect(found.html).not.toContain(`href="${path}/${tilleuls}"`);
  });

  // ── Today ──────────────────────────────────────────────────────────────────────────────────────────────────

  test("today begins at midnight where the school is; a lock of yesterday counts as long as it lasts", async () => {
    const until = (name: string) => portal.clock.advance(Date.parse(name) - portal.clock.now());
    const here = await put(await person("Ines Paris").email("ines@example.fr").made(), lilas, fourthA);
    const there = await put(await person("Luc Réunion").email("luc@example.fr").made(), island);
    const rowOf = (name: string) => `${kindWord("pupil")}/${name}`;
    const lockedAt = (id: string) => figureIn(everywhere, id, "locked", rowOf(all));
    until("2027-03-03T18:00:00+01:00");
    await lockOut(here);
    await lockOut(there);
    until("2027-03-03T20:59:00+01:00");
    expect(await Promise.all([lockedAt(lilas), lockedAt(island), lockedAt(academy)])).toEqual([1, 1, 1]);
    expect(await figureIn(everywhere, academy, "locked", rowOf("Collège des Lilas"))).toBe(1);
    const over = await list(everywhere, lilas, "locked", "kind=pupil");
    expect(namesOn(over)).toEqual(["Ines Paris"]);
    expect(over.text).toContain(words("statistics.list.lock-over"));
    // Midnight on the island.
    until("2027-03-03T21:01:00+01:00");
    expect(await Promise.all([lockedAt(lilas), lockedAt(island)])).toEqual([1, 0]);
    until("2027-03-03T23:50:00+01:00");
    await lockOut(here);
    until("2027-03-04T00:10:00+01:00");
    expect(await Promise.all([lockedAt(lilas), lockedAt(academy)])).toEqual([1, 1]);
    const still = await list(everywhere, lilas, "locked", "kind=pupil");
    expect(still.text).toContain("4 mars 2027 à 00:50");
    until("2027-03-04T00:51:00+01:00");
    expect(await Promise.all([lockedAt(lilas), lockedAt(academy)])).toEqual([0, 0]);
  });

  test("whoever opens their account, and is signed in by it, has used it; nearly all is not all", async () => {
    const school = await anEstablishment(portal, "school", "École des premiers pas", academy);
    const waits = person("Odin Premier").status("pending").withoutPassword();
    const odin = await put(await waits.made(), school);
    const [row] = await portal.portal.store.ask<{ key: string }>(
      "select key from identifiers where account_id = ?",
      [odin.account.id],
    );
    const { codePlain } = await aLetter(portal, odin);
    const browser = new PlainBrowser(portal.url);
    await browser.post("/activate/letter", { identifier: row?.key ?? "", code: codePlain });
    await browser.post("/activate/password", { password: "neuf-lacs-bleus-calmes-31" });
    await browser.post("/activate/contact", { channel: "email", email: "odin@example.fr" });
    const { code } = await portal.messageTo("odin@example.fr");
    expect((await browser.post("/activate/contact/code", { code: code ?? "" })).path).toBe("/account");
    // people, activated, invited, waiting, disabled, unused
    const counted = (await file(everywhere, school)).get(`${kindWord("pupil")}/${all}`);
    expect(counted?.slice(0, 6)).toEqual([1, 1, 0, 0, 0, 0]);
    const some = (people: number) => ({ ...noFigures(), people });
    expect([shareOf(some(1000), 999), shareOf(some(1000), 1000), shareOf(some(0), 0)]).toEqual([
      0.99,
      1,
      null,
    ]);
  });

  // ── States of the page ─────────────────────────────────────────────────────────────────────────────────────

  test("a school where nobody is says so, and one where all have activated is thanked", async () => {
    const empty = await anEstablishment(portal, "school", "École neuve", academy);
    const page = await everywhere.get(`${path}/${empty}`);
    expect(page.text).toContain(words("statistics.nobody"));
    expect(page.html).toContain('href="/desk/imports"');
    const done = await anEstablishment(portal, "school", "École prête", academy);
    await put(await person("Paul Prêt").email("paul@example.fr").made(), done);
    expect((await everywhere.get(`${path}/${done}`)).text).toContain(words("statistics.all-activated"));
    expect((await pupilsOffice.get(`${path}/${lilas}`)).text).not.toContain(
      words("statistics.all-activated"),
    );
  });

  test("a contact point is usable exactly where a recovery would use it; long lists have pages", async () => {
    const { store } = portal.portal;
    const { clock, config } = portal;
    const now = clock.now();
    const ids = createIds(clock, seededRandom(777));
    const schoolId = await anEstablishment(portal, "school", "École des coordonnées", academy);
    const made: { id: string; points: ContactPoint[] }[] = [];
    const points = (["email", "sms"] as const).flatMap((channel) =>
      (["declared", "verified", "obsolete"] as const).flatMap((state) =>
        (["registry", "staff", "person"] as const).flatMap((origin) =>
          [null, now - 1, now + 1].flatMap((usable_from) =>
            [null, now - 1].map((dead_since) => ({ channel, state, origin, usable_from, dead_since })),
          ),
        ),
      ),
    );
    await store.transact(async (tx) => {
      for (const [index, point] of points.entries()) {
        const id = ids.uuid();
        const account = {
          id,
          kind: "pupil",
          status: "active",
          name: `Élève ${index}`,
          locale: "fr",
          created_at: now,
        };
        const none = {
          nickname: null,
          password_hash: null,
          password_changed_at: null,
          contacts_frozen_until: null,
          activated_at: null,
          closed_at: null,
          reminded_at: null,
        };
        await accountRows.insertAccount(tx, { ...none, ...account } as accountRows.AccountRow);
        const row: ContactPoint = {
          ...point,
          id: ids.uuid(),
          account_id: id,
          address: `eleve${index}@example.fr`,
          address_key: `eleve${index}@example.fr`,
          created_at: now,
          verified_at: null,
          obsolete_at: null,
          dead_reason: null,
          asked_at: null,
        };
        await accountRows.insertContactPoint(tx, row);
        await tx.ask(
          "insert into memberships (account_id, establishment_id, kind, since) values (?, ?, 'pupil', ?)",
          [id, schoolId, now],
        );
        made.push({ id, points: [row] });
      }
    });
    const { usable } = createAccounts({ clock, ids, preset: config.preset });
    for (const channels of [["email"], ["email", "sms"]] as const) {
      for (const acceptsDeclared of [true, false]) {
        const expected = made
          .filter((one) => channels.every((by) => usable(one.points, by, { acceptsDeclared }).length === 0))
          .map(({ id }) => id);
        const { people } = await listBehind(
          store,
          { schoolId, kind: "pupil", figure: "unreachable", of: "all" },
          {
            now,
            todayFrom: now,
            failedFrom: now,
            channels: { pupil: [...channels], guardian: [], staff: [], member: [] },
            acceptsDeclared,
            stillLocked: [],
            undelivered: [],
          },
          { limit: 1000, offset: 0 },
        );
        expect(people.map(({ id }) => id).sort()).toEqual(expected.sort());
      }
    }
    const first = await list(everywhere, schoolId, "people", "kind=pupil");
    expect(namesOn(first)).toHaveLength(100);
    const next = /href="([^"]*page=1)"/.exec(first.html)?.[1]?.replaceAll("&amp;", "&");
    expect(namesOn(await everywhere.get(next ?? ""))).toHaveLength(points.length - 100);
  });
});
