import { afterEach, expect, test } from "vitest";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { tokenOf } from "../support/member.ts";
import { startPortal, type TestPortal, type TestPortalOptions } from "../support/portal.ts";
import { anEstablishment, belongs } from "../support/schools.ts";
import { aStaffMember, atTheDesk } from "../support/staff.ts";
import { words } from "../support/words.ts";

const minute = 60_000;
const newPassword = "trois-cerfs-volants-8";
const noFollowing = { follow: false };

onEachEngine("a caller let in by pairing number", (engine) => {
  let portal: TestPortal;
  afterEach(() => portal.close());

  const start = async (options: TestPortalOptions = {}) => {
    portal = await startPortal({ engine, wideSources: true, ...options });
  };

  const person = (name = "Lina Benali", email = "lina@example.fr") =>
    anAccount(portal, name).kind("member").email(email).made();

  /** Opens « Mot de passe oublié ? » in a browser, and reads the number that its page shows. */
  async function ask(browser: PlainBrowser, identifier: string): Promise<string> {
    await browser.post("/forgot-password", { identifier, channel: "email" }, noFollowing);
    return numberOn(browser);
  }
  async function numberOn(browser: PlainBrowser): Promise<string> {
    const page = await browser.get("/forgot-password/sent");
    const number = /(\d{3})\s(\d{3})/.exec(page.text.split(words("recovery.pairing.give"))[1] ?? "");
    return `${number?.[1]}${number?.[2]}`;
  }

  const approve = (
    desk: PlainBrowser,
    { account }: MadeAccount,
    number: string,
    more: Record<string, string> = { confirmed: "1" },
  ) =>
    desk.post(
      `/desk/people/${account.id}/browser`,
      { number, reason: "rappelée au 01", ...more },
      noFollowing,
    );

  const atDesk = async (role = "support", establishmentId?: string) =>
    atTheDesk(portal, await aStaffMember(portal, role, { establishmentId }));
  const choose = (browser: PlainBrowser) => browser.post("/reset", { password: newPassword }, noFollowing);
  const isLetIn = async (browser: PlainBrowser) => (await browser.get("/reset", noFollowing)).status === 200;
  const wrongNumber = words("people.pairing.wrong");

  test("the browser of the caller goes on by itself to a new password, and no other browser does", async () => {
    await start();
    const lina = await person();
    const [hers, other] = [new PlainBrowser(portal.url), new PlainBrowser(portal.url)];
    const number = await ask(hers, "lina@example.fr");
    await ask(other, "lina@example.fr");
    await portal.settle();
    const desk = await atDesk();
    const asked = await approve(desk, lina, ` ${number.slice(0, 3)} ${number.slice(3)} `, {});
    expect(asked.text).toContain(words("people.pairing.confirm.title"));
    expect(await isLetIn(hers)).toBe(false);
    const answer = await approve(desk, lina, number);
    expect(answer.location).toBe(`/desk/people/${lina.account.id}`);
    expect(await (await hers.get("/forgot-password/follow")).html).toContain('"/reset"');
    expect(await isLetIn(other)).toBe(false);
    expect((await hers.get("/forgot-password/sent")).path).toBe("/reset");
    expect((await choose(hers)).location).toBe("/sign-in");
    expect(hers.cookie("loquet-session")).toBeUndefined();
    const signedIn = await hers.post(
      "/sign-in",
      { identifier: "lina@example.fr", password: newPassword },
      noFollowing,
    );
    expect(signedIn.location).toBe("/account");
  });

  test("it works for somebody whom no message can reach, and proves no contact point", async () => {
    await start({ preset: "school" });
    const hugo = await anAccount(portal, "Hugo Petit").kind("pupil").username("h.petit").made();
    const nour = await anAccount(portal, "Nour Haddad")
      .kind("pupil")
      .username("n.haddad")
      .email("nour@example.fr", { state: "declared" })
      .made();
    const school = await anEstablishment(portal, "school", "Collège des Tilleuls");
    for (const pupil of [hugo, nour]) await belongs(portal, pupil, school);
    const desk = await atDesk("pupil-life-office", school);
    for (const [pupil, username] of [
      [hugo, "h.petit"],
      [nour, "n.haddad"],
    ] as const) {
      const browser = new PlainBrowser(portal.url);
      const number = await ask(browser, username);
      await portal.settle();
      expect((await approve(desk, pupil, number)).status).toBe(303);
      expect((await choose(browser)).location).toBe("/sign-in");
    }
    const { store } = portal.portal;
    const points = await store
      .tables<{ contact_points: { address: string; state: string } }>()
      .selectFrom("contact_points")
      .select("state")
      .where("address", "=", "nour@example.fr")
      .execute();
    expect(points).toEqual([{ state: "declared" }]);
  });

  test("the page shows a number to everybody alike, and each request has its own", async () => {
    await start();
    await person();
    const [known, unknown] = [new PlainBrowser(portal.url), new PlainBrowser(portal.url)];
    const numbers = [await ask(known, "lina@example.fr"), await ask(unknown, "nobody@example.fr")];
    await portal.settle();
    for (const number of numbers) expect(number).toMatch(/^\d{6}$/);
    expect(numbers[0]).not.toBe(numbers[1]);
    const strip = (text: string) => text.replaceAll(/\d{3}\s\d{3}/g, "");
    const pages = [await known.get("/forgot-password/sent"), await unknown.get("/forgot-password/sent")];
    expect(strip(pages[0]?.text ?? "")).toBe(strip(pages[1]?.text ?? ""));
    expect(await numberOn(known)).toBe(numbers[0]);
    expect((await unknown.get("/forgot-password/follow")).html).toContain('"waiting"');
  });

  test("never by the number of another account, of nobody, of an old request or of one that was replaced", async () => {
    await start();
    const lina = await person();
    const paul = await person("Paul Durand", "paul@example.fr");
    const desk = await atDesk();
    const [hers, his, decoy] = [1, 2, 3].map(() => new PlainBrowser(portal.url)) as [
      PlainBrowser,
      PlainBrowser,
      PlainBrowser,
    ];
    const ofPaul = await ask(his, "paul@example.fr");
    const ofNobody = await ask(decoy, "nobody@example.fr");
    const first = await ask(hers, "lina@example.fr");
    const second = await ask(hers, "lina@example.fr");
    await portal.settle();
    for (const number of [ofPaul, ofNobody, first, "000000"]) {
      const answer = await approve(desk, lina, number);
      expect([answer.status, answer.text.includes(wrongNumber)]).toEqual([422, true]);
    }
    for (const browser of [hers, his, decoy]) expect(await isLetIn(browser)).toBe(false);
    portal.clock.advance(31 * minute);
    expect((await approve(desk, lina, second)).text).toContain(wrongNumber);
    expect((await approve(desk, paul, ofPaul)).text).toContain(wrongNumber);
    expect(await isLetIn(hers)).toBe(false);
  });

  test("wrong numbers are charged, also those tried at once, and then even the right one waits", async () => {
    await start();
    const lina = await person();
    const browser = new PlainBrowser(portal.url);
    const right = await ask(browser, "lina@example.fr");
    const desk = await atDesk();
    const wrong = (n: number) => String((Number(right) + 1 + n) % 1_000_000).padStart(6, "0");
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, n) => approve(desk, lina, wrong(n), {})),
    );
    const { max } = portal.config.preset.limits["pairing.wrong-per-staff"];
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(max);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(25 - max);
    expect((await approve(desk, lina, right)).status).toBe(429);
    const colleague = await atDesk();
    expect((await approve(colleague, lina, right)).status).toBe(303);
  });

  test("never the browser of whoever approves, nor somebody whom they may not help", async () => {
    await start();
    const lina = await person();
    const staff = await aStaffMember(portal, "support");
    const desk = await atTheDesk(portal, staff);
    const own = await ask(desk, "lina@example.fr");
    expect((await approve(desk, lina, own)).text).toContain(words("people.pairing.own-browser"));
    const colleague = await aStaffMember(portal, "support");
    const browser = new PlainBrowser(portal.url);
    const number = await ask(browser, colleague.identifier);
    expect((await approve(desk, colleague, number)).status).toBe(404);
    expect((await approve(desk, staff, number)).status).toBe(404);
    expect(await isLetIn(browser)).toBe(false);
  });

  test("a number that is no number, and a missing reason, are said at their fields and charge nothing", async () => {
    await start();
    const lina = await person();
    const desk = await atDesk();
    const answer = await desk.post(`/desk/people/${lina.account.id}/browser`, {
      number: "12ab",
      reason: " ",
    });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(words("people.pairing.malformed"));
    expect(answer.text).toContain(words("people.reason.missing"));
  });

  test("every contact point is told; « Ce n’est pas moi » takes the approval back", async () => {
    await start({ preset: "service" });
    const lina = await anAccount(portal, "Lina Benali")
      .kind("member")
      .email("lina@example.fr")
      .mobile("+33639980042")
      .made();
    const browser = new PlainBrowser(portal.url, {
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    });
    const number = await ask(browser, "lina@example.fr");
    await approve(await atDesk(), lina, number);
    const mail = await portal.messageTo("lina@example.fr");
    expect(mail.subject).toBe(
      words("people.mail.browser.subject", { brand: "Mon service" }).replace(
        "Mon service",
        portal.config.preset.brandName,
      ),
    );
    expect(mail.text).toContain("Firefox");
    expect(mail.text).not.toContain("rappelée");
    expect((await portal.messageTo("+33639980042")).text).toContain("/account/not-me");
    expect(await isLetIn(browser)).toBe(true);
    const owner = new PlainBrowser(portal.url);
    const token = tokenOf(mail, "/account/not-me");
    expect((await owner.get(`/account/not-me?token=${token}`)).text).toContain("Firefox");
    await owner.post("/account/not-me", { token });
    expect(await isLetIn(browser)).toBe(false);
    expect((await choose(browser)).location).not.toBe("/sign-in");
  });

  test("whoever was let in cannot silence the warning by being quick: the owner's answer still signs them out", async () => {
    await start();
    const lina = await person();
    const thief = new PlainBrowser(portal.url);
    await approve(await atDesk(), lina, await ask(thief, "lina@example.fr"));
    await choose(thief);
    await thief.post("/sign-in", { identifier: "lina@example.fr", password: newPassword });
    expect((await thief.get("/account", noFollowing)).status).toBe(200);
    await portal.settle();
    const mails = await portal.messages("lina@example.fr");
    const warning = mails.find(({ subject }) => subject.includes("approuvé"));
    const token = tokenOf(warning ?? { links: [] }, "/account/not-me");
    await new PlainBrowser(portal.url).post("/account/not-me", { token });
    expect((await thief.get("/account", noFollowing)).location).toContain("/sign-in");
  });

  test("it is written on both sides, the reason for staff alone", async () => {
    await start();
    const lina = await person();
    const browser = new PlainBrowser(portal.url);
    const number = await ask(browser, "lina@example.fr");
    const staff = await aStaffMember(portal, "support", { name: "Sami Aide" });
    const desk = await atTheDesk(portal, staff);
    await approve(desk, lina, number);
    await choose(browser);
    await browser.post("/sign-in", { identifier: "lina@example.fr", password: newPassword });
    const hers = await browser.get("/account/journal");
    expect(hers.text).toContain("Navigateur approuvé par l’assistance");
    expect(hers.text).not.toContain("rappelée");
    expect((await desk.get("/account/journal")).text).toContain("Navigateur de Lina Benali approuvé");
    const page = await desk.get(`/desk/people/${lina.account.id}`);
    expect(page.text).toContain("Motif : rappelée au 01");
    expect(page.text).toContain("Sami Aide");
    expect(page.text).not.toContain(number);
  });

  test("two who approve at once: one of them does, and each of their presses says so", async () => {
    await start();
    const lina = await person();
    const browser = new PlainBrowser(portal.url);
    const number = await ask(browser, "lina@example.fr");
    await portal.settle();
    const desks = [await atDesk(), await atDesk()];
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => approve(desks[n % 2] as PlainBrowser, lina, number)),
    );
    const done = answers.map(({ location }) => location === `/desk/people/${lina.account.id}`);
    const winner = done.indexOf(true) % 2;
    expect(done).toEqual(Array.from({ length: 12 }, (_, n) => n % 2 === winner));
    expect(await isLetIn(browser)).toBe(true);
    await portal.settle();
    const told = (await portal.messages("lina@example.fr")).filter(({ subject }) =>
      subject.includes("approuvé"),
    );
    expect(told).toHaveLength(1);
  });

  test("a press that comes twice says once more that it is done, charges nothing and tells nobody again", async () => {
    await start({
      change: (config) => ({
        ...config,
        preset: {
          ...config.preset,
          limits: { ...config.preset.limits, "pairing.wrong-per-staff": { max: 1, perSeconds: 86_400 } },
        },
      }),
    });
    const lina = await person();
    const browser = new PlainBrowser(portal.url);
    const number = await ask(browser, "lina@example.fr");
    const desk = await atDesk();
    await approve(desk, lina, number);
    for (const [n, press] of ([{ confirmed: "1" }, {}] as Record<string, string>[]).entries()) {
      expect((await approve(desk, lina, number, press)).location).toBe(`/desk/people/${lina.account.id}`);
      if (n === 0) await choose(browser);
    }
    await portal.settle();
    const mails = await portal.messages("lina@example.fr");
    expect(mails.filter(({ subject }) => subject.includes("approuvé"))).toHaveLength(1);
    const events = await portal.portal.store.ask<{ event: string }>(
      "select event from journal where event in ('people.browser-approved', 'desk.browser-approved')",
      [],
    );
    expect(events).toHaveLength(2);
    // Not theirs: another member of staff has approved nothing, nor has this one for another person.
    const paul = await person("Paul Durand", "paul@example.fr");
    expect((await approve(desk, paul, number)).status).toBe(422);
    expect((await approve(await atDesk(), lina, number)).status).toBe(422);
  });

  test("an approval against the right code at the same moment: the browser is let in once, whoever was first", async () => {
    await start();
    const lina = await person();
    const browser = new PlainBrowser(portal.url);
    const number = await ask(browser, "lina@example.fr");
    const { code } = await portal.messageTo("lina@example.fr");
    const desk = await atDesk();
    const [approved, typed] = await Promise.all([
      approve(desk, lina, number),
      browser.post("/forgot-password/code", { code: code ?? "" }, noFollowing),
    ]);
    expect([303, 422]).toContain(approved.status);
    expect(typed.location === "/reset" || approved.status === 303).toBe(true);
    expect(await isLetIn(browser)).toBe(true);
    const answers = await Promise.all([choose(browser), choose(browser), choose(browser)]);
    expect(answers.filter(({ location }) => location === "/sign-in")).toHaveLength(1);
  });

  test("an approval is worth half an hour, and a password chosen by link ends it", async () => {
    await start();
    const lina = await person();
    const browser = new PlainBrowser(portal.url);
    const desk = await atDesk();
    await approve(desk, lina, await ask(browser, "lina@example.fr"));
    portal.clock.advance(31 * minute);
    expect(await isLetIn(browser)).toBe(false);
    const again = new PlainBrowser(portal.url);
    await approve(desk, lina, await ask(again, "lina@example.fr"));
    const elsewhere = new PlainBrowser(portal.url);
    await ask(elsewhere, "lina@example.fr");
    await portal.settle();
    const mails = await portal.messages("lina@example.fr");
    const reset = mails.find(({ links }) => links.some((link) => link.includes("/reset?")));
    const token = tokenOf(reset ?? { links: [] }, "/reset");
    expect((await elsewhere.post("/reset", { token, password: newPassword }, noFollowing)).location).toBe(
      "/sign-in",
    );
    expect(await isLetIn(again)).toBe(false);
  });
});
