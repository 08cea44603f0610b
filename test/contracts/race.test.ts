import { afterAll, beforeAll, expect, test } from "vitest";
import type { CapturedMessage } from "../../src/channels/capture.ts";
import type { Config } from "../../src/config/config.ts";
import type { Preset } from "../../src/config/preset.ts";
import { listTrialPeople, trialPassword } from "../../src/trial/people.ts";
import { identifierOf } from "../../src/trial/trial-person.ts";
import { anAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";

const atOnce = 50;
const noFollowing = { follow: false };

function tokenOf({ links }: CapturedMessage): string {
  const tokens = links.map((link) => new URL(link).searchParams.get("token")).filter((token) => token);
  return tokens[0] ?? "";
}

/** Fifty browsers press the same button at the same moment. */
function fiftyTimes(press: (browser: PlainBrowser) => Promise<Page>, portal: TestPortal): Promise<Page[]> {
  return Promise.all(Array.from({ length: atOnce }, () => press(new PlainBrowser(portal.url))));
}

const spent = (answers: Page[]) => answers.filter(({ status }) => status === 410).length;

onEachEngine("fifty at once", (engine) => {
  const people = listTrialPeople("service");
  const member = identifierOf(people[0] as (typeof people)[number]);
  let portal: TestPortal;

  beforeAll(async () => {
    portal = await startPortal({
      engine,
      preset: "service",
      demo: true,
      change: (config: Config) => ({ ...config, preset: roomy(config.preset) }),
    });
  });
  afterAll(() => portal?.close());

  /** The budgets of one network address, and of one link, are not what is tested here. */
  function roomy(preset: Preset): Preset {
    const limits = Object.entries(preset.limits).map(([name, limit]) => [
      name,
      name.endsWith("per-source") || name === "new-password.per-challenge"
        ? { ...limit, max: 100_000 }
        : limit,
    ]);
    return { ...preset, limits: Object.fromEntries(limits) as Preset["limits"] };
  }

  async function rowsOf(table: string, where: Record<string, unknown>): Promise<Record<string, unknown>[]> {
    let query = portal.portal.store
      .tables<Record<string, Record<string, unknown>>>()
      .selectFrom(table)
      .selectAll();
    for (const [column, value] of Object.entries(where)) query = query.where(column, "=", value as string);
    return query.execute();
  }

  async function accountOf(identifier: string): Promise<string> {
    const [row] = await rowsOf("identifiers", { key: identifier });
    return row?.account_id as string;
  }

  const signUp = (browser: PlainBrowser, email: string) =>
    browser.post("/sign-up", { email, name: "Une Personne", password: "sept-lampes-bleues-19" });

  test("a confirmation link opens the account once", async () => {
    await signUp(new PlainBrowser(portal.url), "confirm@example.org");
    const token = tokenOf(await portal.messageTo("confirm@example.org"));
    const answers = await fiftyTimes((browser) => browser.post("/confirm", { token }, noFollowing), portal);
    expect(answers.filter(({ location }) => location === "/sign-in")).toHaveLength(1);
    expect(spent(answers)).toBe(atOnce - 1);
    await portal.settle();
    expect(await portal.messages("confirm@example.org")).toHaveLength(2);
    const id = await accountOf("confirm@example.org");
    expect(await rowsOf("journal", { account_id: id, event: "confirmation.opened" })).toHaveLength(1);
  });

  test("a confirmation and « Ce n'est pas moi » at the same moment: one of them happens, whole", async () => {
    await signUp(new PlainBrowser(portal.url), "either@example.org");
    const token = tokenOf(await portal.messageTo("either@example.org"));
    const answers = await Promise.all(
      Array.from({ length: atOnce }, (_, n) =>
        new PlainBrowser(portal.url).post(n % 2 ? "/confirm" : "/confirm/refuse", { token }, noFollowing),
      ),
    );
    const confirmed = answers.filter(({ location }) => location === "/sign-in").length;
    const toldRemoved = answers.filter(({ status }) => status === 200).length;
    const id = await accountOf("either@example.org");
    if (confirmed === 1) expect([toldRemoved, id === undefined]).toEqual([0, false]);
    else expect([confirmed, toldRemoved > 0, id === undefined]).toEqual([0, true, true]);
  });

  test("a right code signs in once, whatever is pressed", async () => {
    const browser = new PlainBrowser(portal.url);
    await signUp(browser, "code@example.org");
    const { code } = await portal.messageTo("code@example.org");
    const answers = await Promise.all(
      Array.from({ length: atOnce }, () => browser.post("/confirm/code", { code: code ?? "" }, noFollowing)),
    );
    expect(answers.filter(({ location }) => location === "/account")).toHaveLength(1);
    const id = await accountOf("code@example.org");
    expect(await rowsOf("sessions", { account_id: id })).toHaveLength(1);
  });

  test("of fifty wrong codes no more than five are judged", async () => {
    const browser = new PlainBrowser(portal.url);
    await signUp(browser, "wrong@example.org");
    const { code } = await portal.messageTo("wrong@example.org");
    const wrong = (n: number) => String((Number(code) + 1 + n) % 100_000_000).padStart(8, "0");
    const answers = await Promise.all(
      Array.from({ length: atOnce }, (_, n) => browser.post("/confirm/code", { code: wrong(n) })),
    );
    const judged = answers.filter(({ text }) => /Il vous reste \d/.test(text));
    expect(judged).toHaveLength(4);
    // The right one comes too late, and the link is as good as ever.
    const late = await browser.post("/confirm/code", { code: code ?? "" }, noFollowing);
    expect(late.location).not.toBe("/account");
    const token = tokenOf(await portal.messageTo("wrong@example.org"));
    expect((await browser.post("/confirm", { token }, noFollowing)).location).toBe("/account");
  });

  test("one sign-up sent fifty times makes one account, of which the last message opens", async () => {
    const browsers = Array.from({ length: 10 }, () => new PlainBrowser(portal.url));
    await Promise.all(
      Array.from({ length: atOnce }, (_, n) => signUp(browsers[n % 10] as PlainBrowser, "many@example.org")),
    );
    const last = await portal.messageTo("many@example.org");
    expect(await rowsOf("contact_points", { address_key: "many@example.org" })).toHaveLength(1);
    const live = await rowsOf("challenges", {
      account_id: await accountOf("many@example.org"),
      status: "open",
    });
    expect(live).toHaveLength(1);
    const answer = await new PlainBrowser(portal.url).post("/confirm", { token: tokenOf(last) }, noFollowing);
    expect(answer.location).toBe("/sign-in");
  });

  test("a reset link changes the password once", async () => {
    const asking = new PlainBrowser(portal.url);
    await asking.post("/forgot-password", { identifier: member, channel: "email" });
    const token = tokenOf(await portal.messageTo(member));
    const password = (n: number) => `quatre-${n}-pinsons-gris`;
    const answers = await Promise.all(
      Array.from({ length: atOnce }, (_, n) =>
        new PlainBrowser(portal.url).post("/reset", { token, password: password(n) }, noFollowing),
      ),
    );
    const won = answers.flatMap(({ location }, n) => (location === "/sign-in" ? [n] : []));
    expect(won).toHaveLength(1);
    expect(spent(answers)).toBe(atOnce - 1);
    const works = await new PlainBrowser(portal.url).post(
      "/sign-in",
      { identifier: member, password: password(won[0] as number) },
      noFollowing,
    );
    expect(works.status).toBe(303);
  });

  test("no session of the old password outlives a recovery, however close they come", async () => {
    for (let round = 0; round < 5; round++) {
      const identifier = `recovered-${round}@example.org`;
      const { password } = await anAccount(portal, "Une Personne").email(identifier).made();
      const asking = new PlainBrowser(portal.url);
      await asking.post("/forgot-password", { identifier, channel: "email" });
      const token = tokenOf(await portal.messageTo(identifier));
      const thieves = Array.from({ length: 9 }, () => new PlainBrowser(portal.url));
      const form = { identifier, password: password ?? "" };
      const [replaced] = await Promise.all([
        asking.post("/reset", { token, password: `neuf-${round}-hirondelles-vertes` }, noFollowing),
        ...thieves.map((thief, n) =>
          new Promise((resolve) => setTimeout(resolve, n)).then(() =>
            thief.post("/sign-in", form, noFollowing),
          ),
        ),
      ]);
      expect(replaced.location).toBe("/sign-in");
      for (const thief of thieves) expect((await thief.get("/api/session")).status).toBe(401);
    }
  });

  test("an unlock link unlocks once", async () => {
    const email = "thomas.roux@example.org";
    const stranger = new PlainBrowser(portal.url);
    for (let n = 0; n < 10; n++)
      await stranger.post("/sign-in", { identifier: email, password: `wrong ${n}` });
    const token = tokenOf(await portal.messageTo(email));
    const answers = await fiftyTimes((browser) => browser.post("/unlock", { token }, noFollowing), portal);
    expect(answers.filter(({ location }) => location === "/sign-in")).toHaveLength(1);
    expect(spent(answers)).toBe(atOnce - 1);
    const works = await new PlainBrowser(portal.url).post(
      "/sign-in",
      { identifier: email, password: trialPassword },
      noFollowing,
    );
    expect(works.status).toBe(303);
  });

  test("fifty wrong passwords at once are counted as fifty, and no more than ten judged", async () => {
    const identifier = "nobody-here@example.org";
    const answers = await fiftyTimes(
      (browser) => browser.post("/sign-in", { identifier, password: "not it" }, noFollowing),
      portal,
    );
    const judged = answers.filter(({ status }) => status === 422);
    expect(judged.length).toBeLessThan(10);
    expect(answers.every(({ status }) => status === 422 || status === 429)).toBe(true);
  });

  test("an invitation opens the account once, with one of the passwords", async () => {
    const invited = "invitee@example.org";
    const builder = anAccount(portal, "Une Invitée").status("pending").withoutPassword();
    const { account, contacts } = await builder.email(invited, { state: "declared" }).made();
    const { store, operator } = portal.portal;
    await store.transact((tx) => operator.invite(tx, account.id, contacts[0]?.id ?? "", null));
    const token = tokenOf(await portal.messageTo(invited));
    const answers = await Promise.all(
      Array.from({ length: atOnce }, (_, n) => {
        const password = `six-${n}-loutres-roses`;
        return new PlainBrowser(portal.url).post("/activate", { token, password }, noFollowing);
      }),
    );
    const won = answers.flatMap(({ location }, n) => (location === "/sign-in" ? [n] : []));
    expect(won).toHaveLength(1);
    expect(spent(answers)).toBe(atOnce - 1);
    const form = { identifier: invited, password: `six-${won[0]}-loutres-roses` };
    expect((await new PlainBrowser(portal.url).post("/sign-in", form, noFollowing)).status).toBe(303);
  });

  test("« Ce n'est pas moi » freezes once, and is told once to each contact point", async () => {
    const owner = "owner@example.org";
    const { account, password } = await anAccount(portal, "Une Personne").email(owner).made();
    const thief = new PlainBrowser(portal.url);
    await thief.post("/sign-in", { identifier: owner, password: password ?? "" });
    const fields = { contact: "thief@example.org", "current-password": password ?? "" };
    await thief.post("/account/contacts/add/email", fields);
    const token = tokenOf(await portal.messageTo(owner));
    const answers = await fiftyTimes(
      (browser) => browser.post("/account/not-me", { token }, noFollowing),
      portal,
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(spent(answers)).toBe(atOnce - 1);
    await portal.settle();
    expect(await rowsOf("sessions", { account_id: account.id })).toEqual([]);
    expect(await rowsOf("messages", { account_id: account.id, template: "contacts.frozen" })).toHaveLength(1);
  });

  test("a new address is proved once", async () => {
    const browser = new PlainBrowser(portal.url);
    await browser.post("/sign-in", { identifier: "sofia.lopes@example.fr", password: trialPassword });
    const fields = { contact: "sofia.new@example.org", "current-password": trialPassword };
    expect((await browser.post("/account/contacts/add/email", fields)).path).toBe(
      "/account/contacts/waiting",
    );
    const token = tokenOf(await portal.messageTo("sofia.new@example.org"));
    const answers = await fiftyTimes(
      (other) => other.post("/account/contacts/prove", { token }, noFollowing),
      portal,
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(spent(answers)).toBe(atOnce - 1);
    expect(await rowsOf("contact_points", { address_key: "sofia.new@example.org" })).toHaveLength(1);
  });
});
