import { afterEach, expect, test } from "vitest";
import { invitationLastsForSeconds } from "../../src/access/activation/activation.ts";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import type { CapturedMessage } from "../../src/channels/capture.ts";
import { minute, second } from "../../src/kernel/clock.ts";
import { accountNow, anAccount, contactPointsNow } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { fold, smsWords, words } from "../support/words.ts";

const mail = "lea@example.fr";
const password = "neuf-lacs-bleus-calmes-31";

const tokenOf = (message: CapturedMessage) => {
  const link = message.links.find((found) => found.includes("token=")) ?? "";
  return new URL(link).searchParams.get("token") ?? "";
};

onEachEngine("activation by invitation", (engine) => {
  let portal: TestPortal;
  afterEach(() => portal.close());

  const browser = () => new PlainBrowser(portal.url);
  const invited = async () => {
    portal = await startPortal({ preset: "school", engine });
    const someone = anAccount(portal, "Léa Martin").username("l.martin").status("pending").withoutPassword();
    const made = await someone.email(mail, { state: "declared" }).made();
    const [point] = made.contacts;
    await portal.portal.store.transact((tx) =>
      portal.portal.operator.invite(tx, made.account.id, point?.id ?? "", null),
    );
    return made;
  };

  test("the link of the invitation leads to a password, then to sign-in with the identifier filled in", async () => {
    const made = await invited();
    const message = await portal.messageTo(mail);
    expect(message.subject).toBe("Veuillez activer votre compte");
    expect(message.code).toBeNull();
    const person = browser();
    const form = await person.get(`/activate?token=${tokenOf(message)}`);
    expect(form.text).toContain(words("activation.choose", { name: "Léa Martin", identifier: "l.martin" }));
    expect((await accountNow(portal, made)).status).toBe("pending");
    const done = await person.post("/activate", { token: tokenOf(message), password });
    expect(done.path).toBe("/sign-in");
    expect(done.html).toContain('value="l.martin"');
    expect(person.cookie("loquet-session")).toBeUndefined();
    expect((await accountNow(portal, made)).status).toBe("active");
    expect((await contactPointsNow(portal, made))[0]?.state).toBe("verified");
    const signedIn = await person.post("/sign-in", { identifier: "l.martin", password }, { follow: false });
    expect(signedIn.location).toBe("/account");
    const { subject } = await portal.messageTo(mail);
    expect(fold(subject)).toBe(words("confirmation.open.subject", { brand: "Portail scolaire" }));
  });

  test("a password that breaks a rule spends nothing", async () => {
    await invited();
    const token = tokenOf(await portal.messageTo(mail));
    const page = await browser().post("/activate", { token, password: "court" });
    expect(page.status).toBe(422);
    expect(page.text).toContain(words("password.rule.length", { min: 12 }));
    expect((await browser().post("/activate", { token, password })).path).toBe("/sign-in");
  });

  test("of fifty who use one invitation at once exactly one succeeds", async () => {
    await invited();
    const token = tokenOf(await portal.messageTo(mail));
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => browser().post("/activate", { token, password }, { follow: false })),
    );
    expect(answers.filter(({ location }) => location === "/sign-in")).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(49);
  });

  test("an expired invitation says so, and a new one comes in one press", async () => {
    await invited();
    const token = tokenOf(await portal.messageTo(mail));
    portal.clock.advance(invitationLastsForSeconds * second);
    const page = await browser().get(`/activate?token=${token}`);
    expect(page.status).toBe(410);
    expect(page.text).toContain(words("activation.expired.title"));
    const sent = await browser().post("/activate/again", { token });
    expect(sent.text).toContain(words("activation.sent"));
    const next = tokenOf(await portal.messageTo(mail));
    expect(next).not.toBe(token);
    expect((await browser().post("/activate", { token: next, password })).path).toBe("/sign-in");
    expect((await browser().get(`/activate?token=${next}`)).text).toContain(words("activation.used.title"));
  });

  test("without a link the page sends the invitation again to whoever has one waiting, and says nothing of it", async () => {
    await invited();
    const first = tokenOf(await portal.messageTo(mail));
    const form = await browser().get("/activate/invitation");
    expect(form.html).toContain('action="/forgot-password"');
    const known = await browser().post("/forgot-password", { identifier: "l.martin" });
    const unknown = await browser().post("/forgot-password", { identifier: "nobody" });
    expect(known.path).toBe(unknown.path);
    const next = await portal.messageTo(mail);
    expect(next.subject).toBe("Veuillez activer votre compte");
    expect(tokenOf(next)).not.toBe(first);
    // The code of the waiting page was never sent to anybody: the link alone opens the account.
    expect(next.code).toBeNull();
    portal.clock.advance(31 * minute);
    expect((await browser().post("/activate", { token: tokenOf(next), password })).path).toBe("/sign-in");
  });

  test("an account that a registry made and nobody invited gets no link: what comes instead names nobody", async () => {
    portal = await startPortal({ preset: "school", engine });
    const [number, brand] = ["+33639981234", "Portail scolaire"];
    const declared = { state: "declared" } as const;
    const guardian = (name: string, username: string) =>
      anAccount(portal, name).username(username).status("pending").withoutPassword().mobile(number, declared);
    await guardian("Paul Petit", "p.petit").made();
    const anne = await guardian("Anne Petit", "a.petit").email(mail, declared).made();
    const pupil = anAccount(portal, "Zoé Petit").kind("pupil").status("pending").withoutPassword();
    await pupil.username("z.petit").email("parents@example.fr", declared).made();
    const ask = async (identifier: string, channel: string) => {
      const known = await browser().post("/forgot-password", { identifier, channel });
      expect(known.path).toBe((await browser().post("/forgot-password", { identifier: "nobody" })).path);
    };
    await ask("p.petit", "sms");
    const link = `${portal.url}/activate/mobile?lang=fr`;
    const sms = await portal.messageTo(number);
    expect(fold(sms.text)).toBe(smsWords("activation.by-letter.sms.letter-or-mobile", { brand, link }));
    await ask("z.petit", "email");
    const told = await portal.messageTo("parents@example.fr");
    expect(fold(told.text)).toContain(words("activation.by-letter.how"));
    expect(told.text).not.toContain("/activate/mobile");
    for (const { text, html, links } of await portal.messages()) {
      expect(`${text} ${html}`).not.toMatch(/Petit|\b[pz]\.petit/);
      expect(links.join()).not.toContain("token=");
    }
    // Once somebody invited her, an invitation goes where that one went, whatever else the registry says.
    const point = anne.contacts.find(({ channel }) => channel === "email");
    await portal.portal.store.transact((tx) =>
      portal.portal.operator.invite(tx, anne.account.id, point?.id ?? "", null),
    );
    const first = tokenOf(await portal.messageTo(mail));
    // Its address refuses messages for now: the number would be the better way, and is not hers to be trusted.
    await portal.portal.store.transact((tx) =>
      accountRows.updateContactPoint(tx, point?.id ?? "", { dead_since: 1, dead_reason: "5.1.1" }),
    );
    await ask("a.petit", "sms");
    const next = tokenOf(await portal.messageTo(mail));
    expect(next).not.toBe(first);
    expect(await portal.messages(number)).toHaveLength(1);
    expect((await browser().post("/activate", { token: next, password })).path).toBe("/sign-in");
  });

  test("where nobody can sign up, asking for a confirmation leads here, and no address hears that it has no account", async () => {
    await invited();
    await portal.messageTo(mail);
    const before = (await portal.messages(mail)).length;
    const person = browser();
    expect((await person.get("/activate/invitation")).html).not.toContain('href="/confirm"');
    expect((await person.get("/confirm")).path).toBe("/activate");
    expect((await person.post("/confirm/again", { email: mail })).path).toBe("/activate");
    await portal.settle();
    expect(await portal.messages(mail)).toHaveLength(before);
  });

  test("a link cut, padded or invented leads to what to do next, and never to a fault", async () => {
    await invited();
    const token = tokenOf(await portal.messageTo(mail));
    for (const wrong of [token.slice(2), `${token}x`, "é".repeat(22), "x".repeat(5000)]) {
      for (const page of [
        await browser().get(`/activate?token=${encodeURIComponent(wrong)}`),
        await browser().post("/activate", { token: wrong, password }),
        await browser().post("/activate/again", { token: wrong }),
      ]) {
        expect(page.status).toBe(410);
        expect(page.text).toContain(words("activation.unknown.title"));
      }
    }
  });
});
