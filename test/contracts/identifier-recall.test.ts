import { afterEach, expect, test } from "vitest";
import { day, minute } from "../../src/kernel/clock.ts";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal, type TestPortalOptions } from "../support/portal.ts";
import { fold, smsWords, words } from "../support/words.ts";

const family = "famille@example.fr";
const number = "+33639980001";

onEachEngine("identifier recall", (engine) => {
  let portal: TestPortal;
  afterEach(() => portal.close());

  const start = async (options: TestPortalOptions = {}) => {
    portal = await startPortal({ preset: "school", engine, ...options });
  };
  const browser = () => new PlainBrowser(portal.url);
  const byEmail = (email: string, who = browser()) =>
    who.post("/forgot-identifier", { channel: "email", email });
  const bySms = (phone: string, who = browser()) => who.post("/forgot-identifier", { channel: "sms", phone });
  const invite = ({ account, contacts }: MadeAccount) =>
    portal.portal.store.transact((tx) =>
      portal.portal.operator.invite(tx, account.id, contacts[0]?.id ?? "", null),
    );
  const aFamily = async () => {
    await anAccount(portal, "Claire Martin").username("c.martin").email(family).mobile(number).made();
    await anAccount(portal, "Tom Martin").kind("pupil").username("t.martin").email(family).made();
    const invited = anAccount(portal, "Zoé Martin").kind("pupil").status("pending").withoutPassword();
    return { zoe: await invited.username("z.martin").email(family, { state: "declared" }).made() };
  };

  test("by e-mail, one message lists every account of a family's mailbox, each named, with its state", async () => {
    await start();
    await invite((await aFamily()).zoe);
    const waiting = await byEmail("Famille@Example.fr");
    expect(waiting.path).toBe("/forgot-identifier/sent");
    expect(waiting.text).toContain("Famille@example.fr");
    await portal.settle();
    const sent = (await portal.messages()).filter(
      ({ subject }) => subject !== "Veuillez activer votre compte",
    );
    expect(sent).toHaveLength(1);
    const text = fold(sent[0]?.text ?? "");
    const named = (name: string, kind: "guardian" | "pupil", identifier: string) =>
      `* ${name} (${words(`identifier-recall.kind.${kind}`)}) ${words("identifier-recall.list.identifier", { identifier })}`;
    expect(sent[0]?.to).toBe(family);
    expect(text).toContain(words("identifier-recall.list.accounts", { count: 3 }));
    expect(text).toContain(`${named("Claire Martin", "guardian", "c.martin")} *`);
    expect(text).toContain(`${named("Tom Martin", "pupil", "t.martin")} *`);
    const pending = words("identifier-recall.status.pending");
    expect(text).toContain(`${named("Zoé Martin", "pupil", "z.martin")} – ${pending}`);
    expect(sent[0]?.code).toBeNull();
  });

  test("by SMS, to a guardian: the account of the number, compactly", async () => {
    await start();
    await aFamily();
    const waiting = await bySms("06 39 98 00 01");
    expect(waiting.text).toContain("06 39 98 00 01");
    const sms = await portal.messageTo(number);
    expect(sms.text.split("\n")).toHaveLength(2);
    expect(sms.text).toMatch(/^Portail scolaire.*\nClaire Martin.*c\.martin$/);
  });

  test("what only a registry says of a number or address is not told whose account it is, and gets no link to open it", async () => {
    await start();
    const declared = { state: "declared" } as const;
    const guardian = anAccount(portal, "Paul Petit").username("p.petit").status("pending").withoutPassword();
    await guardian.mobile(number, declared).email(family, declared).made();
    const pupil = anAccount(portal, "Zoé Petit").kind("pupil").status("pending").withoutPassword();
    await pupil.username("z.petit").email(family, declared).made();
    await bySms("06 39 98 00 01");
    const sms = await portal.messageTo(number);
    const link = `${portal.url}/activate/mobile?lang=fr`;
    const brand = "Portail scolaire";
    expect(fold(sms.text)).toBe(smsWords("activation.by-letter.sms.letter-or-mobile", { brand, link }));
    await byEmail(family);
    const mail = await portal.messageTo(family);
    expect(fold(mail.subject)).toBe(words("activation.by-letter.subject", { brand }));
    expect(fold(mail.text)).toContain(words("activation.by-letter.how"));
    expect(mail.text).toContain("/activate/mobile");
    // Beside an account that is open, in the one list.
    await anAccount(portal, "Claire Martin").username("c.martin").email(family).mobile(number).made();
    await bySms("06 39 98 00 01");
    await byEmail(family);
    const [list, listBySms] = [await portal.messageTo(family), await portal.messageTo(number)];
    expect(fold(list.text)).toContain("c.martin");
    expect(fold(list.text)).toContain(words("identifier-recall.opens-by.letter-or-mobile"));
    expect(fold(list.text)).toContain(words("identifier-recall.opens-by.letter"));
    expect(listBySms.text).toContain("c.martin");
    for (const { text, html, links } of await portal.messages()) {
      expect(`${text} ${html}`).not.toMatch(/Petit|\b[pz]\.petit/);
      expect(links.join()).not.toContain("token=");
    }
  });

  test("the kind of person orders the channels, and chooses none away", async () => {
    await start();
    const pupil = await browser().get("/forgot-identifier?kind=pupil");
    expect(pupil.html.indexOf('value="email"')).toBeLessThan(pupil.html.indexOf('value="sms"'));
    const guardian = await browser().get("/forgot-identifier?kind=guardian");
    expect(guardian.html.indexOf('value="sms"')).toBeLessThan(guardian.html.indexOf('value="email"'));
    for (const field of ['autocomplete="tel"', 'autocomplete="email"']) {
      expect(pupil.html).toContain(field);
      expect(guardian.html).toContain(field);
    }
  });

  test("without a chosen channel the field that was filled in counts", async () => {
    await start();
    await aFamily();
    await browser().post("/forgot-identifier", { kind: "guardian", email: family, phone: "" });
    expect((await portal.messageTo(family)).channel).toBe("email");
  });

  test("an address without account is told so, once a day; a number never", async () => {
    await start();
    await byEmail("nobody@example.fr");
    await byEmail("nobody@example.fr");
    await bySms("06 39 98 00 77");
    await portal.settle();
    const sent = await portal.messages();
    expect(sent.map(({ to }) => to)).toEqual(["nobody@example.fr"]);
    expect(fold(sent[0]?.text ?? "")).toContain(words("truth.mail.recall", { brand: "Portail scolaire" }));
  });

  test("pages are the same whether the number or address is known or not", async () => {
    await start();
    await aFamily();
    const neutral = (page: Page, typed: string) =>
      page.html
        .replaceAll(typed, "TYPED")
        .replaceAll(/[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/g, "REFERENCE");
    const [known, unknown] = [browser(), browser()];
    await known.get("/forgot-identifier");
    await unknown.get("/forgot-identifier");
    const pairs: [string, string][] = [
      ["famille@example.fr", "familie@example.fr"],
      ["06 39 98 00 01", "06 39 98 00 77"],
    ];
    for (const [mine, nobodys] of pairs) {
      const act = mine.includes("@") ? byEmail : bySms;
      const [one, other] = [await act(mine, known), await act(nobodys, unknown)];
      expect(neutral(one, mine)).toBe(neutral(other, nobodys));
      expect([...one.headers.keys()]).toEqual([...other.headers.keys()]);
      await portal.settle();
      const again = [
        await known.get("/forgot-identifier/sent"),
        await unknown.get("/forgot-identifier/sent"),
      ];
      expect(neutral(again[0] as Page, mine)).toBe(neutral(again[1] as Page, nobodys));
      portal.clock.advance(minute);
      const resent = [
        await known.post("/forgot-identifier/resend", {}),
        await unknown.post("/forgot-identifier/resend", {}),
      ];
      expect(neutral(resent[0] as Page, mine)).toBe(neutral(resent[1] as Page, nobodys));
    }
  });

  test("a contact point that may not be used yet is not told of its account", async () => {
    await start();
    const usableFrom = portal.clock.now() + day;
    await anAccount(portal, "Claire Martin").username("c.martin").email(family, { usableFrom }).made();
    await byEmail(family);
    const { subject } = await portal.messageTo(family);
    expect(fold(subject)).toBe(words("truth.mail.subject", { brand: "Portail scolaire" }));
  });

  test("mistyped addresses and fixed lines are refused at their field, and nothing is sent", async () => {
    await start();
    for (const [channel, field, typed, said] of [
      ["email", "email", "claire@", words("email.malformed")],
      ["email", "email", "a@example.fr\nBcc: b@example.fr", words("email.malformed")],
      ["sms", "phone", "", words("phone.missing")],
      ["sms", "phone", "01 42 27 81 00", words("phone.not-mobile")],
    ] as const) {
      const page = await browser().post("/forgot-identifier", { channel, [field]: typed });
      expect(page.status).toBe(422);
      expect(page.text).toContain(said);
      expect(page.html).toContain(`href="#${field}"`);
    }
    await portal.settle();
    expect(await portal.messages()).toEqual([]);
  });

  test("resends after the wait only, and an address is corrected without waiting", async () => {
    await start();
    await aFamily();
    const who = browser();
    await byEmail("famile@example.fr", who);
    expect((await who.post("/forgot-identifier/resend", {})).status).toBe(429);
    const corrected = await byEmail(family, who);
    expect(corrected.text).toContain(family);
    await portal.settle();
    // The mistyped request was replaced before anybody came to resolve it.
    expect((await portal.messages()).map(({ to }) => to)).toEqual([family]);
  });

  test("a source that asks too often is told until when; one address gets ten messages an hour", async () => {
    await start();
    await aFamily();
    for (let count = 0; count < 30; count++) await byEmail(family);
    await portal.settle();
    expect(await portal.messages(family)).toHaveLength(10);
    const page = await byEmail(family);
    expect(page.status).toBe(429);
    expect(page.headers.get("retry-after")).toBe("3600");
  });

  test("in community it is said that the e-mail is the identifier", async () => {
    await start({ preset: "community" });
    await anAccount(portal, "Léa Martin").email("lea@example.fr").made();
    const form = await browser().get("/forgot-identifier");
    expect(form.text).toContain(words("identifier-recall.intro.email-is-identifier"));
    expect(form.html).not.toContain('name="channel"');
    await browser().post("/forgot-identifier", { email: "lea@example.fr" });
    const message = await portal.messageTo("lea@example.fr");
    expect(fold(message.text)).toContain(words("identifier-recall.list.email-is-identifier"));
    expect(message.text).toContain("Léa Martin");
  });

  test("in service SMS is not offered, and a number typed there changes nothing", async () => {
    await start({ preset: "service" });
    await anAccount(portal, "Léa Martin").username("lea").email("lea@example.fr").mobile(number).made();
    expect((await browser().get("/forgot-identifier")).html).not.toContain('autocomplete="tel"');
    expect((await bySms("06 39 98 00 01")).status).toBe(422);
    await byEmail("lea@example.fr");
    expect((await portal.messageTo("lea@example.fr")).text).toContain("lea");
  });
});
