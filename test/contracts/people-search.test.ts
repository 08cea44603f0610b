import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { createAccounts } from "../../src/accounts/accounts.ts";
import { findNearWords } from "../../src/accounts/search/near-words.ts";
import * as words from "../../src/accounts/search/people-words.store.ts";
import { readConfig } from "../../src/config/config.ts";
import { createPeopleJobs } from "../../src/desk/people/people.jobs.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { signUp } from "../support/people.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aStaffMember, atTheDesk, giveRole } from "../support/staff.ts";
import { words as say } from "../support/words.ts";
import { seededRandom, TestClock } from "../support/world.ts";

onEachEngine("finding people", (engine) => {
  let portal: TestPortal;
  let desk: PlainBrowser;
  const people = new Map<string, MadeAccount>();

  async function someone(
    name: string,
    build: (builder: ReturnType<typeof anAccount>) => ReturnType<typeof anAccount> = (builder) => builder,
  ): Promise<void> {
    people.set(name, await build(anAccount(portal, name).kind("member")).made());
  }

  beforeAll(async () => {
    portal = await startPortal({ engine, preset: "service" });
    await someone("Léa Martin", (one) => one.username("l.martin12").email("lea.martin@example.fr"));
    await someone("Marie-Hélène Lefèvre", (one) => one.email("mh.lefevre@example.org"));
    await someone("Œdipe Strauß", (one) => one.email("oedipe@example.org"));
    await someone("Matthieu Fernandez", (one) =>
      one.email("matthieu.fernandez@example.org").mobile("+33639980041"),
    );
    await someone("أحمد بن علي", (one) => one.email("ahmed@example.org"));
    await someone("Karim Haddad", (one) => one.email("karim.haddad@example.fr").status("pending"));
    await someone("Paule Leclerc", (one) => one.email("leclerc@example.fr").status("closed"));
    desk = await atTheDesk(portal, await aStaffMember(portal, "support", { name: "Sami Aide" }));
  });
  afterAll(() => portal?.close());

  const look = (q: string, more: Record<string, string> = {}): Promise<Page> =>
    desk.get(`/desk/people?${new URLSearchParams({ q, ...more })}`);
  const linksIn = (html: string) =>
    [...html.matchAll(/href="\/desk\/people\/([0-9a-f-]{36})"/g)].map((match) => match[1] as string);
  const idOf = (name: string) => people.get(name)?.account.id as string;
  const found = async (q: string, more: Record<string, string> = {}) => linksIn((await look(q, more)).html);

  test.each([
    ["accents", "lea", "Léa Martin"],
    ["capitals", "MARTIN", "Léa Martin"],
    ["the order of words", "martin léa", "Léa Martin"],
    ["a hyphen or none", "marie helene", "Marie-Hélène Lefèvre"],
    ["a word being typed", "lefev mar", "Marie-Hélène Lefèvre"],
    ["three letters", "fer", "Matthieu Fernandez"],
    ["letters that are two", "oedipe strauss", "Œdipe Strauß"],
    ["another script", "احمد", "أحمد بن علي"],
    ["the marks of another script", "أَحْمَد", "أحمد بن علي"],
    ["a username", "l.martin12", "Léa Martin"],
    ["the beginning of a username", "l.mart", "Léa Martin"],
    ["an address", "lea.martin@example.fr", "Léa Martin"],
    ["an address being typed", "lea.martin@ex", "Léa Martin"],
    ["an address in capitals", " LEA.MARTIN@Example.FR ", "Léa Martin"],
    ["an address without what parts it", "leamartin", "Léa Martin"],
    ["a number as people dial it", "0639980041", "Matthieu Fernandez"],
    ["a number in pairs", "06 39 98 00 41", "Matthieu Fernandez"],
    ["a number with points", "06.39.98.00.41", "Matthieu Fernandez"],
    ["a number with its country", "+33 6 39 98 00 41", "Matthieu Fernandez"],
    ["a number with its country and a nought", "+33 (0)6 39 98 00 41", "Matthieu Fernandez"],
    ["a number with 00", "0033639980041", "Matthieu Fernandez"],
    ["a number that lost its nought", "639980041", "Matthieu Fernandez"],
    ["the beginning of a number", "06 39 98", "Matthieu Fernandez"],
    ["a name and a number", "fernandez 06 39 98", "Matthieu Fernandez"],
  ])("by %s: « %s »", async (_, typed, name) => {
    expect(await found(typed)).toEqual([idOf(name)]);
  });

  test.each([
    ["a letter dropped", "fernndez", "Matthieu Fernandez"],
    ["a letter too many", "marttin", "Léa Martin"],
    ["another letter", "haddud", "Karim Haddad"],
    ["two letters swapped", "matrin", "Léa Martin"],
    ["two swapped where the halves meet", "lecelrc", "Paule Leclerc"],
    ["two slips in a long word", "fenrandes", "Matthieu Fernandez"],
    ["a slip beside a right word", "lea martni", "Léa Martin"],
    ["a slip in an address", "lea.martn@example.fr", "Léa Martin"],
    ["a slip in a domain", "lea.martin@exmaple.fr", "Léa Martin"],
    ["an address with a point missing", "leamartin@example.fr", "Léa Martin"],
    ["another ending of the domain", "lea.martin@example.com", "Léa Martin"],
  ])("by near spelling, %s: « %s »", async (_, typed, name) => {
    const page = await look(typed);
    expect(linksIn(page.html)).toEqual([idOf(name)]);
    expect(page.text).toContain(say("people.search.near.title"));
  });

  test("nobody by a word that is only somewhat like theirs, or by letters alone of a short one", async () => {
    expect(await found("fxrnxndxz")).toEqual([]);
    expect(await found("leo")).toEqual([]);
    expect((await look("martin dupont")).text).toContain(say("people.search.none"));
  });

  test("what says too little is not searched, and what is not text does no harm", async () => {
    expect((await look("ma")).text).toContain(say("people.search.too-little"));
    expect((await look("")).text).toContain(say("people.search.start"));
    for (const odd of [
      "%%%",
      "\u0000lea",
      "' or 1=1 --",
      "@",
      "a@",
      "@b.c",
      "+",
      "\u{10ffff}",
      "é".repeat(900),
    ]) {
      expect((await look(odd)).status).toBe(200);
    }
    const cursor = (text: string) => Buffer.from(text).toString("base64url");
    const nul = cursor(JSON.stringify([0, 0, "mart\0", "01890000-0000-7000-8000-000000000000"]));
    const odd = cursor(JSON.stringify([0, 0, "martin", "\0"]));
    for (const after of ["x", "W10", cursor('[0,9,"a","b"]'), nul, odd, "\0", "é".repeat(900)]) {
      expect((await look("martin", { after })).status).toBe(200);
    }
    for (const path of ["/desk/people/%00", "/desk/cases/%00", "/help/%00", "/desk/people?q=lea&state=%00"]) {
      expect((await desk.get(path)).status).toBeLessThan(500);
    }
  });

  test("by the state of the account, with words and without", async () => {
    expect(await found("", { state: "pending" })).toEqual([idOf("Karim Haddad")]);
    expect(await found("", { state: "closed" })).toEqual([idOf("Paule Leclerc")]);
    expect(await found("leclerc", { state: "active" })).toEqual([]);
    expect(await found("leclerc", { state: "closed" })).toEqual([idOf("Paule Leclerc")]);
    const stranger = new PlainBrowser(portal.url);
    for (let n = 0; n < 12; n++) {
      await stranger.post("/sign-in", { identifier: "l.martin12", password: `faux ${n}` });
    }
    expect(await found("", { state: "locked" })).toEqual([idOf("Léa Martin")]);
    expect(await found("martin", { state: "locked" })).toEqual([idOf("Léa Martin")]);
    expect(await found("fernandez", { state: "locked" })).toEqual([]);
  });

  test("never oneself, nor anyone with a role, nor a kind that the role does not help", async () => {
    const colleague = await anAccount(portal, "Zénobie Collègue")
      .kind("member")
      .email("z@example.org")
      .made();
    expect(await found("zenobie")).toEqual([colleague.account.id]);
    await giveRole(portal, colleague.account.id, "support");
    expect(await found("zenobie")).toEqual([]);
    expect(await found("sami aide")).toEqual([]);
    await anAccount(portal, "Quentin Personnel").kind("staff").email("q@example.org").made();
    expect(await found("quentin")).toEqual([]);
    const operator = await atTheDesk(portal, await aStaffMember(portal, "operator"));
    const page = await operator.get("/desk/people?q=quentin");
    expect(linksIn(page.html)).toHaveLength(1);
  });

  test("an address that nobody has is told with what was sent there, and who is near", async () => {
    const outside = new PlainBrowser(portal.url);
    await outside.post("/forgot-password", { identifier: "lea.martin@exemple.fr", channel: "email" });
    await portal.settle();
    const page = await look("lea.martin@exemple.fr");
    expect(page.text).toContain(say("people.address.title.email"));
    expect(page.text).toContain(say("people.message.truth.no-account"));
    expect(page.text).toContain(say("people.address.near"));
    expect(linksIn(page.html)).toEqual([idOf("Léa Martin")]);
    const unknown = await look("nobody.at.all@nowhere.example");
    expect(unknown.text).toContain(say("people.address.no-messages"));
    expect(linksIn(unknown.html)).toEqual([]);
    const number = await look("06 39 98 00 99");
    expect(number.text).toContain(say("people.address.title.sms"));
  });

  test("an address is said to be nobody's only where it is: not in one state, nor where somebody else helps", async () => {
    const elsewhere = await look("lea.martin@example.fr", { state: "closed" });
    expect(elsewhere.text).not.toContain(say("people.address.title.email"));
    expect(elsewhere.text).toContain(say("people.search.none"));
    await anAccount(portal, "Rose Personnel").kind("staff").email("rose@example.org").made();
    const held = await look("rose@example.org");
    expect(held.text).toContain(say("people.address.held.email"));
    expect(held.text).not.toContain(say("people.address.title.email"));
    expect(held.text).not.toContain("Rose");
  });

  test("a search of people is counted, and refused beyond the limit", async () => {
    const narrow = await startPortal({
      engine: "sqlite",
      change: (config) => ({
        ...config,
        preset: {
          ...config.preset,
          limits: {
            ...config.preset.limits,
            "people-search.per-staff": { max: 2, perSeconds: 3600 },
          },
        },
      }),
    });
    try {
      const staff = await atTheDesk(narrow, await aStaffMember(narrow, "support"));
      const statuses: number[] = [];
      for (let n = 0; n < 3; n++) statuses.push((await staff.get("/desk/people?q=martin")).status);
      expect(statuses).toEqual([200, 200, 429]);
      // Told as staff are, within the desk.
      const refused = await staff.get("/desk/people?q=martin");
      expect(refused.text).toContain(say("desk.limit.title"));
    } finally {
      await narrow.close();
    }
  });

  describe("many people of one name", () => {
    beforeAll(async () => {
      const { store } = portal.portal;
      const { clock } = portal;
      const accounts = createAccounts({
        clock,
        ids: createIds(clock, seededRandom(5)),
        preset: portal.config.preset,
      });
      await store.transact(async (tx) => {
        for (let n = 0; n < 45; n++) {
          await accounts.create(tx, {
            kind: "member",
            status: "active",
            name: `Dominique Vertbois ${n}`,
            locale: "fr",
            passwordHash: null,
            contacts: [
              {
                channel: "email",
                address: `d.vertbois${n}@example.org`,
                key: `d.vertbois${n}@example.org`,
                state: "verified",
                origin: "person",
              },
            ],
          });
        }
      });
    });

    test("come twenty at a time, each exactly once", async () => {
      const seen: string[] = [];
      let path = "/desk/people?q=vertbois&state=any";
      for (let pages = 0; pages < 10 && path !== ""; pages++) {
        const page = await desk.get(path);
        const ids = linksIn(page.html);
        expect(ids.length).toBeLessThanOrEqual(20);
        seen.push(...ids);
        const next = /href="(\/desk\/people\?[^"]*after=[^"]*)"/.exec(page.html)?.[1] ?? "";
        path = next.replaceAll("&amp;", "&");
      }
      expect(seen).toHaveLength(45);
      expect(new Set(seen).size).toBe(45);
    });

    test("are narrowed by a second word", async () => {
      expect(await found("vertbois 31")).toHaveLength(1);
      expect(await found("dominique vertbois")).toHaveLength(20);
    });
  });

  describe("what people are found by is what they have now", () => {
    test("a sign-up, a new address, a name that changed, an account that goes", async () => {
      await signUp(portal, {
        email: "nora.quatrepierres@example.fr",
        name: "Nora Quatrepierres",
        nickname: "nora_q",
        password: "huit-ponts-verts-27",
      });
      const [id] = await found("quatrepierres");
      expect(id).toBeDefined();
      const { store } = portal.portal;
      await store.transact((tx) => accountRows.updateAccount(tx, id as string, { name: "Nora Beaupuits" }));
      expect(await found("nora beaupuits")).toEqual([id]);
      // The word lives on in her address.
      expect(await found("quatrepierres")).toEqual([id]);
      const [point] = await accountRows.contactPointsOf(store, id as string);
      await store.transact(async (tx) => {
        await accountRows.updateContactPoint(tx, point?.id ?? "", { state: "obsolete" });
        await accountRows.deleteIdentifier(tx, point?.address_key ?? "", id as string);
      });
      expect(await found("quatrepierres")).toEqual([]);
      expect(await found("beaupuits")).toEqual([id]);
      await store.transact((tx) => accountRows.deleteAccount(tx, id as string));
      expect(await found("beaupuits")).toEqual([]);
    });

    test("an account that gave up all its words is found by none", async () => {
      const made = await anAccount(portal, "Ulysse Rochebrune")
        .kind("member")
        .email("ulysse@example.org")
        .made();
      const { store } = portal.portal;
      await store.transact(async (tx) => {
        await accountRows.updateAccount(tx, made.account.id, { status: "closed", closed_at: 1 });
        await accountRows.pseudonymiseClosed(tx, 2);
      });
      expect(await found("rochebrune")).toEqual([]);
      expect(await found("ulysse@example.org")).toEqual([]);
    });
  });
});

onEachEngine("the index of people", (engine) => {
  test("is filled for accounts that were there before it, in steps that can be broken off", async () => {
    const { store, close } = await openTestStore(engine);
    try {
      const clock = new TestClock();
      const ids = createIds(clock, seededRandom(9));
      const read = readConfig({ LOQUET_PRESET: "community", LOQUET_DEMO: "0" }, findProjectRoot());
      if (!read.ok) throw new Error(read.faults.join());
      const accounts = createAccounts({ clock, ids, preset: read.config.preset });
      for (let n = 0; n < 30; n++) {
        await store.transact((tx) =>
          accounts.create(tx, {
            kind: "member",
            status: "active",
            name: `Personne Numero${n}`,
            locale: "fr",
            passwordHash: null,
            contacts: [],
          }),
        );
      }
      const tables = () => store.tables<words.PeopleWordTables>();
      const count = async () => (await tables().selectFrom("people_words").selectAll().execute()).length;
      const whole = await count();
      await store.transact(async (tx) => {
        await tx.tables<words.PeopleWordTables>().deleteFrom("people_words").execute();
        await tx.tables<words.PeopleWordTables>().deleteFrom("people_lexicon").execute();
        await tx.tables<words.PeopleWordTables>().deleteFrom("people_index").execute();
      });
      expect(await words.readProgress(store)).toBeNull();
      await store.transact((tx) => words.indexNext(tx, "", 7));
      const broken = await words.readProgress(store);
      expect(broken?.isDone).toBe(false);
      expect(await count()).toBe(14);
      const [fill] = createPeopleJobs({ store, clock, settleCorrections: async () => {} });
      await fill?.run();
      expect(await count()).toBe(whole);
      expect((await words.readProgress(store))?.isDone).toBe(true);
      expect(await findNearWords(store, "personnne")).toContain("personne");
    } finally {
      await close();
    }
  });

  test("forgets a word that nobody has had for a day, and none that somebody was given meanwhile", async () => {
    const { store, close } = await openTestStore(engine);
    try {
      const clock = new TestClock();
      const lexicon = async () =>
        (
          await store.tables<words.PeopleWordTables>().selectFrom("people_lexicon").select("word").execute()
        ).map(({ word }) => word);
      const [, , forget] = createPeopleJobs({ store, clock, settleCorrections: async () => {} });
      await store.transact((tx) =>
        words.addWords(tx, [
          {
            accountId: "",
            words: [],
            domains: ["@kept.example"],
          },
        ]),
      );
      await store.transact(async (tx) => {
        for (const word of ["lost", "found"]) {
          await tx
            .tables<words.PeopleWordTables>()
            .insertInto("people_lexicon")
            .values({ word, reversed: [...word].reverse().join(""), unused_since: null })
            .execute();
        }
      });
      await forget?.run();
      expect((await lexicon()).sort()).toEqual(["@kept.example", "found", "lost"]);
      clock.advance(25 * 3_600_000);
      await store.transact(async (tx) => {
        await accountRows.insertAccount(tx, {
          id: "01890000-0000-7000-8000-000000000001",
          kind: "member",
          status: "active",
          name: "Found",
          nickname: null,
          locale: "fr",
          password_hash: null,
          password_changed_at: null,
          contacts_frozen_until: null,
          created_at: 0,
          activated_at: null,
          closed_at: null,
          reminded_at: null,
        });
      });
      await forget?.run();
      expect((await lexicon()).sort()).toEqual(["@kept.example", "found"]);
    } finally {
      await close();
    }
  });
});
