import { afterEach, describe, expect, test } from "vitest";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { aMember, memberPassword, tokenOf } from "../support/member.ts";
import { has } from "../support/needs.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { fold, words } from "../support/words.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const old = "lea@example.fr";
const fresh = "lea.martin@example.org";

const add = (browser: PlainBrowser, contact: string, password = memberPassword) =>
  browser.post("/account/contacts/add/email", { contact, "current-password": password });
const addMobile = (browser: PlainBrowser, contact: string) =>
  browser.post("/account/contacts/add/mobile", { contact, "current-password": memberPassword });

/** Addresses of the forms and links of a page that match. */
function idOf(html: string, act: string, shown: string): string {
  const items = html.split("<li>").filter((item) => item.includes(shown));
  const match = new RegExp(`/account/contacts/([0-9a-f-]{36})/${act}`).exec(items.join(""));
  if (!match) throw new Error(`Nothing to ${act} for ${shown}.`);
  return match[1] as string;
}

for (const engine of ["sqlite", "postgres"] as const) {
  describe.skipIf(engine === "postgres" && !has("postgres"))(`contacts on ${engine}`, () => {
    let portal: TestPortal;
    afterEach(() => portal.close());

    async function correct(browser: PlainBrowser, from: string, to: string) {
      const id = idOf((await browser.get("/account")).html, "correct", from);
      return browser.post(`/account/contacts/${id}/correct`, {
        contact: to,
        "current-password": memberPassword,
      });
    }

    const signIn = (identifier: string) =>
      new PlainBrowser(portal.url).post(
        "/sign-in",
        { identifier, password: memberPassword },
        { follow: false },
      );

    test("an address is added and proved by its code, in the browser that asked", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      const waiting = await add(browser, fresh);
      expect(waiting.path).toBe("/account/contacts/waiting");
      expect(waiting.text).toContain(fresh);
      expect((await browser.get("/account")).text).toContain(words("contacts.word.waiting"));
      const mail = await portal.messageTo(fresh);
      expect(mail.text).not.toContain("Léa");
      const elsewhere = await aMember(portal, "paul@example.fr", "paul_d");
      const stolen = await elsewhere.post("/account/contacts/code", { code: mail.code ?? "" });
      expect(stolen.text).toContain(words("contacts.nothing.title"));
      const proved = await browser.post("/account/contacts/code", { code: mail.code ?? "" });
      expect(proved.path).toBe("/account");
      expect(proved.text).toContain(words("contacts.proved.notice"));
      expect(proved.text).not.toContain(words("contacts.word.waiting"));
      const twice = await browser.post("/account/contacts/code", { code: mail.code ?? "" });
      expect(twice.text).toContain(words("contacts.proved.notice"));
      expect((await signIn(fresh)).location).toBe("/account");
      expect((await signIn(old)).location).toBe("/account");
    });

    test("its link proves in any browser, by a press and never by being opened, and signs nobody in", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      await add(browser, fresh);
      const token = tokenOf(await portal.messageTo(fresh));
      const other = new PlainBrowser(portal.url);
      for (let opened = 0; opened < 3; opened++) {
        const page = await other.get(`/account/contacts/prove?token=${token}`);
        expect(page.status).toBe(200);
        expect(page.text).not.toContain("Léa");
      }
      const proved = await other.post("/account/contacts/prove", { token });
      expect(proved.text).toContain(words("contacts.proved.title"));
      expect(other.cookie("loquet-session")).toBeUndefined();
      expect((await browser.get("/account/contacts/follow")).html).toContain("finished");
      expect((await other.post("/account/contacts/prove", { token })).status).toBe(410);
    });

    test("the others are warned when it is asked for and when it is done", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      await add(browser, fresh);
      const asked = await portal.messageTo(old);
      expect(asked.subject).toContain("nouvelle coordonnée est demandée");
      expect(asked.text).toContain("l•••@example.org");
      expect(asked.code).toBeNull();
      await browser.post("/account/contacts/code", { code: (await portal.messageTo(fresh)).code ?? "" });
      expect((await portal.messageTo(old)).subject).toContain("a été ajoutée");
    });

    test("a correction takes effect once proved: the old address is told and names the account no more", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      await correct(browser, old, fresh);
      const mail = await portal.messageTo(fresh);
      expect((await signIn(old)).location).toBe("/account");
      await browser.post("/account/contacts/code", { code: mail.code ?? "" });
      expect((await portal.messageTo(old)).subject).toContain("a été remplacée");
      const account = await browser.get("/account");
      expect(account.text).toContain(fresh);
      expect(account.text).not.toContain(old);
      expect((await signIn(fresh)).location).toBe("/account");
      expect((await signIn(old)).status).toBe(422);
    });

    test("an address that has an account gets the same page, and the truth in its mailbox", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      await aMember(portal, "paul@example.fr", "paul_d");
      const free = await add(browser, fresh);
      const taken = await add(browser, "paul@example.fr");
      const strip = (text: string, address: string) =>
        text.replaceAll(address, "x").replaceAll(/\d+ secondes?/g, "");
      expect(strip(taken.text, "paul@example.fr")).toBe(strip(free.text, fresh));
      const mail = await portal.messageTo("paul@example.fr");
      expect(mail.subject).toContain("a déjà un compte");
      expect(mail.code).toBeNull();
      expect(mail.links.join()).not.toContain("token=");
      expect((await browser.get("/account")).text.split(words("contacts.word.waiting")).length).toBe(2);
    });

    test("two accounts that prove one address at once: one of them gets it", async () => {
      portal = await startPortal({ engine });
      const lea = await aMember(portal, old, "lea_m");
      const paul = await aMember(portal, "paul@example.fr", "paul_d");
      await add(lea, fresh);
      const first = tokenOf(await portal.messageTo(fresh));
      await add(paul, fresh);
      const second = tokenOf(await portal.messageTo(fresh));
      expect(second).not.toBe(first);
      const pages = await Promise.all([
        lea.post("/account/contacts/prove", { token: first }),
        paul.post("/account/contacts/prove", { token: second }),
      ]);
      expect(pages.map((page) => page.status).sort()).toEqual([200, 410]);
      expect(pages.find((page) => page.status === 410)?.text).toContain(words("contacts.taken.title"));
    });

    test("one link pressed twenty times at once is spent once", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      await add(browser, fresh);
      const token = tokenOf(await portal.messageTo(fresh));
      const pages = await Promise.all(
        Array.from({ length: 20 }, () =>
          new PlainBrowser(portal.url).post("/account/contacts/prove", { token }),
        ),
      );
      expect(pages.filter((page) => page.status === 200)).toHaveLength(1);
      expect(pages.filter((page) => page.status === 410)).toHaveLength(19);
    });

    test("an unfinished sign-up gives way to whoever proves the mailbox", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      const stranger = new PlainBrowser(portal.url);
      await stranger.post("/sign-up", {
        email: fresh,
        name: "Quelqu’un",
        nickname: "quelquun",
        password: memberPassword,
      });
      const theirs = tokenOf(await portal.messageTo(fresh));
      await add(browser, fresh);
      await portal.settle();
      const mail = (await portal.messages(fresh)).find((found) =>
        found.links.some((link) => link.includes("/account/contacts/prove")),
      );
      await browser.post("/account/contacts/code", { code: mail?.code ?? "" });
      expect((await signIn(fresh)).location).toBe("/account");
      expect((await stranger.post("/confirm", { token: theirs })).status).toBe(410);
    });

    test("« Ce n'est pas moi » freezes, signs out everywhere, cancels what waits, and opens nothing", async () => {
      portal = await startPortal({ engine });
      const thief = await aMember(portal, old, "lea_m");
      await add(thief, fresh);
      const pending = await portal.messageTo(fresh);
      const token = tokenOf(await portal.messageTo(old), "/account/not-me");
      const owner = new PlainBrowser(portal.url);
      const page = await owner.get(`/account/not-me?token=${token}`);
      expect(page.text).toContain("l•••@example.org");
      expect((await thief.get("/account")).path).toBe("/account");

      const done = await owner.post("/account/not-me", { token });
      expect(done.text).toContain(words("not-me.done.title"));
      expect(done.text).toContain(words("not-me.next.link"));
      expect(owner.cookie("loquet-session")).toBeUndefined();
      expect((await thief.get("/account")).path).toContain("/sign-in?return=");
      const late = await owner.post("/account/contacts/prove", { token: tokenOf(pending) });
      expect(late.status).toBe(410);
      expect((await portal.messageTo(old)).subject).toContain("sont protégées");
      expect((await owner.post("/account/not-me", { token })).status).toBe(410);

      const back = new PlainBrowser(portal.url);
      await back.post("/sign-in", { identifier: old, password: memberPassword });
      expect((await back.get("/account")).text).toContain("Personne ne peut les changer");
      const refused = await add(back, fresh);
      expect(refused.status).toBe(403);
      expect(refused.text).toContain("9 mars 2027");
      portal.clock.advance(7 * day);
      await back.post("/sign-in", { identifier: old, password: memberPassword });
      expect((await add(back, fresh)).path).toBe("/account/contacts/waiting");
    });

    test("after a change took effect it still freezes, tells the new address too, and puts nothing back", async () => {
      portal = await startPortal({ engine });
      const thief = await aMember(portal, old, "lea_m");
      await correct(thief, old, fresh);
      await thief.post("/account/contacts/code", { code: (await portal.messageTo(fresh)).code ?? "" });
      const token = tokenOf(await portal.messageTo(old), "/account/not-me");
      // More changes afterwards must not silence the first warning.
      for (const more of ["a@example.org", "b@example.org", "c@example.org"]) {
        portal.clock.advance(minute);
        await add(thief, more);
      }
      await portal.settle();
      const done = await new PlainBrowser(portal.url).post("/account/not-me", { token });
      expect(done.text).toContain(words("not-me.done.title"));
      expect((await portal.messageTo(fresh)).subject).toContain("sont protégées");
      expect((await signIn(old)).status).toBe(422);
      expect((await thief.get("/account")).path).toContain("/sign-in");
    });

    test("the link « Ce n'est pas moi » works for seven days", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      await add(browser, fresh);
      const warning = await portal.messageTo(old);
      expect(fold(warning.text)).toContain(words("contacts.warn.not-you", { days: 7 }));
      const token = tokenOf(warning, "/account/not-me");
      portal.clock.advance(7 * day - 1);
      expect((await browser.get(`/account/not-me?token=${token}`)).status).toBe(200);
      portal.clock.advance(1);
      const page = await browser.post("/account/not-me", { token });
      expect(page.status).toBe(410);
      expect(page.text).toContain(words("not-me.spent.expired.title"));
      expect(page.text).toContain(words("not-me.spent.expired.what", { days: 7 }));
    });

    test("the last verified one stays, and is not offered; another one may go, and every contact point is told", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      const only = await browser.get("/account");
      expect(only.html).not.toMatch(/contacts\/[^/]+\/remove/);
      const id = idOf(only.html, "correct", old);
      const form = { "current-password": memberPassword };
      expect((await browser.post(`/account/contacts/${id}/remove`, form)).status).toBe(403);
      await add(browser, fresh);
      await browser.post("/account/contacts/code", { code: (await portal.messageTo(fresh)).code ?? "" });
      expect(idOf((await browser.get("/account")).html, "remove", old)).toBe(id);
      const removed = await browser.post(`/account/contacts/${id}/remove`, form);
      expect(removed.path).toBe("/account");
      expect(removed.text).not.toContain(old);
      expect((await portal.messageTo(old)).subject).toContain("a été retirée");
      expect((await portal.messageTo(fresh)).subject).toContain("a été retirée");
      expect((await signIn(old)).status).toBe(422);
    });

    test("two verified ones removed at once: one stays", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      await add(browser, fresh);
      await browser.post("/account/contacts/code", { code: (await portal.messageTo(fresh)).code ?? "" });
      const { html } = await browser.get("/account");
      const ids = [idOf(html, "remove", old), idOf(html, "remove", fresh)];
      const pages = await Promise.all(
        ids.map((id) =>
          browser.post(`/account/contacts/${id}/remove`, { "current-password": memberPassword }),
        ),
      );
      expect(pages.map((page) => page.status).sort()).toEqual([200, 403]);
    });

    test("a wrong password changes nothing, and cannot be tried for ever", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      const wrong = await add(browser, fresh, "faux");
      expect(wrong.status).toBe(422);
      expect(wrong.text).toContain(words("password-again.wrong"));
      const tries = await Promise.all(Array.from({ length: 20 }, () => add(browser, fresh, "faux")));
      expect(tries.filter((page) => page.status === 422)).toHaveLength(9);
      const limited = await add(browser, fresh);
      expect(limited.status).toBe(429);
      expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
      await portal.settle();
      expect(await portal.messages(fresh)).toEqual([]);
      portal.clock.advance(60 * minute);
      expect((await add(browser, fresh)).path).toBe("/account/contacts/waiting");
    });

    test("somebody else's contact point is as unknown as one that never was", async () => {
      portal = await startPortal({ engine });
      const lea = await aMember(portal, old, "lea_m");
      const paul = await aMember(portal, "paul@example.fr", "paul_d");
      const id = idOf((await lea.get("/account")).html, "correct", old);
      const form = { contact: fresh, "current-password": memberPassword };
      expect((await paul.get(`/account/contacts/${id}/correct`)).status).toBe(404);
      expect((await paul.post(`/account/contacts/${id}/correct`, form)).status).toBe(404);
      expect((await paul.post(`/account/contacts/${id}/verify`, {})).status).toBe(404);
      expect((await paul.get(`/account/contacts/${id}/remove`)).status).toBe(404);
      expect((await paul.post(`/account/contacts/${id}/remove`, form)).status).toBe(404);
    });

    test("a mobile number is proved by SMS and shown as people here read it", async () => {
      portal = await startPortal({ engine, preset: "service" });
      const browser = await aMember(portal, old, "");
      await addMobile(browser, "06 12 34 56 78");
      const sms = await portal.messageTo("+33612345678");
      expect(sms.channel).toBe("sms");
      const proved = await browser.post("/account/contacts/code", { code: sms.code ?? "" });
      expect(proved.text).toContain("06 12 34 56 78");
      expect((await portal.messageTo(old)).text).toContain("•• •• •• •• 78");
    });

    test("SMS to one number stop at its limit, and the page does not tell", async () => {
      portal = await startPortal({ engine, preset: "service" });
      const browser = await aMember(portal, old, "");
      for (let asked = 0; asked < 7; asked++) {
        const page = await addMobile(browser, "06 12 34 56 78");
        expect(page.path).toBe("/account/contacts/waiting");
        await portal.settle();
      }
      expect(await portal.messages("+33612345678")).toHaveLength(5);
    });

    test("without SMS it is offered nowhere", async () => {
      portal = await startPortal({ engine, preset: "service", environment: { LOQUET_SMS_URL: "off" } });
      const browser = await aMember(portal, old, "");
      expect((await browser.get("/account/contacts/add")).path).toBe("/account/contacts/add/email");
      expect((await browser.get("/account/contacts/add/mobile")).status).toBe(404);
    });

    test("the message is sent again after the pause, and the link before it is replaced", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      await add(browser, fresh);
      const first = tokenOf(await portal.messageTo(fresh));
      expect((await browser.post("/account/contacts/resend", {})).status).toBe(429);
      portal.clock.advance(minute);
      expect((await browser.post("/account/contacts/resend", {})).path).toBe("/account/contacts/waiting");
      const second = tokenOf(await portal.messageTo(fresh));
      expect(second).not.toBe(first);
      const replaced = await browser.get(`/account/contacts/prove?token=${first}`);
      expect(replaced.text).toContain(words("contacts.spent.replaced.title"));
      portal.clock.advance(31 * minute);
      const expired = await browser.get(`/account/contacts/prove?token=${second}`);
      expect(expired.text).toContain(words("contacts.spent.expired.title"));
      const again = await browser.post("/account/contacts/again", { token: second });
      expect(again.path).toBe("/account/contacts/waiting");
      const third = tokenOf(await portal.messageTo(fresh));
      expect((await browser.post("/account/contacts/prove", { token: third })).path).toBe("/account");
    });

    test("where a family shares an address, a second account may prove it too", async () => {
      portal = await startPortal({ engine, preset: "school" });
      const family = "famille@example.fr";
      await anAccount(portal, "Marc Petit").username("m.petit").email(family).made();
      const child = await anAccount(portal, "Zoé Petit")
        .kind("pupil")
        .username("z.petit")
        .mobile("+33612345678", { state: "declared" })
        .made();
      const browser = new PlainBrowser(portal.url);
      const identifier = "z.petit";
      const asked = await browser.post("/sign-in", { identifier, password: child.password ?? "" });
      expect(asked.path).toBe("/account/check-contacts");
      await browser.post("/account/contacts/add/email", {
        contact: family,
        "current-password": child.password ?? "",
      });
      const { code } = await portal.messageTo(family);
      const proved = await browser.post("/account/contacts/code", { code: code ?? "" });
      expect(proved.path).toBe("/account");
      expect(proved.text).toContain(family);
    });

    test("proved and refused by « Ce n'est pas moi » at once: in the end nothing waits and all is frozen", async () => {
      portal = await startPortal({ engine });
      const thief = await aMember(portal, old, "lea_m");
      await add(thief, fresh);
      const proof = tokenOf(await portal.messageTo(fresh));
      const refusal = tokenOf(await portal.messageTo(old), "/account/not-me");
      const elsewhere = () => new PlainBrowser(portal.url);
      const [, frozen] = await Promise.all([
        elsewhere().post("/account/contacts/prove", { token: proof }),
        elsewhere().post("/account/not-me", { token: refusal }),
      ]);
      expect(frozen.text).toContain(words("not-me.done.title"));
      expect((await elsewhere().post("/account/contacts/prove", { token: proof })).status).toBe(410);
      expect((await thief.get("/account")).path).toContain("/sign-in");
      await thief.post("/sign-in", { identifier: old, password: memberPassword });
      expect((await add(thief, "encore@example.org")).status).toBe(403);
    });

    test("whoever got the message by mistake refuses it, and nothing is changed", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      await add(browser, fresh);
      const token = tokenOf(await portal.messageTo(fresh));
      const stranger = new PlainBrowser(portal.url);
      expect((await stranger.post("/account/contacts/refuse", { token })).text).toContain(
        words("contacts.refused.title"),
      );
      expect((await stranger.post("/account/contacts/prove", { token })).status).toBe(410);
      expect((await browser.get("/account")).text).not.toContain(fresh);
    });

    test("a refusal pressed ten times at once is written once", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, old, "lea_m");
      await add(browser, fresh);
      const token = tokenOf(await portal.messageTo(fresh));
      const sentBefore = (await portal.messages()).length;
      const answers = await Promise.all(
        Array.from({ length: 10 }, () =>
          new PlainBrowser(portal.url).post("/account/contacts/refuse", { token }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      await portal.settle();
      expect(await portal.messages()).toHaveLength(sentBefore);
      const lines = await portal.portal.store
        .tables<{ journal: { event: string } }>()
        .selectFrom("journal")
        .select("event")
        .where("event", "=", "contacts.refused")
        .execute();
      expect(lines).toHaveLength(1);
    });
  });
}
