import { afterAll, beforeAll, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { day } from "../../src/kernel/clock.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { createSameGuardian } from "../../src/school/families/same-guardian.ts";
import { aCase, caseNow } from "../support/a-case.ts";
import { aSchool, belongs, isGuardianOf, type MadeSchool } from "../support/a-school.ts";
import { accountNow, anAccount, contactPointsNow, type MadeAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { tokenOf } from "../support/member.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { leaves } from "../support/schools.ts";
import { aStaffMember, atTheDesk, type MadeStaff } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";
import { seededRandom } from "../support/world.ts";

const password = "ancien-mot-de-passe-9";
const reason = "Vu dans le dossier";

onEachEngine("families", (engine) => {
  let portal: TestPortal;
  let [lilas, tilleuls, roses]: MadeSchool[] = [];
  const offices = new Map<MadeSchool, MadeStaff>();
  let made = 0;

  beforeAll(async () => {
    portal = await startPortal({ engine, preset: "school", wideSources: true });
    lilas = await aSchool(portal, "Collège des Lilas", { email: "secretariat@lilas.example" });
    tilleuls = await aSchool(portal, "Collège des Tilleuls", {});
    roses = await aSchool(portal, "Collège des Roses", {});
    for (const school of [lilas, tilleuls, roses]) {
      offices.set(school, await aStaffMember(portal, "school-office", { establishmentId: school.id }));
    }
  });
  afterAll(() => portal?.close());

  const store = () => portal.portal.store;
  const ask = <Row>(statement: string, parameters: unknown[] = []) => store().ask<Row>(statement, parameters);
  const at = (school: MadeSchool | undefined) => school as MadeSchool;
  /** The office of a school, which has just opened its desk. */
  const office = (school: MadeSchool | undefined) => atTheDesk(portal, offices.get(at(school)) as MadeStaff);

  interface Guardian extends MadeAccount {
    username: string;
    child: MadeAccount;
  }

  /** A guardian of one child in a school, as its registry would have made them. */
  async function aGuardian(
    name: string,
    school: MadeSchool,
    more: {
      email?: string;
      mobile?: string;
      state?: "declared" | "verified";
      kind?: "guardian" | "pupil";
      born?: string;
      /** Nobody has opened the account yet; then its child was born on this day. */
      isPendingWithChildBorn?: string;
    } = {},
  ): Promise<Guardian> {
    made += 1;
    const username = `famille.${made}`;
    const builder = anAccount(portal, name)
      .kind(more.kind ?? "guardian")
      .username(username);
    const childBorn = more.isPendingWithChildBorn;
    if (childBorn) builder.status("pending").withoutPassword();
    if (more.email) builder.email(more.email, { state: more.state ?? "declared" });
    if (more.mobile) builder.mobile(more.mobile, { state: more.state ?? "declared" });
    const guardian = await builder.made();
    await belongs(portal, guardian, school, more.born ? { birthDate: more.born } : {});
    const child = await anAccount(portal, `Enfant${made} ${name.split(" ")[1]}`)
      .kind("pupil")
      .username(`enfant.${made}`)
      .made();
    await belongs(portal, child, school, childBorn ? { birthDate: childBorn } : {});
    if (guardian.account.kind === "guardian") await isGuardianOf(portal, guardian, child, school);
    return { ...guardian, username, child };
  }

  async function signIn(username: string): Promise<PlainBrowser> {
    const browser = new PlainBrowser(portal.url);
    portal.clock.advance(1000);
    const page = await browser.post("/sign-in", { identifier: username, password }, { follow: false });
    expect(page.status, page.text).toBe(303);
    return browser;
  }

  /** Proves the first contact point of an account as people do, by the link of its message. */
  async function prove(guardian: Guardian): Promise<PlainBrowser> {
    const browser = await signIn(guardian.username);
    const [point] = await contactPointsNow(portal, guardian);
    await browser.post(`/account/contacts/${point?.id}/verify`, {});
    const token = tokenOf(await portal.messageTo(point?.address ?? ""), "/account/contacts/prove");
    await browser.post("/account/contacts/prove", { token });
    await portal.settle();
    return browser;
  }

  const statusOf = async (one: MadeAccount) => (await accountNow(portal, one)).status;
  const childOf = ({ child }: Guardian) => child.account.name;
  const isJoined = (page: Page) => page.text.includes(words("sign-in.joined"));

  /** As if one of its contact points had just been proved. */
  async function check({ account }: MadeAccount): Promise<void> {
    await store().transact((tx) =>
      tx.ask("insert into family_checks (id, account_id) values (?, ?)", [`check-${account.id}`, account.id]),
    );
    await portal.settle();
  }

  /** Everything of these accounts that a join moves. */
  async function holdings(...people: MadeAccount[]) {
    const ids = people.map(({ account }) => account.id);
    const marks = ids.map(() => "?").join(", ");
    return {
      memberships: await ask(
        `select * from memberships where account_id in (${marks}) order by account_id, establishment_id`,
        ids,
      ),
      ties: await ask(
        `select * from guardianships where guardian_id in (${marks}) order by guardian_id, pupil_id`,
        ids,
      ),
      records: await ask(
        `select establishment_id, kind, record_id, account_id, gone_at from registry_records
          where account_id in (${marks}) order by record_id`,
        ids,
      ),
    };
  }

  /** Joins another account with the one that is signed in, by its password. */
  async function joinBy(browser: PlainBrowser, other: Guardian): Promise<void> {
    const page = await browser.post("/account/join", { identifier: other.username, password });
    const proof = /name="proof" value="([^"]+)"/.exec(page.html)?.[1] ?? "";
    const done = await browser.post("/account/join/confirm", { proof }, { follow: false });
    expect(done.status, page.text).toBe(303);
  }

  async function joinId(joined: MadeAccount): Promise<string> {
    const [row] = await ask<{ id: string }>("select id from family_joins where joined_id = ?", [
      joined.account.id,
    ]);
    return row?.id ?? "";
  }

  /** Two accounts of one guardian, joined by themselves; `b` is the one that stays. */
  async function aJoinedPair(
    name: string,
  ): Promise<{ a: Guardian; b: Guardian; browser: PlainBrowser; email: string }> {
    const email = `famille${made}@example.fr`;
    const a = await aGuardian(name, at(lilas), { email, state: "verified" });
    const b = await aGuardian(name, at(tilleuls), { email });
    await signIn(a.username);
    const browser = await prove(b);
    expect(await statusOf(a)).toBe("disabled");
    return { a, b, browser, email };
  }

  test("two accounts of one guardian become one, where the person proved the same address in both", async () => {
    const { a, b, browser, email } = await aJoinedPair("Anna Lefèvre");
    expect(await statusOf(b)).toBe("active");
    const page = await browser.get("/account");
    expect(page.text).toContain(childOf(a));
    expect(page.text).toContain(childOf(b));
    expect(page.text).toContain(a.username);

    // Both schools have the account that stays, and neither the other one.
    for (const school of [lilas, tilleuls]) {
      const desk = await office(school);
      const found = await desk.get("/desk/people?q=lefevre");
      expect(found.html).toContain(b.account.id);
      expect(found.html).not.toContain(a.account.id);
      expect((await desk.get("/desk/families")).text).toContain(a.username);
      // Each school sees its own children on the page of their guardian.
      const { text } = await desk.get(`/desk/people/${b.account.id}`);
      const [own, other] = school === lilas ? [a, b] : [b, a];
      expect(text).toContain(childOf(own));
      expect(text).not.toContain(childOf(other));
    }
    expect((await (await office(roses)).get("/desk/families")).text).not.toContain(a.username);

    // One message for both, to the one address of both.
    const told = (await portal.messages(email)).filter(({ subject }) => subject.includes("réunis"));
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toContain(a.username);

    const wrong = await new PlainBrowser(portal.url).post("/sign-in", {
      identifier: a.username,
      password: "tout-autre-chose-4",
    });
    expect(isJoined(wrong)).toBe(false);
    const right = await new PlainBrowser(portal.url).post("/sign-in", { identifier: a.username, password });
    expect(right.status).toBe(403);
    expect(isJoined(right)).toBe(true);
    expect(right.text).toContain(b.username);
    const lines = await ask<{ event: string }>("select event from journal where account_id in (?, ?)", [
      a.account.id,
      b.account.id,
    ]);
    expect(lines.map(({ event }) => event)).toEqual(
      expect.arrayContaining(["families.joined", "families.joined-into"]),
    );
  });

  test("the link of the message undoes it by a press, exactly and for good", async () => {
    const email = "claire.exact@example.fr";
    const a = await aGuardian("Claire Roche", at(lilas), { email, state: "verified" });
    const b = await aGuardian("Claire Roche", at(tilleuls), { email });
    const before = await holdings(a, b);
    await prove(b);
    expect(await statusOf(a)).toBe("disabled");
    expect(await holdings(a, b)).not.toEqual(before);
    const token = tokenOf(await portal.messageTo(email), "/account/unjoin");
    const stranger = new PlainBrowser(portal.url);
    for (let times = 0; times < 2; times++) {
      expect((await stranger.get(`/account/unjoin?token=${token}`)).text).toContain(a.username);
      expect(await statusOf(a)).toBe("disabled");
    }
    const [one, two] = await Promise.all([
      stranger.post("/account/unjoin", { token }),
      new PlainBrowser(portal.url).post("/account/unjoin", { token }),
    ]);
    expect([one?.status, two?.status].sort()).toEqual([200, 410]);
    expect(await holdings(a, b)).toEqual(before);
    expect((await stranger.get("/account")).path).toContain("/sign-in");
    await signIn(a.username);
    await portal.settle();
    expect((await portal.messages(email))[0]?.subject).toContain("séparés");
    // Never again by themselves.
    await check(a);
    await check(b);
    expect([await statusOf(a), await statusOf(b)]).toEqual(["active", "active"]);
    expect((await (await signIn(a.username)).get("/account")).text).not.toContain(
      words("families.another.title"),
    );
  });

  test("whoever signs in to the joined account can undo it there, and staff of either school with a reason", async () => {
    const first = await aJoinedPair("Denis Caron");
    const owner = new PlainBrowser(portal.url);
    const told = await owner.post("/sign-in", { identifier: first.a.username, password });
    const path = /href="(\/account\/unjoin\?token=[^"]+)"/.exec(told.html)?.[1] ?? "";
    portal.clock.advance(16 * 60_000);
    expect((await owner.get(path)).status).toBe(410);
    const again = await owner.post("/sign-in", { identifier: first.a.username, password });
    const token = decodeURIComponent(/unjoin\?token=([^"]+)"/.exec(again.html)?.[1] ?? "");
    expect((await owner.post("/account/unjoin", { token })).status).toBe(200);
    expect(await statusOf(first.a)).toBe("active");

    const { a, b } = await aJoinedPair("Élise Caron");
    const undo = `/desk/families/joins/${await joinId(a)}`;
    const [elsewhere, own] = [await office(roses), await office(lilas)];
    expect((await elsewhere.get(undo)).status).toBe(404);
    expect((await elsewhere.post(undo, { reason })).status).toBe(404);
    expect((await own.post(undo, { reason: "" })).status).toBe(422);
    await own.post(undo, { reason });
    expect(await statusOf(a)).toBe("active");
    const line = await ask<{ actor_kind: string; reason: string }>(
      "select actor_kind, reason from journal where account_id = ? and event = 'families.separated'",
      [b.account.id],
    );
    expect(line).toEqual([{ actor_kind: "staff", reason }]);
  });

  test("what leaves a doubt is never joined by itself, and is proposed without telling anything", async () => {
    const email = "doute@example.fr";
    const father = await aGuardian("Paul Vidal", at(lilas), { email });
    const others = [
      // The son: a pupil of the same name, with the same address.
      await aGuardian("Paul Vidal", at(tilleuls), { email, kind: "pupil", state: "verified" }),
      // Proved on one of the two only.
      await aGuardian("Paul Vidal", at(roses), { email }),
      // Another first name.
      await aGuardian("Pauline Vidal", at(tilleuls), { email, state: "verified" }),
      // The same school.
      await aGuardian("Paul Vidal", at(lilas), { email, state: "verified" }),
    ];
    const browser = await prove(father);
    for (const one of [father, ...others]) expect(await statusOf(one), one.username).toBe("active");
    const { text } = await browser.get("/account");
    expect(text).toContain(words("families.another.title"));
    for (const { username } of others) expect(text).not.toContain(username);

    const born = "1980-01-02";
    const one = await aGuardian("Rose Adam", at(lilas), {
      email: "rose@example.fr",
      state: "verified",
      born,
    });
    const two = await aGuardian("Rose Adam", at(tilleuls), { email: "rose@example.fr", born: "1955-01-02" });
    await prove(two);
    expect(await statusOf(one)).toBe("active");

    const frozen = await aGuardian("Rita Adam", at(lilas), { email: "rita@example.fr", state: "verified" });
    await store().transact((tx) =>
      tx.ask("update accounts set contacts_frozen_until = ? where id = ?", [
        portal.clock.now() + day,
        frozen.account.id,
      ]),
    );
    await prove(await aGuardian("Rita Adam", at(tilleuls), { email: "rita@example.fr" }));
    expect(await statusOf(frozen)).toBe("active");
  });

  test("three accounts become one, however many workers work at once", async () => {
    const email = "trois@example.fr";
    const all = [];
    for (const school of [lilas, tilleuls, roses]) {
      all.push(await aGuardian("Théo Trois", at(school), { email, state: "verified" }));
    }
    for (const { account } of all) {
      await store().transact((tx) =>
        tx.ask("insert into family_checks (id, account_id) values (?, ?)", [
          `check-${account.id}`,
          account.id,
        ]),
      );
    }
    // Killed in the middle, it has done nothing, and is done again.
    const killed = createSameGuardian({
      store: store(),
      ids: createIds(portal.clock, seededRandom(5)),
      async join(tx, { joinedId }) {
        await tx.ask("update accounts set status = 'disabled' where id = ?", [joinedId]);
        throw new Error("killed");
      },
      findAccount: accountRows.findById,
      lastInAt: async () => null,
      wake: () => {},
    });
    await expect(killed.checkNext()).rejects.toThrow("killed");
    expect(await Promise.all(all.map(statusOf))).toEqual(["active", "active", "active"]);
    await Promise.all([portal.settle(), portal.settle(), portal.settle()]);
    const states = await Promise.all(all.map(statusOf));
    expect(states.sort()).toEqual(["active", "disabled", "disabled"]);
    expect(await ask("select id from family_checks")).toEqual([]);
    const [kept] = await ask<{ n: number }>(
      `select count(*) as n from memberships m join accounts a on a.id = m.account_id
        where a.name = 'Théo Trois' and a.status = 'active'`,
    );
    expect(Number(kept?.n)).toBe(3);
  });

  test("joined by identifier and password: judged as a sign-in is, named before it is done", async () => {
    const a = await aGuardian("Inès Dumas", at(lilas));
    const b = await aGuardian("Inès Dumas-Leroy", at(tilleuls));
    const before = await holdings(a, b);
    const browser = await signIn(a.username);
    const other = (identifier: string, typed = password) =>
      browser.post("/account/join", { identifier, password: typed });
    const neutral = (page: Page, typed: string) =>
      page.text.replaceAll(typed, "x").replaceAll(/\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/g, "");

    const [known, unknown] = [await other(b.username, "faux 1"), await other("personne.99", "faux 1")];
    expect([known.status, unknown.status]).toEqual([422, 422]);
    expect(neutral(known, b.username)).toBe(neutral(unknown, "personne.99"));
    // The counters of its sign-in: tries here and there are counted together, and lock both.
    for (let n = 2; n <= 8; n++) await other(b.username, `faux ${n}`);
    const last = await other(b.username, "faux 9");
    expect(last.text).toContain(words("sign-in.last-try"));
    const locked = await other(b.username, "faux 10");
    expect(locked.status).toBe(429);
    const there = await new PlainBrowser(portal.url).post("/sign-in", { identifier: b.username, password });
    expect(there.status).toBe(429);
    expect((await other(b.username)).status).toBe(429);
    portal.clock.advance(day);

    const back = await signIn(a.username);
    expect((await back.post("/account/join", { identifier: a.username, password })).status).toBe(409);
    const pupil = a.child.account;
    expect((await back.post("/account/join", { identifier: `enfant.${made - 1}`, password })).status).toBe(
      409,
    );
    expect(pupil.kind).toBe("pupil");

    const page = await back.post("/account/join", { identifier: b.username, password });
    expect(page.text).toContain("Inès Dumas-Leroy");
    expect(page.text).toContain(childOf(b));
    expect(await holdings(a, b)).toEqual(before);
    const proof = /name="proof" value="([^"]+)"/.exec(page.html)?.[1] ?? "";
    // Another session of the same person cannot use what was proved in this one.
    const elsewhere = await signIn(a.username);
    expect((await elsewhere.post("/account/join/confirm", { proof })).status).toBe(409);
    const between = new PlainBrowser(portal.url);
    const [, ...twice] = await Promise.all([
      between.post("/sign-in", { identifier: b.username, password }),
      ...[1, 2].map(() => back.post("/account/join/confirm", { proof }, { follow: false })),
    ]);
    expect((await between.get("/account")).path).toContain("/sign-in");
    expect(twice.map(({ status }) => status).sort()).toEqual([303, 409]);
    expect(await statusOf(b)).toBe("disabled");
    expect((await back.get("/account")).text).toContain(childOf(b));

    // Undone on the account page, at the same moment as by staff: once.
    const id = await joinId(b);
    const desk = await office(lilas);
    await Promise.all([
      back.post(`/account/joins/${id}`, {}),
      desk.post(`/desk/families/joins/${id}`, { reason }),
    ]);
    expect(await holdings(a, b)).toEqual(before);
    const separated = await ask(
      "select id from journal where account_id = ? and event = 'families.separated'",
      [b.account.id],
    );
    expect(separated).toHaveLength(1);
    expect((await elsewhere.get(`/account/joins/${id}`)).status).toBe(410);
  });

  test("a password that changed between the two presses proves nothing, and a pupil has nothing to join", async () => {
    const a = await aGuardian("Jade Morel", at(lilas));
    const b = await aGuardian("Jade Morel", at(tilleuls));
    const browser = await signIn(a.username);
    const page = await browser.post("/account/join", { identifier: b.username, password });
    const proof = /name="proof" value="([^"]+)"/.exec(page.html)?.[1] ?? "";
    await store().transact((tx) =>
      tx.ask("update accounts set password_hash = 'changed' where id = ?", [b.account.id]),
    );
    expect((await browser.post("/account/join/confirm", { proof })).status).toBe(409);
    expect(await statusOf(b)).toBe("active");
    const child = await signIn(`enfant.${made}`);
    expect((await child.get("/account/join")).status).toBe(404);
    expect((await child.get("/account")).text).not.toContain(words("families.join.title"));
  });

  test("what went on into a third account is undone in either order, by whoever uses that one", async () => {
    const operator = await atTheDesk(portal, await aStaffMember(portal, "operator"));
    for (const isFirstFirst of [true, false]) {
      const a = await aGuardian("Léo Chaîne", at(lilas));
      const b = await aGuardian("Léo Chaîne", at(tilleuls));
      const c = await aGuardian("Léo Chaîne", at(roses));
      const asked = await aCase(portal, { accountId: a.account.id, kind: "guardian" });
      const caseOf = async () => (await caseNow(portal, asked)).account_id;
      const before = await Promise.all([holdings(a), holdings(b), holdings(c)]);
      await joinBy(await signIn(b.username), a);
      const owner = await signIn(c.username);
      await joinBy(owner, b);
      expect(await caseOf()).toBe(c.account.id);
      const { text } = await owner.get("/account");
      for (const one of [a, b]) expect(text).toContain(one.username);
      expect((await operator.get(`/desk/people/${a.account.id}`)).text).toContain(c.username);
      expect((await owner.get(`/account/joins/${await joinId(a)}`)).text).toContain(c.username);

      const undo = async (who: PlainBrowser, joined: Guardian) =>
        expect((await who.post(`/account/joins/${await joinId(joined)}`, {}, { follow: false })).status).toBe(
          303,
        );
      if (isFirstFirst) {
        await undo(owner, a);
        expect(await holdings(a)).toEqual(before[0]);
        expect((await owner.get("/account")).text).not.toContain(childOf(a));
        await undo(owner, b);
      } else {
        await undo(owner, b);
        expect(await caseOf()).toBe(b.account.id);
        await undo(await signIn(b.username), a);
      }
      expect(await Promise.all([holdings(a), holdings(b), holdings(c)])).toEqual(before);
      expect(await caseOf()).toBe(a.account.id);
    }
  });

  test("two that were separated do not come together through a third one", async () => {
    const { a, b, browser, email } = await aJoinedPair("Lise Marchand");
    await browser.post(`/account/joins/${await joinId(a)}`, {});
    const c = await aGuardian("Lise Marchand", at(roses), { email });
    const third = await prove(c);
    const all = [a, b, c];
    for (const one of all) {
      await check(one);
      expect(await Promise.all(all.map(statusOf))).toEqual(["active", "active", "active"]);
    }
    expect((await third.get("/account")).text).toContain(words("families.another.title"));
    // Joined by their owner, it is one of the two, and goes no further by itself.
    await joinBy(third, a);
    await portal.settle();
    expect([await statusOf(b), await statusOf(c)]).toEqual(["active", "active"]);
    expect((await third.get("/account")).text).not.toContain(words("families.another.title"));
  });

  test("a right password leaves a trace, whoever's it is, and none is judged for whoever has nothing to join", async () => {
    const staff = await aStaffMember(portal, "head", { establishmentId: at(lilas).id });
    const a = await aGuardian("Noé Sonde", at(lilas));
    const lines = (one: MadeAccount, event: string) =>
      ask("select id from journal where account_id = ? and event = ?", [one.account.id, event]);
    const browser = await signIn(a.username);
    const right = { identifier: staff.identifier, password: staff.password ?? "" };
    expect((await browser.post("/account/join", right)).status).toBe(409);
    expect(await lines(staff, "families.join-asked")).toHaveLength(1);
    await store().transact((tx) =>
      tx.ask("update accounts set contacts_frozen_until = ? where id = ?", [
        portal.clock.now() + day,
        a.account.id,
      ]),
    );
    const wrong = { ...right, password: "pas-le-bon-3" };
    expect((await browser.post("/account/join", wrong)).status).toBe(409);
    expect(await lines(staff, "sign-in.refused")).toEqual([]);
  });

  test("both are told by what still answers, and a joined account is woken by separating it alone", async () => {
    const email = "muette@example.fr";
    const a = await aGuardian("Mila Sourd", at(lilas), { email, state: "verified" });
    const b = await aGuardian("Mila Sourd-Roy", at(tilleuls), { email, state: "verified" });
    await store().transact((tx) =>
      tx.ask("update contact_points set dead_since = ? where account_id = ?", [
        portal.clock.now(),
        b.account.id,
      ]),
    );
    const browser = await signIn(b.username);
    await browser.get("/account");
    await joinBy(browser, a);
    await portal.settle();
    expect((await portal.messages(email)).map(({ subject }) => subject)).toEqual([
      words("families.joined.subject", { brand: "Portail scolaire" }),
    ]);
    const { accounts } = portal.portal.operator;
    expect(await accounts.enable(a.username)).toEqual({ ok: false, refusal: "joined" });
    expect(await statusOf(a)).toBe("disabled");
  });

  test("whoever left a school is named there no more, and nobody decides about themselves or about staff", async () => {
    const gone = await aGuardian("Ugo Partant", at(roses));
    await belongs(portal, gone, at(lilas));
    await leaves(portal, gone, at(roses).id);
    const b = await aGuardian("Ugo Partant", at(tilleuls));
    await joinBy(await signIn(b.username), gone);
    const isNamed = async (school: MadeSchool) =>
      (await (await office(school)).get("/desk/families")).text.includes(gone.username);
    expect([await isNamed(at(lilas)), await isNamed(at(tilleuls)), await isNamed(at(roses))]).toEqual([
      true,
      true,
      false,
    ]);
    await leaves(portal, b, at(lilas).id);
    expect([await isNamed(at(lilas)), await isNamed(at(tilleuls))]).toEqual([false, true]);

    const own = await aStaffMember(portal, "head", { establishmentId: at(lilas).id, name: "Iris Double" });
    const { child } = await aGuardian("Iris Double", at(lilas));
    await isGuardianOf(portal, own, child, at(lilas));
    await store().transact((tx) =>
      tx.ask(
        `insert into family_reports (id, guardian_id, pupil_id, establishment_id, words, reported_at)
          values ('own', ?, ?, ?, '', 1)`,
        [own.account.id, child.account.id, at(lilas).id],
      ),
    );
    for (const who of [own, await aStaffMember(portal, "head", { establishmentId: at(lilas).id })]) {
      const desk = await atTheDesk(portal, who);
      expect((await desk.get("/desk/families")).text).not.toContain(child.account.name);
      expect((await desk.get("/desk/families/reports/own")).status).toBe(404);
      const decided = { decision: "removed", reason };
      expect((await desk.post("/desk/families/reports/own", decided)).status).toBe(404);
    }
  });

  test("long lists have pages, each its own, and a joined account is found by its identifier", async () => {
    const elsewhere = await aSchool(portal, "Collège des Ormes", {});
    const staff = await aStaffMember(portal, "school-office", { establishmentId: elsewhere.id });
    const kept = await aGuardian("Odile Longue", elsewhere);
    await store().transact(async (tx) => {
      for (let n = 10; n < 61; n++) {
        await tx.ask(
          `insert into accounts (id, kind, status, name, locale, created_at)
            values (?, 'guardian', 'disabled', ?, 'fr', 1)`,
          [`many-${n}`, `Réuni ${n}`],
        );
        await tx.ask("insert into identifiers (key, account_id, kind, shown) values (?, ?, 'username', ?)", [
          `ancien.${n}`,
          `many-${n}`,
          `ancien.${n}`,
        ]);
        await tx.ask(
          `insert into family_joins (id, kept_id, joined_id, how, joined_at, undo_until, kept_link_digest,
            joined_link_digest, moved, status, status_at) values (?, ?, ?, 'alone', 1, 2, ?, ?, '{}', 'settled', 2)`,
          [`join-${n}`, kept.account.id, `many-${n}`, `k${n}`, `j${n}`],
        );
        await tx.ask("insert into family_join_places (establishment_id, join_id) values (?, ?)", [
          elsewhere.id,
          `join-${n}`,
        ]);
        await tx.ask(
          `insert into family_reports (id, guardian_id, pupil_id, establishment_id, words, reported_at)
            values (?, ?, ?, ?, '', 1)`,
          [`report-${n}`, kept.account.id, `many-${n}`, elsewhere.id],
        );
      }
      // Of somebody of whom nothing is left.
      await tx.ask("update accounts set name = '' where id = 'many-59'", []);
    });
    const desk = await atTheDesk(portal, staff);
    const onward = (page: Page, name: "after" | "before") =>
      [...page.html.matchAll(/href="(\/desk\/families\?[^"#]*)/g)]
        .map((match) => (match[1] ?? "").replaceAll("&amp;", "&"))
        .filter((href) => href.includes(`${name}=`));
    const has = ({ html }: Page) => ({
      reports: [...html.matchAll(/\/desk\/families\/reports\/report-(\d+)/g)].map(([, n]) => Number(n)),
      joins: [...html.matchAll(/>ancien\.(\d+)</g)].map(([, n]) => Number(n)),
    });
    const first = await desk.get("/desk/families");
    expect(has(first).reports).toHaveLength(50);
    expect(has(first).joins).toHaveLength(50);
    expect(has(first).joins).not.toContain(59);
    const reportsOn = await desk.get(onward(first, "after")[0] ?? "");
    expect(has(reportsOn).reports).toEqual([60]);
    expect(has(reportsOn).joins).toHaveLength(50);
    expect(onward(first, "before")).toEqual([]);
    const found = await desk.get("/desk/families?q=Ancien.37");
    expect(has(found)).toMatchObject({ joins: [37] });
    expect((await desk.get("/desk/families?q=personne.0")).text).toContain(
      words("families.desk.search.none"),
    );
    expect((await (await office(lilas)).get("/desk/families?q=ancien.37")).text).not.toContain("Odile");
  });

  test("father and son of one telephone stay two; one guardian of two schools who proves it in both is one", async () => {
    const mobile = "+33639985511";
    const son = await aGuardian("Omar Fabre", at(roses), { mobile, state: "verified", kind: "pupil" });
    const days = ["2014-03-02", "2016-04-05"];
    const both = [
      await aGuardian("Omar Fabre", at(lilas), { mobile, isPendingWithChildBorn: days[0] as string }),
      await aGuardian("Omar Fabre", at(tilleuls), { mobile, isPendingWithChildBorn: days[1] as string }),
    ];
    for (const [index, day] of days.entries()) {
      portal.clock.advance(60_000);
      const person = new PlainBrowser(portal.url);
      await person.post("/activate/mobile", { phone: mobile });
      const { code } = await portal.messageTo(mobile);
      await person.post("/activate/mobile/code", { code: code ?? "" });
      const typed = day.split("-").reverse().join("/");
      const chosen = await person.post("/activate/mobile/birth-date", { "birth-date": typed });
      expect(chosen.text).toContain(both[index]?.username);
      await person.post("/activate/password", { password: "neuf-lacs-bleus-calmes-31" });
      await portal.settle();
    }
    // Whoever came in last stays there.
    expect(await Promise.all([...both, son].map(statusOf))).toEqual(["disabled", "active", "active"]);
  });

  test("whoever forgot the password or the identifier of a joined account is told which to use, by mail alone", async () => {
    const { a, b, email } = await aJoinedPair("Régis Oubli");
    const ask = (path: string, fields: Record<string, string>) =>
      new PlainBrowser(portal.url).post(path, fields);
    const known = await ask("/forgot-password", { identifier: a.username, channel: "email" });
    const mail = await portal.messageTo(email);
    expect(mail.subject).toBe(words("recovery.joined.subject", { brand: "Portail scolaire" }));
    expect(mail.text).toContain(b.username);
    const unknown = await ask("/forgot-password", { identifier: "personne.12", channel: "email" });
    const withoutPairing = (page: Page) => page.text.replace(/\d{3} \d{3}/, "");
    expect(withoutPairing(known)).toBe(withoutPairing(unknown));
    portal.clock.advance(60_000);
    await ask("/forgot-identifier", { channel: "email", email });
    expect(fold((await portal.messageTo(email)).text)).toContain(
      words("identifier-recall.status.joined", { identifier: b.username }),
    );
  });

  test("after thirty days the joined account is closed, and nothing undoes it", async () => {
    const { a, browser, email } = await aJoinedPair("Karim Blanc");
    const token = tokenOf(await portal.messageTo(email), "/account/unjoin");
    const id = await joinId(a);
    portal.clock.advance(31 * day);
    await portal.settle();
    expect(await statusOf(a)).toBe("closed");
    expect((await browser.post("/account/unjoin", { token })).status).toBe(410);
    await (await office(tilleuls)).post(`/desk/families/joins/${id}`, { reason });
    expect(await statusOf(a)).toBe("closed");
    const told = await new PlainBrowser(portal.url).post("/sign-in", { identifier: a.username, password });
    expect(isJoined(told)).toBe(true);
    expect(told.html).not.toContain("/account/unjoin");
  });
});
