import { afterAll, beforeAll, expect, test } from "vitest";
import { day } from "../../src/kernel/clock.ts";
import { aSchool, type MadeSchool } from "../support/a-school.ts";
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
  const activate = async (username: string) => {
    const id = await idOf(username);
    await store().transact(async (tx) => {
      await tx.ask(
        `update accounts set status = 'active', password_hash =
          (select password_hash from accounts where kind = 'staff' and password_hash is not null limit 1) where id = ?`,
        [id],
      );
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
    const browser = await signIn("m.ours");
    const page = await browser.post("/account/join", { identifier: "n.ours", password });
    const proof = /name="proof" value="([^"]+)"/.exec(page.html)?.[1] ?? "";
    await browser.post("/account/join/confirm", { proof });
    expect([await ties(a), await ties(b)]).toEqual([["Gil", "Hugo"], []]);
    expect([await records(a), await records(b)]).toEqual([["291", "292"], []]);
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
    const marks = await Promise.all(
      [1, 2].map((n) => browser.post(path, { words: n === 1 ? "Je ne le connais pas." : "Encore" })),
    );
    expect(marks.map(({ status }) => status)).toEqual([200, 200]);
    await browser.post(path, { words: "Encore" });
    expect(await ask("select id from family_reports where guardian_id = ?", [remi])).toHaveLength(1);
    const mail = await portal.messageTo("secretariat@lilas.example");
    expect(await portal.messages("secretariat@lilas.example")).toHaveLength(1);
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
    await later.post(`/account/pupils/${karl}/not-mine`, { words: "" });
    const [second] = await ask<{ id: string }>("select id from family_reports where decided_at is null");
    const kept = { decision: "kept", reason: "Jugement lu" };
    const head = await headOf(lilas);
    expect((await head.post(`/desk/families/reports/${second?.id}`, kept)).path).toBe("/desk/families");
    expect((await portal.messageTo("remi@example.fr")).text).toContain("Jugement lu");
    expect((await later.get("/account")).text).toContain("Karl PIC");
  });
});
