import { afterAll, beforeAll, expect, test } from "vitest";
import type { Preset } from "../../src/config/preset.ts";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import type { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { anEstablishment, belongs, leaves } from "../support/schools.ts";
import { aStaffMember, atTheDesk, giveRole } from "../support/staff.ts";

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
        preset: { ...config.preset, roles: [...config.preset.roles, office, everybodysGuide] },
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

  test("an address of somebody beyond the walls looks like one that nobody has", async () => {
    const [held, free] = await Promise.all(
      ["bilal@example.fr", "nobody@example.fr"].map((q) =>
        desk.get(`/desk/people?${new URLSearchParams({ q })}`),
      ),
    );
    expect(held?.text.replaceAll("bilal", "nobody")).toBe(free?.text);
  });

  test("a person beyond the walls is answered like one that does not exist, on every page and act", async () => {
    const nobody = "01a40540-d800-740d-8623-0d0d3df4bb6e";
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
    const nowhere = await atTheDesk(portal, await aStaffMember(portal, "office"));
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
});
