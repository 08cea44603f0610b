import { afterEach, expect, test } from "vitest";
import { day, minute } from "../../src/kernel/clock.ts";
import { aSchool, belongs, isGuardianOf, type MadeSchool } from "../support/a-school.ts";
import { accountNow, anAccount, contactPointsNow, type MadeAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { smsWords, words } from "../support/words.ts";

const password = "neuf-lacs-bleus-calmes-31";
const mobile = "+33639981234";
const typedMobile = "06 39 98 12 34";
const unknownMobile = "06 39 98 99 99";
const birthDate = "2015-05-31";
const typedDate = "31/05/2015";

onEachEngine("activation by mobile number", (engine) => {
  let portal: TestPortal;
  let school: MadeSchool;
  afterEach(() => portal.close());

  const browser = () => new PlainBrowser(portal.url);
  const open = async () => {
    portal = await startPortal({ preset: "school", engine, wideSources: true });
    school = await aSchool(portal);
  };
  const child = async (name: string, username: string, born = birthDate) => {
    const made = await anAccount(portal, name)
      .kind("pupil")
      .username(username)
      .status("pending")
      .withoutPassword()
      .made();
    await belongs(portal, made, school, { birthDate: born });
    return made;
  };
  const guardian = async (
    name: string,
    username: string,
    number = mobile,
    status: "pending" | "active" = "pending",
  ) => {
    const builder = anAccount(portal, name).kind("guardian").username(username).status(status);
    if (status === "pending") builder.withoutPassword();
    const made = await builder.mobile(number, { state: "declared" }).made();
    await belongs(portal, made, school);
    return made;
  };
  const family = async () => {
    await open();
    const lea = await child("Léa Martin", "l.martin");
    const paul = await guardian("Paul Martin", "p.martin");
    await isGuardianOf(portal, paul, lea, school);
    return { lea, paul };
  };
  const prove = async (person: PlainBrowser, number = typedMobile) => {
    await person.post("/activate/mobile", { phone: number });
    const { code } = await portal.messageTo(mobile);
    const page = await person.post("/activate/mobile/code", { code: code ?? "" });
    expect(page.path).toBe("/activate/mobile/birth-date");
    return page;
  };
  const date = (person: PlainBrowser, typed: string) =>
    person.post("/activate/mobile/birth-date", { "birth-date": typed });
  const activations = () =>
    portal.portal.store.ask<{ account_id: string }>("select account_id from activations", []);

  test("number, code and birth date lead to the identifier, a password and the account page", async () => {
    const { paul } = await family();
    const person = browser();
    const asked = await person.post("/activate/mobile", { phone: typedMobile });
    expect(asked.path).toBe("/activate/mobile/sent");
    const sms = await portal.messageTo(mobile);
    expect(sms.text).toContain(
      smsWords("activation.mobile.sms", { brand: "Portail scolaire", code: sms.code ?? "" }),
    );
    expect(sms.text).not.toMatch(/Paul|Martin|p\.martin/);
    const dates = await person.post("/activate/mobile/code", { code: sms.code ?? "" });
    for (const page of [asked, dates]) expect(page.text).not.toMatch(/Paul|Martin|p\.martin/);
    const chosen = await date(person, typedDate);
    expect(chosen.path).toBe("/activate/password");
    expect(chosen.text).toContain("Paul Martin");
    expect(chosen.text).toContain("p.martin");
    const done = await person.post("/activate/password", { password });
    expect(done.path).toBe("/account");
    expect((await accountNow(portal, paul)).status).toBe("active");
    expect(await contactPointsNow(portal, paul)).toMatchObject([{ address: mobile, state: "verified" }]);
    const later = await browser().post("/sign-in", { identifier: "p.martin", password }, { follow: false });
    expect(later.location).toBe("/account");
  });

  test("fifteen wrong codes of a stranger keep nobody out, and the number given again sends nothing before the pause", async () => {
    const { paul } = await family();
    for (let at = 0; at < 3; at++) {
      const stranger = browser();
      await stranger.post("/activate/mobile", { phone: typedMobile });
      await portal.settle();
      for (let tries = 0; tries < 5; tries++) await stranger.post("/activate/mobile/code", { code: "1" });
    }
    const person = browser();
    for (let at = 0; at < 4; at++) {
      expect((await person.post("/activate/mobile", { phone: typedMobile })).path).toBe(
        "/activate/mobile/sent",
      );
      await portal.settle();
    }
    expect(await portal.messages(mobile)).toHaveLength(4);
    portal.clock.advance(minute);
    await prove(person);
    expect(await portal.messages(mobile)).toHaveLength(5);
    await date(person, typedDate);
    expect((await person.post("/activate/password", { password })).path).toBe("/account");
    expect((await accountNow(portal, paul)).status).toBe("active");
  });

  test("a number that the school does not know gets the same pages, a decoy, and no SMS", async () => {
    await family();
    const pupil = await child("Tom Petit", "t.petit");
    expect(pupil.account.kind).toBe("pupil");
    const [known, unknown] = [browser(), browser()];
    const pages: [Page, Page][] = [
      [
        await known.post("/activate/mobile", { phone: typedMobile }),
        await unknown.post("/activate/mobile", { phone: unknownMobile }),
      ],
    ];
    await portal.settle();
    expect(await portal.messages("+33639989999")).toEqual([]);
    expect(await portal.messages(mobile)).toHaveLength(1);
    const right = (await portal.messageTo(mobile)).code ?? "";
    const wrong = right === "00000000" ? "00000001" : "00000000";
    for (let at = 0; at < 6; at++) {
      const tries = [known, unknown].map((person) => person.post("/activate/mobile/code", { code: wrong }));
      pages.push((await Promise.all(tries)) as [Page, Page]);
    }
    for (const person of [known, unknown]) {
      const page = await person.get("/activate/mobile/birth-date");
      expect(page.path).toBe("/activate/mobile/sent");
    }
    for (const [one, other] of pages) expect(neutral(one, typedMobile)).toBe(neutral(other, unknownMobile));
    const follow = await Promise.all([known, unknown].map((person) => person.get("/activate/mobile/follow")));
    expect(new Set(follow.map(({ html }) => html)).size).toBe(1);
  });

  test("numbers of pupils, of people who left it unproved, or not usable yet, are unknown", async () => {
    await open();
    const lea = await anAccount(portal, "Léa Martin").kind("pupil").username("l.martin").status("pending");
    await lea.withoutPassword().mobile(mobile, { state: "declared" }).made();
    const waiting = anAccount(portal, "Paul Martin").kind("guardian").username("p.martin").status("pending");
    await waiting
      .withoutPassword()
      .mobile("+33639980000", { state: "declared", usableFrom: portal.clock.now() + day })
      .made();
    for (const phone of [typedMobile, "06 39 98 00 00"]) await browser().post("/activate/mobile", { phone });
    await portal.settle();
    expect(await portal.messages()).toEqual([]);
  });

  test("three wrong dates a number and day, whoever tries; then it says until when", async () => {
    await family();
    const [first, second] = [browser(), browser()];
    await prove(first);
    for (const wrong of ["01/01/2015", "02/01/2015"]) {
      const page = await date(first, wrong);
      expect(page.status).toBe(422);
      expect(page.text).toContain(words("activation.date-wrong"));
    }
    portal.clock.advance(minute);
    await prove(second);
    expect((await date(second, "03/01/2015")).status).toBe(422);
    const spent = await date(second, typedDate);
    expect(spent.status).toBe(429);
    expect(spent.text).toContain(words("activation.dates-spent.title"));
    expect(await activations()).toEqual([]);
    portal.clock.advance(day);
    const next = browser();
    await prove(next);
    expect((await date(next, typedDate)).path).toBe("/activate/password");
  });

  test("of many dates tried at once no more than three are judged", async () => {
    await family();
    const person = browser();
    await prove(person);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => date(person, `${String(at + 1).padStart(2, "0")}/02/2015`)),
    );
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(9);
  });

  test("dates that do not exist cost no try", async () => {
    await family();
    const person = browser();
    await prove(person);
    const spaced = `1${" ".repeat(1500)}1${" ".repeat(1500)}x`;
    for (const typed of ["", "31/02/2015", "hier", "31/05/15", "x".repeat(5000), spaced]) {
      expect((await date(person, typed)).status).toBe(422);
    }
    expect((await date(person, typedDate)).path).toBe("/activate/password");
  });

  test("brothers and sisters: the date of any of them will do", async () => {
    const { paul } = await family();
    const tom = await child("Tom Martin", "t.martin", "2017-02-01");
    await isGuardianOf(portal, paul, tom, school);
    const person = browser();
    await prove(person);
    expect((await date(person, "1/2/2017")).text).toContain("Paul Martin");
  });

  test("several guardians for one number and date are sent to their letters, and nobody is named", async () => {
    const { lea } = await family();
    const anne = await guardian("Anne Martin", "a.martin");
    await isGuardianOf(portal, anne, lea, school);
    const person = browser();
    await prove(person);
    const page = await date(person, typedDate);
    expect(page.status).toBe(403);
    expect(page.text).toContain(words("activation.several.title"));
    expect(page.text).toContain(words("activation.several.next"));
    expect(page.text).not.toMatch(/Paul|Anne|Martin/);
    expect(await activations()).toEqual([]);
  });

  test("two guardians who share a number are told apart by children of their own", async () => {
    await family();
    const zoe = await child("Zoé Petit", "z.petit", "2016-09-09");
    const anne = await guardian("Anne Petit", "a.petit");
    await isGuardianOf(portal, anne, zoe, school);
    const person = browser();
    await prove(person);
    expect((await date(person, "09/09/2016")).text).toContain("Anne Petit");
    expect(await activations()).toEqual([{ account_id: anne.account.id }]);
  });

  test("a guardian whose account is open is told so: by SMS, or after the date where another shares the number", async () => {
    await open();
    const lea = await child("Léa Martin", "l.martin");
    const paul = await guardian("Paul Martin", "p.martin", mobile, "active");
    await isGuardianOf(portal, paul, lea, school);
    await browser().post("/activate/mobile", { phone: typedMobile });
    const told = await portal.messageTo(mobile);
    expect(told.code).toBeNull();
    expect(told.text).toContain("/forgot-identifier");
    const zoe = await child("Zoé Petit", "z.petit", "2016-09-09");
    const anne = await guardian("Anne Petit", "a.petit");
    await isGuardianOf(portal, anne, zoe, school);
    portal.clock.advance(minute);
    const person = browser();
    await prove(person);
    const page = await date(person, typedDate);
    expect(page.text).toContain(words("activation.already.title"));
    expect(page.text).not.toMatch(/Paul|Anne/);
  });

  test("a link that ended, or that the guardian denied, names nobody", async () => {
    const { paul } = await family();
    const person = browser();
    await prove(person);
    for (const column of ["ended_at", "denied_at"]) {
      await setLink(paul, column, portal.clock.now());
      expect((await date(person, typedDate)).status).toBe(422);
      await setLink(paul, column, null);
    }
    expect((await date(person, typedDate)).path).toBe("/activate/password");
  });

  test("the number taken from the account meanwhile opens nothing any more", async () => {
    const { paul } = await family();
    const person = browser();
    await prove(person);
    await date(person, typedDate);
    const [point] = paul.contacts;
    await portal.portal.store.transact((tx) =>
      tx.ask("update contact_points set state = 'obsolete', obsolete_at = ? where id = ?", [
        portal.clock.now(),
        point?.id ?? "",
      ]),
    );
    expect((await person.post("/activate/password", { password })).status).toBe(410);
    expect((await accountNow(portal, paul)).status).toBe("pending");
  });

  test("whoever finds the account opened in another browser meanwhile is sent to sign in", async () => {
    await family();
    const [first, second] = [browser(), browser()];
    for (const person of [first, second]) {
      await prove(person);
      expect((await date(person, typedDate)).path).toBe("/activate/password");
      portal.clock.advance(minute);
    }
    expect((await first.post("/activate/password", { password })).path).toBe("/account");
    expect((await second.post("/activate/password", { password })).path).toBe("/sign-in");
  });

  test("the same date pressed twice at once begins one activation that goes on", async () => {
    const { paul } = await family();
    const person = browser();
    await prove(person);
    const answers = await Promise.all([date(person, typedDate), date(person, typedDate)]);
    expect(answers.some(({ path }) => path === "/activate/password")).toBe(true);
    expect((await person.post("/activate/password", { password })).path).toBe("/account");
    expect((await accountNow(portal, paul)).status).toBe("active");
  });

  test("landlines, other countries and what is no number are refused at the field, before anything is asked", async () => {
    await family();
    for (const phone of ["", "01 42 00 00 00", "12", "+1 242 365 1234", "<i>second-hand</i>"]) {
      const page = await browser().post("/activate/mobile", { phone });
      expect(page.status).toBe(422);
      expect(page.html).not.toContain("<i>second-hand</i>");
    }
    const requests = await portal.portal.store.ask("select id from requests", []);
    expect(requests).toEqual([]);
  });

  async function setLink({ account }: MadeAccount, column: string, value: number | null): Promise<void> {
    await portal.portal.store.transact((tx) =>
      tx.ask(`update guardianships set ${column} = ? where guardian_id = ?`, [value, account.id]),
    );
  }
});

/** What a stranger could compare: everything but the reference, the times and what they typed themselves. */
function neutral(page: Page, typed: string): string {
  const headers = [...page.headers.keys()].filter((name) => name !== "date" && name !== "set-cookie").sort();
  const html = page.html
    .replaceAll(typed, "")
    .replaceAll(/<p class="incident">[\s\S]*?<\/p>/g, "")
    .replaceAll(/data-countdown="\d+"/g, "");
  return `${page.status} ${headers.join()} ${html}`;
}
