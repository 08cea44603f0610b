import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { createJournal } from "../../src/journal/journal.ts";
import { makeIdentifiers } from "../../src/school/identifiers/identifiers.ts";
import { sourceOfBytes } from "../../src/school/registry-import/read/source.ts";
import { createRegistryJobs } from "../../src/school/registry-import/registry-import.jobs.ts";
import type { Store } from "../../src/store/store.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { aRegistry, aSchool, everywhere } from "../support/registry.ts";
import { inLatin9, siecleGuardians, sieclePupils } from "../support/registry-files.ts";

const day = 24 * 60 * 60 * 1000;
const header =
  "type;identifiant;nom;prenom;date_naissance;classe;courriel;portable;adresse;ville;eleves;niveau;lien";
const csv = (...lines: string[]) => [header, ...lines].join("\n");
const noe = "eleve;1;PETIT;Noé;31/05/2012;6A;;;;;;;";
const lea = "eleve;2;PETIT;Léa;01/02/2014;5B;lea@example.fr;;;;;;";
const eve = "responsable;9;PETIT;Ève;;;eve@example.fr;0639980001;1 quai Nord;PARIS;1|2;1;mère";

onEachEngine("the registry", (engine) => {
  let store: Store;
  let close: () => Promise<void>;
  let registry: ReturnType<typeof aRegistry>;
  let school: string;

  beforeEach(async () => {
    ({ store, close } = await openTestStore(engine));
    registry = aRegistry(store);
    school = await aSchool(store, "0990001A", registry.clock);
  });
  afterEach(() => close());

  const ask = <Row>(statement: string, parameters: unknown[] = []) => store.ask<Row>(statement, parameters);
  const accountOf = async (username: string) => {
    const account = await accountRows.findByIdentifier(store, username);
    if (!account) throw new Error(`Nobody is ${username}.`);
    return account;
  };
  const contactsOf = async (username: string) =>
    accountRows.contactPointsOf(store, (await accountOf(username)).id);
  const linesOf = async (username: string) =>
    (
      await ask<{ event: string }>("select event from journal where account_id = ? order by id", [
        (await accountOf(username)).id,
      ])
    ).map(({ event }) => event);
  const classOf = async (username: string) => {
    const [row] = await ask<{ code: string | null; left_at: number | null }>(
      `select e.code, m.left_at from memberships m left join establishments e on e.id = m.class_id
        where m.account_id = ? and m.establishment_id = ?`,
      [(await accountOf(username)).id, school],
    );
    return row;
  };
  const ties = () =>
    ask<{ guardian: string; pupil: string; level: number; ended_at: number | null }>(
      `select g.key as guardian, p.key as pupil, t.level, t.ended_at from guardianships t
        join identifiers g on g.account_id = t.guardian_id join identifiers p on p.account_id = t.pupil_id
        order by g.key, p.key`,
    );
  const count = async (table: string) =>
    Number((await ask<{ n: number }>(`select count(*) as n from ${table}`))[0]?.n);

  test("shows what would change, and changes nothing until it is applied", async () => {
    const shown = await registry.read(csv(noe, lea, eve));
    expect(shown).toMatchObject({
      status: "ready",
      counts: { pupil: { new: 2 }, guardian: { new: 1 }, links: { new: 2 }, refused: 0 },
    });
    expect(await count("accounts")).toBe(0);
    expect((await registry.imports.people(shown.id, "new", null)).map(({ record_id }) => record_id)).toEqual([
      "9",
      "1",
      "2",
    ]);
    await registry.imports.cancel(everywhere, shown.id);
    expect(await registry.imports.apply(everywhere, shown.id, { marksGone: true })).toMatchObject({
      ok: false,
    });
    expect(await count("accounts")).toBe(0);
  });

  test("makes accounts that wait for their owners, with all that the registry says", async () => {
    const applied = await registry.load(csv(noe, lea, eve));
    expect(applied).toMatchObject({ status: "applied", done: 8, total: 8 });
    expect(await accountOf("n.petit")).toMatchObject({
      kind: "pupil",
      status: "pending",
      name: "Noé PETIT",
      password_hash: null,
      locale: "fr",
    });
    expect(await classOf("n.petit")).toEqual({ code: "6A", left_at: null });
    const [email, mobile] = (await contactsOf("e.petit")).sort((a, b) => (a.channel < b.channel ? -1 : 1));
    expect(email).toMatchObject({
      address: "eve@example.fr",
      state: "declared",
      origin: "registry",
      usable_from: null,
    });
    expect(mobile).toMatchObject({ channel: "sms", address: "+33639980001", address_key: "+33639980001" });
    expect(await ties()).toEqual([
      { guardian: "e.petit", pupil: "l.petit", level: 1, ended_at: null },
      { guardian: "e.petit", pupil: "n.petit", level: 1, ended_at: null },
    ]);
    expect(
      await ask("select surname, first_name, birth_date, postal from school_people where account_id = ?", [
        (await accountOf("e.petit")).id,
      ]),
    ).toEqual([{ surname: "PETIT", first_name: "Ève", birth_date: null, postal: '["1 quai Nord","PARIS"]' }]);
    expect(await linesOf("n.petit")).toEqual(["registry-import.created"]);
    const found = await ask<{ account_id: string }>("select account_id from people_words where word = ?", [
      "0639980001",
    ]);
    expect(found.map((row) => row.account_id)).toEqual([(await accountOf("e.petit")).id]);
  });

  test("changes nothing when the same files come again", async () => {
    await registry.load(csv(noe, lea, eve));
    const before = await Promise.all(["accounts", "journal", "contact_points", "identifiers"].map(count));
    const again = await registry.load(csv(eve, lea, noe));
    expect(again.counts).toMatchObject({
      pupil: { same: 2, new: 0, changed: 0, gone: 0 },
      guardian: { same: 1 },
      links: { same: 2, new: 0 },
    });
    expect(again.total).toBe(0);
    expect(await Promise.all(["accounts", "journal", "contact_points", "identifiers"].map(count))).toEqual(
      before,
    );
  });

  test("follows a pupil to another class, and a family to another address and number", async () => {
    await registry.load(csv(noe, lea, eve));
    registry.clock.advance(day);
    const moved = noe.replace("6A", "5A");
    const elsewhere = eve.replace("0639980001", "0639980002").replace("quai Nord", "quai Sud");
    const shown = await registry.load(csv(moved, lea, elsewhere));
    expect(shown.counts).toMatchObject({ pupil: { moved: 1, same: 1 }, guardian: { changed: 1 } });
    const [changed] = await registry.imports.people(shown.id, "changed", null);
    expect(JSON.parse(changed?.changes ?? "[]")).toEqual(["postal", "mobile"]);
    expect(await classOf("n.petit")).toMatchObject({ code: "5A" });
    const live = (await contactsOf("e.petit")).filter(({ channel }) => channel === "sms");
    expect(live.map(({ address }) => address)).toEqual(["+33639980002"]);
    expect(await linesOf("n.petit")).toEqual(["registry-import.created", "registry-import.moved"]);
    expect(await linesOf("e.petit")).toEqual(["registry-import.created", "registry-import.changed"]);
    expect(registry.warned).toEqual([]);
  });

  test("keeps a number that the person proved beside the registry's, which waits a day", async () => {
    await registry.load(csv(noe, lea, eve));
    const own = (await contactsOf("e.petit")).find(({ channel }) => channel === "sms");
    await store.transact((tx) =>
      accountRows.updateContactPoint(tx, own?.id ?? "", {
        state: "verified",
        verified_at: registry.clock.now(),
      }),
    );
    registry.clock.advance(day);
    const shown = await registry.load(csv(noe, lea, eve.replace("0639980001", "0639980002")));
    expect(shown.counts.conflicts).toBe(1);
    const points = (await contactsOf("e.petit")).filter(({ channel }) => channel === "sms");
    expect(points.map(({ address, state, usable_from }) => ({ address, state, usable_from }))).toEqual([
      { address: "+33639980001", state: "verified", usable_from: null },
      { address: "+33639980002", state: "declared", usable_from: registry.clock.now() + day },
    ]);
    expect(registry.warned).toMatchObject([{ contact: { address: "+33639980002" } }]);
    // What was kept is no news the next time.
    expect((await registry.load(csv(noe, lea, eve.replace("0639980001", "0639980002")))).total).toBe(0);
  });

  test("adds nothing while the person has frozen contact changes, and does once that is over", async () => {
    await registry.load(csv(noe, lea, eve));
    const { id } = await accountOf("e.petit");
    const until = registry.clock.now() + 7 * day;
    await store.transact((tx) => accountRows.updateAccount(tx, id, { contacts_frozen_until: until }));
    const changed = csv(noe, lea, eve.replace("0639980001", "0639980002"));
    await registry.load(changed);
    expect((await contactsOf("e.petit")).map(({ address }) => address)).not.toContain("+33639980002");
    registry.clock.advance(8 * day);
    await registry.load(changed);
    expect((await contactsOf("e.petit")).map(({ address }) => address)).toContain("+33639980002");
  });

  test("lets people go at once, closes their accounts after a while, and takes them back as they were", async () => {
    const jobs = createRegistryJobs({
      store,
      clock: registry.clock,
      journal: createJournal(registry),
      closesAfterDays: 60,
      isStaff: async () => false,
      endAccess: async () => {},
      tellClosed: async (_tx, accountId) => {
        told.push(accountId);
      },
    });
    const told: string[] = [];
    const closeGone = async () => jobs.find(({ name }) => name.endsWith("close-gone"))?.run();
    await registry.load(csv(noe, lea, eve));
    const { id } = await accountOf("l.petit");
    await store.transact((tx) => accountRows.updateAccount(tx, id, { status: "active", password_hash: "x" }));
    registry.clock.advance(day);
    const without = csv(noe, eve.replace("1|2", "1"));
    expect((await registry.load(without)).counts).toMatchObject({ pupil: { gone: 1 }, links: { gone: 1 } });
    expect(await classOf("l.petit")).toEqual({ code: null, left_at: registry.clock.now() });
    expect((await ties()).map(({ pupil, ended_at }) => [pupil, ended_at !== null])).toEqual([
      ["l.petit", true],
      ["n.petit", false],
    ]);
    await closeGone();
    expect((await accountOf("l.petit")).status).toBe("active");
    registry.clock.advance(61 * day);
    await closeGone();
    expect((await accountOf("l.petit")).status).toBe("closed");
    expect((await accountOf("n.petit")).status).toBe("pending");
    await closeGone();
    // Once, however often the job runs.
    expect(told).toEqual([id]);
    registry.clock.advance(day);
    expect((await registry.load(csv(noe, lea, eve))).counts).toMatchObject({ pupil: { returned: 1 } });
    expect((await accountOf("l.petit")).status).toBe("active");
    expect(await classOf("l.petit")).toEqual({ code: "5B", left_at: null });
    expect((await ties()).every(({ ended_at }) => ended_at === null)).toBe(true);
    expect(await linesOf("l.petit")).toEqual([
      "registry-import.created",
      "registry-import.gone",
      "registry-import.closed",
      "registry-import.returned",
    ]);
  });

  test("closes nobody who came back at that moment, and one that throws keeps no other open", async () => {
    const tom = "eleve;3;PETIT;Tom;03/03/2015;4C;;;;;;;";
    await registry.load(csv(noe, lea, tom));
    await registry.load(csv(tom));
    registry.clock.advance(61 * day);
    const [noeId, leaId] = [(await accountOf("n.petit")).id, (await accountOf("l.petit")).id];
    let isFirst = true;
    const jobs = createRegistryJobs({
      store: {
        ...store,
        // Between the list and the act.
        async transact(work) {
          if (isFirst) {
            isFirst = false;
            await registry.load(csv(lea, tom));
          }
          return store.transact(work);
        },
      },
      clock: registry.clock,
      journal: createJournal(registry),
      closesAfterDays: 60,
      isStaff: async () => false,
      async endAccess(_tx, accountId) {
        if (accountId === thrower) throw new Error("no");
      },
      tellClosed: async () => {},
    });
    let thrower = "";
    const closeGone = jobs[0]?.run as () => Promise<void>;
    await closeGone();
    expect((await accountOf("l.petit")).status).toBe("pending");
    expect((await accountOf("n.petit")).status).toBe("closed");
    await registry.load(csv(noe, lea, tom));
    await registry.load(csv(tom));
    registry.clock.advance(61 * day);
    thrower = [noeId, leaId].sort()[0] as string;
    await expect(closeGone()).rejects.toThrow("1 accounts");
    const statuses = [await accountOf("n.petit"), await accountOf("l.petit")].map(({ id, status }) => [
      id === thrower,
      status,
    ]);
    expect(statuses.sort()).toEqual([
      [false, "closed"],
      [true, "pending"],
    ]);
  });

  test("who comes back is as before they were closed, and whom anybody else closed stays closed", async () => {
    const journal = createJournal(registry);
    const jobs = createRegistryJobs({
      store,
      clock: registry.clock,
      journal,
      closesAfterDays: 60,
      isStaff: async () => false,
      endAccess: async () => {},
      tellClosed: async () => {},
    });
    const tom = "eleve;3;PETIT;Tom;03/03/2015;4C;;;;;;;";
    await registry.load(csv(noe, lea, tom));
    const [disabled, byOperator] = [await accountOf("n.petit"), await accountOf("l.petit")];
    await store.transact(async (tx) => {
      await accountRows.updateAccount(tx, disabled.id, { status: "disabled", password_hash: "x" });
      await accountRows.updateAccount(tx, byOperator.id, { status: "active", password_hash: "x" });
    });
    await registry.load(csv(tom));
    registry.clock.advance(61 * day);
    await jobs[0]?.run();
    expect((await accountOf("n.petit")).status).toBe("closed");
    // It was opened since, and then closed by somebody else.
    await store.transact((tx) =>
      journal.record(tx, {
        event: "operate.account-closed",
        accountId: byOperator.id,
        actor: { kind: "system", id: null },
      }),
    );
    await registry.load(csv(noe, lea, tom));
    expect((await accountOf("n.petit")).status).toBe("disabled");
    expect((await accountOf("l.petit")).status).toBe("closed");
    const again = await registry.load(csv(noe, lea, tom));
    expect(again.counts.pupil).toMatchObject({ same: 3, returned: 0 });
    // Closed by the registry though it has them, as once could happen: they come back with the same file.
    await store.transact(async (tx) => {
      await accountRows.updateAccount(tx, disabled.id, { status: "closed", closed_at: 1 });
      const params = { status: "active" };
      const actor = { kind: "system", id: null } as const;
      await journal.record(tx, { event: "registry-import.closed", accountId: disabled.id, actor, params });
    });
    expect((await registry.load(csv(noe, lea, tom))).counts.pupil).toMatchObject({ same: 2, returned: 1 });
    expect((await accountOf("n.petit")).status).toBe("active");
  });

  test("a number that is proved at that very moment is kept, and the registry's waits a day", async () => {
    await registry.load(csv(noe, eve.replace("1|2", "1")));
    const { id } = await accountOf("e.petit");
    const own = (await contactsOf("e.petit")).find(({ channel }) => channel === "sms");
    registry.clock.advance(day);
    const changed = csv(noe, eve.replace("1|2", "1").replace("0639980001", "0639980002"));
    const { id: importId } = await registry.read(changed);
    await registry.imports.apply(everywhere, importId, { marksGone: true });
    const held = Promise.withResolvers<void>();
    const proving = store.transact(async (tx) => {
      await accountRows.hold(tx, id);
      const verified = { state: "verified", verified_at: registry.clock.now() } as const;
      await accountRows.updateContactPoint(tx, own?.id ?? "", verified);
      held.resolve();
      await pause(200);
    });
    await held.promise;
    await registry.finish(importId);
    await proving;
    const points = (await contactsOf("e.petit")).filter(({ channel }) => channel === "sms");
    expect(points.map(({ address, state, usable_from }) => ({ address, state, usable_from }))).toEqual([
      { address: "+33639980001", state: "verified", usable_from: null },
      { address: "+33639980002", state: "declared", usable_from: registry.clock.now() + day },
    ]);
    expect(registry.warned).toMatchObject([{ contact: { address: "+33639980002" } }]);
  });

  test("leaves those who are not in the files where they are, when told so", async () => {
    await registry.load(csv(noe, lea, eve));
    await registry.load(csv(noe, eve.replace("1|2", "1")), { marksGone: false });
    expect(await classOf("l.petit")).toEqual({ code: "5B", left_at: null });
    expect((await ties()).every(({ ended_at }) => ended_at === null)).toBe(true);
  });

  test("takes the files of a school in any order: ties wait until both are known", async () => {
    const guardians = inLatin9(
      siecleGuardians([{ id: "7", firstName: "Ève", mobile: "0639980001", pupils: ["1", "2"] }]),
    );
    const first = await registry.load(guardians, { school: null });
    expect(first.counts).toMatchObject({ guardian: { new: 1 }, links: { unmatched: 2 } });
    expect(await ties()).toEqual([]);
    const pupils = inLatin9(sieclePupils([{ id: "1", firstName: "Noé" }]));
    await registry.load(pupils, { school: null });
    expect(await ties()).toMatchObject([{ guardian: "e.martin", pupil: "n.martin" }]);
    const both = inLatin9(
      sieclePupils([
        { id: "1", firstName: "Noé" },
        { id: "2", firstName: "Léa" },
      ]),
    );
    const together = await registry.read([both, guardians], null);
    expect(together.counts).toMatchObject({
      pupil: { new: 1, same: 1 },
      guardian: { same: 1 },
      links: { unmatched: 0 },
    });
    expect(await classOf("n.martin")).toMatchObject({ code: "6 A" });
  });

  test("puts the class and the address that stand elsewhere in a file to the person", async () => {
    const pupils = inLatin9(sieclePupils([{ id: "1", inClass: "3 A" }]));
    const guardians = inLatin9(siecleGuardians([{ id: "7", firstName: "Ève", pupils: ["1"] }]));
    await registry.load([pupils, guardians], { school: null });
    expect(await classOf("l.martin")).toMatchObject({ code: "3 A" });
    const [person] = await ask<{ postal: string }>("select postal from school_people where account_id = ?", [
      (await accountOf("e.martin")).id,
    ]);
    expect(JSON.parse(person?.postal ?? "")).toEqual(["1 rue des Lilas", "75000 PARIS"]);
    expect((await registry.load([pupils, guardians], { school: null })).total).toBe(0);
  });

  test("knows which day it is at the school: who left on the day before its midnight is not taken", async () => {
    // Half past eleven at night in UTC: in Paris it is tomorrow.
    registry.clock.advance(day - (registry.clock.now() % day) + 23.5 * 60 * 60 * 1000);
    const [year, month, today] = new Date(registry.clock.now()).toISOString().slice(0, 10).split("-");
    const left = { id: "2", more: `<DATE_SORTIE>${today}/${month}/${year}</DATE_SORTIE>` };
    const shown = await registry.read(inLatin9(sieclePupils([{ id: "1" }, left])), null);
    expect(shown.counts).toMatchObject({ pupil: { new: 1 }, noted: 1 });
  });

  test("finds a pupil who comes under another number by name and birth date, and their guardian by the pupil", async () => {
    await registry.load(csv(noe, lea, eve));
    const other = await registry.load(
      csv(
        noe.replace("eleve;1;", "eleve;A1;"),
        lea.replace("eleve;2;PETIT;Léa;01/02/2014", "eleve;A2;Petit;Lea;01/02/2014"),
        eve.replace("responsable;9;", "responsable;B9;").replace("1|2", "A1|A2"),
      ),
    );
    expect(other.counts).toMatchObject({
      pupil: { new: 0, changed: 2, gone: 2 },
      guardian: { new: 0, changed: 1, gone: 1 },
    });
    expect(await count("accounts")).toBe(3);
    expect((await ties()).map(({ ended_at }) => ended_at)).toEqual([null, null]);
    expect(await classOf("n.petit")).toEqual({ code: "6A", left_at: null });
    expect(await linesOf("n.petit")).toEqual(["registry-import.created", "registry-import.changed"]);
    expect((await accountOf("l.petit")).name).toBe("Lea Petit");
  });

  test("finds nobody by name where two fit, or the birth date differs", async () => {
    const twin = noe.replace("eleve;1;", "eleve;3;");
    await registry.load(csv(noe, twin));
    const met = await registry.load(csv(noe.replace("eleve;1;", "eleve;A1;"), lea.replace("2014", "2013")));
    expect(met.counts.pupil).toMatchObject({ new: 2, changed: 0, gone: 2 });
  });

  test("matches nobody of another school, whatever the number and the name", async () => {
    const other = await aSchool(store, "0990002B", registry.clock);
    await registry.load(csv(noe));
    await registry.load(csv(noe), { school: "0990002B" });
    expect(await count("accounts")).toBe(2);
    const rows = await ask<{ establishment_id: string }>(
      "select establishment_id from memberships order by establishment_id",
    );
    expect(rows.map((row) => row.establishment_id)).toEqual([school, other].sort());
  });

  test("goes on where it was after being killed, and makes nobody twice", async () => {
    const pupils = Array.from({ length: 700 }, (_, n) => `eleve;${n};PETIT;Noé;31/05/2012;6A;;;;;;;`);
    const guardians = Array.from({ length: 700 }, (_, n) => `responsable;${n};ROUX;Ève;;;;;;;${n};1;`);
    const shown = await registry.read(csv(...pupils, ...guardians));
    await registry.imports.apply(everywhere, shown.id, { marksGone: true });
    let killedAfter = 0;
    // Each process is killed in its second transaction, before it is committed; another one goes on.
    for (let process = 0; process < 200; process++) {
      let transactions = 0;
      const mortal: Store = {
        ...store,
        transactLightly: (work) =>
          store.transactLightly(async (tx) => {
            const result = await work(tx);
            if (++transactions === 2) throw new Error("killed");
            return result;
          }),
      };
      const next = aRegistry(mortal, { clock: registry.clock, seed: 100 + process });
      const isOver = await next.finish(shown.id).then(
        () => true,
        (cause: Error) => cause.message !== "killed",
      );
      if (isOver) break;
      killedAfter++;
    }
    expect(killedAfter).toBeGreaterThan(3);
    expect(await registry.imports.see(everywhere, shown.id)).toMatchObject({
      status: "applied",
      done: 3500,
      total: 3500,
    });
    expect(await count("accounts")).toBe(1400);
    expect(await count("journal")).toBe(1400);
    expect(await count("guardianships")).toBe(700);
    expect(await count("identifiers")).toBe(1400);
  });

  test("gives each of many who are called alike an identifier of their own, and none again", async () => {
    const named = (n: number) => Array.from({ length: n }, () => ({ firstName: "Léa", surname: "Martin" }));
    const drawn = await store.transact((tx) => makeIdentifiers(tx, named(3)));
    expect(drawn).toEqual(["l.martin", "l.martin2", "l.martin3"]);
    await registry.load(csv("eleve;1;Martin;Luc;31/05/2012;6A;;;;;;;"));
    await store.transact(async (tx) => accountRows.deleteAccount(tx, (await accountOf("l.martin4")).id));
    expect(await store.transact((tx) => makeIdentifiers(tx, named(1)))).toEqual(["l.martin5"]);
    const together = await Promise.all(
      [1, 2, 3].map(() => store.transact((tx) => makeIdentifiers(tx, named(50)))),
    );
    expect(new Set(together.flat()).size).toBe(150);
  });

  test("passes over an identifier that staff gave by hand", async () => {
    await registry.load(csv(noe));
    const { id } = await accountOf("n.petit");
    const row = { key: "n.petit2", account_id: id, kind: "username", shown: "n.petit2" } as const;
    await store.transact((tx) => accountRows.insertIdentifier(tx, row));
    await registry.load(csv(noe, "eleve;3;Petit;Nora;31/05/2012;6A;;;;;;;"));
    expect((await accountOf("n.petit3")).name).toBe("Nora Petit");
    // One that staff gave ahead of the numbers stays spent when its owner is forgotten.
    const ahead = { key: "n.petit4", account_id: id, kind: "username", shown: "n.petit4" } as const;
    await store.transact(async (tx) => {
      await accountRows.insertIdentifier(tx, ahead);
      await accountRows.updateAccount(tx, id, { status: "closed", closed_at: 1 });
      expect(await accountRows.pseudonymiseClosed(tx, 2)).toEqual([id]);
    });
    const named = [{ firstName: "Nils", surname: "Petit" }];
    expect(await store.transact((tx) => makeIdentifiers(tx, named))).toEqual(["n.petit5"]);
    const again = { ...ahead, account_id: (await accountOf("n.petit3")).id };
    expect(await store.transact((tx) => accountRows.insertIdentifier(tx, again))).toBe(false);
    expect(await ask("select key from identifiers where key = 'n.petit4'")).toEqual([]);
  });

  test.each([
    ["a file that breaks off", csv(noe, '"'), "csv-quotes"],
    ["XML that breaks off", inLatin9(sieclePupils([{ id: "1" }]).slice(0, -20)), "xml-truncated"],
    ["a file of another school", inLatin9(sieclePupils([{ id: "1" }], { uai: "0990009Z" })), "school-wrong"],
    ["a file of nobody", csv(), "nobody"],
  ])("takes nothing of %s", async (_, file, reason) => {
    const shown = await registry.read(file);
    expect(shown).toMatchObject({ status: "refused", refusal: { reason } });
    expect(await registry.imports.apply(everywhere, shown.id, { marksGone: true })).toMatchObject({
      ok: false,
    });
    expect(await count("import_people")).toBe(0);
    expect(await count("accounts")).toBe(0);
  });

  test("takes nothing of two files of which the second is refused", async () => {
    const shown = await registry.read([csv(noe), csv('"')]);
    expect(shown).toMatchObject({ refusal: { file: 1 } });
  });

  test("refuses schools that are unknown, closed or somebody else's, and lines that name them", async () => {
    const other = await aSchool(store, "0990002B", registry.clock);
    const office = { accountId: null, schools: new Set([school]) };
    const ofOther = inLatin9(sieclePupils([{ id: "1" }], { uai: "0990002B" }));
    const ofNobody = inLatin9(sieclePupils([{ id: "1" }], { uai: "0990009Z" }));
    const reasonOf = async (file: string | Buffer, code: string | null) =>
      (await registry.read(file, code, office)).refusal?.reason;
    expect(await reasonOf(ofOther, null)).toBe("school-not-yours");
    expect(await reasonOf(ofOther, "0990002B")).toBe("school-unknown");
    expect(await reasonOf(ofNobody, null)).toBe("school-unknown");
    expect(await reasonOf(csv(noe), null)).toBe("school-missing");
    const lines = `${header};uai\n${noe};0990001A\n${lea};0990002B\n${lea};0990009Z`;
    const shown = await registry.read(lines, null, office);
    expect(shown.counts).toMatchObject({ pupil: { new: 1 }, refused: 2 });
    expect(
      (await registry.imports.faults(shown.id, true, 0)).map(({ line, reason }) => [line, reason]),
    ).toEqual([
      [3, "other-school"],
      [4, "unknown-school"],
    ]);
    // Another school's office sees nothing of it.
    const elsewhere = { accountId: null, schools: new Set([other]) };
    expect(await registry.imports.list(elsewhere, 10)).toEqual([]);
    expect(await registry.imports.list(office, 10)).not.toEqual([]);
    expect(await registry.imports.see(elsewhere, shown.id)).toBeNull();
    expect(await registry.imports.apply(elsewhere, shown.id, { marksGone: true })).toMatchObject({
      ok: false,
    });
  });

  test("counts a person who stands twice once, and refuses the second where it says otherwise", async () => {
    const shown = await registry.read(csv(noe, noe, noe.replace("6A", "6B"), eve, eve.replace("1|2", "2")));
    expect(shown.counts).toMatchObject({ pupil: { new: 1 }, guardian: { new: 1 }, refused: 1, noted: 2 });
    const faults = await registry.imports.faults(shown.id, null, 0);
    expect(faults.map(({ line, reason }) => [line, reason]).sort()).toEqual([
      [3, "same-twice"],
      [4, "duplicate"],
      [6, "same-twice"],
    ]);
  });

  test("keeps whether a person agrees to SMS, and what it was where a later file does not say", async () => {
    const withSms = (line: string, said: string) => `${header};accepte_sms\n${line};${said}`;
    const kept = async () =>
      (await ask<{ accepts_sms: number | null }>("select accepts_sms from school_people")).map(
        (row) => row.accepts_sms,
      );
    await registry.load(csv(eve));
    expect(await kept()).toEqual([null]);
    const shown = await registry.load(withSms(eve, "non"));
    expect(shown.counts.guardian.changed).toBe(1);
    expect(await kept()).toEqual([0]);
    await registry.load(csv(eve.replace("quai Nord", "quai Sud")));
    expect(await kept()).toEqual([0]);
    await registry.load(withSms(eve, "oui"));
    expect(await kept()).toEqual([1]);
  });

  test("refuses a preview once another file of the same school was applied after it, whichever was read first", async () => {
    await aSchool(store, "0990002B", registry.clock);
    await registry.load(csv(noe, lea, eve));
    const apply = (one: { id: string }) => registry.imports.apply(everywhere, one.id, { marksGone: true });
    const outdated = { ok: false, refusal: "registry-import.outdated" };
    const older = await registry.read(csv(noe.replace("6A", "4A"), eve.replace("1|2", "2")));
    const newer = await registry.read(csv(noe, lea.replace("5B", "4B"), eve));
    const ofOther = await registry.read(csv(noe), "0990002B");
    expect(await apply(newer)).toMatchObject({ ok: true });
    // Also while the other is being applied.
    expect(await apply(older)).toMatchObject(outdated);
    const between = await registry.read(csv(noe, lea, eve));
    await registry.finish(newer.id);
    expect(await apply(older)).toMatchObject(outdated);
    // Half of what it was compared with was not there yet.
    expect(await apply(between)).toMatchObject(outdated);
    expect(await classOf("l.petit")).toEqual({ code: "4B", left_at: null });
    expect(await apply(ofOther)).toMatchObject({ ok: true });
    await registry.finish(ofOther.id);
    const anew = await registry.read(csv(noe, lea, eve));
    await store.transact((tx) =>
      tx.ask("update establishments set closed_at = 1 where code = ?", ["0990001A"]),
    );
    expect(await apply(anew)).toMatchObject({ ok: false, refusal: "registry-import.school-closed" });
  });

  test("an import that throws at every step holds up no other, stops, and goes on or is given up at a press", async () => {
    const other = await aSchool(store, "0990002B", registry.clock);
    const thrown: string[] = [];
    const { imports } = aRegistry(store, {
      clock: registry.clock,
      seed: 50,
      onFault: (_cause, what) => thrown.push(what),
    });
    const begin = async (file: string, code: string) => {
      const { id } = await registry.read(file, code);
      await imports.apply(everywhere, id, { marksGone: true });
      return id;
    };
    const breaks = (id: string, data: string) =>
      store.transact((tx) => tx.ask("update import_people set data = ? where import_id = ?", [data, id]));
    const turns = async () => {
      for (let idle = 0; idle < 2; ) idle = (await imports.applyNext()) > 0 ? 0 : idle + 1;
    };
    const broken = await begin(csv(noe), "0990001A");
    const [row] = await ask<{ data: string }>("select data from import_people", []);
    await breaks(broken, "{");
    const fine = await begin(csv(lea), "0990002B");
    await turns();
    expect(await imports.see(everywhere, fine)).toMatchObject({ status: "applied" });
    expect(await count(`memberships where establishment_id = '${other}'`)).toBe(1);
    expect(await imports.see(everywhere, broken)).toMatchObject({
      status: "applying",
      fault: { phase: "people" },
    });
    // It waits, and somebody who asks for it by name need not.
    expect(await imports.applyNext()).toBe(0);
    expect(thrown).toHaveLength(1);
    await imports.applyNext(broken);
    for (let n = 0; n < 6; n++) {
      registry.clock.advance(5 * 60_000);
      await turns();
    }
    const stopped = await imports.see(everywhere, broken);
    expect(stopped).toMatchObject({ status: "failed" });
    expect(thrown).toHaveLength(8);
    expect(thrown.at(-1)).toContain(stopped?.fault?.incident);
    expect(await imports.countStopped(everywhere)).toBe(1);
    expect(await imports.countStopped({ accountId: "x", schools: new Set([other]) })).toBe(0);
    expect(await imports.resume({ accountId: "x", schools: new Set([other]) }, broken)).toMatchObject({
      ok: false,
      refusal: "registry-import.unknown",
    });
    await breaks(broken, row?.data ?? "");
    expect(await imports.resume(everywhere, broken)).toMatchObject({ ok: true });
    expect(await imports.resume(everywhere, broken)).toMatchObject({ ok: false });
    await turns();
    expect(await imports.see(everywhere, broken)).toMatchObject({ status: "applied", fault: null });
    expect((await accountOf("n.petit")).name).toBe("Noé PETIT");
    // What stopped may not go on once a later file of the school was applied.
    const second = await begin(csv(noe.replace("6A", "5A")), "0990001A");
    await breaks(second, "{");
    for (let n = 0; n < 8; n++) await imports.applyNext(second);
    await registry.load(csv(noe.replace("6A", "4A")));
    expect(await imports.resume(everywhere, second)).toMatchObject({ refusal: "registry-import.outdated" });
    expect(await imports.abandon(everywhere, second)).toMatchObject({ ok: true });
    expect(await imports.see(everywhere, second)).toMatchObject({ status: "abandoned" });
    expect(await classOf("n.petit")).toMatchObject({ code: "4A" });
  });

  test("whoever was made before an import stopped is found by staff all the same", async () => {
    const many = Array.from({ length: 501 }, (_, n) => `eleve;${100 + n};ROUX;Zoé;;;;;;;;;`);
    const { imports } = aRegistry(store, { clock: registry.clock, seed: 51, onFault: () => {} });
    const { id } = await registry.read(csv(...many));
    await store.transact((tx) => tx.ask("update import_people set data = '{' where record_id = ?", ["600"]));
    await imports.apply(everywhere, id, { marksGone: true });
    await imports.applyNext(id);
    for (let n = 0; n < 8; n++) await imports.applyNext(id);
    expect(await imports.see(everywhere, id)).toMatchObject({ status: "failed", done: 500 });
    expect(await count("people_words where word = 'roux'")).toBe(500);
    // Nor does it matter that they were thought to be known, and were forgotten meanwhile.
    await registry.load(csv(noe), { marksGone: false });
    const changed = await registry.read(csv(noe.replace("PETIT", "GRANDE")));
    expect(changed.counts.pupil.changed).toBe(1);
    await store.transact(async (tx) => {
      await accountRows.updateAccount(tx, (await accountOf("n.petit")).id, { name: "" });
    });
    await registry.imports.apply(everywhere, changed.id, { marksGone: false });
    await registry.finish(changed.id);
    expect(await count("people_words where word = 'grande'")).toBe(1);
  });

  test("reading that was given up meanwhile leaves nothing", async () => {
    let id = "";
    const slow = sourceOfBytes("a.csv", Buffer.from(csv(noe)));
    const shown = await registry.imports.read(everywhere, {
      schoolCode: "0990001A",
      sources: [
        {
          ...slow,
          async *open() {
            const [row] = await ask<{ id: string }>("select id from imports where status = 'reading'");
            if (row) expect(await registry.imports.cancel(everywhere, row.id)).toMatchObject({ ok: true });
            id ||= row?.id ?? "";
            yield* slow.open();
          },
        },
      ],
    });
    expect(shown).toMatchObject({ id, status: "cancelled" });
    expect(await count("import_people")).toBe(0);
  });

  test("a file that was never applied is given up with its rows, and cannot be applied then", async () => {
    const jobs = createRegistryJobs({
      store,
      clock: registry.clock,
      journal: createJournal(registry),
      closesAfterDays: 60,
      isStaff: async () => false,
      endAccess: async () => {},
      tellClosed: async () => {},
    });
    const shown = await registry.read(csv(noe));
    const stopped = await registry.read(csv(noe));
    await store.transact((tx) => tx.ask("update imports set status = 'failed' where id = ?", [stopped.id]));
    registry.clock.advance(31 * day);
    await jobs.find(({ name }) => name.endsWith("forget"))?.run();
    expect(await registry.imports.see(everywhere, shown.id)).toMatchObject({ status: "cancelled" });
    expect(await registry.imports.see(everywhere, stopped.id)).toMatchObject({ status: "abandoned" });
    expect(await registry.imports.apply(everywhere, shown.id, { marksGone: true })).toMatchObject({
      ok: false,
    });
  });

  test("keeps what a guardian denied, whatever the registry says", async () => {
    await registry.load(csv(noe, eve));
    const now = registry.clock.now();
    await store.transact((tx) => tx.ask("update guardianships set denied_at = ?", [now]));
    await registry.load(csv(noe, eve.replace(";1;mère", ";2;mère")));
    expect(await ask("select level, denied_at from guardianships")).toEqual([{ level: 2, denied_at: now }]);
  });

  test("ends a tie that the registry has not any more, and only that one", async () => {
    await registry.load(csv(noe, lea, eve));
    const shown = await registry.load(csv(noe, lea, eve.replace("1|2", "2")));
    expect(shown.counts.links).toMatchObject({ gone: 1, same: 1 });
    expect((await ties()).map(({ pupil, ended_at }) => [pupil, ended_at !== null])).toEqual([
      ["l.petit", false],
      ["n.petit", true],
    ]);
  });

  test("nobody is gone because their line is refused, nor whom they answer for", async () => {
    const manyPupils = Array.from({ length: 31 }, (_, n) => n).join("|");
    const twice = [eve.replace("1|2", "1"), eve.replace("PETIT", "GRAND")].join("\n");
    const luc = "responsable;8;ROUX;Luc;;;;;;;2;1;";
    await registry.load(csv(noe, lea, eve, luc));
    for (const [pupil, guardian] of [
      [lea.replace("Léa", ""), eve],
      [lea.replace("Léa", "a".repeat(201)), eve],
      [lea.replace("eleve", "prof"), eve],
      [lea, eve.replace("Ève", "")],
      [lea, eve.replace("1|2", manyPupils)],
      [lea, twice],
    ] as const) {
      const shown = await registry.load(csv(noe, pupil, guardian, luc));
      expect(shown.counts).toMatchObject({
        pupil: { gone: 0, new: 0 },
        guardian: { gone: 0, new: 0 },
        links: { gone: 0 },
        refused: 1,
      });
      expect(shown.losesMany).toBe(false);
      expect(await classOf("l.petit")).toEqual({ code: "5B", left_at: null });
      expect((await ties()).map(({ ended_at }) => ended_at)).toEqual([null, null, null]);
      registry.clock.advance(1000);
    }
    // Who stands in another line as well is taken from there.
    const right = await registry.load([csv(lea.replace("Léa", ""), noe, eve), csv(lea, luc)]);
    expect(right).toMatchObject({ total: 0, counts: { pupil: { same: 2 }, guardian: { same: 2 } } });
  });

  test("a line of another school is of nobody who is gone from the chosen one", async () => {
    await aSchool(store, "0990002B", registry.clock);
    await registry.load(csv(noe, lea, eve));
    for (const uai of ["0990002B", "0990009Z"]) {
      const shown = await registry.read(`${header};uai\n${noe};0990001A\n${lea};${uai}\n${eve};${uai}`);
      expect(shown.counts).toMatchObject({ pupil: { gone: 0 }, guardian: { gone: 0 }, refused: 2 });
      // Without a chosen school, nobody can say of which one the line is.
      const open = await registry.read(`${header};uai\n${noe};0990001A\n${lea};0990009Z`, null);
      expect(open.counts).toMatchObject({ pupil: { gone: 1 }, losesMany: { gone: 1, hasUnread: true } });
    }
  });

  test("warns where a line that nobody can read may be of one who would be gone", async () => {
    await registry.load(csv(noe, lea, eve));
    for (const lines of [
      // A cell too many, and a table that breaks off in its last line.
      [noe, lea.replace("5B;", "5;B;"), eve],
      [noe, eve.replace("1|2", "1"), lea.slice(0, 20)],
    ]) {
      const shown = await registry.read(csv(...lines));
      expect(shown.counts.pupil.gone).toBe(1);
      expect(shown.losesMany).toBe(true);
      const loss = { school: "Collège 0990001A", gone: 1, known: 2, hasUnread: true };
      expect(shown.counts.losesMany).toEqual(loss);
    }
    // Beside such a line, but with everybody there, nothing is lost.
    expect((await registry.read(csv(noe, lea, eve, lea.slice(0, 20)))).losesMany).toBe(false);
  });

  test("asks of each school by itself whether it loses many, and names it", async () => {
    await aSchool(store, "0990002B", registry.clock);
    const line = (uai: string) => (_: unknown, n: number) =>
      `eleve;${n};PETIT;Noé;31/05/2012;6A;;;;;;;;${uai}`;
    const large = Array.from({ length: 60 }, line("0990001A"));
    const small = Array.from({ length: 8 }, line("0990002B"));
    const file = (...lines: string[]) => [`${header};uai`, ...lines].join("\n");
    await registry.load(file(...large, ...small), { school: null });
    const read = async (...lines: string[]) => (await registry.read(file(...lines), null)).counts.losesMany;
    expect(await read(...large, ...small.slice(0, 4))).toBeNull();
    expect(await read(...large, ...small.slice(0, 3))).toEqual({
      school: "Collège 0990002B",
      gone: 5,
      known: 8,
      hasUnread: false,
    });
    // Under other numbers they are the same people.
    expect(await read(...large.slice(0, 40), ...small)).toBeNull();
    const named = (n: number) => (one: string) => one.replace(";PETIT;", `;PETIT${"A".repeat(n)};`);
    const anew = (one: string) => one.replace("eleve;", "eleve;N");
    const distinct = small.map((one, n) => named(n)(one));
    await registry.load(file(...large, ...distinct), { school: null });
    expect(await read(...large, ...distinct.map(anew))).toBeNull();
  });

  test("believes a registry that left out a number once and says it again", async () => {
    const live = async () =>
      (await contactsOf("e.petit")).filter(({ channel }) => channel === "sms").map(({ address }) => address);
    await registry.load(csv(noe, lea, eve));
    registry.clock.advance(day);
    await registry.load(csv(noe, lea, eve.replace("0639980001", "")));
    expect(await live()).toEqual([]);
    registry.clock.advance(day);
    await registry.load(csv(noe, lea, eve));
    expect(await live()).toEqual(["+33639980001"]);
    expect((await registry.load(csv(noe, lea, eve))).total).toBe(0);
    // What staff took back is not believed again for its being left out and said once more.
    const [own] = (await contactsOf("e.petit")).filter(({ channel }) => channel === "sms");
    await store.transact((tx) => accountRows.updateContactPoint(tx, own?.id ?? "", { state: "obsolete" }));
    await registry.load(csv(noe, lea, eve.replace("0639980001", "")));
    await registry.load(csv(noe, lea, eve));
    expect(await live()).toEqual([]);
  });

  test("keeps what it compared, and looks no further at the same words the next time", async () => {
    const digests = () =>
      ask<{ digest: string }>("select digest from registry_records where kind = 'pupil' order by record_id");
    await registry.load(csv(noe, lea, eve));
    const before = await digests();
    // Without the column of addresses, nothing is known otherwise.
    const without = [noe, lea].map((line) => line.split(";").slice(0, 7).join(";"));
    const file = [header.split(";").slice(0, 7).join(";"), ...without].join("\n");
    const shown = await registry.read(file);
    expect(shown.counts.pupil).toMatchObject({ same: 2, changed: 0 });
    const staged = await ask<{ digest: string }>(
      "select digest from import_people where import_id = ? and kind = 'pupil' order by record_id",
      [shown.id],
    );
    expect(await digests()).toEqual(staged);
    expect(staged).not.toEqual(before);
  });

  test("calls a class as the file does, once", async () => {
    const file = (label: string) => `${header};nom_classe\n${noe};${label}\n${lea};5B`;
    const label = async () =>
      (await ask<{ name: string }>("select name from establishments where code = '6A'")).map(
        ({ name }) => name,
      );
    await registry.load(csv(noe, lea));
    const shown = await registry.load(file("Sixième A"));
    expect(shown.counts.pupil).toMatchObject({ changed: 1, same: 1 });
    expect(await label()).toEqual(["Sixième A"]);
    expect((await registry.load(file("Sixième A"))).total).toBe(0);
    // A file that has the code alone says nothing of the name.
    await registry.load(csv(noe, lea));
    expect(await label()).toEqual(["Sixième A"]);
  });

  test("does not tie what a refused second line says, wherever the rows are put down in between", async () => {
    const others = Array.from({ length: 996 }, (_, n) => `eleve;x${n};ROUX;Zoé;;;;;;;;;`);
    // The thousandth thing read is the second line's person; whom it ties comes behind it.
    const twin = eve.replace("PETIT", "GRAND").replace("1|2", "2");
    const shown = await registry.read(csv(noe, eve.replace("1|2", "1"), ...others, twin, lea));
    expect(shown.counts).toMatchObject({ links: { new: 1, unmatched: 0 }, refused: 1 });
  });

  test("shows the guardian of a tie without a pupil by name", async () => {
    const shown = await registry.load(csv(eve.replace("1|2", "7")));
    const names = { guardian_surname: "PETIT", guardian_first_name: "Ève" };
    expect(await registry.imports.unmatched(shown.id, null)).toMatchObject([names]);
  });

  test("warns where so many are missing that the file is rather not whole", async () => {
    const many = Array.from({ length: 60 }, (_, n) => `eleve;${n};PETIT;Noé;31/05/2012;6A;;;;;;;`);
    expect((await registry.load(csv(...many))).losesMany).toBe(false);
    expect((await registry.read(csv(...many.slice(0, 20)))).losesMany).toBe(true);
    expect((await registry.read(csv(...many.slice(0, 50)))).losesMany).toBe(false);
  });

  test("finds the children whom ONDE only names, and none where two are called alike", async () => {
    const pupils = `Nom élève;Prénom élève;Date naissance;INE;Libellé classe;Identifiant classe
PETIT;Noé;31/05/2019;111111111AA;CP;42
PETIT;Léa;31/05/2018;222222222BB;CE1;43
ROUX;Zoé;31/05/2018;333333333CC;CE1;43
ROUX;Zoé;01/06/2018;444444444DD;CE1;43
`;
    const child = "Nom de famille enfant;Prénom enfant";
    const guardians = `Nom responsable;Prénom responsable;Courriel;Téléphone portable;${child};${child}
PETIT;Ève;eve@example.fr;0639980001;PETIT;Noé;PETIT;Léa
ROUX;Luc;luc@example.fr;;ROUX;Zoé;;
`;
    const shown = await registry.load([pupils, guardians]);
    expect(shown.counts).toMatchObject({
      pupil: { new: 4 },
      guardian: { new: 2 },
      links: { new: 2, unmatched: 1 },
    });
    expect((await ties()).map(({ guardian, pupil }) => [guardian, pupil])).toEqual([
      ["e.petit", "l.petit"],
      ["e.petit", "n.petit"],
    ]);
    // Another child who is called like one of them: who the file means is not sure, and what was sure stays.
    const withNamesake = `${pupils}PETIT;Noé;01/01/2020;555555555EE;CP;42\n`;
    const uncertain = await registry.load([withNamesake, guardians]);
    expect(uncertain.counts.links).toMatchObject({ gone: 0, unmatched: 2 });
    expect((await ties()).every(({ ended_at }) => ended_at === null)).toBe(true);
    // The one cannot be read: the other is not the one whom the file means.
    const unread = withNamesake.replace("PETIT;Noé;31/05/2019", ";Noé;31/05/2019");
    expect((await registry.read([unread, guardians])).counts.links).toMatchObject({ gone: 0, unmatched: 2 });
    // Once the other one has left, it is as before.
    expect((await registry.load([pupils, guardians])).counts.links).toMatchObject({ same: 2 });
    expect((await ties()).every(({ ended_at }) => ended_at === null)).toBe(true);
    // Another number: the children say that it is the same person.
    const again = await registry.load([pupils, guardians.replace("0639980001", "0639980002")]);
    expect(again.counts.guardian).toMatchObject({ new: 0, changed: 1, same: 1, gone: 1 });
    expect(await count("accounts")).toBe(7);
    expect((await ties()).every(({ ended_at }) => ended_at === null)).toBe(true);
  });

  test("forgets what files said once the report on it is of no more use", async () => {
    const jobs = createRegistryJobs({
      store,
      clock: registry.clock,
      journal: createJournal(registry),
      closesAfterDays: 60,
      isStaff: async () => false,
      endAccess: async () => {},
      tellClosed: async () => {},
    });
    const forget = async () => jobs.find(({ name }) => name.endsWith("forget"))?.run();
    const shown = await registry.load(csv(noe, eve));
    await forget();
    expect(await count("import_people")).toBe(2);
    registry.clock.advance(31 * day);
    await forget();
    expect(await Promise.all(["import_people", "import_links", "import_faults"].map(count))).toEqual([
      0, 0, 0,
    ]);
    expect(await registry.imports.see(everywhere, shown.id)).toMatchObject({ status: "applied" });
    expect(await count("registry_records")).toBe(2);
    registry.clock.advance(366 * day);
    await forget();
    expect(await registry.imports.see(everywhere, shown.id)).toBeNull();
  });
});
