import { afterEach, expect, test } from "vitest";
import { codeAt } from "../../src/access/second-factor/totp.ts";
import { day, hour, minute, second } from "../../src/kernel/clock.ts";
import { createKeys } from "../../src/kernel/keys.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { afterRestore } from "../../src/operate/backup/after-restore.ts";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import {
  aStaffMember,
  atTheDesk,
  type MadeStaff,
  nextCode,
  plantSecondFactor,
  signInStaff,
  staffSecret,
} from "../support/staff.ts";
import { words } from "../support/words.ts";
import { seededRandom } from "../support/world.ts";

const door = "/desk/second-factor";
const own = "/account/second-factor";

/** What the set-up page shows to be typed into an application. */
function secretOn(html: string): string {
  return (/secret=([A-Z2-7]{32})/.exec(html)?.[1] ?? "") as string;
}

async function setUpIn(portal: TestPortal, browser: PlainBrowser, path = `${door}/set-up`) {
  const secret = secretOn((await browser.get(path)).html);
  const page = await browser.post(path, { code: nextCode(portal, secret) });
  const codes = [...page.html.matchAll(/[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}/g)].map(
    ([code]) => code,
  );
  return { secret, page, codes };
}

onEachEngine("the second factor", (engine) => {
  let portal: TestPortal;
  let support: MadeStaff;
  afterEach(() => portal.close());

  async function start(options: { hasSecondFactor?: boolean } = {}): Promise<void> {
    portal = await startPortal({ preset: "service", engine });
    support = await aStaffMember(portal, "support", { name: "Nadia Cherif", ...options });
  }
  const isOpen = async (browser: PlainBrowser) =>
    (await browser.get("/desk", { follow: false })).status === 200;
  const prove = (browser: PlainBrowser, code: string) => browser.post(door, { code }, { follow: false });
  const subjects = async () => {
    await portal.settle();
    return (await portal.messages(support.email)).map(({ subject }) => subject);
  };
  const journal = async (browser: PlainBrowser) => (await browser.get("/account/journal")).text;

  const setUp = (browser: PlainBrowser, path?: string) => setUpIn(portal, browser, path);

  test("is set up with any application: picture, link and key say the same, and one code proves it", async () => {
    await start({ hasSecondFactor: false });
    const browser = await signInStaff(portal, support);
    const page = await browser.get("/desk");
    expect(page.path).toBe("/desk/second-factor/set-up?return=%2Fdesk");
    const secret = secretOn(page.html);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(page.text).toContain(secret.match(/.{4}/g)?.join(" "));
    expect(page.html).toContain('<svg class="qr-code"');
    expect(page.html).toContain("otpauth://totp/Loquet:");
    expect(page.html).toContain("algorithm=SHA1&amp;digits=6&amp;period=30");
    // A page left open, or opened twice, shows the same secret: looking at it changes nothing.
    expect(secretOn((await browser.get(page.path)).html)).toBe(secret);
    const other = await signInStaff(portal, support);
    expect(secretOn((await other.get(page.path)).html)).not.toBe(secret);

    const cookie = browser.cookie("loquet-session");
    const wrong = await browser.post(`${door}/set-up`, { code: "000000" });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain(words("second-factor.wrong"));
    expect(secretOn(wrong.html)).toBe(secret);
    expect(await isOpen(browser)).toBe(false);

    const { page: done, codes } = await setUp(browser);
    expect(done.text).toContain(words("second-factor.codes.title"));
    expect(new Set(codes).size).toBe(10);
    expect(browser.cookie("loquet-session")).not.toBe(cookie);
    const kept = await browser.post(`${door}/codes/kept`, { return: "/desk" });
    expect(kept.path).toBe("/desk");
    expect(kept.text).toContain(words("second-factor.codes.done"));
    expect(await subjects()).toContain(words("second-factor.changed.set-up.subject", { brand: "Loquet" }));
    expect(await journal(browser)).toContain(words("journal.second-factor.set-up"));
  });

  test("opens the desk once in a session, which gets a new cookie, and for no other session", async () => {
    await start();
    const browser = await signInStaff(portal, support);
    const cookie = browser.cookie("loquet-session");
    expect(await isOpen(browser)).toBe(false);
    const page = await prove(browser, nextCode(portal));
    expect(page.location).toBe("/desk");
    expect(browser.cookie("loquet-session")).not.toBe(cookie);
    expect(await isOpen(browser)).toBe(true);
    const stolen = { cookie: `loquet-session=${cookie}` };
    expect((await new PlainBrowser(portal.url).get("/desk", { headers: stolen, follow: false })).status).toBe(
      303,
    );
    for (let hours = 0; hours < 8; hours++) {
      portal.clock.advance(50 * minute);
      expect(await isOpen(browser)).toBe(true);
    }
    expect(await isOpen(await signInStaff(portal, support))).toBe(false);
  });

  test("takes the present code and its two neighbours, no older and no newer one", async () => {
    await start();
    const at = (steps: number) => codeAt(staffSecret, portal.clock.now() + steps * 30 * second).code;
    const browser = await signInStaff(portal, support);
    for (const steps of [-2, 2, 3]) expect((await prove(browser, at(steps))).status).toBe(422);
    for (const steps of [-1, 0, 1]) expect((await prove(browser, at(steps))).location).toBe("/desk");
  });

  test("never takes a code twice, nor one older than the last taken", async () => {
    await start();
    const code = nextCode(portal);
    await prove(await signInStaff(portal, support), code);
    const second_ = await signInStaff(portal, support);
    const again = await prove(second_, code);
    expect(again.status).toBe(422);
    expect(again.text).toContain(words("second-factor.wrong"));
    const older = codeAt(staffSecret, portal.clock.now() - 30 * second).code;
    expect((await prove(second_, older)).status).toBe(422);
    expect((await prove(second_, nextCode(portal))).location).toBe("/desk");
  });

  test("of those who show the same code at once, one gets in", async () => {
    await start();
    const browsers: PlainBrowser[] = [];
    for (let n = 0; n < 6; n++) browsers.push(await signInStaff(portal, support));
    const code = nextCode(portal);
    const pages = await Promise.all(browsers.map((browser) => prove(browser, code)));
    expect(pages.filter(({ location }) => location === "/desk")).toHaveLength(1);
    const open = await Promise.all(browsers.map(isOpen));
    expect(open.filter(Boolean)).toHaveLength(1);
  });

  test("a recovery code opens the desk once, however it is typed, and its owner is told", async () => {
    await start({ hasSecondFactor: false });
    const { codes } = await setUp(await signInStaff(portal, support));
    const [code = ""] = codes;
    const typed = ` ${code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")} `;
    const browser = await signInStaff(portal, support);
    const page = await browser.post(`${door}/recovery-code`, { code: typed });
    expect(await isOpen(browser)).toBe(true);
    // The codes were never said to be kept: it is time for new ones, but nobody is forced.
    expect(page.text).toContain(words("second-factor.make-codes.not-kept"));
    expect(await subjects()).toContain(words("second-factor.code-used.subject", { brand: "Loquet" }));

    const again = await signInStaff(portal, support);
    const used = await again.post(`${door}/recovery-code`, { code });
    expect(used.status).toBe(422);
    expect(used.text).toContain(words("second-factor.wrong-recovery"));
    expect(await isOpen(again)).toBe(false);
  });

  test("of those who show the same recovery code at once, one gets in", async () => {
    await start({ hasSecondFactor: false });
    const { codes } = await setUp(await signInStaff(portal, support));
    const browsers: PlainBrowser[] = [];
    for (let n = 0; n < 6; n++) browsers.push(await signInStaff(portal, support));
    await Promise.all(
      browsers.map((browser) =>
        browser.post(`${door}/recovery-code`, { code: codes[3] ?? "" }, { follow: false }),
      ),
    );
    expect((await Promise.all(browsers.map(isOpen))).filter(Boolean)).toHaveLength(1);
  });

  test("of many guesses at once ten are judged; the desk stays closed, and the owner is told", async () => {
    await start();
    const browser = await signInStaff(portal, support);
    const pages = await Promise.all(
      Array.from({ length: 25 }, (_, n) => prove(browser, String(100_000 + n))),
    );
    expect(pages.filter(({ status }) => status === 422)).toHaveLength(10);
    const late = pages.filter(({ status }) => status === 429);
    expect(late).toHaveLength(15);
    expect(Number(late[0]?.headers.get("retry-after"))).toBeGreaterThan(60);
    const right = await prove(browser, nextCode(portal));
    expect(right.status).toBe(429);
    expect(right.text).toContain(words("second-factor.too-many.not-you"));
    const warnings = (await subjects()).filter(
      (subject) => subject === words("second-factor.guessed.subject", { brand: "Loquet" }),
    );
    // As many as the limit of such mails allows in a day, and no more.
    expect(warnings).toHaveLength(3);
    portal.clock.advance(hour);
    expect((await prove(await signInStaff(portal, support), nextCode(portal))).location).toBe("/desk");
  });

  test("whoever knows only the password cannot put a telephone of their own in its place", async () => {
    await start();
    const thief = await signInStaff(portal, support);
    for (const path of [`${door}/set-up`, `${own}/replace`, `${own}/remove`, `${door}/codes`]) {
      const page = await thief.get(path, { follow: false });
      if (path !== `${door}/codes`) expect(page.location).toContain(door);
      expect(secretOn(page.html)).toBe("");
    }
    for (const path of [`${door}/set-up`, `${own}/replace`, `${own}/remove`, `${own}/codes`]) {
      const page = await thief.post(path, { code: "123456" }, { follow: false });
      expect(page.location).toContain(door);
    }
    expect(await isOpen(thief)).toBe(false);
    expect((await prove(thief, nextCode(portal))).location).toBe("/desk");
  });

  test("survives a recovery of the password", async () => {
    await start();
    const browser = new PlainBrowser(portal.url);
    await browser.post("/forgot-password", { identifier: support.email, channel: "email" });
    const mail = await portal.messageTo(support.email);
    const token =
      new URL(mail.links.find((link) => link.includes("token=")) ?? "").searchParams.get("token") ?? "";
    await browser.post("/reset", { token, password: "onze-moulins-gris-84" });
    await browser.post("/sign-in", { identifier: support.email, password: "onze-moulins-gris-84" });
    expect((await browser.get("/desk", { follow: false })).location).toContain(`${door}?return=`);
    expect((await prove(browser, nextCode(portal))).location).toBe("/desk");
  });

  test("moves to another telephone after a fresh proof; the old one, its codes and other sessions end", async () => {
    await start({ hasSecondFactor: false });
    const browser = await signInStaff(portal, support);
    const before = await setUp(browser);
    const elsewhere = await signInStaff(portal, support);
    portal.clock.advance(11 * minute);
    const asked = await browser.get(`${own}/replace`, { follow: false });
    expect(asked.location).toBe(`${door}?return=%2Faccount%2Fsecond-factor%2Freplace`);
    const back = await browser.post(door, {
      code: nextCode(portal, before.secret),
      return: `${own}/replace`,
    });
    // On the way stands the reminder of the codes that were never kept.
    expect(back.path).toContain("return=%2Faccount%2Fsecond-factor%2Freplace");
    const after = await setUp(browser, `${own}/replace`);
    expect(after.secret).not.toBe(before.secret);
    expect(after.codes).toHaveLength(10);
    expect((await elsewhere.get("/account", { follow: false })).location).toContain("/sign-in");

    const next = await signInStaff(portal, support);
    expect((await prove(next, nextCode(portal, before.secret))).status).toBe(422);
    expect((await next.post(`${door}/recovery-code`, { code: before.codes[0] ?? "" })).status).toBe(422);
    expect((await prove(next, nextCode(portal, after.secret))).status).toBe(303);
    expect(await isOpen(next)).toBe(true);
    expect(await subjects()).toContain(words("second-factor.changed.replaced.subject", { brand: "Loquet" }));
  });

  test("new recovery codes end the old ones", async () => {
    await start({ hasSecondFactor: false });
    const browser = await signInStaff(portal, support);
    const { codes: old } = await setUp(browser);
    const page = await browser.post(`${own}/codes`, { return: "/desk" });
    const fresh = /[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}/.exec(page.html)?.[0] ?? "";
    const next = await signInStaff(portal, support);
    expect((await next.post(`${door}/recovery-code`, { code: old[0] ?? "" })).status).toBe(422);
    await next.post(`${door}/recovery-code`, { code: fresh });
    expect(await isOpen(next)).toBe(true);
  });

  test("never comes back with the same secret: not after a removal, in the same session either", async () => {
    await start({ hasSecondFactor: false });
    const browser = await signInStaff(portal, support);
    const secrets = new Set<string>();
    for (let n = 0; n < 3; n++) {
      secrets.add((await setUp(browser)).secret);
      expect((await browser.post(`${own}/remove`, {})).text).toContain(words("second-factor.remove.done"));
      portal.clock.advance(minute);
    }
    expect(secrets.size).toBe(3);
  });

  test("taken away by its owner, the desk is closed at once, here too, until a new one is set up", async () => {
    await start();
    const browser = await atTheDesk(portal, support);
    const done = await browser.post(`${own}/remove`, {});
    expect(done.text).toContain(words("second-factor.remove.done"));
    expect((await browser.get("/desk", { follow: false })).location).toContain(`${door}/set-up`);
    expect(await subjects()).toContain(words("second-factor.changed.removed.subject", { brand: "Loquet" }));
    const { page } = await setUp(browser);
    expect(page.status).toBe(200);
    expect(await isOpen(browser)).toBe(true);
  });

  test("never leads anywhere but to the desk and to its own pages", async () => {
    await start();
    for (const typed of [
      "https://evil.example/",
      "//evil.example",
      "/account",
      "/desk/second-factor",
      "/deskx",
    ]) {
      const browser = await signInStaff(portal, support);
      const page = await browser.post(door, { code: nextCode(portal), return: typed }, { follow: false });
      expect(page.location).toBe("/desk");
    }
    const browser = await signInStaff(portal, support);
    const page = await browser.post(
      door,
      { code: nextCode(portal), return: "/desk/staff?page=2" },
      { follow: false },
    );
    expect(page.location).toBe("/desk/staff?page=2");
  });

  test("is asked of staff alone: others are told that there is nothing for them", async () => {
    await start();
    const stranger = new PlainBrowser(portal.url);
    for (const path of [door, `${door}/set-up`, `${door}/recovery-code`, own]) {
      expect((await stranger.get(path, { follow: false })).location).toContain("/sign-in?return=");
    }
    const lea = await anAccount(portal, "Léa Martin").email("lea@example.fr").made();
    const member = await signInStaff(portal, {
      ...lea,
      identifier: "lea@example.fr",
      email: "lea@example.fr",
    });
    for (const path of [door, `${door}/set-up`, `${door}/recovery-code`, own]) {
      const page = await member.get(path);
      expect(page.status).toBe(403);
      expect(page.text).toContain(words("desk.no-role.title"));
    }
    expect((await member.post(`${door}/set-up`, { code: "123456" })).status).toBe(403);
  });

  test("a secret in use outlives the rotation of the master secret", async () => {
    const old = new Secret("the-master-secret-that-is-rotated-out-0123456789");
    portal = await startPortal({
      preset: "service",
      engine,
      environment: { LOQUET_SECRET_PREVIOUS: old.reveal() },
    });
    support = await aStaffMember(portal, "support", { hasSecondFactor: false });
    await plantSecondFactor(portal, support.account.id, old);
    const sealed = async () =>
      (await portal.portal.store.ask<{ secret: string }>("select secret from second_factors", []))[0]
        ?.secret ?? "";
    const newest = createKeys(seededRandom(1), portal.config.secret, null);
    expect(newest.open("second-factor.secret", await sealed())).toBeNull();
    await atTheDesk(portal, support);
    expect(newest.open("second-factor.secret", await sealed())).toBe(staffSecret);
  });

  test("is forgotten with the account that is closed", async () => {
    await start();
    expect(await portal.portal.operator.accounts.close(support.identifier)).toEqual({ ok: true });
    portal.clock.advance(hour + minute);
    await portal.settle();
    expect(await portal.portal.store.ask("select account_id from second_factors", [])).toEqual([]);
    expect(await portal.portal.store.ask("select id from staff_grants", [])).toEqual([]);
  });

  test("neither secret nor codes are kept readable, and no message holds one", async () => {
    await start({ hasSecondFactor: false });
    const browser = await signInStaff(portal, support);
    const { secret, codes } = await setUp(browser);
    await portal.settle();
    const { store } = portal.portal;
    const rows = [
      ...(await store.ask<object>("select * from second_factors", [])),
      ...(await store.ask<object>("select * from second_factor_codes", [])),
      ...(await store.ask<object>("select * from journal", [])),
      ...(await portal.messages()),
    ];
    const everything = JSON.stringify(rows);
    expect(rows.length).toBeGreaterThan(12);
    for (const plain of [secret, ...codes, ...codes.map((code) => code.replaceAll("-", ""))]) {
      expect(everything).not.toContain(plain);
    }
  });
});

onEachEngine("a second factor that is lost", (engine) => {
  let portal: TestPortal;
  let support: MadeStaff;
  let operator: MadeStaff;
  afterEach(() => portal.close());

  async function start(): Promise<PlainBrowser> {
    portal = await startPortal({ preset: "service", engine });
    support = await aStaffMember(portal, "support", { name: "Nadia Cherif" });
    operator = await aStaffMember(portal, "operator", { name: "Olivier Blanc" });
    return atTheDesk(portal, operator);
  }
  const pathOf = ({ account }: MadeStaff) => `/desk/staff/${account.id}`;
  const ask = (browser: PlainBrowser, staff = support, reason = "A perdu son téléphone") =>
    browser.post(`${pathOf(staff)}/second-factor/reset`, { reason });
  const hasFactor = async (staff = support) =>
    (await (await signInStaff(portal, staff)).get("/desk", { follow: false })).location?.includes(
      "set-up",
    ) === false;
  const keepLink = async () => {
    const mail = await portal.messageTo(support.email);
    return new URL(mail.links.find((link) => link.includes("token=")) ?? "");
  };

  test("is taken away a day after a higher role asked, and everybody concerned can read who and why", async () => {
    const desk = await start();
    const owner = await atTheDesk(portal, support);
    const asked = await ask(desk);
    expect(asked.text).toContain(words("staff.reset.asked"));
    const mail = await portal.messageTo(support.email);
    expect(mail.subject).toBe(words("second-factor.reset-asked.subject", { brand: "Loquet" }));
    expect(mail.text).toContain("Olivier Blanc");
    const why = { by: "Olivier Blanc", why: "A perdu son téléphone" };
    expect((await owner.get("/account/journal")).text).toContain(
      words("journal.second-factor.reset-asked", why),
    );
    expect((await desk.get("/account/journal")).text).toContain(
      words("journal.staff.did-reset-asked", { name: "Nadia Cherif", why: why.why }),
    );
    expect((await owner.get("/desk")).text).toContain(words("second-factor-reset.waits.title"));

    portal.clock.advance(day - minute);
    await portal.settle();
    expect(await hasFactor()).toBe(true);
    portal.clock.advance(2 * minute);
    await portal.settle();
    expect(await hasFactor()).toBe(false);
    expect((await owner.get("/account", { follow: false })).location).toContain("/sign-in");
    const subjects = (await portal.messages(support.email)).map(({ subject }) => subject);
    expect(subjects).toContain(words("second-factor.reset.subject", { brand: "Loquet" }));
    const late = await new PlainBrowser(portal.url).get(`${own}/keep?token=x`);
    expect(late.status).toBe(410);
  });

  test("is kept by the link of the message, by a press and not by opening it", async () => {
    const desk = await start();
    await ask(desk);
    const link = await keepLink();
    const anywhere = new PlainBrowser(portal.url);
    const look = await anywhere.get(link.pathname + link.search);
    expect(look.text).toContain(words("second-factor-reset.keep.title"));
    expect((await desk.get(pathOf(support))).text).toContain(words("staff.reset.waits"));
    const token = link.searchParams.get("token") ?? "";
    const kept = await anywhere.post(`${own}/keep`, { token });
    expect(kept.text).toContain(words("second-factor-reset.end.now.title"));
    expect((await anywhere.get(link.pathname + link.search)).text).toContain(
      words("second-factor-reset.end.kept.title"),
    );
    // It opens nothing to anybody.
    expect((await anywhere.get("/account", { follow: false })).location).toContain("/sign-in");
    expect((await desk.get("/account/journal")).text).toContain(
      words("journal.second-factor.reset-refused", { name: "Nadia Cherif" }),
    );
    portal.clock.advance(2 * day);
    await portal.settle();
    expect(await hasFactor()).toBe(true);
  });

  test("is kept by its owner at the desk, and taken back by who asked", async () => {
    const desk = await start();
    const owner = await atTheDesk(portal, support);
    await ask(desk);
    expect((await owner.post(`${own}/keep-mine`, {})).text).toContain(words("second-factor-reset.kept"));
    await ask(desk);
    const back = await desk.post(`${pathOf(support)}/second-factor/keep`, {});
    expect(back.text).toContain(words("staff.reset.taken-back"));
    portal.clock.advance(2 * day);
    await portal.settle();
    expect(await hasFactor()).toBe(true);
  });

  test("is another one by then: a second factor set up since stays, and whoever asked is told", async () => {
    const desk = await start();
    const owner = await atTheDesk(portal, support);
    await ask(desk);
    await owner.post(`${own}/remove`, {});
    await setUpIn(portal, owner);
    expect((await desk.get("/account/journal")).text).toContain(
      words("journal.second-factor.reset-refused", { name: "Nadia Cherif" }),
    );
    portal.clock.advance(2 * day);
    await portal.settle();
    expect(await hasFactor()).toBe(true);
  });

  test("waits only once: asked twice at once, one request stands", async () => {
    const desk = await start();
    const pages = await Promise.all([ask(desk), ask(desk), ask(desk)]);
    expect(pages.every(({ status }) => status === 200)).toBe(true);
    await portal.settle();
    const mails = await portal.messages(support.email);
    expect(mails).toHaveLength(1);
    const rows = await portal.portal.store.ask<{ status: string }>(
      "select status from second_factor_resets",
      [],
    );
    expect(rows.map(({ status }) => status)).toEqual(["waiting"]);
  });

  test("of keeping and taking away at the same moment, one holds and the page says which", async () => {
    const desk = await start();
    await ask(desk);
    const token = (await keepLink()).searchParams.get("token") ?? "";
    portal.clock.advance(day + minute);
    const [page] = await Promise.all([
      new PlainBrowser(portal.url).post(`${own}/keep`, { token }),
      portal.settle(),
    ]);
    const isKept = page.text.includes(words("second-factor-reset.end.now.title"));
    expect(page.status).toBe(isKept ? 200 : 410);
    expect(await hasFactor()).toBe(isKept);
  });

  test("is no business of an equal or lower role, nor of oneself", async () => {
    const desk = await start();
    const another = await aStaffMember(portal, "operator", { name: "Autre Exploitant" });
    const supportDesk = await atTheDesk(portal, support);
    for (const staff of [operator, another]) {
      expect((await ask(desk, staff)).status).toBe(404);
      expect((await desk.get(`${pathOf(staff)}/second-factor/reset`)).status).toBe(404);
    }
    expect((await ask(supportDesk, operator)).status).toBe(403);
  });

  test("asks for a reason", async () => {
    const desk = await start();
    const page = await ask(desk, support, "  ");
    expect(page.status).toBe(422);
    expect(page.text).toContain(words("staff.reason.missing"));
    expect(await portal.messages(support.email)).toEqual([]);
  });

  test("stays where it is if whoever asked has no role any more when the day is over", async () => {
    const desk = await start();
    const other = await aStaffMember(portal, "operator");
    await ask(await atTheDesk(portal, other));
    const [role] = await portal.portal.store.ask<{ id: string }>(
      "select id from staff_grants where account_id = ?",
      [other.account.id],
    );
    await desk.post(`${pathOf(other)}/roles/${role?.id}`, { reason: "Départ" });
    portal.clock.advance(day + minute);
    await portal.settle();
    expect(await hasFactor()).toBe(true);
  });

  test("is not taken away by a request that came back with a backup", async () => {
    const desk = await start();
    await ask(desk);
    await portal.portal.store.transact((tx) => afterRestore(tx, portal.clock.now()));
    portal.clock.advance(2 * day);
    await portal.settle();
    expect(await hasFactor()).toBe(true);
  });

  test("is taken away at once by the operator's command line, and told all the same", async () => {
    await start();
    const { accounts } = portal.portal.operator;
    expect(await accounts.resetSecondFactor(operator.identifier)).toEqual({ ok: true });
    await portal.settle();
    expect(await hasFactor(operator)).toBe(false);
    const [mail] = await portal.messages(operator.email);
    expect(mail?.subject).toBe(words("second-factor.reset.subject", { brand: "Loquet" }));
    expect(await accounts.resetSecondFactor(operator.identifier)).toEqual({
      ok: false,
      refusal: "no-factor",
    });
  });
});
