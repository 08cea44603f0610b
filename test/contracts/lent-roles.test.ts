import { afterAll, beforeAll, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { day, hour } from "../../src/kernel/clock.ts";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { tokenOf } from "../support/member.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { anEstablishment, belongs } from "../support/schools.ts";
import {
  aStaffMember,
  atTheDesk,
  giveRole,
  type MadeStaff,
  plantSecondFactor,
  signInStaff,
} from "../support/staff.ts";
import { withWalledRoles } from "../support/walled-roles.ts";
import { fold, words } from "../support/words.ts";

const reason = "Remplace Mme Roux";
const path = "/desk/staff/lent";

onEachEngine("roles that are lent", (engine) => {
  let portal: TestPortal;
  let academy: string;
  let lilas: string;
  let tilleuls: string;
  let boss: MadeStaff;
  let anna: MadeAccount;
  let made = 0;

  beforeAll(async () => {
    portal = await startPortal({ engine, preset: "school", change: withWalledRoles });
    academy = await anEstablishment(portal, "academy", "Académie du Nord");
    lilas = await anEstablishment(portal, "school", "Collège des Lilas", academy);
    tilleuls = await anEstablishment(portal, "school", "Collège des Tilleuls", academy);
    await portal.portal.store.transact((tx) =>
      tx.ask("update establishments set timezone = 'Indian/Reunion' where id = ?", [lilas]),
    );
    boss = await aStaffMember(portal, "a-boss", { name: "Hélène Garnier", establishmentId: lilas });
    anna = await anAccount(portal, "Anna Martin")
      .kind("guardian")
      .username("a.martin")
      .email("anna@example.fr")
      .made();
    await belongs(portal, anna, lilas);
  });
  afterAll(() => portal?.close());

  const store = () => portal.portal.store;
  const idOf = ({ account }: MadeAccount) => account.id;

  /** Somebody who works at a school and has no role. */
  async function teacher(school = lilas): Promise<MadeStaff> {
    made += 1;
    const identifier = `prof.${made}`;
    const email = `prof-${made}@ecole.example`;
    const account = await anAccount(portal, `Professeur ${made}`)
      .kind("staff")
      .username(identifier)
      .email(email)
      .made();
    await belongs(portal, account, school);
    await plantSecondFactor(portal, account.account.id);
    return { ...account, identifier, email };
  }

  /** `2026-11-29`, so many days from now, as the calendar of the school says. */
  const inDays = (days: number) =>
    new Date(portal.clock.now() + days * day + 4 * hour).toISOString().slice(0, 10);
  const lend = (
    desk: PlainBrowser,
    to: MadeAccount,
    more: Record<string, string> = {},
    school = lilas,
  ): ReturnType<PlainBrowser["post"]> =>
    desk.post(`${path}/${school}/to/${idOf(to)}`, {
      role: "an-office",
      until: inDays(7),
      reason,
      ...more,
    });
  const grantsOf = (to: MadeAccount) =>
    store().ask<{ id: string; role: string; establishment_id: string; expires_at: number | null }>(
      "select id, role, establishment_id, expires_at from staff_grants where account_id = ? order by granted_at",
      [idOf(to)],
    );
  const takeBack = (desk: PlainBrowser, grantId: string | undefined, school = lilas) =>
    desk.post(`${path}/${school}/end/${grantId}`, { reason: "Retour de congé" });

  test("open the desk until the end of the last day where the school is, and not a moment longer", async () => {
    const desk = await atTheDesk(portal, boss);
    const prof = await teacher();
    expect((await desk.get(path)).path).toBe(`${path}/${lilas}`);
    expect((await desk.get(`${path}/${lilas}`)).text).toContain(prof.account.name);
    const until = inDays(7);
    expect((await desk.get(`${path}/${lilas}/to/${idOf(prof)}`)).html).toContain(`value="${until}"`);
    const page = await lend(desk, prof, { until });
    expect(page.text).toContain(words("staff.lent.done"));
    const [grant] = await grantsOf(prof);
    // The school is four hours ahead of UTC, the portal one or two.
    const end = Date.parse(`${until}T00:00:00Z`) + day - 4 * hour;
    expect(grant).toMatchObject({ role: "an-office", establishment_id: lilas, expires_at: end });

    const mail = await portal.messageTo(prof.email);
    expect(fold(mail.text)).toContain("Bureau des familles (Collège des Lilas)");
    expect(fold(mail.text)).toContain("Hélène Garnier");
    const theirs = await atTheDesk(portal, prof);
    const home = await theirs.get("/desk");
    expect(fold(home.text)).toContain(`${new Date(end - 4 * hour).getUTCDate()}`);
    expect(home.text).toContain("Bureau des familles (Collège des Lilas)");
    expect((await theirs.get("/account/journal")).text).toContain(reason);
    expect((await desk.get("/account/journal")).text).toContain(prof.account.name);
    expect((await theirs.get(`/desk/people/${idOf(anna)}`)).status).toBe(200);
    expect((await theirs.get(`/desk/people/${idOf(anna)}/close`)).status).toBe(403);

    portal.clock.advance(end - portal.clock.now() - 31_000);
    const open = await atTheDesk(portal, prof);
    portal.clock.advance(end - portal.clock.now() - 1);
    expect((await open.get(`/desk/people/${idOf(anna)}/recovery`)).status).toBe(200);
    portal.clock.advance(1);
    const sent = await open.post(`/desk/people/${idOf(anna)}/recovery`, { reason, contact: "x" });
    expect(sent.status).toBe(403);
    expect((await open.get("/desk")).status).toBe(403);
    expect((await (await atTheDesk(portal, boss)).get(`${path}/${lilas}`)).text).toContain(prof.account.name);
  });

  test("an act that waits while the role ends is not done", async () => {
    const desk = await atTheDesk(portal, boss);
    const prof = await teacher();
    const luc = await anAccount(portal, "Luc Martin").kind("guardian").username(`l.martin.${made}`).made();
    await belongs(portal, luc, lilas);
    await lend(desk, prof, { until: inDays(0) });
    const [grant] = await grantsOf(prof);
    const end = grant?.expires_at ?? 0;
    portal.clock.advance(end - portal.clock.now() - 31_000);
    const theirs = await atTheDesk(portal, prof);
    let done: Promise<{ status: number }> | undefined;
    await store().transact(async (tx) => {
      await accountRows.hold(tx, idOf(luc));
      done = theirs.post(`/desk/people/${idOf(luc)}/contacts/add/email`, {
        contact: "luc@example.fr",
        reason,
      });
      // Long enough to come past the gate and to wait for whoever holds the person.
      await new Promise((resolve) => setTimeout(resolve, 250));
      portal.clock.advance(end - portal.clock.now());
    });
    expect([403, 404]).toContain((await done)?.status);
    expect(await accountRows.contactPointsOf(store(), idOf(luc))).toEqual([]);
  });

  test("nobody lends what they do not have, nor to whom they may not", async () => {
    const desk = await atTheDesk(portal, boss);
    const prof = await teacher();
    for (const role of ["a-boss", "an-academy", "a-builder", "operator", "king", ""]) {
      const page = await lend(desk, prof, { role });
      expect(page.text, role).toContain(words("staff.role.missing"));
    }
    const elsewhere = await teacher(tilleuls);
    const guardian = await anAccount(portal, "Père Noé").kind("guardian").username(`noe.${made}`).made();
    await belongs(portal, guardian, lilas);
    const waiting = await anAccount(portal, "Attend")
      .kind("staff")
      .username(`attend.${made}`)
      .status("pending")
      .made();
    await belongs(portal, waiting, lilas);
    for (const one of [elsewhere, guardian, waiting, boss]) {
      expect((await lend(desk, one)).status).toBe(404);
      expect((await desk.get(`${path}/${lilas}/to/${idOf(one)}`)).status).toBe(404);
    }
    expect((await lend(desk, elsewhere, {}, tilleuls)).status).toBe(404);
    expect((await lend(desk, prof, {}, tilleuls)).status).toBe(404);
    expect((await desk.get(`${path}/${tilleuls}`)).status).toBe(404);
    const [code] = await store().ask<{ code: string }>("select code from establishments where id = ?", [
      tilleuls,
    ]);
    const beyond = await lend(desk, prof, { establishment: code?.code ?? "" });
    expect(beyond.text).toContain(words("staff.establishment.unknown"));
    const byName = await lend(desk, prof, { establishment: "tilleuls", place: tilleuls });
    expect(byName.status).toBe(422);
    for (const [until, refusal] of [
      ["", "staff.until.missing"],
      ["2027-02-30", "staff.until.missing"],
      [inDays(-1), "staff.until.past"],
      [inDays(367), "staff.until.too-far"],
    ] as const) {
      expect((await lend(desk, prof, { until })).text, until).toContain(words(refusal));
    }
    expect((await lend(desk, prof, { reason: " " })).text).toContain(words("staff.reason.missing"));
    expect(await grantsOf(prof)).toEqual([]);
    expect((await lend(desk, prof, { until: inDays(366) })).text).toContain(words("staff.lent.done"));
  });

  test("is taken back at once by the head or whoever is above, never by another school's", async () => {
    const desk = await atTheDesk(portal, boss);
    const prof = await teacher();
    await lend(desk, prof);
    const theirs = await atTheDesk(portal, prof);
    const [grant] = await grantsOf(prof);
    const neighbour = await atTheDesk(
      portal,
      await aStaffMember(portal, "a-boss", { establishmentId: tilleuls }),
    );
    expect((await takeBack(neighbour, grant?.id)).status).toBe(404);
    expect((await takeBack(neighbour, grant?.id, tilleuls)).status).toBe(404);
    expect((await takeBack(theirs, grant?.id)).status).toBe(403);
    expect((await desk.post(`${path}/${lilas}/end/${grant?.id}`, {})).text).toContain(
      words("staff.reason.missing"),
    );
    expect((await takeBack(desk, grant?.id)).text).toContain(words("staff.lent.taken-back"));
    expect((await theirs.get("/desk", { follow: false })).location).toContain("/sign-in");
    expect((await portal.messageTo(prof.email)).subject).toBe(
      words("staff.mail.withdrawn.subject", { brand: portal.config.preset.brandName }),
    );
    expect((await takeBack(desk, grant?.id)).status).toBe(404);

    await lend(desk, prof);
    const above = await atTheDesk(
      portal,
      await aStaffMember(portal, "an-academy", { establishmentId: academy }),
    );
    const [again] = await grantsOf(prof);
    expect((await above.get(`${path}?q=lilas`)).text).toContain("Collège des Lilas");
    expect((await takeBack(above, again?.id)).text).toContain(words("staff.lent.taken-back"));

    // What was given for good is the matter of whoever manages staff.
    await giveRole(portal, idOf(prof), "an-office", lilas);
    const [forGood] = await grantsOf(prof);
    expect((await takeBack(desk, forGood?.id)).status).toBe(404);
    expect((await lend(desk, prof)).text).toContain(words("staff.role.longer"));
  });

  test("is prolonged, and lent at another establishment by whoever reaches both", async () => {
    const desk = await atTheDesk(portal, boss);
    const prof = await teacher();
    await lend(desk, prof, { until: inDays(3) });
    expect((await lend(desk, prof, { until: inDays(2) })).text).toContain(words("staff.role.longer"));
    await lend(desk, prof, { until: inDays(9) });
    expect(await grantsOf(prof)).toHaveLength(1);
    const above = await atTheDesk(
      portal,
      await aStaffMember(portal, "an-academy", { establishmentId: academy }),
    );
    expect((await lend(above, prof, { establishment: "tilleuls" })).text).toContain(words("staff.lent.done"));
    expect((await grantsOf(prof)).map((one) => one.establishment_id).sort()).toEqual(
      [lilas, tilleuls].sort(),
    );
  });

  test("whoever has lost what lets them lend lends no more, and never for longer than they have it", async () => {
    const deputy = await teacher();
    const helper = await teacher();
    await lend(await atTheDesk(portal, boss), deputy, { role: "a-deputy", until: inDays(5) });
    const desk = await atTheDesk(portal, deputy);
    expect((await lend(desk, helper, { until: inDays(6) })).text).toContain(words("staff.until.beyond-own"));
    expect((await lend(desk, helper, { until: inDays(5) })).text).toContain(words("staff.lent.done"));
    const [lent] = await grantsOf(helper);
    const late = await teacher();
    // The form was sent, and the role goes while it waits for its turn.
    let waiting: Promise<{ status: number }> | undefined;
    await store().transact(async (tx) => {
      await accountRows.hold(tx, idOf(deputy));
      waiting = lend(desk, late, { until: inDays(1) });
      await new Promise((resolve) => setTimeout(resolve, 250));
      await tx.ask("delete from staff_grants where account_id = ?", [idOf(deputy)]);
    });
    expect([403, 404]).toContain((await waiting)?.status);
    expect(await grantsOf(late)).toEqual([]);
    const refused = await lend(await signInStaff(portal, deputy), await teacher());
    expect(refused.status).toBe(403);
    // What they lent stays until its day.
    expect(await grantsOf(helper)).toEqual([lent]);
    expect((await (await atTheDesk(portal, helper)).get("/desk")).status).toBe(200);
  });

  test("somebody new is invited with a role for a time, at an address of their own", async () => {
    const desk = await atTheDesk(portal, boss);
    made += 1;
    const email = `nouvelle-${made}@ecole.example`;
    const invite = (change: Record<string, string> = {}, school = lilas) =>
      desk.post(`${path}/${school}/invite`, {
        name: "Aïcha Diallo",
        email,
        role: "an-office",
        until: inDays(7),
        reason,
        ...change,
      });
    expect((await invite({}, tilleuls)).status).toBe(404);
    // Whether an address or an identifier is somebody's is told to nobody: several may share the one, the portal makes
    // the other.
    const form = await desk.get(`${path}/${lilas}/invite`);
    expect(form.html).not.toContain('name="username"');
    const shared = await invite({ name: "Anna Martin", email: "anna@example.fr", username: boss.identifier });
    expect(shared.text).toContain(words("staff.invite.done"));
    expect(shared.text).toContain("a.martin2");
    expect((await portal.messageTo("anna@example.fr")).text).toContain("a.martin2");
    expect((await invite({ role: "a-boss" })).text).toContain(words("staff.role.missing"));
    expect((await invite()).text).toContain(words("staff.invite.done"));
    const browser = new PlainBrowser(portal.url);
    await browser.post("/activate", {
      token: tokenOf(await portal.messageTo(email)),
      password: "onze-moulins-gris-84",
    });
    const [aicha] = await store().ask<{ id: string; left_at: number | null }>(
      `select a.id, m.left_at from accounts a join memberships m on m.account_id = a.id
        where a.name = 'Aïcha Diallo' and m.establishment_id = ? and m.kind = 'staff'`,
      [lilas],
    );
    expect(aicha).toMatchObject({ left_at: null });
    expect((await desk.get(`${path}/${lilas}`)).text).toContain("Aïcha Diallo");

    // One that nobody followed frees its address when it is taken back.
    const other = { email: `x-${email}` };
    await invite(other);
    const [pending] = await store().ask<{ id: string }>(
      `select g.id from staff_grants g join accounts a on a.id = g.account_id where a.status = 'pending'
        and a.name = 'Aïcha Diallo'`,
      [],
    );
    expect((await takeBack(desk, pending?.id)).text).toContain(words("staff.lent.taken-back"));
    expect((await invite(other)).text).toContain(words("staff.invite.done"));
  });

  test("an invitation whose role has ended is sent again or withdrawn, by whoever could lend it there", async () => {
    made += 1;
    const desk = await atTheDesk(portal, boss);
    const email = `oubli-${made}@ecole.example`;
    const who = { name: "Omar Oubli", email, role: "an-office", until: inDays(0), reason };
    await desk.post(`${path}/${lilas}/invite`, who);
    await portal.messageTo(email);
    const [omar] = await store().ask<{ id: string }>("select id from accounts where name = 'Omar Oubli'", []);
    portal.clock.advance(2 * day);
    const later = await atTheDesk(portal, boss);
    const neighbour = await atTheDesk(
      portal,
      await aStaffMember(portal, "a-boss", { establishmentId: tilleuls }),
    );
    for (const act of ["again", "withdraw"]) {
      const there = await neighbour.post(`${path}/${tilleuls}/${act}/${omar?.id}`, { reason });
      expect([act, there.status]).toEqual([act, 404]);
    }
    expect((await later.get(`${path}/${lilas}`)).html).toContain(`${path}/${lilas}/again/${omar?.id}`);
    const again = await later.post(`${path}/${lilas}/again/${omar?.id}`, {});
    expect(again.text).toContain(words("staff.invite.done"));
    await portal.settle();
    expect((await portal.messages(email)).length).toBe(2);
    expect((await later.get("/desk/acts?kind=roles")).text).toContain(words("staff.acts.invited-again"));
    expect((await later.post(`${path}/${lilas}/withdraw/${omar?.id}`, {})).text).toContain(
      words("staff.reason.missing"),
    );
    const gone = await later.post(`${path}/${lilas}/withdraw/${omar?.id}`, { reason });
    expect(gone.text).toContain(words("staff.lent.withdrawn"));
    expect(await accountRows.findById(store(), omar?.id ?? "")).toBeNull();
    // Whoever has a role is not withdrawn by this.
    const prof = await teacher();
    expect((await later.post(`${path}/${lilas}/withdraw/${idOf(prof)}`, { reason })).status).toBe(404);
  });

  test("who came by a role works there until some time after the last one, and keeps no school open", async () => {
    const lys = await anEstablishment(portal, "school", "Collège des Lys", academy);
    const prof = await teacher();
    const above = await atTheDesk(
      portal,
      await aStaffMember(portal, "an-academy", { establishmentId: academy }),
    );
    await lend(above, prof, { establishment: "lys", until: inDays(1) });
    const headThere = await aStaffMember(portal, "a-boss", { establishmentId: lys });
    const [grant] = await grantsOf(prof);
    // What is done about a role is listed where the role is, for the head there.
    expect((await (await atTheDesk(portal, headThere)).get("/desk/acts")).text).toContain(prof.account.name);
    const operator = await aStaffMember(portal, "operator");
    const close = async () =>
      (await atTheDesk(portal, operator)).post(`/desk/establishments/${lys}/close`, { reason });
    await portal.portal.store.transact((tx) =>
      tx.ask("delete from staff_grants where account_id = ?", [idOf(headThere)]),
    );
    const membership = async (school: string) =>
      (
        await store().ask<{ left_at: number | null }>(
          "select left_at from memberships where account_id = ? and establishment_id = ?",
          [idOf(prof), school],
        )
      )[0]?.left_at;
    expect(await membership(lys)).toBeNull();
    expect((await close()).text).toContain(words("establishments.close.not-empty"));
    portal.clock.advance((grant?.expires_at ?? 0) - portal.clock.now() + hour);
    await portal.settle();
    expect(await membership(lys)).toBeNull();
    portal.clock.advance(90 * day);
    await portal.settle();
    expect(await membership(lys)).not.toBeNull();
    expect(await membership(lilas)).toBeNull();

    // For good, by whoever manages staff: also somebody whose last role has ended.
    const desk = await atTheDesk(portal, operator);
    expect((await desk.get(`/desk/staff/${idOf(prof)}`)).text).toContain(words("staff.role.none"));
    const [code] = await store().ask<{ code: string }>(
      "select name as code from establishments where id = ?",
      [lys],
    );
    const given = await desk.post(`/desk/staff/${idOf(prof)}/role`, {
      role: "an-office",
      establishment: code?.code ?? "",
      reason,
    });
    expect(given.text).toContain(words("staff.role.changed"));
    expect(await membership(lys)).toBeNull();
    await portal.portal.store.transact((tx) =>
      tx.ask("delete from staff_grants where account_id = ?", [idOf(prof)]),
    );
    expect((await close()).text).not.toContain(words("establishments.close.not-empty"));
    const [closed] = await store().ask<{ closed_at: number | null }>(
      "select closed_at from establishments where id = ?",
      [lys],
    );
    expect(closed?.closed_at).not.toBeNull();
  });

  test("a correction is approved by a second person: not by a hand of the first, nor the first by a hand of theirs", async () => {
    const inga = await anAccount(portal, "Inga Martin")
      .kind("guardian")
      .username(`inga.${made}`)
      .email(`inga-${made}@example.fr`)
      .made();
    await belongs(portal, inga, lilas);
    const base = `/desk/people/${idOf(inga)}`;
    const other = await aStaffMember(portal, "an-office", { establishmentId: lilas });
    const hand = await teacher();
    await lend(await atTheDesk(portal, boss), hand);
    let added = 0;
    const add = async (by: PlainBrowser) => {
      added += 1;
      const contact = `nouvelle-${made}-${added}@example.fr`;
      await by.post(`${base}/contacts/add/email`, { contact, reason });
      const points = await accountRows.contactPointsOf(store(), idOf(inga));
      return points.find(({ address }) => address === contact)?.id ?? "";
    };
    const refused = words("people.contact.same-hand");
    const approves = async (by: PlainBrowser, pointId: string) => {
      const page = await by.post(`${base}/contacts/${pointId}/approve`, { reason });
      if (page.text.includes(refused)) return false;
      const points = await accountRows.contactPointsOf(store(), idOf(inga));
      expect(points.find(({ id }) => id === pointId)?.usable_from).toBeNull();
      return true;
    };
    const [bosses, hands, others] = [
      await atTheDesk(portal, boss),
      await atTheDesk(portal, hand),
      await atTheDesk(portal, other),
    ];
    const byBoss = await add(bosses);
    expect(await approves(hands, byBoss)).toBe(false);
    const late = await atTheDesk(portal, await aStaffMember(portal, "an-office", { establishmentId: lilas }));
    expect(await approves(late, byBoss)).toBe(false);
    expect(await approves(others, byBoss)).toBe(true);
    const byHand = await add(hands);
    expect(await approves(bosses, byHand)).toBe(false);
    expect(await approves(others, byHand)).toBe(true);
    // A week later the loan is no trick any more, and whoever leads may approve what their staff enter.
    await lend(bosses, hand, { until: inDays(30) });
    portal.clock.advance(7 * day);
    const known = await add(await atTheDesk(portal, hand));
    expect(await approves(await atTheDesk(portal, boss), known)).toBe(true);
  });
});
