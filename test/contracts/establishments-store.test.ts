import { afterAll, beforeAll, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { createIds } from "../../src/kernel/ids.ts";
import * as lists from "../../src/school/establishments/establishment-lists.store.ts";
import * as rows from "../../src/school/establishments/establishments.store.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { seededRandom, TestClock } from "../support/world.ts";

onEachEngine("the store of establishments", (engine) => {
  let opened: Awaited<ReturnType<typeof openTestStore>>;
  const clock = new TestClock();
  const ids = createIds(clock, seededRandom(41));
  const store = () => opened.store;
  beforeAll(async () => {
    opened = await openTestStore(engine);
  });
  afterAll(() => opened?.close());

  const anEstablishment = (
    type: rows.EstablishmentType,
    code: string,
    parent: rows.EstablishmentRow | null,
    name = `Établissement ${code}`,
  ): rows.EstablishmentRow => ({
    id: ids.uuid(),
    parent_id: parent?.id ?? null,
    type,
    code,
    name,
    timezone: null,
    details: "{}",
    created_at: clock.now(),
    closed_at: null,
  });

  const put = (...given: rows.EstablishmentRow[]) =>
    store().transact((tx) => rows.putEstablishments(tx, given));

  let drawn = 0;
  async function somebody(kind: accountRows.Kind): Promise<string> {
    const id = ids.uuid();
    const account: accountRows.AccountRow = {
      id,
      kind,
      status: "active",
      name: `Personne ${++drawn}`,
      nickname: null,
      locale: "fr",
      password_hash: null,
      password_changed_at: null,
      contacts_frozen_until: null,
      created_at: clock.now(),
      activated_at: null,
      closed_at: null,
      reminded_at: null,
    };
    await store().transact((tx) => accountRows.insertAccount(tx, account));
    return id;
  }

  async function aTree(letter: string) {
    const academy = anEstablishment("academy", `ac-${letter}`, null, `Académie ${letter}`);
    const school = anEstablishment("school", `${letter}-school`, academy, `Collège Hélène-Boucher ${letter}`);
    const sixth = anEstablishment("class", "6A", school);
    await put(sixth, school, academy);
    return { academy, school, sixth };
  }

  test("says what stands above, whatever the order in which a tree is put", async () => {
    const { academy, school, sixth } = await aTree("a");
    expect((await rows.lineOf(store(), sixth.id)).map(({ id }) => id)).toEqual([
      sixth.id,
      school.id,
      academy.id,
    ]);
    expect(await rows.isWithin(store(), sixth.id, [academy.id])).toBe(true);
    expect(await rows.isWithin(store(), academy.id, [academy.id])).toBe(true);
    expect(await rows.isWithin(store(), academy.id, [school.id])).toBe(false);
    expect(await rows.schoolsWithin(store(), [academy.id])).toEqual([school.id]);
    expect(await rows.topsOf(store(), [school.id, academy.id, sixth.id])).toEqual([academy.id]);
  });

  test("a school that moves takes its classes along, and leaves nothing behind", async () => {
    const from = await aTree("b");
    const to = await aTree("c");
    await put({ ...from.school, parent_id: to.academy.id });
    expect(await rows.schoolsWithin(store(), [from.academy.id])).toEqual([]);
    expect(new Set(await rows.schoolsWithin(store(), [to.academy.id]))).toEqual(
      new Set([to.school.id, from.school.id]),
    );
    expect(await rows.isWithin(store(), from.sixth.id, [to.academy.id])).toBe(true);
    expect(await rows.isWithin(store(), from.sixth.id, [from.academy.id])).toBe(false);
    expect(await rows.isWithin(store(), from.sixth.id, [from.school.id])).toBe(true);
  });

  test("makes classes once, names them anew, and opens closed ones again", async () => {
    const { school, sixth } = await aTree("d");
    await store().transact((tx) => rows.closeEstablishment(tx, sixth.id, clock.now()));
    expect(await rows.classesOf(store(), school.id)).toEqual([]);
    const ensure = (...codes: string[]) =>
      store().transact((tx) =>
        rows.ensureClasses(
          tx,
          codes.map((code) => ({ schoolId: school.id, code, name: `Classe ${code}` })),
          { uuid: () => ids.uuid(), now: clock.now() },
        ),
      );
    const first = await ensure("6A", "6B", "6A");
    const again = await ensure("6B", "6A");
    expect(first.get(rows.classKey(school.id, "6A"))).toBe(sixth.id);
    expect(new Set(again)).toEqual(new Set(first));
    const classes = await rows.classesOf(store(), school.id);
    expect(classes.map(({ code, name }) => [code, name])).toEqual([
      ["6A", "Classe 6A"],
      ["6B", "Classe 6B"],
    ]);
    expect(await rows.isWithin(store(), again.get(rows.classKey(school.id, "6B")) ?? "", [school.id])).toBe(
      true,
    );
  });

  test("the same code names one school, and one class in each school", async () => {
    const { academy, school } = await aTree("e");
    const twin = anEstablishment("school", school.code, academy);
    expect(await store().transact((tx) => rows.putEstablishment(tx, twin))).toBe(false);
    await expect(put(twin)).rejects.toSatisfy(rows.isCodeTaken);
    const other = anEstablishment("school", "e-other", academy);
    await put(other, anEstablishment("class", "6A", other));
    expect((await rows.findByCode(store(), "6A")) ?? null).toBeNull();
    expect((await rows.findByCode(store(), "e-other"))?.id).toBe(other.id);
    expect((await rows.findClass(store(), other.id, "6A"))?.parent_id).toBe(other.id);
    expect(
      [...(await rows.findByCodes(store(), ["e-other", school.code, "6A", "none"])).keys()].sort(),
    ).toEqual(["e-other", school.code]);
  });

  test("people come, change class, leave and come back; when they came is kept while they stay", async () => {
    const { academy, school, sixth } = await aTree("f");
    const pupil = await somebody("pupil");
    const guardian = await somebody("guardian");
    const put = (accountId: string, kind: "pupil" | "guardian", classId: string | null, since: number) => ({
      account_id: accountId,
      establishment_id: school.id,
      kind,
      class_id: classId,
      since,
    });
    await store().transact((tx) =>
      rows.putMemberships(tx, [put(pupil, "pupil", null, 1), put(guardian, "guardian", null, 1)]),
    );
    await store().transact((tx) => rows.putMembership(tx, put(pupil, "pupil", sixth.id, 2)));
    expect(await rows.membershipsOf(store(), pupil)).toEqual([
      {
        account_id: pupil,
        establishment_id: school.id,
        kind: "pupil",
        class_id: sixth.id,
        since: 1,
        left_at: null,
      },
    ]);
    expect(await rows.countByClass(store(), [sixth.id])).toEqual(new Map([[sixth.id, 1]]));
    expect(await rows.countPeopleWithin(store(), academy.id)).toEqual({ pupil: 1, guardian: 1 });
    expect(await rows.membersWithin(store(), [pupil, guardian], [academy.id])).toEqual(
      new Set([pupil, guardian]),
    );
    expect(await rows.hasMembers(store(), sixth.id, clock.now())).toBe(true);

    await store().transact((tx) => rows.leaveMemberships(tx, school.id, [pupil], 5));
    await store().transact((tx) => rows.leaveMembership(tx, pupil, school.id, 9));
    expect(await rows.membershipsOf(store(), pupil)).toEqual([]);
    expect(await rows.isMemberWithin(store(), pupil, [academy.id])).toBe(false);
    expect(await rows.hasMembers(store(), sixth.id, clock.now())).toBe(false);
    expect((await rows.everyMembershipOf(store(), [pupil])).map(({ left_at }) => left_at)).toEqual([5]);

    await store().transact((tx) => rows.putMembership(tx, put(pupil, "pupil", sixth.id, 12)));
    expect(
      (await rows.everyMembershipOf(store(), [pupil])).map(({ since, left_at }) => [since, left_at]),
    ).toEqual([[12, null]]);
  });

  test("writes many people at once, each once, and reads them back", async () => {
    const { school, sixth } = await aTree("g");
    const people: string[] = [];
    for (let count = 0; count < 150; count++) people.push(await somebody("pupil"));
    const pupils = people.map((id) => ({
      account_id: id,
      establishment_id: school.id,
      kind: "pupil" as const,
      class_id: sixth.id,
      since: 1,
    }));
    const registry = people.map((id, index) => ({
      account_id: id,
      surname: `Martin ${index}`,
      first_name: "Zoé",
      birth_date: index % 2 === 0 ? "2012-05-31" : null,
      postal: index % 3 === 0 ? JSON.stringify(["1 rue du Port", "75001 PARIS"]) : null,
      accepts_sms: [0, 1, null][index % 3] ?? null,
    }));
    await store().transact(async (tx) => {
      await rows.putMemberships(tx, [...pupils, ...pupils]);
      await rows.putSchoolPeople(tx, registry);
      await rows.putSchoolPeople(tx, [
        ...registry,
        { ...registry[0], surname: "Petit" } as (typeof registry)[0],
      ]);
    });
    const found = await rows.findSchoolPeople(store(), people);
    expect(found.size).toBe(150);
    expect(found.get(people[0] as string)).toEqual({ ...registry[0], surname: "Petit" });
    expect(await rows.findSchoolPerson(store(), people[149] as string)).toEqual(registry[149]);
    const listed = { establishmentId: school.id, kind: "pupil" as const, classId: sixth.id, limit: 100 };
    const first = await rows.listMembers(store(), listed);
    const afterId = first.at(-1)?.account_id;
    const second = await rows.listMembers(store(), { ...listed, afterId });
    expect([...first, ...second].map(({ account_id }) => account_id)).toEqual([...people].sort());
  });

  test("finds schools by beginnings of words, whatever the accents, and within walls only", async () => {
    const { academy, school } = await aTree("h");
    const other = await aTree("i");
    const search = (words: string[], walls: string[] | null = null) =>
      lists.searchEstablishments(store(), words, walls, 20).then((found) => found.map(({ id }) => id));
    expect(await search(["hel", "bouch", "h"])).toContain(school.id);
    expect(await search(["helene", "i"], null)).toContain(other.school.id);
    expect(await search(["helene"], [academy.id])).toEqual([school.id]);
    expect(await search(["h", "school"])).toContain(school.id);
    expect(await search(["helene"], [])).toEqual([]);
    await put({ ...school, name: "Collège Jean-Macé" });
    expect(await search(["helene"], [academy.id])).toEqual([]);
    expect(await search(["mace"], [academy.id])).toEqual([school.id]);
  });
});
