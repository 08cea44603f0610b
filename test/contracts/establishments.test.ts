import { afterAll, beforeAll, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { type Preset, presetShape } from "../../src/config/preset.ts";
import { createJournal } from "../../src/journal/journal.ts";
import { day, minute } from "../../src/kernel/clock.ts";
import { createIds } from "../../src/kernel/ids.ts";
import * as rows from "../../src/school/establishments/establishments.store.ts";
import {
  createEstablishments,
  type EstablishmentForm,
} from "../../src/school/establishments/establishments.ts";
import { createLoadEstablishments } from "../../src/school/establishments/load-establishments.ts";
import { createNetworks } from "../../src/school/establishments/networks.ts";
import { createSignals } from "../../src/store/signals.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { seededRandom, TestClock } from "../support/world.ts";

const hours = { mon: ["09:00-12:00"], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] };
const relay = {
  id: "school-office",
  isShown: true,
  for: ["guardian"],
  name: { fr: "Le secrétariat" },
  lines: { fr: ["Appelez le secrétariat."] },
  hours,
  closedOn: ["2027-05-01"],
  firstAnswerWithinSeconds: 3600,
  resolveWithinSeconds: 3600,
  escalatesTo: null,
};
const relays: Preset["relays"] = presetShape.shape.relays.parse([
  relay,
  { ...relay, id: "operator", isShown: false, hours: null },
]);

const form = (changes: Partial<EstablishmentForm>): EstablishmentForm => ({
  code: "",
  name: "Nom",
  parent: "",
  timezone: "",
  postal: "",
  phone: "",
  email: "",
  addresses: "",
  ...changes,
});

onEachEngine("establishments", (engine) => {
  let opened: Awaited<ReturnType<typeof openTestStore>>;
  let made: ReturnType<typeof makeRules>;
  let staffId: string;
  const clock = new TestClock();
  const ids = createIds(clock, seededRandom(42));
  beforeAll(async () => {
    opened = await openTestStore(engine);
    staffId = await somebody("staff", "Alice Aide");
    made = makeRules();
  });
  afterAll(() => opened?.close());

  function makeRules() {
    const { store } = opened;
    const signals = createSignals({ store, ids });
    const shared = { store, clock, ids, signals, journal: createJournal({ clock, ids }), preset: { relays } };
    const faults: unknown[] = [];
    return {
      establishments: createEstablishments({
        ...shared,
        timezone: "Europe/Paris",
        namesOf: async (db, wanted) => {
          const found = await Promise.all(wanted.map((id) => accountRows.findById(db, id)));
          return new Map(found.flatMap((row) => (row ? [[row.id, row.name] as const] : [])));
        },
        rolesAt: async () => [],
      }),
      files: createLoadEstablishments(shared),
      networks: createNetworks({
        store,
        clock,
        signals,
        always: ["198.51.100.0/24"],
        onFault: (cause) => faults.push(cause),
      }),
      faults,
    };
  }

  async function somebody(kind: accountRows.Kind, name: string): Promise<string> {
    const id = ids.uuid();
    const nothing = { nickname: null, password_hash: null, password_changed_at: null, activated_at: null };
    await opened.store.transact((tx) =>
      accountRows.insertAccount(tx, {
        ...nothing,
        id,
        kind,
        status: "active",
        name,
        locale: "fr",
        contacts_frozen_until: null,
        created_at: clock.now(),
        closed_at: null,
        reminded_at: null,
      }),
    );
    return id;
  }

  const by = () => ({ staff: { accountId: staffId }, caller: null });
  const rules = () => made.establishments;

  async function added(parentId: string | null, changes: Partial<EstablishmentForm>): Promise<string> {
    const saved = await rules().add(by(), null, parentId, form(changes));
    if (!saved.ok) throw new Error(JSON.stringify(saved));
    return saved.id;
  }

  const eventsOf = async () =>
    (
      await opened.store.ask<{ event: string }>(
        "select event from journal where account_id = ? order by id",
        [staffId],
      )
    ).map(({ event }) => event);

  test("an academy, its school and a class are added, each below the type above it", async () => {
    const academy = await added(null, { code: "ac-paris", name: "Académie de Paris" });
    const school = await added(academy, { code: "0752387m", name: "Collège Hélène-Boucher" });
    const sixth = await added(school, { code: "6A", name: "Sixième A" });
    const seen = await rules().see(school, null, 0);
    expect(seen?.above.map(({ code }) => code)).toEqual(["AC-PARIS"]);
    expect(seen?.establishment).toMatchObject({ type: "school", code: "0752387M" });
    expect(seen?.below.map(({ establishment }) => establishment.id)).toEqual([sixth]);
    expect(await rules().add(by(), null, sixth, form({ code: "x" }))).toEqual({ ok: false, faults: null });
    expect(await eventsOf()).toEqual(Array(3).fill("establishments.added"));
  });

  test("what is wrong with a form is said at its fields, and nothing of it is kept", async () => {
    const academy = await rows.findByCode(opened.store, "AC-PARIS");
    const wrong = form({
      code: "0752387B",
      name: " ",
      timezone: "Europe/Nowhere",
      postal: "1\n2\n3\n4\n5\n6\n7",
      phone: "=1",
      email: "nobody",
      addresses: "192.0.2.0/24 0.0.0.0/0",
    });
    const refused = await rules().add(by(), null, academy?.id ?? "", wrong);
    expect(refused.ok ? [] : refused.faults?.map(({ field }) => field)).toEqual([
      "code",
      "name",
      "timezone",
      "postal",
      "phone",
      "email",
      "addresses",
    ]);
    const taken = await rules().add(by(), null, academy?.id ?? "", form({ code: "0752387M" }));
    expect(taken).toEqual({ ok: false, faults: [{ field: "code", refusal: "establishments.code.taken" }] });
  });

  test("of two who give one code at once, one is told that it is taken", async () => {
    const outcomes = await Promise.all(
      ["Un", "Deux"].map((name) => rules().add(by(), null, null, form({ code: "ac-race", name }))),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.find(({ ok }) => !ok)).toEqual({
      ok: false,
      faults: [{ field: "code", refusal: "establishments.code.taken" }],
    });
  });

  test("walls hide what is outside: it can be neither seen, found, changed, closed nor moved to", async () => {
    const here = await added(null, { code: "ac-here", name: "Ici" });
    const there = await added(null, { code: "ac-there", name: "Là" });
    const mine = await added(here, { code: "0010001W", name: "Lycée Olympe" });
    const theirs = await added(there, { code: "0010002X", name: "Lycée Olympe" });
    const walls = [mine];
    expect(await rules().find(theirs, walls)).toBeNull();
    expect(await rules().find(here, walls)).toBeNull();
    expect((await rules().tops(walls, 0)).found.map(({ establishment }) => establishment.id)).toEqual([mine]);
    expect(
      (await rules().search("olympe", walls)).found.map(({ establishment }) => establishment.id),
    ).toEqual([mine]);
    expect((await rules().see(mine, walls, 0))?.above).toEqual([
      { id: here, name: "Ici", code: "AC-HERE", isInside: false },
    ]);
    expect(await rules().change(by(), walls, theirs, form({ code: "0010002X" }))).toEqual({
      ok: false,
      faults: null,
    });
    expect(await rules().close(by(), walls, theirs)).toBeNull();
    expect(await rules().changeRelay(by(), walls, theirs, "school-office", {})).toBe(false);
    expect(await rules().add(by(), walls, null, form({ code: "ac-mine" }))).toEqual({
      ok: false,
      faults: null,
    });
    expect(await rules().add(by(), walls, theirs, form({ code: "6A" }))).toEqual({ ok: false, faults: null });
    const moved = await rules().change(by(), walls, mine, form({ code: "0010001W", parent: "ac-there" }));
    expect(moved).toEqual({
      ok: false,
      faults: [{ field: "parent", refusal: "establishments.parent.unknown" }],
    });
    const kept = await rules().change(
      by(),
      walls,
      mine,
      form({ code: "0010001W", parent: "AC-HERE", name: "Neuf" }),
    );
    expect(kept.ok).toBe(true);
    const away = await rules().change(by(), null, mine, form({ code: "0010001W", parent: "ac-there" }));
    expect(away.ok).toBe(true);
    expect(await rows.schoolsWithin(opened.store, [here])).toEqual([]);
  });

  test("time zone and hours come from the establishment, from above, at last from the portal", async () => {
    const academy = await added(null, { code: "ac-reunion", timezone: "Indian/Reunion" });
    const school = await added(academy, { code: "9740001H" });
    const { store } = opened;
    expect(await rules().timezoneOf(store, school)).toBe("Indian/Reunion");
    expect(await rules().hoursOf(store, school, "school-office")).toEqual({
      hours,
      closedOn: ["2027-05-01"],
      timezone: "Indian/Reunion",
    });
    const own = { ...hours, mon: ["08:00-11:00"] };
    await rules().changeRelay(by(), null, academy, "school-office", { hours: own });
    await rules().changeRelay(by(), null, school, "school-office", { closedOn: [] });
    expect(await rules().hoursOf(store, school, "school-office")).toMatchObject({ hours: own, closedOn: [] });
    await rules().changeRelay(by(), null, school, "school-office", { hours: null });
    expect(await rules().hoursOf(store, school, "school-office")).toMatchObject({
      hours: null,
      closedOn: ["2027-05-01"],
    });
    await rules().changeRelay(by(), null, school, "school-office", {});
    expect((await rows.findEstablishment(store, school))?.details).toBe("{}");
    expect(await rules().hoursOf(store, school, "nobody")).toBeNull();
    expect(await rules().changeRelay(by(), null, school, "operator", {})).toBe(false);
  });

  test("only an empty establishment is closed, and one below a closed one is not opened again", async () => {
    const academy = await added(null, { code: "ac-close" });
    const school = await added(academy, { code: "0010003Y" });
    const pupil = await somebody("pupil", "Zoé Petit");
    await opened.store.transact((tx) =>
      rows.putMembership(tx, {
        account_id: pupil,
        establishment_id: school,
        kind: "pupil",
        class_id: null,
        since: clock.now(),
      }),
    );
    const refused = { ok: false, refusal: "establishments.close.not-empty" };
    expect(await rules().close(by(), null, school)).toEqual(refused);
    expect(await rules().close(by(), null, academy)).toEqual(refused);
    await opened.store.transact((tx) => rows.leaveMembership(tx, pupil, school, clock.now()));
    expect(await rules().close(by(), null, school)).toEqual({ ok: true });
    expect(await rules().close(by(), null, academy)).toEqual({ ok: true });
    expect(await rules().reopen(by(), null, school)).toEqual({
      ok: false,
      refusal: "establishments.reopen.above-closed",
    });
    expect(await rules().add(by(), null, academy, form({ code: "0010004Z" }))).toEqual({
      ok: false,
      faults: [{ field: "parent", refusal: "establishments.parent.closed" }],
    });
    await rules().reopen(by(), null, academy);
    expect(await rules().reopen(by(), null, school)).toEqual({ ok: true });
  });

  test("the addresses of schools are slowed as soon as they are known, those of the preset always", async () => {
    const { networks } = made;
    await networks.refresh();
    expect(networks.isSlowed("198.51.100.9")).toBe(true);
    expect(networks.isSlowed("203.0.113.9")).toBe(false);
    const academy = await added(null, { code: "ac-net", addresses: "203.0.113.0/24" });
    await expect.poll(() => networks.isSlowed("203.0.113.9")).toBe(true);
    await rules().close(by(), null, academy);
    await expect.poll(() => networks.isSlowed("203.0.113.9")).toBe(false);
    // What this process was not told of is seen within a minute.
    const row = await rows.findEstablishment(opened.store, academy);
    await opened.store.transact((tx) => rows.closeEstablishment(tx, row?.id ?? "", null));
    expect(networks.isSlowed("203.0.113.9")).toBe(false);
    clock.advance(minute);
    networks.isSlowed("203.0.113.9");
    await expect.poll(() => networks.isSlowed("203.0.113.9")).toBe(true);
    expect(made.faults).toEqual([]);
  });

  const csv = [
    "Type;Code;Nom;Rattachement;Téléphone;Adresse postale;Adresses réseau",
    "académie;ac-lyon;Académie de Lyon;;;;",
    'collège;0690001B;"Collège ""Les Ormes""";AC-LYON;04 00 00 00 00;1 rue du Port|69001 LYON;192.0.2.0/25',
    "classe;6A;Sixième A;0690001B;;;",
  ].join("\r\n");
  const load = (text: string | Buffer, walls: readonly string[] | null = null) =>
    made.files.read(by(), walls, { filename: "arbre.csv", bytes: Buffer.from(text as string) });

  async function agreed(text: string): Promise<number> {
    const read = await load(text);
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    const preview = await made.files.preview(by(), null, read.fileId);
    const applied = await made.files.apply(by(), null, read.fileId, preview?.digest ?? "");
    if (!applied?.ok) throw new Error(JSON.stringify(applied));
    return applied.changes;
  }

  test("a file is shown before it is applied, and the same file again changes nothing", async () => {
    const read = await load(csv);
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    const preview = await made.files.preview(by(), null, read.fileId);
    expect(preview?.changes.map(({ line, kind, code }) => [line, kind, code])).toEqual([
      [2, "added", "AC-LYON"],
      [3, "added", "0690001B"],
      [4, "added", "6A"],
    ]);
    expect(await rows.findByCode(opened.store, "AC-LYON")).toBeNull();
    expect(await made.files.apply(by(), null, read.fileId, "other")).toMatchObject({ ok: false });
    expect(await made.files.apply(by(), null, read.fileId, preview?.digest ?? "")).toEqual({
      ok: true,
      changes: 3,
    });
    expect(await made.files.apply(by(), null, read.fileId, preview?.digest ?? "")).toBeNull();
    const school = await rows.findByCode(opened.store, "0690001B");
    const found = await rules().find(school?.id ?? "", null);
    expect(found).toMatchObject({
      name: 'Collège "Les Ormes"',
      details: {
        postal: ["1 rue du Port", "69001 LYON"],
        phone: "04 00 00 00 00",
        addresses: ["192.0.2.0/25"],
      },
    });
    const academy = await rows.findByCode(opened.store, "AC-LYON");
    expect(await rows.schoolsWithin(opened.store, [academy?.id ?? ""])).toEqual([school?.id]);
    expect(await agreed(csv)).toBe(0);
    expect((await rows.findByCode(opened.store, "0690001B"))?.id).toBe(school?.id);
  });

  test("a later file changes only what it says; JSON brings the hours of relays", async () => {
    expect(await agreed("type,code,name,parent\nschool,0690001B,Collège des Ormes,AC-LYON\n")).toBe(1);
    const json = JSON.stringify({
      establishments: [
        {
          type: "school",
          code: "0690001B",
          name: "Collège des Ormes",
          parent: "AC-LYON",
          phone: null,
          relays: { "school-office": { hours: { tue: ["08:00-10:00"] }, lines: { fr: ["Porte B."] } } },
        },
      ],
    });
    const read = await load(json);
    const preview = read.ok ? await made.files.preview(by(), null, read.fileId) : null;
    expect(preview?.changes[0]?.fields).toEqual(["phone", "relays"]);
    expect(await agreed(json)).toBe(1);
    expect(await agreed(json)).toBe(0);
    const school = await rows.findByCode(opened.store, "0690001B");
    const found = await rules().find(school?.id ?? "", null);
    expect(found?.details).toMatchObject({ phone: null, addresses: ["192.0.2.0/25"] });
    const relayed = await rules().hoursOf(opened.store, school?.id ?? "", "school-office");
    expect(relayed?.hours).toMatchObject({ mon: [], tue: ["08:00-10:00"] });
    expect(
      await agreed('{"establishments":[{"type":"academy","code":"ac-lyon","name":"Lyon","relays":null}]}'),
    ).toBe(1);
  });

  test("what was changed between showing and agreeing is not written over", async () => {
    const read = await load(csv.replace("Les Ormes", "Les Tilleuls"));
    if (!read.ok) throw new Error("refused");
    const preview = await made.files.preview(by(), null, read.fileId);
    const school = await rows.findByCode(opened.store, "0690001B");
    await rules().change(
      by(),
      null,
      school?.id ?? "",
      form({ code: "0690001B", parent: "AC-LYON", name: "Autre" }),
    );
    const digest = preview?.digest ?? "";
    const applied = await made.files.apply(by(), null, read.fileId, digest);
    const again = await made.files.preview(by(), null, read.fileId);
    expect(applied).toEqual({ ok: false, refusal: "establishments.file.changed-meanwhile" });
    expect(again?.digest).not.toBe(digest);
    expect((await rows.findByCode(opened.store, "0690001B"))?.name).toBe("Autre");
    clock.advance(2 * day);
    await opened.store.transact((tx) => made.files.forget(tx));
    expect(await made.files.preview(by(), null, read.fileId)).toBeNull();
  });

  test.each<[string, string | Buffer, [number, string][]]>([
    ["an empty file", "", [[1, "establishments.file.empty"]]],
    ["a zip", Buffer.from("PK\u0003\u0004aaaa"), [[1, "establishments.file.not-text"]]],
    ["a line that is not closed", `${csv}\r\nclasse;"6B;Sixième`, [[5, "establishments.file.unreadable"]]],
    [
      "a column that nobody knows",
      "type;code;name;parent;couleur\n",
      [[1, "establishments.file.unknown-column"]],
    ],
    ["a column that is missing", "type;code;name\n", [[1, "establishments.file.missing-column"]]],
    [
      "faults on several lines",
      "type;code;name;parent\nschool;0690001A;X;AC-LYON\nvillage;a;X;\nschool;0690002C;;AC-LYON\n",
      [
        [2, "establishments.code.uai-letter"],
        [3, "establishments.file.type"],
        [4, "establishments.name.missing"],
      ],
    ],
    [
      "an establishment twice",
      "type;code;name;parent\nclass;6A;A;0690001B\nclass;6A;B;0690001B\n",
      [[3, "establishments.file.twice"]],
    ],
    [
      "a parent that is not there",
      "type;code;name;parent\nschool;0690002C;X;AC-NOWHERE\n",
      [[2, "establishments.parent.unknown"]],
    ],
    [
      "a class in an academy",
      "type;code;name;parent\nclass;6A;X;AC-LYON\n",
      [[2, "establishments.parent.unknown"]],
    ],
    ["broken JSON", '{\n"establishments": [\n{ "type": ]', [[3, "establishments.file.unreadable"]]],
    [
      "JSON with an unknown field on its third line",
      '{"establishments": [\n{"type":"academy","code":"ac-x","name":"X"},\n{"type":"academy","couleur":"bleu"}]}',
      [[3, "establishments.file.unknown-column"]],
    ],
    [
      "hours that end before they begin",
      '{"establishments":[{"type":"academy","code":"ac-lyon","name":"Lyon","relays":{"school-office":{"hours":{"mon":["12:00-09:00"]}}}}]}',
      [[1, "establishments.file.relay"]],
    ],
  ])("refuses %s, with the line, and changes nothing", async (_, text, faults) => {
    const read = await load(text);
    expect(read.ok ? [] : read.faults.map(({ line, refusal }) => [line, refusal])).toEqual(faults);
  });

  test("the command line applies a file at once, as a whole or not at all", async () => {
    const file = (code: string) =>
      Buffer.from(`type;code;name;parent\nacademy;ac-line;Ligne;\nclass;6A;A;${code}\n`);
    expect(await made.files.loadAtOnce(file("0690002C"))).toMatchObject({
      ok: false,
      faults: [{ line: 3, refusal: "establishments.parent.unknown" }],
    });
    expect(await rows.findByCode(opened.store, "AC-LINE")).toBeNull();
    expect(await made.files.loadAtOnce(file("0752387M"))).toMatchObject({
      ok: true,
      changes: [
        { kind: "added", code: "AC-LINE" },
        { kind: "changed", code: "6A", fields: ["name"] },
      ],
    });
    expect(await made.files.loadAtOnce(file("0752387M"))).toEqual({ ok: true, changes: [], unchanged: 2 });
  });

  test("a file of Western office programs is read by its own letters", async () => {
    const latin = Buffer.from(csv.replace("Les Ormes", "Les Frênes"), "latin1");
    const read = await made.files.read(by(), null, { filename: "arbre.csv", bytes: latin });
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    const preview = await made.files.preview(by(), null, read.fileId);
    expect(preview?.changes.find(({ code }) => code === "0690001B")?.name).toBe('Collège "Les Frênes"');
  });

  test("a file reaches no further than the walls of whoever loads it", async () => {
    const school = await rows.findByCode(opened.store, "0690001B");
    const walls = [school?.id ?? ""];
    const refusals = async (line: string) => {
      const read = await load(`type;code;name;parent\n${line}\n`, walls);
      return read.ok ? [] : read.faults.map(({ refusal }) => refusal);
    };
    expect(await refusals("academy;ac-neuve;X;")).toEqual(["establishments.parent.unknown"]);
    expect(await refusals("school;0690001B;X;AC-LYON")).toEqual(["establishments.parent.unknown"]);
    expect(await refusals("class;6B;X;0752387M")).toEqual(["establishments.parent.unknown"]);
    expect(await refusals("class;6B;X;0690001B")).toEqual([]);
  });
});
