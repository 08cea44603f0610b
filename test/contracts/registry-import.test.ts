import { afterEach, beforeEach, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { createJournal } from "../../src/journal/journal.ts";
import { makeIdentifiers } from "../../src/school/identifiers/identifiers.ts";
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

  test("judges anew what an older file planned: later files that were applied meanwhile count", async () => {
    await registry.load(csv(noe, lea, eve));
    registry.clock.advance(day);
    // Read first and applied last: without Léa, with Noé in another class, and without the tie to him.
    const older = await registry.read(csv(noe.replace("6A", "4A"), eve.replace("1|2", "2")));
    expect(older.counts).toMatchObject({ pupil: { gone: 1, moved: 1 }, links: { gone: 1 } });
    registry.clock.advance(1000);
    const tom = "eleve;3;PETIT;Tom;03/03/2015;4C;;;;;;;";
    await registry.load(csv(noe, lea, tom, eve));
    await registry.imports.apply(everywhere, older.id, { marksGone: true });
    await registry.finish(older.id);
    expect(await registry.imports.see(everywhere, older.id)).toMatchObject({ status: "applied" });
    expect(await classOf("l.petit")).toEqual({ code: "5B", left_at: null });
    expect(await classOf("n.petit")).toEqual({ code: "6A", left_at: null });
    expect(await classOf("t.petit")).toEqual({ code: "4C", left_at: null });
    expect((await ties()).map(({ ended_at }) => ended_at)).toEqual([null, null]);
    expect(await linesOf("l.petit")).toEqual(["registry-import.created"]);
    // Of two that let the same person go, the first does.
    registry.clock.advance(day);
    const [one, other] = [await registry.read(csv(noe, tom, eve)), await registry.read(csv(noe, tom, eve))];
    for (const { id } of [one, other]) {
      await registry.imports.apply(everywhere, id, { marksGone: true });
      await registry.finish(id);
    }
    expect(await linesOf("l.petit")).toEqual(["registry-import.created", "registry-import.gone"]);
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
    registry.clock.advance(31 * day);
    await jobs.find(({ name }) => name.endsWith("forget"))?.run();
    expect(await registry.imports.see(everywhere, shown.id)).toMatchObject({ status: "cancelled" });
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
    // Another number: the children say that it is the same person.
    const again = await registry.load([pupils, guardians.replace("0639980001", "0639980002")]);
    expect(again.counts.guardian).toMatchObject({ new: 0, changed: 1, same: 1, gone: 1 });
    expect(await count("accounts")).toBe(6);
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
