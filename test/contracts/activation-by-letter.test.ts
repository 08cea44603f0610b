import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Config } from "../../src/config/config.ts";
import type { MessageKey } from "../../src/i18n/translations.ts";
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
  const child = async (name: string, username: string, kind: "pupil" | "guardian" = "pupil") => {
    const made = await anAccount(portal, name)
      .kind(kind)
      .username(username)
      .status("pending")
      .withoutPassword()
      .made();
    await belongs(portal, made, await aSchool(portal));
    return made;
  };
  const open = async (kind: "pupil" | "guardian" = "pupil", change?: (config: Config) => Config) => {
    portal = await startPortal({ preset: "school", engine, wideSources: true, ...(change && { change }) });
    return child("Léa Martin", "l.martin", kind);
  };
  const type = (who: PlainBrowser, code: string, identifier = "l.martin") =>
    who.post("/activate/letter", { identifier, code });
  const begin = async (lea: MadeAccount) => {
    const { codePlain } = await aLetter(portal, lea);
    const person = browser();
    expect((await type(person, codePlain)).path).toBe("/activate/password");
    return { person, codePlain };
  };
  /** Letter, password and address, up to the message on its way there; answers the token of its link. */
  const give = async (person: PlainBrowser, code: string, username: string, email: string) => {
    expect((await type(person, code, username)).path).toBe("/activate/password");
    await person.post("/activate/password", { password });
    const page = await person.post("/activate/contact", { channel: "email", email });
    expect(page.path).toBe("/activate/contact/sent");
    return tokenTo(email);
  };
  const tokenTo = async (email: string) => {
    const link = (await portal.messageTo(email)).links.find((found) => found.includes("token=")) ?? "";
    return new URL(link).searchParams.get("token") ?? "";
  };
  const linkStates = () =>
    portal.portal.store.ask("select status from challenges where purpose = 'activate-contact'", []);
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

  test("a letter opens the account without a contact point: in one press for a pupil, for others who ask how", async () => {
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
    expect(asked.text).toContain(words("activation.contact.none.shared"));
    expect(asked.text).toContain(words("activation.contact.none.go-on"));
    expect((await other.post("/activate/later", {})).path).toBe("/account");
    expect((await accountNow(portal, paul)).status).toBe("active");
    expect(await contactPointsNow(portal, paul)).toEqual([]);
  });

  test("a class behind one address gets its messages; a source that is refused costs the account nothing", async () => {
    const narrow = (isSlowed: boolean) => (config: Config) => ({
      ...config,
      preset: {
        ...config.preset,
        slowedAddresses: isSlowed ? ["127.0.0.0/8", "::1/128"] : [],
        limits: {
          ...config.preset.limits,
          "request.per-source": { max: 1, perSeconds: 60 },
          "request.per-account": { max: 1, perSeconds: 3600 },
        },
      },
    });
    for (const isSlowed of [true, false]) {
      const lea = await open("pupil", narrow(isSlowed));
      const tom = await child("Tom Petit", "t.petit");
      const codes = [(await aLetter(portal, lea)).codePlain, (await aLetter(portal, tom)).codePlain];
      await give(browser(), codes[0] ?? "", "l.martin", mail);
      const next = browser();
      await type(next, codes[1] ?? "", "t.petit");
      await next.post("/activate/password", { password });
      const asked = () => next.post("/activate/contact", { channel: "email", email: "tom@example.fr" });
      if (!isSlowed) {
        expect((await asked()).status).toBe(429);
        portal.clock.advance(minute);
      }
      expect((await asked()).path).toBe("/activate/contact/sent");
      if (isSlowed) await portal.close();
    }
  });

  test("two children on one tablet: each one's message opens their own account", async () => {
    const lea = await open();
    const tom = await child("Tom Martin", "t.martin");
    const [ofLea, ofTom] = [await aLetter(portal, lea), await aLetter(portal, tom)];
    const tablet = browser();
    const token = await give(tablet, ofLea.codePlain, "l.martin", mail);
    portal.clock.advance(minute);
    await give(tablet, ofTom.codePlain, "t.martin", "tom@example.fr");
    expect((await browser().get(`/activate/contact/link?token=${token}`)).text).toContain(mail);
    expect((await browser().post("/activate/contact/link", { token })).path).toBe("/sign-in");
    const code = await codeTo("tom@example.fr");
    expect((await tablet.post("/activate/contact/code", { code })).path).toBe("/account");
    for (const [made, identifier] of [
      [lea, "l.martin"],
      [tom, "t.martin"],
    ] as const) {
      expect((await accountNow(portal, made)).status).toBe("active");
      const later = await browser().post("/sign-in", { identifier, password }, { follow: false });
      expect(later.location).toBe("/account");
    }
  });

  test("a link says why it opens nothing: begun anew, a newer letter, a closed account; and none of it spends it", async () => {
    const lea = await open();
    const first = await aLetter(portal, lea);
    const person = browser();
    const old = await give(person, first.codePlain, "l.martin", mail);
    const says = async (link: string, title: MessageKey) => {
      const pages = [
        await browser().get(`/activate/contact/link?token=${link}`),
        await browser().post("/activate/contact/link", { token: link }),
      ];
      for (const page of pages) {
        expect(page.status).toBe(410);
        expect(page.text).toContain(words(title));
      }
    };
    portal.clock.advance(minute);
    await type(person, first.codePlain);
    await says(old, "activation.replaced.title");
    const token = await give(person, first.codePlain, "l.martin", "other@example.fr");
    const before = await linkStates();
    portal.clock.advance(1000);
    await aLetter(portal, lea);
    await says(token, "activation.letter.replaced.title");
    // A second press of a code that was refused is refused alike: nothing was opened.
    const code = await codeTo("other@example.fr");
    for (const page of [
      await person.post("/activate/contact/code", { code }),
      await person.post("/activate/contact/code", { code }),
    ]) {
      expect(page.status).toBe(410);
      expect(page.text).toContain(words("activation.letter.replaced.title"));
    }
    await portal.portal.store.transact((tx) =>
      tx.ask("update accounts set status = 'closed' where id = ?", [lea.account.id]),
    );
    await says(token, "activation.letter.closed.title");
    expect((await person.get("/activate/contact")).text).toContain(words("activation.letter.closed.title"));
    expect(await linkStates()).toEqual(before);
  });

  test("on a shared computer nobody goes on after an hour, or once it was stopped; link and letter still work", async () => {
    const lea = await open();
    const { codePlain } = await aLetter(portal, lea);
    const shared = browser();
    expect((await type(shared, codePlain)).text).toContain(words("activation.stop"));
    await shared.post("/activate/password", { password });
    const stopped = await shared.post("/activate/stop", {});
    expect(stopped.path).toBe("/activate");
    expect(stopped.text).toContain(words("activation.stopped"));
    for (const path of ["/activate/password", "/activate/contact"]) {
      expect((await shared.get(path)).status).toBe(410);
    }
    expect((await shared.post("/activate/later", {})).status).toBe(410);
    const token = await give(shared, codePlain, "l.martin", mail);
    portal.clock.advance(30 * minute);
    expect((await shared.post("/activate/contact/resend", {})).path).toBe("/activate/contact/sent");
    // The first one says that it was replaced, and where it was asked for there is a new one in one press.
    const replaced = await shared.get(`/activate/contact/link?token=${token}`);
    expect(replaced.text).toContain(words("activation.contact.link.replaced"));
    expect(replaced.html).toContain('action="/activate/contact/resend"');
    const elsewhere = await browser().get(`/activate/contact/link?token=${token}`);
    expect(elsewhere.html).not.toContain('action="/activate/contact/resend"');
    portal.clock.advance(61 * minute);
    const late = await shared.get("/activate/contact/sent");
    expect(late.status).toBe(410);
    expect(late.text).toContain(words("activation.none.message"));
    expect(late.html).toContain('href="/activate/mobile"');
    expect((await shared.post("/activate/later", {})).status).toBe(410);
    expect((await accountNow(portal, lea)).status).toBe("pending");
    await type(shared, codePlain);
    await shared.post("/activate/password", { password });
    await shared.post("/activate/contact", { channel: "email", email: mail });
    const last = await tokenTo(mail);
    await shared.post("/activate/stop", {});
    expect((await browser().post("/activate/contact/link", { token: last })).path).toBe("/sign-in");
    expect((await accountNow(portal, lea)).status).toBe("active");
  });

  test("the door names activation, and a wrong password says the same of letters to everybody", async () => {
    await open();
    await anAccount(portal, "Zoé Active").kind("pupil").username("z.active").made();
    expect((await browser().get("/sign-in")).text).toContain(words("sign-in.activate"));
    const pages: string[] = [];
    for (const identifier of ["l.martin", "z.active", "nobody"]) {
      const page = await browser().post("/sign-in", { identifier, password });
      expect(page.text).toContain(words("sign-in.wrong.activate"));
      pages.push(neutral(page, identifier));
    }
    expect(new Set(pages).size).toBe(1);
    await portal.close();
    portal = await startPortal({ preset: "community", engine });
    const elsewhere = await browser().post("/sign-in", { identifier: "a@example.fr", password });
    expect(elsewhere.text).not.toContain(words("sign-in.wrong.activate"));
    expect(elsewhere.text).not.toContain(words("sign-in.activate"));
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

  test("sixty-two pupils of one computer room, with the limits as they are shipped: each is let in", async () => {
    const slowedAddresses = ["127.0.0.0/8", "::1/128"];
    const change = (config: Config) => ({ ...config, preset: { ...config.preset, slowedAddresses } });
    portal = await startPortal({ preset: "school", engine, change });
    const school = await aSchool(portal);
    const room: { person: PlainBrowser; username: string; email: string; codePlain: string }[] = [];
    for (let at = 0; at < 62; at++) {
      const username = `e.leve${at}`;
      const made = await anAccount(portal, `Élève ${at}`)
        .kind("pupil")
        .username(username)
        .status("pending")
        .withoutPassword()
        .made();
      await belongs(portal, made, school);
      const { codePlain } = await aLetter(portal, made);
      room.push({ person: browser(), username, email: `${username}@example.fr`, codePlain });
    }
    const post = (person: PlainBrowser, path: string, fields: Record<string, string>) =>
      person.post(path, fields, { follow: false });
    // Each mistypes their own letter, and all of them that of the first.
    for (const { person, username } of room) {
      expect((await post(person, "/activate/letter", { identifier: username, code: "0" })).status).toBe(422);
      await post(person, "/activate/letter", { identifier: "e.leve0", code: "0" });
    }
    const spent = await portal.portal.store.ask(
      "select name from budgets where name like '%code.wrong%'",
      [],
    );
    expect(spent).toEqual([]);
    for (const { person, username, email, codePlain } of room) {
      const begun = await post(person, "/activate/letter", { identifier: username, code: codePlain });
      expect(begun.location).toBe("/activate/password");
      await post(person, "/activate/password", { password });
      const asked = await post(person, "/activate/contact", { channel: "email", email });
      expect(asked.location).toBe("/activate/contact/sent");
      expect((await post(person, "/activate/contact/code", { code: "1" })).status).toBe(422);
    }
    await portal.settle();
    for (const { person, email } of room) {
      const done = await post(person, "/activate/contact/code", { code: await codeTo(email) });
      expect(done.location).toBe("/account");
    }
    for (const { username, email } of room) {
      const asked = await post(browser(), "/forgot-password", { identifier: username, channel: "email" });
      expect(asked.location).toBe("/forgot-password/sent");
      expect((await post(browser(), "/forgot-identifier", { channel: "email", email })).status).toBe(303);
    }
  });

  test("wrong letters stop their own source, and the codes of no message", async () => {
    const lea = await open("pupil", (config) => {
      const limits = {
        ...config.preset.limits,
        "letter-code.wrong-per-source": { max: 3, perSeconds: 3600 },
      };
      return { ...config, preset: { ...config.preset, limits } };
    });
    const { codePlain } = await aLetter(portal, lea);
    for (const identifier of ["nobody", "l.martin", "nobody-else"]) {
      expect((await type(browser(), "0000-0000-0000", identifier)).status).toBe(422);
    }
    expect((await type(browser(), codePlain)).status).toBe(429);
    const spent = await portal.portal.store.ask("select name from budgets where name like 'code.wrong%'", []);
    expect(spent).toEqual([]);
    portal.clock.advance(hour);
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
    // Also when the steps would have been too long ago.
    portal.clock.advance(61 * minute);
    expect((await person.get("/activate/password")).path).toBe("/sign-in");
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
