import { afterAll, beforeAll, expect, test } from "vitest";
import { actsWithinWalls } from "../../src/config/acts.ts";
import type { Preset } from "../../src/config/preset.ts";
import { putSchoolPeople } from "../../src/school/establishments/establishments.store.ts";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import type { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { inLatin9, sieclePupils } from "../support/registry-files.ts";
import { anEstablishment, belongs, leaves } from "../support/schools.ts";
import { aStaffMember, atTheDesk, giveRole } from "../support/staff.ts";
import { fold } from "../support/words.ts";

const office: Preset["roles"][number] = {
  id: "office",
  level: 5,
  name: { fr: "Secrétariat", en: "Office", ar: "الأمانة" },
  helps: ["guardian"],
  reach: "establishment",
  relays: [],
  may: ["people.search", "people.see", "people.journal", "recovery.send", "account.close"],
};
const everybodysGuide: Preset["roles"][number] = {
  ...office,
  id: "guide",
  helps: ["pupil"],
  reach: "everybody",
  may: ["people.search", "people.see"],
};
/** Whatever a role with walls can have. */
const everything: Preset["roles"][number] = {
  ...office,
  id: "everything",
  level: 9,
  helps: ["guardian", "pupil", "staff"],
  relays: ["school-office", "pupil-life-office", "head", "academic-support"],
  may: [...actsWithinWalls],
};

const nobody = "01a40540-d800-740d-8623-0d0d3df4bb6e";

onEachEngine("the walls of an establishment", (engine) => {
  let portal: TestPortal;
  let lilas: string;
  let tilleuls: string;
  let desk: PlainBrowser;
  let [anna, bilal, both, pupil]: MadeAccount[] = [];

  const guardian = (name: string) => anAccount(portal, name).kind("guardian");
  const idOf = (one: MadeAccount | undefined) => one?.account.id as string;

  beforeAll(async () => {
    portal = await startPortal({
      engine,
      preset: "school",
      change: (config) => ({
        ...config,
        preset: {
          ...config.preset,
          roles: [...config.preset.roles, office, everybodysGuide, everything],
          limits: { ...config.preset.limits, "staff-act.per-staff": { max: 100_000, perSeconds: 60 } },
        },
      }),
    });
    const academy = await anEstablishment(portal, "academy", "Académie du Nord");
    lilas = await anEstablishment(portal, "school", "Collège des Lilas", academy);
    tilleuls = await anEstablishment(portal, "school", "Collège des Tilleuls", academy);
    anna = await guardian("Anna Martin").username("a.martin").email("anna@example.fr").made();
    bilal = await guardian("Bilal Martin").username("b.martin").email("bilal@example.fr").made();
    both = await guardian("Chloé Martin").username("c.martin").email("chloe@example.fr").made();
    pupil = await anAccount(portal, "Dina Martin").kind("pupil").username("d.martin").made();
    for (const one of [anna, both, pupil]) await belongs(portal, one as MadeAccount, lilas);
    for (const one of [bilal, both]) await belongs(portal, one as MadeAccount, tilleuls);
    desk = await atTheDesk(portal, await aStaffMember(portal, "office", { establishmentId: lilas }));
  });
  afterAll(() => portal?.close());

  async function found(browser: PlainBrowser, q: string, more: Record<string, string> = {}) {
    const page = await browser.get(`/desk/people?${new URLSearchParams({ q, ...more })}`);
    expect(page.status).toBe(200);
    return [...page.html.matchAll(/href="\/desk\/people\/([0-9a-f-]{36})"/g)].map((match) => match[1]).sort();
  }

  test("a search finds the people of one's own school and kind, and nobody else's", async () => {
    const own = [idOf(anna), idOf(both)].sort();
    for (const typed of ["martin", "mar", "Martin a", "martim"]) {
      expect(await found(desk, typed), typed).toEqual(typed === "Martin a" ? [idOf(anna)] : own);
    }
    expect(await found(desk, "anna@example.fr")).toEqual([idOf(anna)]);
    for (const typed of ["bilal@example.fr", "bilal", "b.martin", "dina", "bilal@example.com"]) {
      expect(await found(desk, typed), typed).toEqual([]);
    }
  });

  test("two of one name are told apart by their classes, and by what the registry says, inside one's walls", async () => {
    const sixth = await anEstablishment(portal, "class", "6e A", lilas);
    const [first, second] = [
      await guardian("Léa Dupont").username("l.dupont").made(),
      await guardian("Léa Dupont").username("l.dupont2").made(),
    ];
    await belongs(portal, first, lilas);
    await belongs(portal, second, lilas);
    await belongs(portal, second, tilleuls);
    await portal.portal.store.transact(async (tx) => {
      await tx.ask("update memberships set class_id = ? where account_id = ? and establishment_id = ?", [
        sixth,
        idOf(second),
        lilas,
      ]);
      await putSchoolPeople(tx, [
        {
          account_id: idOf(second),
          surname: "Dupont",
          first_name: "Léa",
          birth_date: "1980-02-29",
          postal: JSON.stringify(["3 rue Haute", "59000 LILLE"]),
        },
      ]);
    });
    const list = (await desk.get("/desk/people?q=dupont")).text;
    expect(list).toContain("6e A · Collège des Lilas");
    expect(list).not.toContain("Tilleuls");
    const page = (await desk.get(`/desk/people/${idOf(second)}`)).text;
    for (const text of ["6e A · Collège des Lilas", "29 février 1980", "3 rue Haute", "59000 LILLE"]) {
      expect(fold(page)).toContain(text);
    }
    expect(page).not.toContain("Tilleuls");
    for (const one of [first, second]) await leaves(portal, one, lilas);
  });

  test("an address of somebody beyond the walls looks like one that nobody has", async () => {
    const [held, free] = await Promise.all(
      ["bilal@example.fr", "nobody@example.fr"].map((q) =>
        desk.get(`/desk/people?${new URLSearchParams({ q })}`),
      ),
    );
    expect(held?.text.replaceAll("bilal", "nobody")).toBe(free?.text);
  });

  test("a person beyond the walls is answered like one that does not exist, on every page and act", async () => {
    for (const id of [idOf(bilal), idOf(pupil), nobody]) {
      for (const path of ["", "/recovery", "/close"]) {
        expect((await desk.get(`/desk/people/${id}${path}`)).status, path).toBe(404);
      }
      const closed = await desk.post(`/desk/people/${id}/close`, { reason: "Parti" });
      expect(closed.status).toBe(404);
    }
    expect((await desk.get(`/desk/people/${idOf(anna)}`)).status).toBe(200);
    const [still] = await portal.portal.store.ask<{ status: string }>(
      "select status from accounts where id = ?",
      [idOf(bilal)],
    );
    expect(still?.status).toBe("active");
  });

  test("lists of a state end at the walls, too", async () => {
    const waiting = [];
    for (const [name, school] of [
      ["Emma Petit", lilas],
      ["Farid Petit", tilleuls],
    ] as const) {
      const one = await guardian(name)
        .username(name.toLowerCase().replace(" ", "."))
        .status("pending")
        .made();
      await belongs(portal, one, school);
      waiting.push(one);
    }
    expect(await found(desk, "", { state: "pending" })).toEqual([idOf(waiting[0])]);
    expect(await found(desk, "petit", { state: "pending" })).toEqual([idOf(waiting[0])]);
  });

  test("who leaves the school is out of reach from that moment, between the look and the act as well", async () => {
    const gone = await guardian("Gaël Roux").username("g.roux").email("gael@example.fr").made();
    await belongs(portal, gone, lilas);
    expect((await desk.get(`/desk/people/${idOf(gone)}/close`)).status).toBe(200);
    await leaves(portal, gone, lilas);
    expect((await desk.post(`/desk/people/${idOf(gone)}/close`, { reason: "Parti" })).status).toBe(404);
    expect(await found(desk, "roux")).toEqual([]);
  });

  test("a role given for an academy reaches all its schools; one given without walls reaches nobody", async () => {
    const [row] = await portal.portal.store.ask<{ id: string }>(
      "select above_id as id from establishments_above where establishment_id = ? and above_id <> ?",
      [lilas, lilas],
    );
    const wide = await atTheDesk(
      portal,
      await aStaffMember(portal, "office", { establishmentId: row?.id as string }),
    );
    expect(await found(wide, "martin")).toEqual([idOf(anna), idOf(bilal), idOf(both)].sort());
    const nowhere = await atTheDesk(portal, await aStaffMember(portal, "office", { establishmentId: null }));
    expect((await nowhere.get("/desk/people?q=martin")).status).toBe(403);
  });

  test("two roles: each reaches its own kind, within its own walls", async () => {
    const staff = await aStaffMember(portal, "office", { establishmentId: tilleuls });

    await giveRole(portal, staff.account.id, "guide");
    const two = await atTheDesk(portal, staff);
    expect(await found(two, "martin")).toEqual([idOf(bilal), idOf(both), idOf(pupil)].sort());
    expect((await two.get(`/desk/people/${idOf(pupil)}/recovery`)).status).toBe(404);
    expect((await two.get(`/desk/people/${idOf(anna)}`)).status).toBe(404);
    const seen = await two.get(`/desk/people/${idOf(bilal)}`);
    expect(seen.text).toContain("bilal@example.fr");
  });

  test("no route shows or does anything about a person, place, role or file beyond the walls", async () => {
    const { store } = portal.portal;
    await store.transact((tx) =>
      tx.ask("update establishments set code = '0990001A' where id = ?", [tilleuls]),
    );
    const classId = await anEstablishment(portal, "class", "Sixième A", tilleuls);
    const theirs = await aStaffMember(portal, "office", { establishmentId: tilleuls });
    const [grant] = await store.ask<{ id: string }>("select id from staff_grants where account_id = ?", [
      theirs.account.id,
    ]);
    const operator = await atTheDesk(portal, await aStaffMember(portal, "operator"));
    const form = new FormData();
    form.set("school", "");
    form.append("files", new Blob([new Uint8Array(inLatin9(sieclePupils([{ id: "1" }])))]), "eleves.xml");
    const imported = (await operator.post("/desk/imports", form)).path.split("/").at(-1) ?? "";
    expect((await operator.get(`/desk/imports/${imported}`)).status).toBe(200);

    const all = await atTheDesk(portal, await aStaffMember(portal, "everything", { establishmentId: lilas }));
    const allowed = new Set<string | null>(everything.may);
    const routes = portal.portal
      .deskRoutes()
      .filter(({ act, path }) => allowed.has(act) && path.includes(":") && !path.includes("/events"));
    const beyond = [tilleuls, classId, idOf(bilal), theirs.account.id, grant?.id ?? "", imported];
    const answer = async (method: "GET" | "POST", path: string) => {
      const page =
        method === "GET"
          ? await all.get(path, { follow: false })
          : await all.post(path, { reason: "Essai", gone: "1" }, { follow: false });
      return { status: page.status, text: page.text };
    };
    const wrong: string[] = [];
    const pathWith = (path: string, id: string) => path.replaceAll(/:[A-Za-z]+/g, id);
    for (const { method, path } of routes) {
      const none = await answer(method, pathWith(path, nobody));
      for (const id of beyond) {
        const met = await answer(method, pathWith(path, id));
        const isTold = /Tilleuls|Bilal|Sixième A/.test(met.text);
        if (met.status !== none.status || isTold) wrong.push(`${method} ${path} ${met.status} for ${id}`);
        // Beside something of one's own in the address, too.
        if (path.split(":").length < 3) continue;
        for (const own of [lilas, idOf(anna)]) {
          const mixed = path.replace(/:[A-Za-z]+/, own).replaceAll(/:[A-Za-z]+/g, id);
          const without = path.replace(/:[A-Za-z]+/, own).replaceAll(/:[A-Za-z]+/g, nobody);
          const [one, other] = [await answer(method, mixed), await answer(method, without)];
          if (one.status !== other.status || /Tilleuls|Bilal|Sixième A/.test(one.text)) {
            wrong.push(`${method} ${mixed} ${one.status}, not ${other.status}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(routes.length).toBeGreaterThan(30);
  });

  test("no list or file of the desk names anybody or anything beyond the walls", async () => {
    const all = await atTheDesk(portal, await aStaffMember(portal, "everything", { establishmentId: lilas }));
    const allowed = new Set<string | null>(everything.may);
    const lists = portal.portal
      .deskRoutes()
      .filter(({ method, act, path }) => method === "GET" && allowed.has(act) && !path.includes(":"));
    const told: string[] = [];
    for (const { path } of lists) {
      for (const query of [
        "",
        `?q=tilleuls&at=${tilleuls}&in=${tilleuls}&school=${tilleuls}&place=${tilleuls}`,
      ]) {
        const { status, html } = await all.get(`${path}${query}`);
        // What was typed into a search stands in its field.
        const shown = html.replaceAll(/value="tilleuls"|tilleuls/g, "");
        if (status >= 500 || /Tilleuls|Bilal/.test(shown)) told.push(`${path}${query} ${status}`);
      }
    }
    expect(told).toEqual([]);
    expect(lists.length).toBeGreaterThan(8);
  });
});
