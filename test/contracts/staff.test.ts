import { afterEach, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { createRoles } from "../../src/desk/roles/roles.ts";
import type { Person, Staff } from "../../src/kernel/caller.ts";
import { day } from "../../src/kernel/clock.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { migrate } from "../../src/store/migrate.ts";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { startPortal, type TestPortal, type TestPortalOptions } from "../support/portal.ts";
import { aStaffMember, atTheDesk, giveRole, type MadeStaff, signInStaff } from "../support/staff.ts";
import { words } from "../support/words.ts";
import { seededRandom, TestClock } from "../support/world.ts";

const reason = "Rejoint l’équipe lundi";
const chosen = "onze-moulins-gris-84";

onEachEngine("staff", (engine) => {
  let portal: TestPortal;
  let operator: MadeStaff;
  let support: MadeStaff;
  afterEach(() => portal.close());

  async function start(options: TestPortalOptions = {}): Promise<PlainBrowser> {
    portal = await startPortal({ preset: "service", engine, ...options });
    operator = await aStaffMember(portal, "operator", { name: "Olivier Blanc" });
    support = await aStaffMember(portal, supportRole(), {
      name: "Nadia Cherif",
      establishmentId: null,
    });
    return atTheDesk(portal, operator);
  }
  /** At school, only operators reach everybody. */
  const supportRole = () =>
    portal.config.preset.roles.find(({ id, reach }) => id !== "operator" && reach === "everybody")?.id ??
    "operator";
  const pathOf = ({ account }: MadeStaff) => `/desk/staff/${account.id}`;
  const invite = (desk: PlainBrowser, change: Record<string, string> = {}) =>
    desk.post("/desk/staff/invite", {
      name: "Aïcha Diallo",
      email: "aicha.diallo@example.org",
      role: supportRole(),
      reason,
      ...change,
    });
  const tokenIn = (mail: { links: string[] }) =>
    new URL(mail.links.find((link) => link.includes("token=")) ?? "").searchParams.get("token") ?? "";
  const role = (desk: PlainBrowser, staff: MadeStaff, to: string, why = reason) =>
    desk.post(`${pathOf(staff)}/role`, { role: to, reason: why });
  const grantsOf = async (accountId: string) =>
    portal.portal.store.ask<{ id: string; role: string }>(
      "select id, role from staff_grants where account_id = ? order by granted_at",
      [accountId],
    );
  /** Takes the first role of somebody away. */
  async function take(desk: PlainBrowser, { account }: MadeStaff, why = reason) {
    const [first] = await grantsOf(account.id);
    return desk.post(`/desk/staff/${account.id}/roles/${first?.id ?? "none"}`, { reason: why });
  }

  test("are invited by mail, choose their password, and are led to set up a second factor", async () => {
    const desk = await start();
    const page = await invite(desk);
    expect(page.text).toContain(words("staff.invite.done"));
    expect(page.text).toContain(words("staff.signed-in.pending"));
    const mail = await portal.messageTo("aicha.diallo@example.org");
    const browser = new PlainBrowser(portal.url);
    await browser.post("/activate", { token: tokenIn(mail), password: chosen });
    const signedIn = await browser.post("/sign-in", {
      identifier: "aicha.diallo@example.org",
      password: chosen,
    });
    expect(signedIn.path).toContain("/desk/second-factor/set-up");
    const journal = (await browser.get("/account/journal")).text;
    const about = { role: "Assistance", by: "Olivier Blanc", why: reason };
    expect(journal).toContain(words("journal.staff.invited", about).split("«")[0]);
    expect(journal).toContain(reason);
    expect((await desk.get("/account/journal")).text).toContain("Aïcha Diallo");
    expect((await desk.get("/desk/staff")).text).toContain(words("staff.factor.none"));
  });

  test("an address that serves an account already is refused, and that account gets no role", async () => {
    const desk = await start();
    const lea = await anAccount(portal, "Léa Martin").email("lea@example.fr").made();
    const page = await invite(desk, { email: "LEA@example.fr" });
    expect(page.status).toBe(422);
    expect(page.text).toContain(words("staff.email.used"));
    const member = await signInStaff(portal, {
      ...lea,
      identifier: "lea@example.fr",
      email: "lea@example.fr",
    });
    expect((await member.get("/desk")).status).toBe(403);
    await portal.settle();
    expect(await portal.messages("lea@example.fr")).toEqual([]);
  });

  test("in a school, where a family shares a mailbox, the same holds, and a username is asked for", async () => {
    const desk = await start({ preset: "school" });
    await anAccount(portal, "Claire Martin").username("c.martin").email("famille@example.fr").made();
    const inviteOperator = (change: Record<string, string> = {}) =>
      invite(desk, { role: "operator", ...change });
    const shared = await inviteOperator({ email: "famille@example.fr", username: "a.diallo" });
    expect(shared.text).toContain(words("staff.email.used"));
    expect((await inviteOperator()).text).toContain(words("staff.username.missing"));
    expect((await inviteOperator({ username: "A Diallo" })).text).toContain(
      words("staff.username.malformed"),
    );
    expect((await inviteOperator({ username: "c.martin" })).text).toContain(words("staff.username.used"));
    expect((await inviteOperator({ username: "a.diallo" })).text).toContain(words("staff.invite.done"));
  });

  test("of two invitations of one address at once, one is made", async () => {
    const desk = await start();
    const pages = await Promise.all([invite(desk), invite(desk)]);
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 422]);
    await portal.settle();
    expect(await portal.messages("aicha.diallo@example.org")).toHaveLength(1);
  });

  test("every mistake of the invitation is said at its field, and what was typed stays", async () => {
    const desk = await start();
    const page = await invite(desk, { name: " ", email: "aicha@", role: "king", reason: "" });
    expect(page.status).toBe(422);
    for (const key of [
      "staff.name.missing",
      "email.malformed",
      "staff.role.missing",
      "staff.reason.missing",
    ] as const) {
      expect(page.text).toContain(words(key));
    }
    expect(page.html).toContain('value="aicha@"');
  });

  test("a role of one's own level is given by nobody but the highest", async () => {
    const desk = await start({ change: withAPlanner });
    const planner = await aStaffMember(portal, "planner");
    const plannerDesk = await atTheDesk(portal, planner);
    expect((await invite(plannerDesk, { role: "planner" })).text).toContain(words("staff.role.missing"));
    expect((await invite(plannerDesk, { role: "operator" })).text).toContain(words("staff.role.missing"));
    expect((await invite(plannerDesk, { role: "support" })).text).toContain(words("staff.invite.done"));
    expect((await role(plannerDesk, operator, "support")).status).toBe(404);
    expect((await role(plannerDesk, support, "operator")).text).toContain(words("staff.role.missing"));
    expect((await invite(desk, { role: "operator", email: "o2@example.org" })).text).toContain(
      words("staff.invite.done"),
    );
  });

  test("nobody changes their own role", async () => {
    const desk = await start();
    expect((await role(desk, operator, "support")).status).toBe(404);
    expect((await desk.get(pathOf(operator))).text).toContain(words("staff.you.what"));
    expect((await desk.get("/desk")).status).toBe(200);
  });

  test("of operators who withdraw each other at the same moment, one is always left", async () => {
    const desk = await start();
    const others = [await aStaffMember(portal, "operator"), await aStaffMember(portal, "operator")] as const;
    const everybody = [operator, ...others];
    const paths = await Promise.all(
      everybody.map(async ({ account }) => {
        const [held] = await grantsOf(account.id);
        return `/desk/staff/${account.id}/roles/${held?.id}`;
      }),
    );
    const desks = [desk, await atTheDesk(portal, others[0]), await atTheDesk(portal, others[1])];
    await Promise.all(
      desks.flatMap((their, n) =>
        paths.filter((_, index) => index !== n).map((path) => their.post(path, { reason: "Départ" })),
      ),
    );
    const left = await portal.portal.store.ask<object>(
      "select id from staff_grants where role = 'operator'",
      [],
    );
    expect(left).toHaveLength(1);
  });

  test("what one role may do counts with that role's level and people alone, not with another's", async () => {
    await start({ change: withAPlanner });
    // Manages staff on a low level, and stands high without managing anybody.
    const both = await aStaffMember(portal, "planner");
    await giveRole(portal, both.account.id, "watcher");
    const theirs = await atTheDesk(portal, both);
    const peer = await aStaffMember(portal, "planner");
    expect((await take(theirs, peer)).status).toBe(404);
    expect((await invite(theirs, { role: "planner" })).text).toContain(words("staff.role.missing"));
    expect((await invite(theirs, { role: "support" })).text).toContain(words("staff.invite.done"));
  });

  test("a withdrawn role closes the desk at once, is told, and is written on both sides", async () => {
    const desk = await start();
    const theirs = await atTheDesk(portal, support);
    expect((await desk.get(pathOf(support))).text).toContain(words("staff.role.take"));
    expect((await take(desk, support, "")).text).toContain(words("staff.reason.missing"));
    expect((await take(desk, support, "Départ")).text).toContain(words("staff.role.withdrawn"));
    expect((await theirs.get("/desk", { follow: false })).location).toContain("/sign-in");
    const mail = await portal.messageTo(support.email);
    expect(mail.subject).toBe(words("staff.mail.withdrawn.subject", { brand: "Loquet" }));
    const again = await signInStaff(portal, support);
    expect((await again.get("/desk")).status).toBe(403);
    expect((await again.get("/account/journal")).text).toContain(
      words("journal.staff.role-withdrawn", { by: "Olivier Blanc", why: "Départ" }),
    );
    expect((await desk.get("/account/journal")).text).toContain(
      words("journal.staff.did-role-withdrawn", { name: "Nadia Cherif", why: "Départ" }),
    );
    // Still there, to be given a role again.
    expect((await desk.get(pathOf(support))).text).toContain(words("staff.role.none"));
  });

  test("another role holds from the next sign-in on", async () => {
    const desk = await start();
    expect((await role(desk, support, "support")).text).toContain(words("staff.role.same"));
    await role(desk, support, "operator");
    const theirs = await atTheDesk(portal, support);
    expect((await theirs.get("/desk/staff/invite")).status).toBe(200);
  });

  test("a withdrawn invitation frees its address, and its link leads nowhere", async () => {
    const desk = await start();
    const page = await invite(desk);
    const mail = await portal.messageTo("aicha.diallo@example.org");
    const [held] = await grantsOf(page.path.split("/").at(-1) ?? "");
    await desk.post(`${page.path}/roles/${held?.id}`, { reason: "Mauvaise adresse" });
    const browser = new PlainBrowser(portal.url);
    const late = await browser.get(`/activate?token=${tokenIn(mail)}`);
    expect(late.status).toBe(410);
    expect((await invite(desk)).text).toContain(words("staff.invite.done"));
  });

  test("an invitation is sent again while it was not followed, and no later", async () => {
    const desk = await start();
    const page = await invite(desk);
    await portal.settle();
    await desk.post(`${page.path}/invite-again`, {});
    await portal.settle();
    const mails = await portal.messages("aicha.diallo@example.org");
    expect(mails).toHaveLength(2);
    const token = tokenIn(mails[0] ?? { links: [] });
    await new PlainBrowser(portal.url).post("/activate", { token, password: chosen });
    expect((await desk.post(`${page.path}/invite-again`, {})).status).toBe(404);
  });

  test("acts are limited by day, and say until when", async () => {
    const desk = await start({
      change: (config) => ({
        ...config,
        preset: {
          ...config.preset,
          limits: { ...config.preset.limits, "staff-act.per-staff": { max: 2, perSeconds: 86_400 } },
        },
      }),
    });
    await invite(desk);
    await invite(desk, { email: "b@example.org" });
    const late = await invite(desk, { email: "c@example.org" });
    expect(late.status).toBe(429);
    expect(late.text).toContain(words("desk.limit.title"));
    portal.clock.advance(day);
    const tomorrow = await atTheDesk(portal, operator);
    expect((await invite(tomorrow, { email: "c@example.org" })).status).toBe(200);
  });

  test("the list is in order, says who has what, and goes on over pages", async () => {
    const desk = await start();
    for (let n = 10; n < 62; n++) {
      const made = await anAccount(portal, `Renfort ${n}`).kind("staff").email(`r${n}@example.org`).made();
      await giveRole(portal, made.account.id, "support");
    }
    const first = await desk.get("/desk/staff");
    expect(first.text).toContain("Renfort 10");
    expect(first.text).not.toContain("Renfort 61");
    const second = await desk.get("/desk/staff?page=2");
    expect(second.text).toContain("Renfort 61");
    for (const page of ["0", "-1", "x", "99999999", "1e9"]) {
      expect((await desk.get(`/desk/staff?page=${page}`)).status).toBe(200);
    }
    expect((await desk.get("/desk/staff/nobody")).status).toBe(404);
  });

  test("a role that ends, ends by itself", async () => {
    await start();
    await portal.portal.store.transact((tx) =>
      tx.ask("update staff_grants set expires_at = ? where account_id = ?", [
        portal.clock.now() + day,
        support.account.id,
      ]),
    );
    expect((await (await atTheDesk(portal, support)).get("/desk")).status).toBe(200);
    portal.clock.advance(day);
    expect((await (await signInStaff(portal, support)).get("/desk")).status).toBe(403);
  });

  test("staff who were going nowhere else come to their desk, and others to their account", async () => {
    await start();
    const browser = new PlainBrowser(portal.url);
    const form = { identifier: support.identifier, password: support.password ?? "" };
    expect((await browser.post("/sign-in", form, { follow: false })).location).toBe("/desk");
    const elsewhere = await new PlainBrowser(portal.url).post(
      "/sign-in",
      { ...form, return: "/account/journal" },
      { follow: false },
    );
    expect(elsewhere.location).toBe("/account/journal");
  });

  test("may help neither themselves, nor anyone with a role, nor a kind that their role does not help", async () => {
    await start();
    const { store } = portal.portal;
    const roles = createRoles({
      clock: portal.clock,
      ids: createIds(portal.clock, seededRandom(5)),
      preset: portal.config.preset,
      findAccount: accountRows.findById,
      placesOf: async () => new Set(),
    });
    const person: Person = {
      accountId: support.account.id,
      sessionId: "s",
      name: "",
      locale: "fr",
      secondFactorAt: 1,
    };
    const staff = (await roles.staffOf(store, person)) as Staff;
    const lea = await anAccount(portal, "Léa").kind("member").email("lea@example.fr").made();
    const colleague = await anAccount(portal, "Ali").kind("staff").email("ali@example.fr").made();
    const helps = (id: string) => roles.mayHelp(store, staff, id);
    expect(await helps(lea.account.id)).toBe(true);
    expect(await roles.mayHelp(store, staff, lea.account.id, "people.search")).toBe(true);
    expect(await roles.mayHelp(store, staff, lea.account.id, "staff.manage")).toBe(false);
    expect(await helps(support.account.id)).toBe(false);
    expect(await helps(operator.account.id)).toBe(false);
    expect(await helps(colleague.account.id)).toBe(false);
    expect(await helps("nobody")).toBe(false);
    await giveRole(portal, lea.account.id, "support");
    expect(await helps(lea.account.id)).toBe(false);
  });

  test("the operator's command line gives and takes roles, ends sessions and tells the person", async () => {
    await start();
    const { accounts } = portal.portal.operator;
    const named = (id: string) => ({ role: id, establishment: null });
    const lea = await anAccount(portal, "Léa").kind("member").email("lea@example.fr").made();
    const member = await signInStaff(portal, {
      ...lea,
      identifier: "lea@example.fr",
      email: "lea@example.fr",
    });
    expect(await accounts.grant("lea@example.fr", named("king"))).toEqual({ ok: false, refusal: "role" });
    expect(await accounts.grant("lea@example.fr", named("support"))).toEqual({ ok: true });
    expect((await member.get("/account", { follow: false })).location).toContain("/sign-in");
    expect((await portal.messageTo("lea@example.fr")).subject).toBe(
      words("staff.mail.changed.subject", { brand: "Loquet" }),
    );
    const shown = await accounts.show("lea@example.fr");
    expect(shown).toMatchObject({
      ok: true,
      shown: { roles: [{ role: "support", establishment: null, expiresAt: null }], hasSecondFactor: false },
    });
    expect(await accounts.revoke("lea@example.fr", named("operator"))).toEqual({
      ok: false,
      refusal: "no-role",
    });
    expect(await accounts.revoke("lea@example.fr", named("support"))).toEqual({ ok: true });
    const again = await signInStaff(portal, {
      ...lea,
      identifier: "lea@example.fr",
      email: "lea@example.fr",
    });
    expect((await again.get("/desk")).status).toBe(403);
  });
});

onEachEngine("a database with roles from before", (engine) => {
  test("keeps them as grants", async () => {
    const { store, close } = await openTestStore(engine, { migrated: false });
    const clock = new TestClock();
    await migrate(store, findProjectRoot(), clock, "2026-11-21-ground");
    await store.transact(async (tx) => {
      for (const id of ["a", "b"]) {
        await tx.ask(
          "insert into accounts (id, kind, status, name, locale, created_at) values (?, 'staff', 'active', 'A', 'fr', 1)",
          [id],
        );
        await tx.ask("insert into staff_roles (account_id, role, granted_at) values (?, 'operator', 7)", [
          id,
        ]);
      }
    });
    await migrate(store, findProjectRoot(), clock);
    const grants = await store.ask<{ id: string }>(
      "select id, account_id, role, granted_at from staff_grants order by account_id",
      [],
    );
    expect(grants).toMatchObject([
      { account_id: "a", role: "operator", granted_at: 7 },
      { account_id: "b", role: "operator", granted_at: 7 },
    ]);
    expect(new Set(grants.map(({ id }) => id)).size).toBe(2);
    await close();
  });
});

/** A role between support and operator, which may manage staff. */
function withAPlanner(config: TestPortal["config"]): TestPortal["config"] {
  const [support] = config.preset.roles;
  if (!support) return config;
  const planner = {
    ...support,
    id: "planner",
    level: 50,
    may: [...support.may, "staff.manage" as const],
  };
  const watcher = { ...support, id: "watcher", level: 90 };
  return { ...config, preset: { ...config.preset, roles: [...config.preset.roles, planner, watcher] } };
}
