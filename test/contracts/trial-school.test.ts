import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { listTrialPeople, trialPassword } from "../../src/trial/people.ts";
import { identifierOf } from "../../src/trial/trial-person.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { fold, words } from "../support/words.ts";

/** The trial of the school: what `/_trial` says of its people is true, and its staff meet their own people only. */
const college = {
  guardians: "c.martin s.benali i.robert p.durand j.garnier m.lefevre s.lambert k.haddad".split(" "),
  pupils: "l.benali n.martin3 j.martin12 h.petit t.robert e.lambert".split(" "),
};
const lycee = { guardians: ["s.lambert2", "m.leroy"], pupils: ["l.lambert", "m.leroy2"] };
const families = [...college.guardians, ...college.pupils, ...lycee.guardians, ...lycee.pupils];

/** Whom each member of staff finds; null: there is no search for them. */
const finds: Record<string, string[] | null> = {
  "b.colin": college.guardians,
  "d.nguyen": college.pupils,
  "h.vasseur": [...college.guardians, ...college.pupils],
  "r.caron": null,
  "n.cherif": families,
  "o.blanc": [...families, "a.moreau"],
};
/** One of each kind and place: whoever does not find them does not open their page by its address either. */
const strangers = ["c.martin", "h.petit", "s.lambert2", "m.leroy2", "a.moreau", "d.nguyen"];
const notActivated = ["i.robert", "t.robert"];

interface Shown {
  identifier: string;
  password: string | null;
  code: string | null;
  /** Everything that the page says of them. */
  says: string;
}

/** The people as the page shows them. */
function readPeople(html: string): Shown[] {
  return html
    .split('<p class="item-title">')
    .slice(1)
    .map((item) => {
      const says = fold(item.split("</li>")[0]?.replaceAll(/<[^>]+>/g, " ") ?? "");
      const exact = [...item.matchAll(/<bdi class="exact">([^<]*)<\/bdi>/g)].map((match) => match[1] ?? "");
      const has = (key: "trial.person.password" | "trial.staff.code") => says.includes(words(key));
      return {
        says,
        identifier: exact[0] ?? "",
        password: has("trial.person.password") ? (exact[1] ?? "") : null,
        code: has("trial.staff.code") ? (exact[2] ?? "") : null,
      };
    });
}

onEachEngine("the trial of the school", (engine) => {
  let portal: TestPortal;
  const idOf = new Map<string, string>();
  const desks = new Map<string, PlainBrowser>();
  let shown: Shown[] = [];

  const saysOf = (identifier: string) => shown.find((one) => one.identifier === identifier)?.says ?? "";
  const deskOf = (identifier: string) => desks.get(identifier) as PlainBrowser;

  async function signIn({ identifier, password }: Shown) {
    const browser = new PlainBrowser(portal.url);
    const fields = { identifier, password: password ?? trialPassword };
    return { browser, page: await browser.post("/sign-in", fields, { follow: false }) };
  }

  beforeAll(async () => {
    portal = await startPortal({ engine, preset: "school", demo: true, wideSources: true });
    shown = readPeople((await new PlainBrowser(portal.url).get("/_trial")).html);
    for (const { key, account_id } of await portal.portal.store.ask<{ key: string; account_id: string }>(
      "select key, account_id from identifiers",
      [],
    )) {
      idOf.set(key, account_id);
    }
    for (const one of shown.filter(({ code }) => code !== null)) {
      const { browser } = await signIn(one);
      const page = await browser.post("/desk/second-factor", { code: one.code ?? "" }, { follow: false });
      expect(page.location, one.identifier).toBe("/desk");
      desks.set(one.identifier, browser);
    }
  });
  afterAll(() => portal?.close());

  test("everybody is on the page once, with what it takes to be them", async () => {
    expect(shown.map(({ identifier }) => identifier)).toEqual(listTrialPeople("school").map(identifierOf));
    expect([...families, ...Object.keys(finds), "a.moreau"].sort()).toEqual([...idOf.keys()].sort());
    expect([...desks.keys()].sort()).toEqual(Object.keys(finds).sort());
    for (const one of shown) {
      expect(one.password, one.identifier).toBe(notActivated.includes(one.identifier) ? null : trialPassword);
      const { browser, page } = await signIn(one);
      if (one.identifier === "p.durand") expect(page.text).toContain("verrouillé");
      else if (one.identifier === "m.lefevre") expect(page.text).toContain("désactivé");
      else if (one.password === null) expect(page.status).not.toBe(303);
      else {
        expect(page.status, one.identifier).toBe(303);
        expect((await browser.get("/account", { follow: false })).status, one.identifier).toBe(200);
      }
    }
  });

  test("every member of staff finds and opens their own people, and nobody else", async () => {
    const surnames = new Set(listTrialPeople("school").map(({ name }) => name.split(" ").at(-1) ?? ""));
    for (const [staff, own] of Object.entries(finds)) {
      const desk = deskOf(staff);
      expect((await desk.get("/desk")).status).toBe(200);
      if (own === null) {
        expect((await desk.get("/desk/people?q=martin")).status).toBe(403);
        continue;
      }
      const found = new Set<string>();
      for (const surname of surnames) {
        const { html } = await desk.get(`/desk/people?${new URLSearchParams({ q: surname })}`);
        for (const [, id] of html.matchAll(/href="\/desk\/people\/([0-9a-f-]{36})"/g)) found.add(id ?? "");
      }
      expect([...found].sort(), staff).toEqual(own.map((key) => idOf.get(key)).sort());
      expect((await desk.get(`/desk/people/${idOf.get(own[0] as string)}`)).status).toBe(200);
      for (const key of strangers.filter((one) => !own.includes(one))) {
        expect((await desk.get(`/desk/people/${idOf.get(key)}`)).status, `${staff}: ${key}`).toBe(404);
      }
    }
  });

  test("each office prints the letter that it is told to, and not the other's", async () => {
    const print = (staff: string, person: string) =>
      deskOf(staff).post(`/desk/letters/people/${idOf.get(person)}`, {}, { follow: false });
    for (const [staff, person, other] of [
      ["b.colin", "i.robert", "t.robert"],
      ["d.nguyen", "t.robert", "i.robert"],
    ] as const) {
      expect((await print(staff, person)).headers.get("content-type")).toBe("application/pdf");
      expect((await print(staff, other)).status).toBe(404);
    }
  });

  test("who is not activated gets in by the number and the birth date that the page shows", async () => {
    const [, number = ""] = /(06(?: \d\d){4})/.exec(saysOf("i.robert")) ?? [];
    const [, born = ""] = /\((\d\d\/\d\d\/\d{4})\)/.exec(saysOf("i.robert")) ?? [];
    const browser = new PlainBrowser(portal.url);
    await browser.post("/activate/mobile", { phone: number });
    const { code } = await portal.messageTo("+33639980004");
    await browser.post("/activate/mobile/code", { code: code ?? "" });
    const page = await browser.post("/activate/mobile/birth-date", { "birth-date": born });
    expect(page.path).toBe("/activate/password");
    expect(page.text).toContain("i.robert");
    expect(shown.filter(({ says }) => /\(\d\d\/\d\d\/\d{4}\)/.test(says))).toHaveLength(1);
  });

  test("the registry that the page offers brings a family, a move and a number, and nobody goes", async () => {
    const csv = (await new PlainBrowser(portal.url).get("/_trial/registry.csv")).html;
    const form = new FormData();
    form.set("school", "");
    form.append("files", new Blob([csv]), "registre.csv");
    const desk = deskOf("b.colin");
    const preview = await desk.post("/desk/imports", form);
    const names = [...new Set(listTrialPeople("school").map(({ name }) => name)), "Nina Fabre", "Luc Fabre"];
    for (const [action, expected] of [
      ["new", ["Luc Fabre", "Nina Fabre"]],
      ["moved", ["Jade Martin"]],
      ["changed", ["Samir Benali"]],
      ["gone", []],
    ] as const) {
      const page = await desk.get(`${preview.path}/people?action=${action}`);
      expect(page.status).toBe(200);
      const main = /<main[^>]*>([\s\S]*)<\/main>/.exec(page.html)?.[1] ?? "";
      expect(names.filter((name) => fold(main).includes(name)).sort(), action).toEqual(expected);
    }
    await desk.post(`${preview.path}/apply`, { gone: "1" });
    await portal.settle();
    expect((await desk.get("/desk/people?q=fabre")).text).toContain("Luc Fabre");
  });
});

describe("a trial begun before there were schools", () => {
  let portal: TestPortal | undefined;
  afterEach(() => portal?.close());

  test("gets them, with the people who came with them, and keeps what the visitor changed", async () => {
    portal = await startPortal({ preset: "school", demo: true });
    await portal.portal.store.transact(async (tx) => {
      for (const table of [
        "guardianships",
        "registry_links",
        "registry_records",
        "memberships",
        "school_people",
      ]) {
        await tx.ask(`delete from ${table}`, []);
      }
      await tx.ask("delete from staff_grants where role <> 'operator'", []);
      await tx.ask("update establishments set parent_id = null", []);
      await tx.ask("delete from establishments", []);
      await tx.ask("delete from accounts where name in ('Karim Haddad', 'Hélène Vasseur')", []);
      await tx.ask("update accounts set name = 'Claire Duval' where name = 'Claire Martin'", []);
      await tx.ask("delete from marks where name = 'trial-schools'", []);
    });
    const { dataFolder } = portal.config;
    const again = await startPortal({
      preset: "school",
      demo: true,
      seed: 2,
      change: (config) => ({ ...config, dataFolder }),
    });
    const page = readPeople((await new PlainBrowser(again.url).get("/_trial")).html);
    const head = page.find(({ identifier }) => identifier === "h.vasseur");
    const desk = new PlainBrowser(again.url);
    await desk.post("/sign-in", { identifier: "h.vasseur", password: trialPassword }, { follow: false });
    await desk.post("/desk/second-factor", { code: head?.code ?? "" }, { follow: false });
    const found = await desk.get("/desk/people?q=haddad");
    expect(found.text).toContain("Karim Haddad");
    const [claire] = await again.portal.store.ask<{ name: string }>(
      "select a.name from accounts a join identifiers i on i.account_id = a.id where i.key = 'c.martin'",
      [],
    );
    expect(claire?.name).toBe("Claire Duval");
    await again.close();
  });
});
