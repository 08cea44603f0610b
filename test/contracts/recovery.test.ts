import { afterEach, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import type { CapturedMessage } from "../../src/channels/capture.ts";
import type { Config } from "../../src/config/config.ts";
import { day, hour, minute } from "../../src/kernel/clock.ts";
import { accountNow, anAccount, contactPointsNow, type MadeAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal, type TestPortalOptions } from "../support/portal.ts";
import { fold, smsWords, words } from "../support/words.ts";

const mail = "lea@example.fr";
const number = "+33639980001";
const fresh = "neuf-lacs-bleus-calmes-31";
const changed = words("recovery.done.subject", { brand: "Portail scolaire" });

const tokenOf = (message: CapturedMessage) => {
  const link = message.links.find((found) => found.includes("token=")) ?? "";
  return new URL(link).searchParams.get("token") ?? "";
};

/** What a page says without what differs at each answer: the reference, the pairing number, and times. */
const neutral = (page: Page) =>
  page.html
    .replaceAll(/[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/g, "REFERENCE")
    .replaceAll(/(pairing-number">)\d{3}\s\d{3}</g, "$1NUMBER<")
    .replaceAll(/\d{2}:\d{2}/g, "TIME");

/** How often one link may be tried is not what is tested. */
const roomyLinks = (config: Config): Config => {
  const limits = {
    ...config.preset.limits,
    "new-password.per-challenge": { max: 1000, perSeconds: 900 },
  };
  return { ...config, preset: { ...config.preset, limits } };
};

interface AnyRow {
  [column: string]: string | number | null;
}

onEachEngine("recovery", (engine) => {
  let portal: TestPortal;
  afterEach(() => portal.close());

  const start = async (options: TestPortalOptions = {}) => {
    portal = await startPortal({ preset: "school", engine, ...options });
  };
  const browser = () => new PlainBrowser(portal.url);
  const rows = (table: string) =>
    portal.portal.store.tables<Record<string, AnyRow>>().selectFrom(table).selectAll().execute();
  const guardian = () =>
    anAccount(portal, "Léa Martin").username("l.martin").email(mail).mobile(number).made();
  const ask = (who: PlainBrowser, channel = "email", identifier = "l.martin") =>
    who.post("/forgot-password", { identifier, channel });
  const canSignIn = async (made: MadeAccount, password: string) => {
    const identifier =
      (await accountRows.identifiersOf(portal.portal.store, made.account.id))[0]?.shown ?? "";
    const answer = await browser().post("/sign-in", { identifier, password }, { follow: false });
    return answer.location === "/account";
  };

  test("by e-mail, with the link, in any browser: a new password, and the sign-in page", async () => {
    await start();
    const made = await guardian();
    const waiting = await ask(browser());
    expect(waiting.path).toBe("/forgot-password/sent");
    const message = await portal.messageTo(mail);
    expect(fold(message.subject)).toBe(words("recovery.reset.subject"));
    expect(message.text).toContain("l.martin");
    const elsewhere = browser();
    const form = await elsewhere.get(`/reset?token=${tokenOf(message)}`);
    expect(form.html).toMatch(/autocomplete="username" value="l\.martin" readonly/);
    const done = await elsewhere.post(
      "/reset",
      { token: tokenOf(message), password: fresh },
      { follow: false },
    );
    expect(done.location).toBe("/sign-in");
    const signIn = await elsewhere.get("/sign-in");
    expect(signIn.text).toContain(words("recovery.done.notice"));
    expect(signIn.html).toContain('value="l.martin"');
    expect(elsewhere.cookie("loquet-session")).toBeUndefined();
    expect(await canSignIn(made, fresh)).toBe(true);
    expect(await canSignIn(made, made.password ?? "")).toBe(false);
  });

  test("by SMS, with the code, in the browser that asked", async () => {
    await start();
    const made = await guardian();
    const asking = browser();
    await ask(asking, "sms");
    const sms = await portal.messageTo(number);
    expect(sms.channel).toBe("sms");
    const sentence = { brand: "Portail scolaire", code: sms.code ?? "", identifier: "l.martin" };
    expect(fold(sms.text)).toContain(smsWords("recovery.reset.sms", sentence));
    expect(sms.text.split("\n").at(-1)).toBe(`@127.0.0.1 #${sms.code}`);
    const proved = await asking.post("/forgot-password/code", { code: sms.code ?? "" });
    expect(proved.path).toBe("/reset");
    const done = await asking.post("/reset", { password: fresh }, { follow: false });
    expect(done.location).toBe("/sign-in");
    expect(await canSignIn(made, fresh)).toBe(true);
  });

  test("opening the link changes nothing, however often", async () => {
    await start();
    await guardian();
    await ask(browser());
    const token = tokenOf(await portal.messageTo(mail));
    const before = await rows("challenges");
    for (let count = 0; count < 3; count++) {
      expect((await browser().get(`/reset?token=${token}`)).status).toBe(200);
    }
    expect(await rows("challenges")).toEqual(before);
  });

  test("where nothing is registered for the chosen channel the other is used, and the message says so", async () => {
    await start();
    await anAccount(portal, "Noé Petit").username("n.petit").email("noe@example.fr").made();
    await anAccount(portal, "Zoé Petit").username("z.petit").mobile("+33639980002").made();
    await ask(browser(), "sms", "n.petit");
    const email = await portal.messageTo("noe@example.fr");
    expect(fold(email.text)).toContain(words("recovery.reset.email-instead.none"));
    await ask(browser(), "email", "z.petit");
    const sms = await portal.messageTo("+33639980002");
    expect(fold(sms.text)).toContain(smsWords("recovery.reset.sms-instead.none"));
  });

  test("an unproved address counts on the usual channel of its kind, and elsewhere only as the last way", async () => {
    await start();
    const declared = { state: "declared" } as const;
    await anAccount(portal, "Ada Roy")
      .username("a.roy")
      .mobile(number, declared)
      .email(mail, declared)
      .made();
    await ask(browser(), "email", "a.roy");
    expect((await portal.messageTo(number)).channel).toBe("sms");
    expect(await portal.messages(mail)).toEqual([]);
    const last = anAccount(portal, "Eve Roy").username("e.roy").email("eve@example.fr", declared);
    const made = await last.made();
    const asking = browser();
    await ask(asking, "email", "e.roy");
    const token = tokenOf(await portal.messageTo("eve@example.fr"));
    await asking.post("/reset", { token, password: fresh });
    expect((await contactPointsNow(portal, made))[0]?.state).toBe("verified");
  });

  test("a contact point that is not usable yet receives no recovery", async () => {
    await start();
    const later = portal.clock.now() + day;
    await anAccount(portal, "Ada Roy").username("a.roy").email(mail, { usableFrom: later }).made();
    await ask(browser(), "email", "a.roy");
    await portal.settle();
    expect(await portal.messages()).toEqual([]);
    portal.clock.advance(day);
    await ask(browser(), "email", "a.roy");
    expect((await portal.messageTo(mail)).code).not.toBeNull();
  });

  test("an address that refused messages is the last way, and a recovery through it shows that it lives", async () => {
    await start();
    const made = await anAccount(portal, "Ada Roy").username("a.roy").email(mail).made();
    const [point] = made.contacts;
    await portal.portal.store.transact((tx) =>
      accountRows.updateContactPoint(tx, point?.id ?? "", { dead_since: 1, dead_reason: "5.1.1" }),
    );
    await ask(browser(), "email", "a.roy");
    await browser().post("/reset", { token: tokenOf(await portal.messageTo(mail)), password: fresh });
    expect((await contactPointsNow(portal, made))[0]?.dead_since).toBeNull();
  });

  test("offers the other channel in one press; only its own message works then", async () => {
    await start();
    await guardian();
    const asking = browser();
    const waiting = await ask(asking, "sms");
    expect(waiting.html).toContain('action="/forgot-password/other"');
    const sms = await portal.messageTo(number);
    await asking.post("/forgot-password/other", { channel: "email" });
    const message = await portal.messageTo(mail);
    expect((await asking.get(`/reset?token=${tokenOf(sms)}`)).text).toContain(
      words("recovery.replaced.title"),
    );
    expect((await asking.get(`/reset?token=${tokenOf(message)}`)).status).toBe(200);
  });

  test("expired, used, replaced and unknown links say which, and give a new one in one press", async () => {
    await start();
    await guardian();
    const asking = browser();
    await ask(asking);
    const expired = tokenOf(await portal.messageTo(mail));
    portal.clock.advance(30 * minute);
    const page = await browser().get(`/reset?token=${expired}`);
    expect(page.status).toBe(410);
    expect(page.text).toContain(words("recovery.expired.title"));
    const elsewhere = browser();
    const waiting = await elsewhere.post("/forgot-password/again", { token: expired });
    expect(waiting.path).toBe("/forgot-password/sent");
    const next = await portal.messageTo(mail);
    expect(tokenOf(next)).not.toBe(expired);
    // Bound to the browser that pressed: the code works there.
    expect((await elsewhere.post("/forgot-password/code", { code: next.code ?? "" })).path).toBe("/reset");
    await elsewhere.post("/reset", { password: fresh });
    const used = await browser().get(`/reset?token=${tokenOf(next)}`);
    expect(used.text).toContain(words("recovery.used.title"));
    expect(used.html).toContain('action="/forgot-password/again"');
    for (const token of [expired.slice(1), `${expired}A`, "x".repeat(22), "'; drop table"]) {
      const unknown = await browser().get(`/reset?token=${encodeURIComponent(token)}`);
      expect(unknown.status).toBe(410);
      expect(unknown.text).toContain(words("recovery.unknown.title"));
    }
  });

  test("a link waits as long as its message does: the half hour starts when it leaves", async () => {
    await start();
    await guardian();
    await ask(browser());
    portal.clock.advance(3 * hour);
    const token = tokenOf(await portal.messageTo(mail));
    portal.clock.advance(29 * minute);
    expect((await browser().get(`/reset?token=${token}`)).status).toBe(200);
    portal.clock.advance(1 * minute);
    expect((await browser().get(`/reset?token=${token}`)).status).toBe(410);
  });

  test("five wrong codes end the code, never the link", async () => {
    await start();
    const made = await guardian();
    const asking = browser();
    await ask(asking);
    const message = await portal.messageTo(mail);
    for (const left of [4, 3, 2, 1]) {
      const page = await asking.post("/forgot-password/code", { code: "00000000" });
      expect(page.status).toBe(422);
      expect(page.text).toContain(words("code.wrong", { left }));
    }
    expect((await asking.post("/forgot-password/code", { code: "00000000" })).text).toContain(
      words("code.ended"),
    );
    const right = await asking.post("/forgot-password/code", { code: message.code ?? "" });
    expect(right.text).toContain(words("code.ended"));
    await browser().post("/reset", { token: tokenOf(message), password: fresh });
    expect(await canSignIn(made, fresh)).toBe(true);
  });

  test("the code is worth nothing in another browser", async () => {
    await start();
    await guardian();
    await ask(browser());
    const message = await portal.messageTo(mail);
    const other = browser();
    await ask(other, "email", "somebody-else");
    const page = await other.post("/forgot-password/code", { code: message.code ?? "" });
    expect(page.text).toContain(words("code.wrong", { left: 4 }));
  });

  test("known and unknown identifiers get the same pages and lose the same tries", async () => {
    await start();
    await guardian();
    const [known, unknown] = [browser(), browser()];
    await known.get("/forgot-password");
    await unknown.get("/forgot-password");
    const pages: [Page, Page][] = [];
    const both = async (act: (who: PlainBrowser, identifier: string) => Promise<Page>) => {
      pages.push([await act(known, "l.martin"), await act(unknown, "l.mantin")]);
      await portal.settle();
    };
    await both((who, identifier) => ask(who, "sms", identifier));
    for (let count = 0; count < 7; count++) {
      await both((who) => who.post("/forgot-password/code", { code: "12345678" }));
    }
    await both((who) => who.get("/forgot-password/follow"));
    await both((who) => who.post("/forgot-password/resend", {}));
    portal.clock.advance(minute);
    await both((who) => who.post("/forgot-password/resend", {}));
    await both((who) => who.post("/forgot-password/other", { channel: "email" }));
    await both((who) => who.get("/reset"));
    await both((who) => who.post("/reset", { password: fresh }));
    for (const [one, other] of pages) {
      expect(one.status).toBe(other.status);
      expect(one.path).toBe(other.path);
      expect(neutral(one)).toBe(neutral(other));
      expect([...one.headers.keys()]).toEqual([...other.headers.keys()]);
    }
    const requests = (await rows("requests")).map(({ kind }) => kind);
    expect(requests.every((kind) => kind === "recovery.ask")).toBe(true);
  });

  test("one link asks ten times a quarter of an hour whether a password is the present one, whatever comes at once", async () => {
    await start();
    const made = await guardian();
    await ask(browser());
    const token = tokenOf(await portal.messageTo(mail));
    const present = { token, password: made.password ?? "" };
    // What breaks another rule is not compared, and costs nothing.
    for (let count = 0; count < 3; count++) await browser().post("/reset", { token, password: "court" });
    const answers = await Promise.all(Array.from({ length: 25 }, () => browser().post("/reset", present)));
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(15);
    expect(refused[0]?.text).toContain(words("password-again.too-many.title"));
    expect(Number(refused[0]?.headers.get("retry-after"))).toBe(900);
    expect(refused[0]?.html).toContain(`href="/reset?token=${token}"`);
    expect((await browser().post("/reset", { token, password: fresh })).status).toBe(429);
    expect(await canSignIn(made, made.password ?? "")).toBe(true);
    portal.clock.advance(15 * minute);
    expect((await browser().post("/reset", { token, password: fresh })).path).toBe("/sign-in");
    expect(await canSignIn(made, fresh)).toBe(true);
  });

  test("what was proved by code asks no more often than a link", async () => {
    await start();
    const made = await guardian();
    const asking = browser();
    await ask(asking);
    await asking.post("/forgot-password/code", { code: (await portal.messageTo(mail)).code ?? "" });
    for (let count = 0; count < 10; count++) {
      const page = await asking.post("/reset", { password: made.password ?? "" });
      expect(page.text).toContain(words("password.rule.different"));
    }
    expect((await asking.post("/reset", { password: made.password ?? "" })).status).toBe(429);
  });

  test("of fifty who redeem one link at once exactly one succeeds", async () => {
    await start({ change: roomyLinks });
    const made = await guardian();
    await ask(browser());
    const token = tokenOf(await portal.messageTo(mail));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        browser().post("/reset", { token, password: `${fresh}-${index}` }, { follow: false }),
      ),
    );
    const won = answers.flatMap((answer, index) => (answer.location === "/sign-in" ? [index] : []));
    expect(won).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 410)).toHaveLength(49);
    expect(await canSignIn(made, `${fresh}-${won[0]}`)).toBe(true);
    await portal.settle();
    const told = (await portal.messages(mail)).filter(({ subject }) => fold(subject) === changed);
    expect(told).toHaveLength(1);
  });

  test("two links of one account at once: one succeeds", async () => {
    await start();
    await guardian();
    const tokens: string[] = [];
    for (let count = 0; count < 2; count++) {
      await ask(browser());
      tokens.push(tokenOf(await portal.messageTo(mail)));
    }
    const answers = await Promise.all(
      tokens.map((token) => browser().post("/reset", { token, password: fresh }, { follow: false })),
    );
    expect(answers.filter(({ location }) => location === "/sign-in")).toHaveLength(1);
  });

  test("a recovery ends the lock, the counts, every session and every other challenge, and tells every contact point", async () => {
    await start();
    const made = await guardian();
    const signedIn = browser();
    await signedIn.post("/sign-in", { identifier: "l.martin", password: made.password ?? "" });
    expect(signedIn.cookie("loquet-session")).toBeDefined();
    for (let count = 0; count < 10; count++) {
      await browser().post("/sign-in", { identifier: "l.martin", password: `faux-${count}-faux-faux` });
    }
    expect(await canSignIn(made, made.password ?? "")).toBe(false);
    await ask(browser());
    const earlier = tokenOf(await portal.messageTo(mail));
    await ask(browser(), "sms");
    const sms = await portal.messageTo(number);
    const recovering = browser();
    await recovering.post("/reset", { token: tokenOf(sms), password: fresh });
    await portal.settle();

    const own = (row: AnyRow) => row.account_id === made.account.id;
    expect((await rows("sessions")).filter(own)).toEqual([]);
    expect(await rows("lockout_counters")).toEqual([]);
    const live = (await rows("challenges"))
      .filter(own)
      .filter(({ status }) => status === "open" || status === "proved");
    expect(live).toEqual([]);
    expect((await rows("known_browsers")).filter(own)).toHaveLength(1);
    expect(recovering.cookie("loquet-known")).toBeDefined();
    expect((await browser().get(`/reset?token=${earlier}`)).text).toContain(words("recovery.used.title"));
    expect((await signedIn.get("/api/session")).status).toBe(401);
    expect(fold((await portal.messages(mail))[0]?.subject ?? "")).toBe(changed);
    expect((await portal.messages(number))[0]?.text).toContain("2 mars 2027");
    const events = (await rows("journal")).filter(own).map(({ event }) => event);
    expect(events).toContain("recovery.password-replaced");
    expect((await accountNow(portal, made)).password_changed_at).toBe(portal.clock.now());
    expect(await canSignIn(made, fresh)).toBe(true);
  });

  test("a browser signed in as the recovered person is signed out; one of somebody else stays", async () => {
    await start();
    const made = await guardian();
    const other = await anAccount(portal, "Noé Petit").username("n.petit").email("noe@example.fr").made();
    const [own, neighbour] = [browser(), browser()];
    await own.post("/sign-in", { identifier: "l.martin", password: made.password ?? "" });
    await neighbour.post("/sign-in", { identifier: "n.petit", password: other.password ?? "" });
    await ask(browser());
    await own.post("/reset", { token: tokenOf(await portal.messageTo(mail)), password: fresh });
    expect(own.cookie("loquet-session")).toBeUndefined();
    await ask(browser());
    await neighbour.post("/reset", { token: tokenOf(await portal.messageTo(mail)), password: `${fresh}-2` });
    expect((await neighbour.get("/api/session")).status).toBe(200);
  });

  test("a password that breaks a rule shows the form again, and spends nothing", async () => {
    await start();
    const made = await guardian();
    await ask(browser());
    const token = tokenOf(await portal.messageTo(mail));
    for (const [password, said] of [
      ["court", words("password.rule.length", { min: 12 })],
      ["l.martin-l.martin", words("password.rule.unlike", { nicknames: "no" })],
      [made.password ?? "", words("password.rule.different")],
    ] as const) {
      const page = await browser().post("/reset", { token, password });
      expect(page.status).toBe(422);
      expect(page.text).toContain(said);
      expect(page.html).toContain(`value="${token}"`);
      expect(page.html).not.toContain(`value="${password}"`);
    }
    await browser().post("/reset", { token, password: fresh });
    expect(await canSignIn(made, fresh)).toBe(true);
  });

  test("of four requests from four browsers the three newest work", async () => {
    await start();
    await guardian();
    const tokens: string[] = [];
    for (let count = 0; count < 4; count++) {
      await ask(browser());
      tokens.push(tokenOf(await portal.messageTo(mail)));
      portal.clock.advance(1000);
    }
    const statuses = await Promise.all(
      tokens.map(async (token) => (await browser().get(`/reset?token=${token}`)).status),
    );
    expect(statuses).toEqual([410, 200, 200, 200]);
  });

  test("another browser's request does not end mine; my own repeat does", async () => {
    await start();
    await guardian();
    const mine = browser();
    await ask(mine);
    const first = await portal.messageTo(mail);
    await ask(browser());
    await portal.settle();
    expect((await browser().get(`/reset?token=${tokenOf(first)}`)).status).toBe(200);
    await ask(mine);
    await portal.settle();
    expect((await browser().get(`/reset?token=${tokenOf(first)}`)).text).toContain(
      words("recovery.replaced.title"),
    );
  });

  test("the waiting page goes on to sign-in once the link was used elsewhere", async () => {
    await start();
    await guardian();
    const asking = browser();
    await ask(asking);
    const follow = async () =>
      JSON.parse((await asking.get("/forgot-password/follow")).html) as { state: string; next: string };
    expect(await follow()).toMatchObject({ state: "waiting" });
    const token = tokenOf(await portal.messageTo(mail));
    await browser().post("/reset", { token, password: fresh });
    expect(await follow()).toEqual({ state: "finished", next: "/sign-in" });
    expect((await asking.get("/forgot-password/sent")).path).toBe("/sign-in");
    expect(asking.cookie("loquet-session")).toBeUndefined();
  });

  test("a resend waits its time, told until when, and then replaces", async () => {
    await start();
    await guardian();
    const asking = browser();
    await ask(asking);
    const first = tokenOf(await portal.messageTo(mail));
    const early = await asking.post("/forgot-password/resend", {});
    expect(early.status).toBe(429);
    expect(early.headers.get("retry-after")).toBe("60");
    portal.clock.advance(minute);
    expect((await asking.post("/forgot-password/resend", {})).path).toBe("/forgot-password/sent");
    const second = tokenOf(await portal.messageTo(mail));
    expect((await browser().get(`/reset?token=${first}`)).status).toBe(410);
    expect((await browser().get(`/reset?token=${second}`)).status).toBe(200);
    portal.clock.advance(minute);
    expect((await asking.post("/forgot-password/resend", {})).headers.get("retry-after")).toBe("60");
  });

  test("a source that asks too often is told until when, whoever it asks for", async () => {
    await start();
    await guardian();
    for (let count = 0; count < 30; count++) await ask(browser(), "email", `nobody-${count}`);
    for (const identifier of ["l.martin", "nobody"]) {
      const page = await ask(browser(), "email", identifier);
      expect(page.status).toBe(429);
      expect(page.text).toContain(words("wait.too-many"));
    }
  });

  test("an account gets no more messages in an hour than its limit, and SMS give way to e-mail before", async () => {
    await start();
    await guardian();
    for (let count = 0; count < 12; count++) {
      await ask(browser(), "sms");
      await portal.settle();
    }
    expect(await portal.messages(number)).toHaveLength(5);
    const mails = await portal.messages(mail);
    expect(mails).toHaveLength(5);
    expect(fold(mails[0]?.text ?? "")).toContain(words("recovery.reset.email-instead.limit"));
  });

  test("an address without account is told so, once a day; a number never", async () => {
    await start();
    for (let count = 0; count < 2; count++) await ask(browser(), "email", "nobody@example.fr");
    await ask(browser(), "sms", "06 39 98 00 77");
    await portal.settle();
    expect(await portal.messages()).toHaveLength(1);
    const truth = await portal.messageTo("nobody@example.fr");
    expect(fold(truth.subject)).toBe(words("truth.mail.subject", { brand: "Portail scolaire" }));
    portal.clock.advance(day);
    await ask(browser(), "email", "nobody@example.fr");
    await portal.settle();
    expect(await portal.messages("nobody@example.fr")).toHaveLength(2);
  });

  test("where a username is asked for, a family's address gets the list of its accounts", async () => {
    await start();
    await guardian();
    await anAccount(portal, "Tom Martin").kind("pupil").username("t.martin").email(mail).made();
    await ask(browser(), "email", "LEA@example.fr");
    const list = await portal.messageTo(mail);
    const shown = (identifier: string) => words("identifier-recall.list.identifier", { identifier });
    expect(fold(list.text)).toContain(shown("l.martin"));
    expect(fold(list.text)).toContain(shown("t.martin"));
    expect(list.code).toBeNull();
    await ask(browser(), "sms", "06 39 98 00 01");
    expect((await portal.messageTo(number)).text).toMatch(/Léa Martin.*l\.martin/);
  });

  test("in service, username and e-mail both name the account", async () => {
    await start({ preset: "service" });
    await anAccount(portal, "Léa Martin").username("lea").email(mail).made();
    await ask(browser(), "email", "lea");
    const one = await portal.messageTo(mail);
    await ask(browser(), "email", "Lea@Example.FR");
    const other = await portal.messageTo(mail);
    expect(tokenOf(one)).not.toBe(tokenOf(other));
    expect(fold(other.subject)).toBe(words("recovery.reset.subject"));
  });

  test("an unfinished sign-up gets its activation message again, with a link that works", async () => {
    await start({ preset: "community" });
    await browser().post("/sign-up", {
      email: mail,
      name: "Léa Martin",
      nickname: "lea_m",
      password: "huit-ponts-verts-27",
    });
    await portal.settle();
    await ask(browser(), "email", mail);
    const message = await portal.messageTo(mail);
    expect(message.subject).toBe("Veuillez activer votre compte");
    expect(message.code).toBeNull();
    const confirmed = await browser().post("/confirm", { token: tokenOf(message) }, { follow: false });
    expect(confirmed.location).toBe("/sign-in");
  });

  test("a disabled account's owner is told so by mail, and whom to ask", async () => {
    await start();
    await anAccount(portal, "Léa Martin").username("l.martin").email(mail).status("disabled").made();
    const waiting = await ask(browser());
    expect(waiting.status).toBe(200);
    const message = await portal.messageTo(mail);
    expect(fold(message.text)).toContain(
      words("recovery.unavailable.disabled", { brand: "Portail scolaire" }),
    );
    expect(message.text).toContain("Le secrétariat de l’établissement");
    expect(message.links.some((link) => link.includes("token="))).toBe(false);
  });

  test("a link opened after its account was disabled says so, and whom to ask", async () => {
    await start();
    const made = await guardian();
    await ask(browser());
    const token = tokenOf(await portal.messageTo(mail));
    await portal.portal.store.transact((tx) =>
      accountRows.updateAccount(tx, made.account.id, { status: "disabled" }),
    );
    for (const page of [
      await browser().get(`/reset?token=${token}`),
      await browser().post("/reset", { token, password: fresh }),
    ]) {
      expect(page.status).toBe(410);
      expect(page.text).toContain(words("recovery.unavailable.title"));
    }
  });

  test("where SMS is off it is offered nowhere", async () => {
    await start({ environment: { LOQUET_SMS_URL: "off" } });
    await guardian();
    expect((await browser().get("/forgot-password")).html).not.toContain('name="channel"');
    const waiting = await ask(browser(), "sms");
    expect(waiting.html).not.toContain('action="/forgot-password/other"');
    expect((await portal.messageTo(mail)).code).not.toBeNull();
  });

  test("nothing typed is a mistake shown at the field; anything else is accepted alike", async () => {
    await start();
    const empty = await ask(browser(), "email", "  ");
    expect(empty.status).toBe(422);
    expect(empty.text).toContain(words("recovery.identifier-missing"));
    for (const odd of ["x".repeat(10_000), "a@b", "\u202e", "<script>", "a\tb"]) {
      const answer = await browser().post("/forgot-password", { identifier: odd, channel: "pigeon" });
      expect(answer.status === 200 || odd === "\u202e").toBe(true);
    }
    await portal.settle();
  });

  test("the SMS has its link where it fits in two parts, and says everything in each language", async () => {
    await start();
    await guardian();
    for (const language of ["fr", "en", "ar"]) {
      const who = new PlainBrowser(portal.url, { "accept-language": language });
      await ask(who, "sms");
      const sms = await portal.messageTo(number);
      expect(sms.locale).toBe(language);
      expect(sms.text).toContain("l.martin");
      expect(sms.links.every((link) => sms.text.includes(link))).toBe(true);
      expect(sms.links.length).toBe(language === "ar" ? 0 : 1);
    }
  });
});
