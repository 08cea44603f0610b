import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { hour, minute } from "../../src/kernel/clock.ts";
import { aLetter, aSchool, belongs } from "../support/a-school.ts";
import { accountNow, anAccount, contactPointsNow, type MadeAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { fold, words } from "../support/words.ts";

const password = "neuf-lacs-bleus-calmes-31";
const mail = "lea@example.fr";

onEachEngine("activation by letter", (engine) => {
  let portal: TestPortal;
  let dropAfter: (() => Promise<void>) | null = null;
  afterEach(async () => {
    await portal.close();
    await dropAfter?.();
    dropAfter = null;
  });

  const browser = () => new PlainBrowser(portal.url);
  const open = async (kind: "pupil" | "guardian" = "pupil") => {
    portal = await startPortal({ preset: "school", engine, wideSources: true });
    const school = await aSchool(portal);
    const lea = await anAccount(portal, "Léa Martin")
      .kind(kind)
      .username("l.martin")
      .status("pending")
      .withoutPassword()
      .made();
    await belongs(portal, lea, school);
    return lea;
  };
  const type = (who: PlainBrowser, code: string, identifier = "l.martin") =>
    who.post("/activate/letter", { identifier, code });
  const begin = async (lea: MadeAccount) => {
    const { codePlain } = await aLetter(portal, lea);
    const person = browser();
    expect((await type(person, codePlain)).path).toBe("/activate/password");
    return { person, codePlain };
  };
  const codeTo = async (address: string) => (await portal.messageTo(address)).code ?? "";

  test("identifier and code lead to a password, an address that is proved, and the account page", async () => {
    const lea = await open("guardian");
    const { codePlain } = await aLetter(portal, lea);
    const person = browser();
    const form = await person.get("/activate");
    expect(form.html).toContain('action="/activate/letter"');
    const chosen = await type(person, codePlain);
    expect(chosen.path).toBe("/activate/password");
    expect(chosen.text).toContain("Léa Martin");
    expect(chosen.text).toContain("l.martin");
    const contact = await person.post("/activate/password", { password });
    expect(contact.path).toBe("/activate/contact");
    expect((await accountNow(portal, lea)).status).toBe("pending");
    const waiting = await person.post("/activate/contact", { channel: "email", email: mail });
    expect(waiting.path).toBe("/activate/contact/sent");
    expect(waiting.text).toContain(mail);
    const sent = await portal.messageTo(mail);
    expect(sent.text).not.toContain("Léa");
    expect(sent.text).not.toContain("l.martin");
    const done = await person.post("/activate/contact/code", { code: sent.code ?? "" });
    expect(done.path).toBe("/account");
    expect(done.text).toContain(words("activation.done"));
    expect((await accountNow(portal, lea)).status).toBe("active");
    expect(await contactPointsNow(portal, lea)).toMatchObject([
      { channel: "email", address: mail, state: "verified", origin: "person" },
    ]);
    const told = await portal.messageTo(mail);
    expect(fold(told.subject)).toBe(words("confirmation.open.subject", { brand: "Portail scolaire" }));
    const later = await browser().post("/sign-in", { identifier: "l.martin", password }, { follow: false });
    expect(later.location).toBe("/account");
  });

  test("a code is read however it is typed", async () => {
    const lea = await open();
    const { codePlain } = await aLetter(portal, lea);
    const bare = codePlain.replaceAll("-", "");
    const spellings = [
      bare.toLowerCase(),
      [...bare].join(" "),
      bare.replaceAll("0", "o").replaceAll("1", "l"),
      ` ${codePlain}. `,
    ];
    for (const typed of spellings) {
      const page = await type(browser(), typed, " L.Martin ");
      expect(page.path).toBe("/activate/password");
    }
  });

  test("a pupil opens the account without a contact point; a guardian does not", async () => {
    const lea = await open("pupil");
    const { person } = await begin(lea);
    const contact = await person.post("/activate/password", { password });
    expect(contact.text).toContain(words("activation.later"));
    const done = await person.post("/activate/later", {});
    expect(done.path).toBe("/account");
    expect((await accountNow(portal, lea)).status).toBe("active");
    await portal.close();
    const paul = await open("guardian");
    const other = (await begin(paul)).person;
    const asked = await other.post("/activate/password", { password });
    expect(asked.text).not.toContain(words("activation.later.what"));
    expect((await other.post("/activate/later", {})).status).toBe(410);
    expect((await accountNow(portal, paul)).status).toBe("pending");
  });

  test("unknown, active and wrong are answered alike: status, words and headers", async () => {
    const lea = await open();
    const active = await anAccount(portal, "Zoé Active").kind("pupil").username("z.active").made();
    const { codePlain } = await aLetter(portal, lea);
    const wrong = "0000-0000-0000";
    const asked: [string, string][] = [
      ["l.martin", wrong],
      ["nobody", wrong],
      ["nobody", codePlain],
      ["z.active", wrong],
      ["z.active", codePlain],
      ["l.martin", "???"],
      ["l.martin", "é".repeat(300)],
    ];
    expect(active.account.status).toBe("active");
    const pages: string[] = [];
    for (const [identifier, code] of asked) {
      const page = await type(browser(), code, identifier);
      expect(page.status).toBe(422);
      expect(page.text).toContain(words("activation.letter-wrong"));
      pages.push(neutral(page, identifier, code));
    }
    expect(new Set(pages).size).toBe(1);
  });

  test("five wrong codes a quarter of an hour, known or not, and then it says until when", async () => {
    const lea = await open();
    const { codePlain } = await aLetter(portal, lea);
    const ends: string[] = [];
    for (const identifier of ["l.martin", "nobody"]) {
      for (let at = 0; at < 5; at++)
        expect((await type(browser(), "0000-0000-0000", identifier)).status).toBe(422);
      const page = await type(browser(), codePlain, identifier);
      expect(page.status).toBe(429);
      expect(Number(page.headers.get("retry-after"))).toBeGreaterThan(890);
      ends.push(neutral(page, identifier, codePlain));
    }
    expect(new Set(ends).size).toBe(1);
    expect((await accountNow(portal, lea)).status).toBe("pending");
    portal.clock.advance(15 * minute);
    expect((await type(browser(), codePlain)).path).toBe("/activate/password");
  });

  test("of twenty who redeem one letter at once exactly one opens the account", async () => {
    const lea = await open();
    const { codePlain } = await aLetter(portal, lea);
    const people: PlainBrowser[] = [];
    for (let at = 0; at < 20; at++) {
      if (at % 4 === 0) portal.clock.advance(15 * minute);
      const person = browser();
      await type(person, codePlain);
      await person.post("/activate/password", { password: `${password}-${at}` });
      people.push(person);
    }
    portal.clock.advance(minute);
    const answers = await Promise.all(
      people.map((person) => person.post("/activate/later", {}, { follow: false })),
    );
    expect(answers.filter(({ location }) => location === "/account")).toHaveLength(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    const opened = await portal.portal.store.ask(
      "select id from journal where event = 'activation.opened'",
      [],
    );
    expect(opened).toHaveLength(1);
    const kept = await portal.portal.store.ask(
      "select id from activations where password_hash is not null",
      [],
    );
    expect(kept).toEqual([]);
    const sessions = await portal.portal.store.ask("select id from sessions", []);
    expect(sessions).toHaveLength(1);
  });

  test("the same last press twice at once opens the account once, and both answers go on", async () => {
    const lea = await open();
    const { person } = await begin(lea);
    await person.post("/activate/password", { password });
    const answers = await Promise.all(
      [1, 2].map(() => person.post("/activate/later", {}, { follow: false })),
    );
    for (const { location } of answers) expect(["/account", "/sign-in"]).toContain(location);
  });

  test("a letter printed again while the old one is being typed leads nowhere from then on, and says so", async () => {
    const lea = await open();
    const { person, codePlain } = await begin(lea);
    portal.clock.advance(1000);
    const next = await aLetter(portal, lea);
    const refused = await person.post("/activate/password", { password });
    expect(refused.status).toBe(410);
    expect(refused.text).toContain(words("activation.letter.replaced.title"));
    const old = await type(browser(), codePlain);
    expect(old.status).toBe(410);
    expect(old.text).toContain(words("activation.letter.replaced.title"));
    expect((await accountNow(portal, lea)).status).toBe("pending");
    expect((await type(browser(), next.codePlain)).path).toBe("/activate/password");
  });

  test("a letter printed again at the moment of opening: either it opened, or the new letter does", async () => {
    const lea = await open();
    const { person } = await begin(lea);
    await person.post("/activate/password", { password });
    const [answer, letter] = await Promise.all([
      person.post("/activate/later", {}, { follow: false }),
      aLetter(portal, lea).catch(() => null),
    ]);
    const { status } = await accountNow(portal, lea);
    expect(answer.status).toBeLessThan(500);
    if (status === "active") expect(answer.location).toBe("/account");
    else expect((await type(browser(), letter?.codePlain ?? "")).path).toBe("/activate/password");
    const live = await portal.portal.store.ask("select id from letter_codes where status = 'live'", []);
    expect(live).toHaveLength(status === "active" ? 0 : 1);
  });

  test("an expired and a used letter say which, to whoever has the code", async () => {
    const lea = await open();
    const { codePlain } = await aLetter(portal, lea);
    portal.clock.advance(93 * 24 * hour);
    const expired = await type(browser(), codePlain);
    expect(expired.text).toContain(words("activation.letter.expired.title"));
    const next = await aLetter(portal, lea);
    const person = browser();
    await type(person, next.codePlain);
    await person.post("/activate/password", { password });
    await person.post("/activate/later", {});
    const used = await type(browser(), next.codePlain);
    expect(used.status).toBe(410);
    expect(used.text).toContain(words("activation.letter.used.title"));
    // Whoever proved it before and comes back now finds it done.
    expect((await person.get("/activate/password")).path).toBe("/account");
  });

  test("each step is found again by the browser that began, by no other, and an hour of silence ends it", async () => {
    const lea = await open();
    const { person, codePlain } = await begin(lea);
    expect((await browser().get("/activate/password")).status).toBe(410);
    expect((await person.get("/activate/contact")).path).toBe("/activate/password");
    await person.post("/activate/password", { password });
    expect((await person.get("/activate/contact")).path).toBe("/activate/contact");
    portal.clock.advance(61 * minute);
    const late = await person.get("/activate/contact");
    expect(late.status).toBe(410);
    expect(late.text).toContain(words("activation.none.title"));
    expect((await type(person, codePlain)).path).toBe("/activate/password");
  });

  test("the program may stop between any two steps: the next one goes on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "loquet-restart-"));
    const database = engine === "postgres" ? await createTestDatabase() : null;
    const environment = {
      PORT: String(await findFreePort()),
      LOQUET_DATA: folder,
      ...(database ? { DATABASE_URL: database.url } : {}),
    };
    let starts = 0;
    const start = async () => {
      portal = await startPortal({ preset: "school", wideSources: true, environment, seed: 500 + starts++ });
    };
    const restart = async () => {
      await portal.close();
      await start();
    };
    await start();
    const lea = await anAccount(portal, "Léa Martin")
      .kind("pupil")
      .username("l.martin")
      .status("pending")
      .withoutPassword()
      .made();
    const { codePlain } = await aLetter(portal, lea);
    const person = browser();
    await restart();
    expect((await type(person, codePlain)).path).toBe("/activate/password");
    await restart();
    expect((await person.post("/activate/password", { password })).path).toBe("/activate/contact");
    await restart();
    const asked = await person.post("/activate/contact", { channel: "email", email: mail });
    expect(asked.path).toBe("/activate/contact/sent");
    await restart();
    const code = await codeTo(mail);
    await restart();
    expect((await person.post("/activate/contact/code", { code })).path).toBe("/account");
    await restart();
    expect((await person.get("/account")).path).toBe("/account");
    expect((await accountNow(portal, lea)).status).toBe("active");
    dropAfter = async () => {
      await database?.drop();
      rmSync(folder, { recursive: true, force: true });
    };
  });

  test("the link of the message opens the account elsewhere, and signs nobody in there", async () => {
    const lea = await open();
    const { person } = await begin(lea);
    await person.post("/activate/password", { password });
    await person.post("/activate/contact", { channel: "email", email: mail });
    const link = (await portal.messageTo(mail)).links.find((found) => found.includes("token=")) ?? "";
    const { pathname, search } = new URL(link);
    const elsewhere = browser();
    const look = await elsewhere.get(pathname + search);
    expect(look.text).toContain(mail);
    expect(look.text).not.toContain("l.martin");
    expect((await accountNow(portal, lea)).status).toBe("pending");
    const token = new URLSearchParams(search).get("token") ?? "";
    const done = await elsewhere.post("/activate/contact/link", { token });
    expect(done.path).toBe("/sign-in");
    expect(elsewhere.cookie("loquet-session")).toBeUndefined();
    expect((await accountNow(portal, lea)).status).toBe("active");
    // The waiting browser goes on to sign-in, and is not signed in by it.
    expect((await person.get("/activate/contact")).path).toBe("/sign-in");
    expect(person.cookie("loquet-session")).toBeUndefined();
    expect((await browser().post("/activate/contact/link", { token })).status).toBe(410);
  });

  test("the owner of a mistyped address refuses it, and the account stays closed to them", async () => {
    const lea = await open();
    const { person } = await begin(lea);
    await person.post("/activate/password", { password });
    await person.post("/activate/contact", { channel: "email", email: "wrong@example.fr" });
    const link = (await portal.messageTo("wrong@example.fr")).links.find((found) => found.includes("token="));
    const token = new URL(link ?? "").searchParams.get("token") ?? "";
    const refused = await browser().post("/activate/contact/refuse", { token });
    expect(refused.text).toContain(words("contacts.refused.title"));
    expect((await accountNow(portal, lea)).status).toBe("pending");
    expect((await person.get("/activate/contact/sent")).path).toBe("/activate/contact");
    await person.post("/activate/contact", { channel: "email", email: mail });
    expect((await person.post("/activate/contact/code", { code: await codeTo(mail) })).path).toBe("/account");
    expect((await contactPointsNow(portal, lea)).map(({ address }) => address)).toEqual([mail]);
  });

  test("wrong codes of the message end the code; a new one comes in one press", async () => {
    const lea = await open();
    const { person } = await begin(lea);
    await person.post("/activate/password", { password });
    await person.post("/activate/contact", { channel: "email", email: mail });
    const right = await codeTo(mail);
    const wrong = right === "00000000" ? "00000001" : "00000000";
    for (let at = 0; at < 5; at++) {
      expect((await person.post("/activate/contact/code", { code: wrong })).status).toBe(422);
    }
    expect((await person.post("/activate/contact/code", { code: right })).status).toBe(422);
    expect((await person.post("/activate/contact/resend", {})).status).toBe(429);
    portal.clock.advance(minute);
    expect((await person.post("/activate/contact/resend", {})).path).toBe("/activate/contact/sent");
    expect((await person.post("/activate/contact/code", { code: await codeTo(mail) })).path).toBe("/account");
  });

  test("whoever is signed in in this browser stays so, and the new account waits at sign-in", async () => {
    const lea = await open();
    await anAccount(portal, "Zoé Active").kind("pupil").username("z.active").made();
    const { codePlain } = await aLetter(portal, lea);
    const shared = browser();
    await shared.post("/sign-in", { identifier: "z.active", password: "ancien-mot-de-passe-9" });
    const session = shared.cookie("loquet-session");
    await type(shared, codePlain);
    await shared.post("/activate/password", { password });
    const done = await shared.post("/activate/later", {}, { follow: false });
    expect(done.location).toBe("/sign-in");
    expect(shared.cookie("loquet-session")).toBe(session);
    expect((await accountNow(portal, lea)).status).toBe("active");
  });

  test("a page of the steps asked for out of its order leads to what is missing, and never to a fault", async () => {
    await open();
    for (const path of ["/activate/password", "/activate/contact", "/activate/contact/sent"]) {
      expect((await browser().get(path)).status).toBe(410);
    }
    for (const [path, fields] of [
      ["/activate/password", { password }],
      ["/activate/contact", { channel: "email", email: mail }],
      ["/activate/contact/code", { code: "12345678" }],
      ["/activate/contact/resend", {}],
      ["/activate/later", {}],
      ["/activate/contact/link", { token: "x".repeat(22) }],
      ["/activate/contact/refuse", { token: "é" }],
    ] as [string, Record<string, string>][]) {
      const page = await browser().post(path, fields);
      expect([path, page.status]).toEqual([path, 410]);
    }
    expect((await browser().post("/activate/letter", {})).status).toBe(422);
  });
});

/** What a stranger could compare: everything but the reference, the times and what they typed themselves. */
function neutral(page: Page, ...typed: string[]): string {
  const headers = [...page.headers.keys()].filter((name) => name !== "date" && name !== "set-cookie").sort();
  let html = page.html;
  for (const text of typed) html = html.replaceAll(`value="${text}"`, "");
  html = html
    .replaceAll(/<p class="incident">[\s\S]*?<\/p>/g, "")
    .replaceAll(/\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/g, "");
  return `${page.status} ${headers.join()} ${html}`;
}
