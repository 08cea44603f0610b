import { afterAll, beforeAll, expect, test } from "vitest";
import { day } from "../../src/kernel/clock.ts";
import { aSchool, type MadeSchool } from "../support/a-school.ts";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aRegistry, everywhere } from "../support/registry.ts";
import { aStaffMember, atTheDesk, type MadeStaff } from "../support/staff.ts";
import { words } from "../support/words.ts";

const password = "ancien-mot-de-passe-9";
const header =
  "type;identifiant;nom;prenom;date_naissance;classe;courriel;portable;adresse;ville;eleves;niveau;lien";
const csv = (...lines: string[]) => [header, ...lines].join("\n");
const pupil = (id: string, firstName: string) => `eleve;${id};NOËL;${firstName};31/05/2012;6A;;;;;;;`;
const guardian = (id: string, pupils: string, more: { street?: string; level?: number } = {}) =>
  `responsable;${id};NOËL;Ève;;;eve@example.fr;;${more.street ?? "1 quai Nord"};PARIS;${pupils};${more.level ?? 1};mère`;

onEachEngine("families that registries go on to speak of", (engine) => {
  let portal: TestPortal;
  let registry: ReturnType<typeof aRegistry>;
  let [lilas, tilleuls]: MadeSchool[] = [];
  let heads: MadeStaff[] = [];

  const store = () => portal.portal.store;
  const ask = <Row>(statement: string, parameters: unknown[] = []) => store().ask<Row>(statement, parameters);
  const codeOf = async (school: MadeSchool | undefined) =>
    (await ask<{ code: string }>("select code from establishments where id = ?", [school?.id]))[0]?.code ??
    "";
  const load = async (school: MadeSchool | undefined, ...lines: string[]) => {
    portal.clock.advance(day);
    return registry.load(csv(...lines), { school: await codeOf(school) });
  };
  /** The head of a school, who has just opened the desk. */
  const headOf = (school: MadeSchool | undefined) =>
    atTheDesk(portal, heads[school === lilas ? 0 : 1] as MadeStaff);
  const signIn = async (username: string) => {
    const browser = new PlainBrowser(portal.url);
    await browser.post("/sign-in", { identifier: username, password });
    return browser;
  };
  const idOf = async (username: string) =>
    (await ask<{ id: string }>("select account_id as id from identifiers where key = ?", [username]))[0]
      ?.id ?? "";
  /** As if its owner had activated it, with this password, and proved its address. */
  const activate = async (username: string, proves = true) => {
    const id = await idOf(username);
    await store().transact(async (tx) => {
      await tx.ask(
        `update accounts set status = 'active', password_hash =
          (select password_hash from accounts where kind = 'staff' and password_hash is not null limit 1) where id = ?`,
        [id],
      );
      if (!proves) return;
      await tx.ask("update contact_points set state = 'verified', verified_at = 1 where account_id = ?", [
        id,
      ]);
    });
    return id;
  };
  const ties = async (accountId: string) =>
    (
      await ask<{ name: string; ended: number }>(
        `select p.first_name as name, case when g.ended_at is null then 0 else 1 end as ended from guardianships g
          join school_people p on p.account_id = g.pupil_id where g.guardian_id = ? order by p.first_name`,
        [accountId],
      )
    ).map(({ name, ended }) => (Number(ended) === 1 ? `(${name})` : name));
  const records = async (accountId: string) =>
    (
      await ask<{ record_id: string }>(
        "select record_id from registry_records where account_id = ? and gone_at is null order by record_id",
        [accountId],
      )
    ).map((row) => row.record_id);
  const schoolsOf = async (accountId: string) =>
    (
      await ask<{ id: string }>(
        "select establishment_id as id from memberships where account_id = ? and left_at is null",
        [accountId],
      )
    )
      .map(({ id }) => (id === lilas?.id ? "lilas" : "tilleuls"))
      .sort();
  const statusOf = async (accountId: string) =>
    (await ask<{ status: string }>("select status from accounts where id = ?", [accountId]))[0]?.status;

  beforeAll(async () => {
    portal = await startPortal({ engine, preset: "school", wideSources: true });
    registry = aRegistry(store(), { clock: portal.clock, seed: 77 });
    lilas = await aSchool(portal, "Collège des Lilas", { email: "secretariat@lilas.example" });
    tilleuls = await aSchool(portal, "Collège des Tilleuls", {});
    heads = [];
    for (const { id } of [lilas, tilleuls]) {
      heads.push(await aStaffMember(portal, "head", { establishmentId: id }));
    }
  });
  afterAll(() => portal?.close());

  test("what registries say while two accounts are one is kept on the right side when they are two again", async () => {
    await load(lilas, pupil("1", "Alix"), guardian("9", "1"));
    await load(tilleuls, pupil("51", "Bruno"), pupil("52", "Célia"), guardian("59", "51|52"));
    const [a, b] = [await activate("e.noel"), await activate("e.noel2")];
    // Read before they are one, applied after: it must meet the account that stays.
    const staged = await registry.read(
      csv(pupil("51", "Bruno"), pupil("53", "Dora"), guardian("60", "51|53")),
      await codeOf(tilleuls),
    );
    await store().transact((tx) =>
      tx.ask("insert into family_checks (id, account_id) values ('c1', ?)", [b]),
    );
    await portal.settle();
    expect([await statusOf(a), await statusOf(b)]).toEqual(["active", "disabled"]);
    expect(await ties(a)).toEqual(["Alix", "Bruno", "Célia"]);
    expect(await records(a)).toEqual(["59", "9"]);
    expect([await ties(b), await records(b), await schoolsOf(b)]).toEqual([[], [], []]);

    // As if it had been found before they were one, and written after.
    await store().transact((tx) =>
      tx.ask("update import_people set account_id = ? where import_id = ? and record_id = '60'", [
        b,
        staged.id,
      ]),
    );
    await registry.imports.apply(everywhere, staged.id, { marksGone: true });
    await registry.finish(staged.id);
    expect(await ties(a)).toEqual(["Alix", "Bruno", "(Célia)", "Dora"]);
    expect(await records(a)).toEqual(["60", "9"]);
    expect([await ties(b), await records(b), await schoolsOf(b)]).toEqual([[], [], []]);
    expect(await ask("select id from accounts where name = 'Ève NOËL'")).toHaveLength(2);
    await load(lilas, pupil("1", "Alix"), pupil("2", "Édith"), guardian("9", "1|2"));
    expect(await ties(a)).toEqual(["Alix", "Bruno", "(Célia)", "Dora", "Édith"]);
    expect(await schoolsOf(a)).toEqual(["lilas", "tilleuls"]);

    const [join] = await ask<{ id: string }>("select id from family_joins where joined_id = ?", [b]);
    const undo = `/desk/families/joins/${join?.id}`;
    // An import and the undoing at once: one after the other, whichever comes first.
    const next = await registry.read(
      csv(pupil("51", "Bruno"), pupil("53", "Dora"), pupil("54", "Fleur"), guardian("60", "51|53|54")),
      await codeOf(tilleuls),
    );
    await registry.imports.apply(everywhere, next.id, { marksGone: true });
    const head = await headOf(tilleuls);
    await Promise.all([registry.finish(next.id), head.post(undo, { reason: "Deux personnes" })]);
    await registry.finish(next.id);
    expect([await statusOf(a), await statusOf(b)]).toEqual(["active", "active"]);
    expect(await ties(a)).toEqual(["Alix", "Édith"]);
    expect(await ties(b)).toEqual(["Bruno", "(Célia)", "Dora", "Fleur"]);
    expect([await records(a), await records(b)]).toEqual([["9"], ["60"]]);
    expect([await schoolsOf(a), await schoolsOf(b)]).toEqual([["lilas"], ["tilleuls"]]);
    // The next import of each meets its own account, and makes nobody.
    await load(
      tilleuls,
      pupil("51", "Bruno"),
      pupil("53", "Dora"),
      guardian("60", "51|53", { street: "2 quai Sud" }),
    );
    await load(lilas, pupil("1", "Alix"), guardian("9", "1", { street: "2 quai Sud" }));
    expect([await ties(a), await ties(b)]).toEqual([
      ["Alix", "(Édith)"],
      ["Bruno", "(Célia)", "Dora", "(Fleur)"],
    ]);
    await portal.settle();
    expect([await statusOf(a), await statusOf(b)]).toEqual(["active", "active"]);
  });

  test("a number that a registry gave while two accounts were one opens but the account that it is of", async () => {
    const child = (id: string, name: string) => `eleve;${id};RIO;${name};01/02/2013;6A;;;;;;;`;
    const who = (id: string, mobile: string, pupils: string, of: string) =>
      `responsable;${id};RIO;${of};;;;${mobile};1 quai;PARIS;${pupils};1;père`;
    const ofTilleuls = [child("451", "Tom"), who("459", "0639980202", "451", "Solal")];
    await load(lilas, child("471", "Uma"), who("479", "0639980101", "471", "Samuel"));
    await load(tilleuls, ...ofTilleuls);
    const [a, b] = [await activate("s.rio", false), await activate("s.rio2", false)];
    const numbers = async (id: string) =>
      (
        await ask<{ address: string }>(
          "select address from contact_points where account_id = ? and state <> 'obsolete' order by address",
          [id],
        )
      ).map(({ address }) => address.slice(-4));
    const browser = await signIn("s.rio2");
    const page = await browser.post("/account/join", { identifier: "s.rio", password });
    const proof = /name="proof" value="([^"]+)"/.exec(page.html)?.[1] ?? "";
    await browser.post("/account/join/confirm", { proof });
    // The one school has a new number for its guardian; the account that stays gets it, in the stead of its own.
    const ofLilas = [child("471", "Uma"), who("479", "0639980303", "471", "Samuel")];
    await load(lilas, ...ofLilas);
    expect(await numbers(b)).toEqual(["0303"]);
    const asking = new PlainBrowser(portal.url);
    await asking.post("/forgot-password", { identifier: "s.rio2", channel: "sms" });
    const sent = await portal.messageTo("+33639980303");
    const [join] = await ask<{ id: string }>("select id from family_joins where joined_id = ?", [a]);
    await (await headOf(lilas)).post(`/desk/families/joins/${join?.id}`, { reason: "Deux personnes" });
    expect(await statusOf(a)).toBe("active");

    expect(await numbers(b)).toEqual([]);
    const late = await asking.post("/forgot-password/code", { code: sent.code ?? "" });
    expect(late.path).not.toBe("/reset");
    portal.clock.advance(day);
    const known = (await portal.messages("+33639980303")).length;
    await new PlainBrowser(portal.url).post("/forgot-password", { identifier: "s.rio2", channel: "sms" });
    await portal.settle();
    expect(await portal.messages("+33639980303")).toHaveLength(known);
    // The next file of each, unchanged, is heard in full by its own account.
    await load(tilleuls, ...ofTilleuls);
    await load(lilas, ...ofLilas);
    expect([await numbers(a), await numbers(b)]).toEqual([["0303"], ["0202"]]);
    const names = await ask<{ first_name: string }>(
      "select first_name from school_people where account_id in (?, ?) order by first_name",
      [a, b],
    );
    expect(names.map((row) => row.first_name)).toEqual(["Samuel", "Solal"]);
  });

  test("two accounts in one school are joined by their owner, and each gets back its own", async () => {
    const who = (id: string, pupils: string, name: string) =>
      `responsable;${id};OURS;${name};;;;;1 quai;PARIS;${pupils};1;mère`;
    const child = (id: string, name: string) => `eleve;${id};OURS;${name};01/02/2013;6A;;;;;;;`;
    const file = [
      child("201", "Gil"),
      child("202", "Hugo"),
      who("291", "201|202", "Mona"),
      who("292", "202", "Nina"),
    ];
    await load(lilas, ...file);
    const [a, b] = [await activate("m.ours"), await activate("n.ours")];
    const hugo = await idOf("h.ours");
    const denies = async (id: string) =>
      (
        await ask<{ denied_at: number | null }>(
          "select denied_at from guardianships where guardian_id = ? and pupil_id = ?",
          [id, hugo],
        )
      ).some((row) => row.denied_at !== null);
    await (await signIn("n.ours")).post(`/account/pupils/${hugo}/not-mine`, { words: "" });
    const browser = await signIn("m.ours");
    const page = await browser.post("/account/join", { identifier: "n.ours", password });
    const proof = /name="proof" value="([^"]+)"/.exec(page.html)?.[1] ?? "";
    await browser.post("/account/join/confirm", { proof });
    expect([await ties(a), await ties(b)]).toEqual([["Gil", "Hugo"], []]);
    expect([await records(a), await records(b)]).toEqual([["291", "292"], []]);
    // What either denied stays denied, and is the denier's own again later.
    expect(await denies(a)).toBe(true);
    // Meanwhile the registry gives one of the two another child, and has the other no more.
    await load(lilas, ...file.slice(0, 2), child("203", "Ilan"), who("292", "202|203", "Nina"));
    expect(await ties(a)).toEqual(["(Gil)", "Hugo", "Ilan"]);
    const [join] = await ask<{ id: string }>("select id from family_joins where joined_id = ?", [b]);
    await (await headOf(lilas)).post(`/desk/families/joins/${join?.id}`, { reason: "Deux personnes" });
    expect([await ties(a), await ties(b)]).toEqual([
      ["(Gil)", "(Hugo)"],
      ["Hugo", "Ilan"],
    ]);
    expect([await records(a), await records(b)]).toEqual([[], ["292"]]);
    expect([await denies(a), await denies(b)]).toEqual([false, true]);
    const [report] = await ask<{ id: string }>("select id from family_reports where guardian_id = ?", [b]);
    const answer = { decision: "kept", reason: "Jugement lu" };
    await (await headOf(lilas)).post(`/desk/families/reports/${report?.id}`, answer);
    expect([await denies(a), await denies(b)]).toEqual([false, false]);
    expect([await schoolsOf(a), await schoolsOf(b)]).toEqual([[], ["lilas"]]);
  });

  test("a guardian says that a pupil is not theirs: the school is told, decides once, and its registry does not undo it", async () => {
    const who = (level: number) =>
      `responsable;391;PIC;Rémi;;;remi@example.fr;;1 quai;PARIS;301|302;${level};père`;
    const child = (id: string, name: string) => `eleve;${id};PIC;${name};03/03/2013;6A;;;;;;;`;
    const file = [child("301", "Jules"), child("302", "Karl")];
    await load(lilas, ...file, who(1));
    const remi = await activate("r.pic");
    const [jules, karl] = [await idOf("j.pic"), await idOf("k.pic")];
    const browser = await signIn("r.pic");
    const path = `/account/pupils/${jules}/not-mine`;
    expect((await browser.get(path)).text).toContain("Jules PIC");
    expect((await browser.post(path, { words: "x".repeat(301) })).status).toBe(422);
    expect((await browser.get(`/account/pupils/${remi}/not-mine`)).status).toBe(404);
    await portal.settle();
    const mailsBefore = (await portal.messages("secretariat@lilas.example")).length;
    const marks = await Promise.all(
      [1, 2].map((n) => browser.post(path, { words: n === 1 ? "Je ne le connais pas." : "Encore" })),
    );
    expect(marks.map(({ status }) => status)).toEqual([200, 200]);
    await browser.post(path, { words: "Encore" });
    expect(await ask("select id from family_reports where guardian_id = ?", [remi])).toHaveLength(1);
    const mail = await portal.messageTo("secretariat@lilas.example");
    expect(await portal.messages("secretariat@lilas.example")).toHaveLength(mailsBefore + 1);
    expect(mail.text).not.toMatch(/Jules|Rémi|PIC|6A/);
    expect(mail.links.some((link) => new URL(link).pathname === "/desk/families")).toBe(true);
    const account = await browser.get("/account");
    expect(account.text).not.toContain("Jules");
    expect(account.text).toContain(words("families.pupil.reported"));
    expect(account.text).toContain("Karl PIC");

    const [lilasHead, tilleulsHead] = [await headOf(lilas), await headOf(tilleuls)];
    expect((await lilasHead.get("/desk")).text).toContain(words("families.news", { count: 1 }));
    expect((await tilleulsHead.get("/desk")).text).not.toContain(words("families.news", { count: 1 }));
    const [report] = await ask<{ id: string }>("select id from family_reports where guardian_id = ?", [remi]);
    const decide = `/desk/families/reports/${report?.id}`;
    expect((await tilleulsHead.get("/desk/families")).text).not.toContain("Jules");
    expect((await tilleulsHead.get(decide)).status).toBe(404);
    expect((await tilleulsHead.post(decide, { decision: "removed", reason: "Vu" })).status).toBe(404);
    expect((await lilasHead.post(decide, { decision: "", reason: "" })).status).toBe(422);
    expect((await lilasHead.get(`/desk/people/${jules}`)).html).toContain(`/desk/people/${remi}`);
    const answers = await Promise.all(
      [1, 2].map(() =>
        lilasHead.post(decide, { decision: "removed", reason: "Vu au dossier" }, { follow: false }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 404]);
    expect(await ties(remi)).toEqual(["(Jules)", "Karl"]);
    expect((await portal.messageTo("remi@example.fr")).text).toContain("Vu au dossier");
    const lines = await ask<{ event: string }>(
      "select event from journal where event like '%link-removed' order by event",
    );
    expect(lines.map(({ event }) => event)).toEqual([
      "desk.family-link-removed",
      "families.link-removed",
      "families.link-removed",
    ]);

    // The registry repeats it, changed and unchanged; then it does not any more, and may say it anew.
    await load(lilas, ...file, who(2));
    await load(lilas, ...file, who(2));
    expect(await ties(remi)).toEqual(["(Jules)", "Karl"]);
    await load(lilas, ...file, who(2).replace("301|302", "302"));
    await load(lilas, ...file, who(2));
    expect(await ties(remi)).toEqual(["Jules", "Karl"]);

    const later = await signIn("r.pic");
    // In charge of the child now, and no legal representative.
    const form = await later.get(`/account/pupils/${karl}/not-mine`);
    expect(form.text).toContain(words("families.not-mine.care"));
    expect(form.text).not.toContain(words("families.not-mine"));
    await later.post(`/account/pupils/${karl}/not-mine`, { words: "" });
    const [second] = await ask<{ id: string }>(
      "select id from family_reports where decided_at is null and guardian_id = ?",
      [remi],
    );
    const kept = { decision: "kept", reason: "Jugement lu" };
    const head = await headOf(lilas);
    expect((await head.post(`/desk/families/reports/${second?.id}`, kept)).path).toBe("/desk/families");
    expect((await portal.messageTo("remi@example.fr")).text).toContain("Jugement lu");
    expect((await later.get("/account")).text).toContain("Karl PIC");
  });

  test("who was closed long ago is forgotten by the school too; a registry that names them again makes them anew", async () => {
    const school = await aSchool(portal, "Collège de la Mare", {});
    const { registry: rules, retention } = portal.config.preset;
    const ulysse = "eleve;401;MARE;Ulysse;31/05/2012;6A;;;;;;;";
    const yse = "responsable;409;MARE;Ysé;;;yse@example.fr;;2 rue Sud;PARIS;401;1;mère";
    const stays = [
      "eleve;402;MARE;Vera;31/05/2012;6A;;;;;;;",
      "responsable;408;MARE;Wanda;;;;;;;402|401;1;mère",
    ];
    await load(school, ulysse, yse, ...stays);
    const ids = [await idOf("u.mare"), await idOf("y.mare")];
    const left = async () => {
      const found: string[] = [];
      for (const place of [
        "registry_records.account_id",
        "guardianships.guardian_id",
        "guardianships.pupil_id",
        "memberships.account_id",
        "school_people.account_id",
        "identifiers.account_id",
        "contact_points.account_id",
        "people_words.account_id",
      ]) {
        const [table, column] = place.split(".");
        const rows = await ask(`select 1 as one from ${table} where ${column} in (?, ?)`, ids);
        if (rows.length > 0) found.push(place);
      }
      const links = await ask("select 1 as one from registry_links where pupil_record_id = '401'");
      return [...found, ...(links.length > 0 ? ["registry_links"] : [])];
    };
    await load(school, ...stays);
    portal.clock.advance((rules.closesAfterDays + 1) * day);
    await portal.settle();
    expect(await Promise.all(ids.map(statusOf))).toEqual(["closed", "closed"]);
    portal.clock.advance((retention.journalDays - 1) * day);
    await portal.settle();
    expect(await left()).toHaveLength(9);
    portal.clock.advance(2 * day);
    await portal.settle();
    expect(await left()).toEqual([]);

    // What others read goes on without them.
    const head = await atTheDesk(portal, await aStaffMember(portal, "head", { establishmentId: school.id }));
    expect((await head.get(`/desk/people/${ids[0]}`)).status).toBe(404);
    expect((await head.get(`/desk/statistics/${school.id}`)).status).toBe(200);

    // Their identifiers name nobody else: not the next of that name, nor whom staff name so by hand.
    await expect(anAccount(portal, "Ugo Mare").username("u.mare").made()).rejects.toThrow("taken");
    await load(school, ulysse, yse, ...stays);
    expect(await idOf("u.mare")).toBe("");
    const [pupilId, guardianId] = [await idOf("u.mare2"), await idOf("y.mare2")];
    expect(ids).not.toContain(pupilId);
    expect(await ties(guardianId)).toEqual(["Ulysse"]);
    expect(await ties(await idOf("w.mare"))).toEqual(["Ulysse", "Vera"]);
    expect(await Promise.all([statusOf(pupilId), statusOf(ids[0] as string)])).toEqual(["pending", "closed"]);
  });
});
