import { afterAll, beforeAll, expect, test } from "vitest";
import type { CapturedMessage } from "../../src/channels/capture.ts";
import { day, minute, second } from "../../src/kernel/clock.ts";
import { createKeys } from "../../src/kernel/keys.ts";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { seededRandom } from "../support/world.ts";

let people = 0;

/** A form filled in by somebody who was never here before. */
function aSignUp(changes: Partial<Record<"email" | "name" | "nickname" | "password", string>> = {}) {
  const number = ++people;
  return {
    email: `lea${number}@example.fr`,
    name: "Léa Martin",
    nickname: `lea_${number}`,
    password: "huit-ponts-verts-27",
    ...changes,
  };
}

function tokenOf(mail: CapturedMessage): string {
  const link = mail.links.find((found) => found.includes("token=")) ?? "";
  return new URL(link).searchParams.get("token") ?? "";
}

onEachEngine("registration and confirmation", (engine) => {
  let portal: TestPortal;
  beforeAll(async () => {
    portal = await startPortal({ engine, wideSources: true });
  });
  afterAll(() => portal.close());

  const aBrowser = () => new PlainBrowser(portal.url);
  async function signUp(form: ReturnType<typeof aSignUp>, browser = aBrowser()) {
    const waiting = await browser.post("/sign-up", form);
    expect(waiting.path).toBe("/sign-up/sent");
    return { browser, mail: await portal.messageTo(form.email) };
  }

  interface Kept {
    context: string | null;
    status: string;
  }
  /** What is kept of the requests for an address, the oldest first: their status, and whether a draft is there. */
  async function keptOf(email: string): Promise<[string, "draft" | "no draft"][]> {
    const keys = createKeys(seededRandom(1), portal.config.secret, null);
    const rows = await portal.portal.store
      .tables<{ challenges: Kept & { requested_at: number } }>()
      .selectFrom("challenges")
      .select(["context", "status"])
      .where("context", "is not", null)
      .orderBy("requested_at")
      .execute();
    return rows.flatMap(({ context, status }): [string, "draft" | "no draft"][] => {
      const { emailKey, draft } = JSON.parse(keys.open("challenge.context", context ?? "") ?? "{}");
      return emailKey === email ? [[status, draft ? "draft" : "no draft"]] : [];
    });
  }

  test("a draft is kept in a browser's latest request alone, and not once the account is open", async () => {
    const form = aSignUp();
    const { browser } = await signUp(form);
    portal.clock.advance(minute);
    await browser.post("/sign-up/resend", {});
    expect(await keptOf(form.email)).toEqual([
      ["replaced", "no draft"],
      ["open", "draft"],
    ]);
    const { code } = await portal.messageTo(form.email);
    const confirmed = await browser.post("/confirm/code", { code: code ?? "" }, { follow: false });
    expect(confirmed.location).toBe("/account");
    expect(await keptOf(form.email)).toEqual([
      ["replaced", "no draft"],
      ["redeemed", "no draft"],
    ]);
  });

  test("a request that its own browser may still correct keeps its draft, until it has expired", async () => {
    const wrong = aSignUp({ email: `lea${++people}@example.org` });
    const { browser, mail } = await signUp(wrong);
    await aBrowser().post("/confirm/refuse", { token: tokenOf(mail) });
    expect(await keptOf(wrong.email)).toEqual([["refused", "draft"]]);
    const right = `lea${++people}@example.fr`;
    await browser.post("/sign-up/correct", { email: right });
    expect(await keptOf(wrong.email)).toEqual([["refused", "no draft"]]);
    expect((await portal.messageTo(right)).subject).toBe("Veuillez activer votre compte");
    // An address that has an account already: the request has none, and waits for its browser to correct it.
    const { mail: opening } = await signUp(aSignUp());
    await aBrowser().post("/confirm", { token: tokenOf(opening) });
    const decoy = await signUp(aSignUp({ email: opening.to }));
    expect((await keptOf(opening.to)).at(-1)).toEqual(["open", "draft"]);
    portal.clock.advance(7 * day);
    await portal.settle();
    expect(await keptOf(opening.to)).toEqual([]);
    expect(await keptOf(right)).toEqual([]);
    expect((await decoy.browser.get("/sign-up/sent")).status).toBe(200);
  });

  test("an account with a dead address is told at the one that lives, whichever it is", async () => {
    const addresses = [`une${++people}@example.fr`, `deux${people}@example.fr`] as const;
    const [named, other] = addresses;
    const builder = anAccount(portal, "Léa Martin").email(named).email(other);
    const { account } = await builder.made();
    const onlyAlive = (alive: string[]) =>
      portal.portal.store.transact(async (tx) => {
        for (const address of addresses) {
          await tx
            .tables<{ contact_points: { account_id: string; address: string; dead_since: number | null } }>()
            .updateTable("contact_points")
            .set({ dead_since: alive.includes(address) ? null : 1 })
            .where("account_id", "=", account.id)
            .where("address", "=", address)
            .execute();
        }
      });
    const told = async () => [(await portal.messages(named)).length, (await portal.messages(other)).length];
    const signUpAgain = async () => {
      await aBrowser().post("/sign-up", aSignUp({ email: named }));
      await portal.settle();
    };
    await onlyAlive([other]);
    await signUpAgain();
    expect(await told()).toEqual([0, 1]);
    await onlyAlive([named]);
    await signUpAgain();
    expect(await told()).toEqual([1, 1]);
    // Where none is left the best there is is tried: it may have healed.
    await onlyAlive([]);
    await signUpAgain();
    expect((await told()).reduce((all, some) => all + some)).toBe(3);
  });

  test("« Ce n'est pas moi » pressed ten times at once is written and told once", async () => {
    const form = aSignUp();
    const { mail } = await signUp(form);
    const sentBefore = await portal.messages(form.email);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => aBrowser().post("/confirm/refuse", { token: tokenOf(mail) })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await portal.settle();
    expect(await portal.messages(form.email)).toHaveLength(sentBefore.length);
    const lines = await portal.portal.store
      .tables<{ journal: { event: string; params: string; at: number } }>()
      .selectFrom("journal")
      .select("event")
      .where("event", "=", "confirmation.refused")
      .where("at", "=", portal.clock.now())
      .execute();
    expect(lines).toHaveLength(1);
  });

  test("in the browser that signed up, the code opens the account page signed in", async () => {
    const form = aSignUp();
    const { browser, mail } = await signUp(form);
    expect(mail.subject).toBe("Veuillez activer votre compte");
    const confirmed = await browser.post("/confirm/code", { code: mail.code ?? "" }, { follow: false });
    expect(confirmed.location).toBe("/account");
    expect(browser.cookie("loquet-session")).toBeDefined();
    const second = await portal.messageTo(form.email);
    expect(second.subject).toBe("Votre compte Place civique est ouvert");
  });

  test("a press of the code that comes twice opens once, and the second says that it is done", async () => {
    const { browser, mail } = await signUp(aSignUp());
    const press = () => browser.post("/confirm/code", { code: mail.code ?? "" }, { follow: false });
    const pages = await Promise.all([press(), press(), press()]);
    expect(pages.map(({ location }) => location).sort()).toEqual(["/account", "/sign-in", "/sign-in"]);
    browser.forgetCookies();
    expect((await press()).location).toBe("/sign-up/sent");
  });

  test("in another browser, the link ends on sign-in and signs nobody in", async () => {
    const { browser, mail } = await signUp(aSignUp());
    const elsewhere = aBrowser();
    const shown = await elsewhere.get(`/confirm?token=${tokenOf(mail)}`);
    expect(shown.text).toContain("Ce n’est pas moi : supprimer");
    const confirmed = await elsewhere.post("/confirm", { token: tokenOf(mail) }, { follow: false });
    expect(confirmed.location).toBe("/sign-in");
    expect(elsewhere.cookie("loquet-session")).toBeUndefined();
    // The browser that waits is told to go on, and is not signed in either.
    const follow = await browser.get("/sign-up/follow");
    expect(JSON.parse(follow.html).state).toBe("finished");
    expect(browser.cookie("loquet-session")).toBeUndefined();
  });

  test("a scanner that opens every link spends nothing", async () => {
    const { mail } = await signUp(aSignUp());
    const scanner = aBrowser();
    for (const link of mail.links) {
      const { pathname, search } = new URL(link);
      await scanner.get(pathname + search);
      await fetch(link, { method: "HEAD" });
    }
    const confirmed = await aBrowser().post("/confirm", { token: tokenOf(mail) }, { follow: false });
    expect(confirmed.location).toBe("/sign-in");
  });

  test("a link says that it was used", async () => {
    const { mail } = await signUp(aSignUp());
    await aBrowser().post("/confirm", { token: tokenOf(mail) });
    const again = await aBrowser().get(`/confirm?token=${tokenOf(mail)}`);
    expect(again.status).toBe(410);
    expect(again.text).toContain("Ce lien a déjà servi");
  });

  test("an address that has an account gets the same page and a different mail", async () => {
    const form = aSignUp();
    const { mail } = await signUp(form);
    await aBrowser().post("/confirm", { token: tokenOf(mail) });
    await portal.settle();
    const second = await signUp(aSignUp({ email: form.email }));
    expect(second.mail.subject).toContain("Vous avez déjà un compte");
    expect(second.mail.code).toBeNull();
  });

  test("two sign-ups of one address at once make one account", async () => {
    const form = aSignUp();
    const browsers = Array.from({ length: 8 }, aBrowser);
    await Promise.all(
      browsers.map((browser, index) =>
        browser.post("/sign-up", { ...form, nickname: `${form.nickname}${index}` }),
      ),
    );
    await portal.settle();
    const rows = await portal.portal.store
      .tables<{ identifiers: { key: string } }>()
      .selectFrom("identifiers")
      .select("key")
      .where("key", "=", form.email)
      .execute();
    expect(rows).toHaveLength(1);
  });

  test("the latest sign-up replaces a pending one, its password too", async () => {
    const form = aSignUp();
    const first = await signUp(form);
    portal.clock.advance(second);
    const latest = await signUp({ ...form, nickname: `${form.nickname}b`, name: "Une Autre" });
    const old = await aBrowser().get(`/confirm?token=${tokenOf(first.mail)}`);
    expect(old.text).toContain("Ce lien a été remplacé");
    const shown = await aBrowser().get(`/confirm?token=${tokenOf(latest.mail)}`);
    expect(shown.text).toContain("Une Autre");
  });

  test("a mistyped address is noticed, and corrected without starting again or waiting", async () => {
    const number = ++people;
    const browser = aBrowser();
    const waiting = await browser.post("/sign-up", aSignUp({ email: `lea${number}@gmial.com` }));
    expect(waiting.text).toContain(`lea${number}@gmail.com`);
    await portal.settle();
    const wrong = await portal.messageTo(`lea${number}@gmial.com`);
    const corrected = await browser.post("/sign-up/correct", { email: `lea${number}@gmail.com` });
    expect(corrected.text).toContain(`lea${number}@gmail.com`);
    const right = await portal.messageTo(`lea${number}@gmail.com`);
    // Neither the link sent to the wrong mailbox nor its account is left.
    expect((await aBrowser().get(`/confirm?token=${tokenOf(wrong)}`)).status).toBe(410);
    const confirmed = await browser.post("/confirm/code", { code: right.code ?? "" }, { follow: false });
    expect(confirmed.location).toBe("/account");
  });

  test("an address that cannot be one is refused beside its field, and the request stays", async () => {
    const { browser } = await signUp(aSignUp());
    const refused = await browser.post("/sign-up/correct", { email: "lea@" });
    expect(refused.status).toBe(422);
    expect((await browser.get("/sign-up/sent")).status).toBe(200);
  });

  test("resending too early says until when; the wait doubles up to a quarter of an hour", async () => {
    const { browser, mail } = await signUp(aSignUp());
    const early = await browser.post("/sign-up/resend", {});
    expect(early.status).toBe(429);
    expect(early.headers.get("retry-after")).toBe("60");
    let last = mail;
    for (const wait of [60, 120, 240, 480, 900, 900]) {
      portal.clock.advance(wait * second - 1);
      expect((await browser.post("/sign-up/resend", {})).status).toBe(429);
      portal.clock.advance(1);
      expect((await browser.post("/sign-up/resend", {})).status).toBe(200);
      const next = await portal.messageTo(mail.to);
      expect(next.id).not.toBe(last.id);
      last = next;
    }
    expect((await browser.post("/confirm/code", { code: last.code ?? "" }, { follow: false })).location).toBe(
      "/account",
    );
  });

  test("a repeat before the first message has left cancels it", async () => {
    const form = aSignUp();
    const browser = aBrowser();
    await browser.post("/sign-up", form);
    portal.clock.advance(minute);
    await browser.post("/sign-up/resend", {});
    await portal.settle();
    expect(await portal.messages(form.email)).toHaveLength(1);
  });

  test("« Ce n'est pas moi » removes the unfinished account and frees its address", async () => {
    const form = aSignUp();
    const { mail } = await signUp(form);
    const refused = await aBrowser().post("/confirm/refuse", { token: tokenOf(mail) });
    expect(refused.text).toContain("La demande est supprimée");
    expect((await aBrowser().post("/confirm", { token: tokenOf(mail) })).status).toBe(410);
    const again = await signUp(form);
    expect(again.mail.subject).toBe("Veuillez activer votre compte");
  });

  test("asking again from another browser sends a new message; confirming there ends on sign-in", async () => {
    const form = aSignUp();
    await signUp(form);
    portal.clock.advance(second);
    const elsewhere = aBrowser();
    await elsewhere.post("/confirm/again", { email: form.email });
    const mail = await portal.messageTo(form.email);
    expect(mail.subject).toBe("Veuillez activer votre compte");
    const confirmed = await elsewhere.post("/confirm/code", { code: mail.code ?? "" }, { follow: false });
    expect(confirmed.location).toBe("/sign-in");
    expect(elsewhere.cookie("loquet-session")).toBeUndefined();
  });

  test("asking again for a confirmed account says so by mail; for no account too, once a day", async () => {
    const form = aSignUp();
    const { mail } = await signUp(form);
    await aBrowser().post("/confirm", { token: tokenOf(mail) });
    await portal.settle();
    await aBrowser().post("/confirm/again", { email: form.email });
    expect((await portal.messageTo(form.email)).text).toContain("déjà activé");
    const nobody = `personne${++people}@example.fr`;
    for (let times = 0; times < 3; times++) await aBrowser().post("/confirm/again", { email: nobody });
    expect((await portal.messageTo(nobody)).subject).toContain("Aucun compte");
    expect(await portal.messages(nobody)).toHaveLength(1);
    portal.clock.advance(day);
    await aBrowser().post("/confirm/again", { email: nobody });
    await portal.settle();
    expect(await portal.messages(nobody)).toHaveLength(2);
  });

  test("a public nickname is taken once, whatever its case and accents", async () => {
    const form = aSignUp({ nickname: `Zoé.${++people}` });
    await signUp(form);
    const taken = await aBrowser().post(
      "/sign-up",
      aSignUp({ nickname: form.nickname.replace("Zoé", "zoe") }),
    );
    expect(taken.status).toBe(422);
    expect(taken.text).toContain("Ce pseudonyme est déjà pris");
  });

  test("every mistake is named at once, and the password never comes back", async () => {
    const page = await aBrowser().post("/sign-up", {
      email: "x",
      name: " ",
      nickname: "?",
      password: "court",
    });
    expect(page.status).toBe(422);
    for (const field of ["email", "name", "nickname", "password"]) {
      expect(page.html).toContain(`href="#${field}"`);
    }
    expect(page.html).not.toContain('court"');
    expect(page.html).toContain("<title>Erreur");
  });
});
