import { afterAll, beforeAll, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { day } from "../../src/kernel/clock.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { createSameGuardian } from "../../src/school/families/same-guardian.ts";
import { aSchool, belongs, isGuardianOf, type MadeSchool } from "../support/a-school.ts";
import { accountNow, anAccount, contactPointsNow, type MadeAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { tokenOf } from "../support/member.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { aStaffMember, atTheDesk, type MadeStaff } from "../support/staff.ts";
import { words } from "../support/words.ts";
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
      state?: "declared" | "verified";
      kind?: "guardian" | "pupil";
      born?: string;
    } = {},
  ): Promise<Guardian> {
    made += 1;
    const username = `famille.${made}`;
    const builder = anAccount(portal, name)
      .kind(more.kind ?? "guardian")
      .username(username);
    if (more.email) builder.email(more.email, { state: more.state ?? "declared" });
    const guardian = await builder.made();
    await belongs(portal, guardian, school, more.born ? { birthDate: more.born } : {});
    const child = await anAccount(portal, `Enfant${made} ${name.split(" ")[1]}`)
      .kind("pupil")
      .username(`enfant.${made}`)
      .made();
    await belongs(portal, child, school);
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
