import { afterEach, expect, test } from "vitest";
import * as accountRows from "../../src/accounts/accounts.store.ts";
import { formatMoment } from "../../src/i18n/moment.ts";
import { accountNow, anAccount, contactPointsNow, type MadeAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { tokenOf } from "../support/member.ts";
import { startPortal, type TestPortal, type TestPortalOptions } from "../support/portal.ts";
import { aStaffMember, atTheDesk, giveRole } from "../support/staff.ts";
import { asSms, words } from "../support/words.ts";

const day = 24 * 3_600_000;
const noFollowing = { follow: false };
const newPassword = "trois-cerfs-volants-8";

onEachEngine("what staff do for a person", (engine) => {
  let portal: TestPortal;
  afterEach(() => portal.close());

  const start = async (options: TestPortalOptions = {}) => {
    portal = await startPortal({ engine, wideSources: true, preset: "service", ...options });
  };
  const atDesk = async (role = "support", name?: string) =>
    atTheDesk(portal, await aStaffMember(portal, role, name === undefined ? {} : { name }));
  const person = (name = "Lina Benali", email = "lina@example.fr") =>
    anAccount(portal, name).kind("member").email(email).made();

  const act = (
    desk: PlainBrowser,
    { account }: MadeAccount,
    what: string,
    fields: Record<string, string> = {},
  ): Promise<Page> =>
    desk.post(
      `/desk/people/${account.id}/${what}`,
      { reason: "demande par téléphone", ...fields },
      noFollowing,
    );
  const page = (desk: PlainBrowser, { account }: MadeAccount) => desk.get(`/desk/people/${account.id}`);
  const pointOf = async (made: MadeAccount, address: string) => {
    const point = (await contactPointsNow(portal, made)).find((one) => one.address === address);
    if (!point) throw new Error(`${address} is no contact point.`);
    return point;
  };
  const isDone = ({ status, location }: Page, made: MadeAccount) =>
    status === 303 && location === `/desk/people/${made.account.id}`;
  const signIn = (identifier: string, password: string) =>
    new PlainBrowser(portal.url).post("/sign-in", { identifier, password }, noFollowing);

  async function lock(identifier: string): Promise<void> {
    const stranger = new PlainBrowser(portal.url);
    for (let n = 0; n < 12; n++) await stranger.post("/sign-in", { identifier, password: `faux ${n}` });
    await portal.settle();
  }

  test("the page says why somebody cannot get in, what was sent and what came of it, and no secret", async () => {
    await start();
    const lina = await person();
    await lock("lina@example.fr");
    await new PlainBrowser(portal.url).post("/forgot-password", {
      identifier: "lina@example.fr",
      channel: "email",
    });
    const mail = await portal.messageTo("lina@example.fr");
    const seen = await page(await atDesk(), lina);
    expect(seen.text).toContain(words("people.state.locked"));
    expect(seen.text).toContain(words("people.why.locked.stranger"));
    expect(seen.text).toContain(words("people.message.recovery.reset"));
    expect(seen.text).toContain(words("people.message-word.sent"));
    expect(seen.text).toContain("unknown browser");
    for (const secret of [mail.code ?? "", tokenOf(mail)]) {
      expect(secret).not.toBe("");
      expect(seen.html).not.toContain(secret);
    }
  });

  test("a look is written on the side of whoever looked, and not on the person's", async () => {
    await start();
    const lina = await person();
    const desk = await atDesk();
    await page(desk, lina);
    expect((await desk.get("/account/journal")).text).toContain("Page de Lina Benali ouverte");
    const hers = new PlainBrowser(portal.url);
    await hers.post("/sign-in", { identifier: "lina@example.fr", password: lina.password ?? "" });
    expect((await hers.get("/account/journal")).text).not.toContain("ouverte");
  });

  test("a look is written whichever page of the person is opened, once a quarter of an hour", async () => {
    await start();
    const [lina, paul] = [await person(), await person("Paul Durand", "paul@example.fr")];
    const desk = await atDesk();
    const looks = async () => {
      const rows = await portal.portal.store.ask<{ params: string }>(
        "select params from journal where event = 'desk.person-seen' order by id",
        [],
      );
      return rows.map(({ params }) => (JSON.parse(params) as { name: string }).name);
    };
    await desk.get(`/desk/people/${lina.account.id}/close`);
    expect(await looks()).toEqual(["Lina Benali"]);
    await Promise.all([
      page(desk, lina),
      page(desk, lina),
      desk.get(`/desk/people/${lina.account.id}/recovery`),
    ]);
    await desk.get(`/desk/people/${paul.account.id}?before=${portal.clock.now()}.${paul.account.id}`);
    expect(await looks()).toEqual(["Lina Benali", "Paul Durand"]);
    await page(await atDesk(), lina);
    portal.clock.advance(15 * 60_000);
    await page(desk, lina);
    expect(await looks()).toEqual(["Lina Benali", "Paul Durand", "Lina Benali", "Lina Benali"]);
  });

  test("nobody acts on themselves, on anyone with a role, nor on whom their role does not help: 404, as for nobody", async () => {
    await start();
    const staff = await aStaffMember(portal, "support");
    const desk = await atTheDesk(portal, staff);
    const colleague = await aStaffMember(portal, "support");
    const helped = await person();
    await giveRole(portal, helped.account.id, "support");
    const otherKind = await anAccount(portal, "Quentin").kind("staff").email("q@example.org").made();
    const nobody = await desk.get("/desk/people/01890000-0000-7000-8000-000000000000");
    const plain = (text: string) => text.replaceAll(/[0-9A-Z]{4}-[0-9A-Z]{4}/g, "");
    for (const made of [staff, colleague, helped, otherKind]) {
      const seen = await page(desk, made);
      expect([seen.status, plain(seen.text)]).toEqual([404, plain(nobody.text)]);
      for (const what of ["unlock", "close", "delete", "recovery", "browser", "contacts/add/email"]) {
        expect((await desk.get(`/desk/people/${made.account.id}/${what}`)).status).toBe(404);
        const answer = await act(desk, made, what, { contact: "x@example.org", number: "123456" });
        expect([what, answer.status]).toEqual([what, 404]);
      }
      expect((await accountNow(portal, made)).status).toBe("active");
    }
  });

  test("each asks for a reason, and the day's limit holds for all of them together", async () => {
    await start({
      change: (config) => ({
        ...config,
        preset: {
          ...config.preset,
          limits: { ...config.preset.limits, "staff-act.per-staff": { max: 2, perSeconds: 86_400 } },
        },
      }),
    });
    const lina = await person();
    const desk = await atDesk();
    const without = await act(desk, lina, "close", { reason: "  " });
    expect([without.status, without.text.includes(words("people.reason.missing"))]).toEqual([422, true]);
    expect((await act(desk, lina, "close", { reason: "x".repeat(301) })).status).toBe(422);
    expect((await act(desk, lina, "unlock")).status).toBe(303);
    expect((await act(desk, lina, "unlock")).status).toBe(303);
    const refused = await act(desk, lina, "close");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("86400");
    expect(refused.text).toContain(words("desk.limit.title"));
    expect((await accountNow(portal, lina)).status).toBe("active");
  });

  test("an unlock lets the password be tried again, from any browser", async () => {
    await start();
    const lina = await person();
    await lock("lina@example.fr");
    expect((await signIn("lina@example.fr", lina.password ?? "")).location).not.toBe("/account");
    const desk = await atDesk();
    expect(isDone(await act(desk, lina, "unlock"), lina)).toBe(true);
    expect((await signIn("lina@example.fr", lina.password ?? "")).location).toBe("/account");
    await act(desk, lina, "unlock");
    expect((await page(desk, lina)).text).toContain(words("people.not-locked"));
  });

  test("a recovery goes to the chosen contact point alone, with a link for any browser and no code", async () => {
    await start();
    const lina = await anAccount(portal, "Lina Benali")
      .kind("member")
      .email("lina@example.fr")
      .mobile("+33639980042")
      .made();
    const desk = await atDesk();
    const mobile = await pointOf(lina, "+33639980042");
    expect(isDone(await act(desk, lina, "recovery", { contact: mobile.id }), lina)).toBe(true);
    const sms = await portal.messageTo("+33639980042");
    expect(sms.code).toBeNull();
    expect(await portal.messages("lina@example.fr")).toEqual([]);
    const seen = await page(desk, lina);
    expect(seen.html).not.toContain(tokenOf(sms));
    const anywhere = new PlainBrowser(portal.url);
    await anywhere.get(`/reset?token=${tokenOf(sms)}`);
    const chosen = await anywhere.post("/reset", { token: tokenOf(sms), password: newPassword }, noFollowing);
    expect(chosen.location).toBe("/sign-in");
    expect((await signIn("lina@example.fr", newPassword)).location).toBe("/account");
  });

  test("a recovery link that came too late is renewed in one press, and never goes to another's contact point", async () => {
    await start();
    const lina = await person();
    const paul = await person("Paul Durand", "paul@example.fr");
    const desk = await atDesk();
    const foreign = await pointOf(paul, "paul@example.fr");
    expect((await act(desk, lina, "recovery", { contact: foreign.id })).status).toBe(404);
    await act(desk, lina, "recovery", { contact: (await pointOf(lina, "lina@example.fr")).id });
    const first = tokenOf(await portal.messageTo("lina@example.fr"));
    portal.clock.advance(31 * 60_000);
    const browser = new PlainBrowser(portal.url);
    expect((await browser.get(`/reset?token=${first}`)).status).toBe(410);
    await browser.post("/forgot-password/again", { token: first });
    const second = tokenOf(await portal.messageTo("lina@example.fr"));
    expect(second).not.toBe(first);
    expect((await browser.get(`/reset?token=${second}`)).status).toBe(200);
  });

  test("a new contact point serves at once where none is verified, and names the account where addresses do", async () => {
    await start({ preset: "community" });
    const lina = await anAccount(portal, "Lina Benali")
      .kind("member")
      .email("lina@exmaple.fr", { state: "declared" })
      .made();
    const desk = await atDesk();
    const old = await pointOf(lina, "lina@exmaple.fr");
    const done = await act(desk, lina, `contacts/${old.id}/replace`, { contact: "lina@example.fr" });
    expect(isDone(done, lina)).toBe(true);
    expect((await contactPointsNow(portal, lina)).map(({ address }) => address)).toEqual(["lina@example.fr"]);
    const browser = new PlainBrowser(portal.url);
    await browser.post("/forgot-password", { identifier: "lina@example.fr", channel: "email" });
    const mail = await portal.messageTo("lina@example.fr");
    expect(
      (await browser.post("/forgot-password/code", { code: mail.code ?? "" }, noFollowing)).location,
    ).toBe("/reset");
  });

  test("where one is verified it waits a day; every other is told from which hour, and what it replaces serves until then", async () => {
    await start({ preset: "community" });
    const lina = await anAccount(portal, "Lina Benali")
      .kind("member")
      .email("lina@example.fr")
      .mobile("+33639980042")
      .made();
    const desk = await atDesk();
    const old = await pointOf(lina, "lina@example.fr");
    await act(desk, lina, `contacts/${old.id}/replace`, { contact: "nouvelle@example.org" });
    const { usable_from } = await pointOf(lina, "nouvelle@example.org");
    const hour = formatMoment("fr", portal.config.timezone, usable_from ?? 0);
    const warning = await portal.messageTo("lina@example.fr");
    expect(warning.subject).toContain("remplace une coordonnée");
    expect(warning.text).toContain("n•••@example.org");
    expect(warning.text).toContain(hour);
    expect((await portal.messageTo("+33639980042")).text).toContain(asSms(`qui servira le ${hour}`));
    expect(await portal.messages("nouvelle@example.org")).toEqual([]);
    const asked = new PlainBrowser(portal.url);
    await asked.post("/forgot-password", { identifier: "nouvelle@example.org", channel: "email" });
    await portal.settle();
    expect(await portal.messages("nouvelle@example.org")).toEqual([]);
    expect((await portal.messageTo("lina@example.fr")).subject).toBe(words("recovery.reset.subject"));
    portal.clock.advance(day + 60_000);
    await portal.settle();
    const left = (await contactPointsNow(portal, lina)).map(({ address }) => address).toSorted();
    expect(left).toEqual(["+33639980042", "nouvelle@example.org"]);
    await new PlainBrowser(portal.url).post("/forgot-password", {
      identifier: "nouvelle@example.org",
      channel: "email",
    });
    expect((await portal.messageTo("nouvelle@example.org")).code).not.toBeNull();
    expect((await signIn("lina@example.fr", lina.password ?? "")).status).toBe(422);
  });

  test("who signs in meanwhile is not asked to prove what is about to be replaced", async () => {
    await start({ preset: "community" });
    const lina = await anAccount(portal, "Lina Benali")
      .kind("member")
      .email("lina@example.fr")
      .email("lina@exmaple.fr", { state: "declared" })
      .made();
    const typo = await pointOf(lina, "lina@exmaple.fr");
    await act(await atDesk(), lina, `contacts/${typo.id}/replace`, { contact: "nouvelle@example.org" });
    const asked = await new PlainBrowser(portal.url).post("/sign-in", {
      identifier: "lina@example.fr",
      password: lina.password ?? "",
    });
    expect(asked.path).toBe("/account/check-contacts");
    expect(asked.text).toContain("nouvelle@example.org");
    expect(asked.text).not.toContain("lina@exmaple.fr");
  });

  test("another member of staff may approve it before, never the one who entered it, and once", async () => {
    await start({ preset: "community" });
    const lina = await person();
    const first = await atDesk("support", "Sami Aide");
    const second = await atDesk("support", "Rose Aide");
    await act(first, lina, "contacts/add/email", { contact: "nouvelle@example.org" });
    const fresh = await pointOf(lina, "nouvelle@example.org");
    await act(first, lina, `contacts/${fresh.id}/approve`);
    expect((await page(first, lina)).text).toContain(words("people.contact.own-correction"));
    expect((await pointOf(lina, "nouvelle@example.org")).usable_from).not.toBeNull();
    const answers = await Promise.all([1, 2, 3].map(() => act(second, lina, `contacts/${fresh.id}/approve`)));
    for (const answer of answers) expect(isDone(answer, lina)).toBe(true);
    expect((await pointOf(lina, "nouvelle@example.org")).usable_from).toBeNull();
    await portal.settle();
    const told = (await portal.messages("lina@example.fr")).filter(({ subject }) =>
      subject.includes("sert maintenant"),
    );
    expect(told).toHaveLength(1);
    expect((await page(second, lina)).text).toContain("Sami Aide");
  });

  test("« Ce n’est pas moi » cancels what waits and freezes contact changes, also for staff", async () => {
    await start({ preset: "community" });
    const lina = await person();
    const desk = await atDesk();
    await act(desk, lina, "contacts/add/email", { contact: "voleur@example.org" });
    const token = tokenOf(await portal.messageTo("lina@example.fr"), "/account/not-me");
    await new PlainBrowser(portal.url).post("/account/not-me", { token });
    expect((await contactPointsNow(portal, lina)).map(({ address }) => address)).toEqual(["lina@example.fr"]);
    expect(await accountRows.findByIdentifier(portal.portal.store, "voleur@example.org")).toBeNull();
    const refused = await act(desk, lina, "contacts/add/email", { contact: "autre@example.org" });
    expect([refused.status, refused.text.includes(words("people.frozen.title"))]).toEqual([403, true]);
    portal.clock.advance(2 * day);
    await portal.settle();
    expect((await contactPointsNow(portal, lina)).map(({ address }) => address)).toEqual(["lina@example.fr"]);
    expect((await page(await atDesk(), lina)).text).toContain("Coordonnées protégées jusqu’au");
  });

  test("« Ce n’est pas moi » takes back what staff put in lately: at once, approved, or after its day", async () => {
    await start({
      preset: "community",
      change: (config) => ({ ...config, preset: { ...config.preset, recoverWithDeclared: true } }),
    });
    const desk = await atDesk("support", "Sami Aide");
    const addresses = async (made: MadeAccount) =>
      (await contactPointsNow(portal, made)).map(({ address }) => address);
    const sayNo = async (from: string) => {
      const token = tokenOf(await portal.messageTo(from), "/account/not-me");
      await new PlainBrowser(portal.url).post("/account/not-me", { token });
    };
    const declared = (name: string, email: string) =>
      anAccount(portal, name).kind("member").email(email, { state: "declared" }).made();

    // At once, where nothing was proved; what staff put in long ago stays, and staff send nothing there.
    const ada = await declared("Ada Roy", "ada@example.fr");
    await act(desk, ada, "contacts/add/email", { contact: "ancienne@example.org" });
    portal.clock.advance(8 * day);
    const first = await atDesk("support", "Sami Aide");
    const second = await atDesk("support", "Rose Aide");
    await act(first, ada, "contacts/add/email", { contact: "voleur@example.org" });
    await sayNo("ada@example.fr");
    expect((await addresses(ada)).toSorted()).toEqual(["ada@example.fr", "ancienne@example.org"]);
    expect(await accountRows.findByIdentifier(portal.portal.store, "voleur@example.org")).toBeNull();
    const old = await pointOf(ada, "ancienne@example.org");
    expect((await act(first, ada, "recovery", { contact: old.id })).status).toBe(404);
    const own = await pointOf(ada, "ada@example.fr");
    expect(isDone(await act(first, ada, "recovery", { contact: own.id }), ada)).toBe(true);

    // In another's place, twice: the first comes back, and opens nothing before the freeze is over.
    const noe = await declared("Noé Petit", "noe@example.fr");
    for (const [from, to] of [
      ["noe@example.fr", "voleur1@example.org"],
      ["voleur1@example.org", "voleur2@example.org"],
    ] as const) {
      await act(first, noe, `contacts/${(await pointOf(noe, from)).id}/replace`, { contact: to });
    }
    await sayNo("noe@example.fr");
    expect(await addresses(noe)).toEqual(["noe@example.fr"]);
    const back = await pointOf(noe, "noe@example.fr");
    expect(back).toMatchObject({ state: "declared", usable_from: portal.clock.now() + 7 * day });
    const askedFor = async () => {
      const browser = new PlainBrowser(portal.url);
      await browser.post("/forgot-password", { identifier: "noe@example.fr", channel: "email" });
      await portal.settle();
      const sent = await portal.messages("noe@example.fr");
      return sent.filter(({ subject }) => subject === words("recovery.reset.subject")).length;
    };
    expect(await askedFor()).toBe(0);

    // Approved by a second, and proved since by whoever reads there: the message was about it.
    const ines = await person("Inès Roux", "ines@example.fr");
    await act(first, ines, "contacts/add/email", { contact: "voleur3@example.org" });
    const fresh = await pointOf(ines, "voleur3@example.org");
    await act(second, ines, `contacts/${fresh.id}/approve`);
    await portal.portal.store.transact((tx) =>
      accountRows.updateContactPoint(tx, fresh.id, { state: "verified", verified_at: portal.clock.now() }),
    );
    await sayNo("ines@example.fr");
    expect(await addresses(ines)).toEqual(["ines@example.fr"]);

    // In another's place, and proved since: neither serves, until staff who know the person put in what is right.
    const max = await declared("Max Roux", "max@example.fr");
    const before = await pointOf(max, "max@example.fr");
    await act(first, max, `contacts/${before.id}/replace`, { contact: "voleur5@example.org" });
    const contested = await pointOf(max, "voleur5@example.org");
    await portal.portal.store.transact((tx) =>
      accountRows.updateContactPoint(tx, contested.id, {
        state: "verified",
        verified_at: portal.clock.now(),
      }),
    );
    await sayNo("max@example.fr");
    expect(await addresses(max)).toEqual([]);

    // After its day.
    const lina = await person();
    const replaced = await pointOf(lina, "lina@example.fr");
    await act(first, lina, `contacts/${replaced.id}/replace`, { contact: "voleur4@example.org" });
    await portal.settle();
    portal.clock.advance(day);
    await portal.settle();
    expect(await addresses(lina)).toEqual(["voleur4@example.org"]);
    await sayNo("lina@example.fr");
    expect(await addresses(lina)).toEqual(["lina@example.fr"]);
    expect((await pointOf(lina, "lina@example.fr")).state).toBe("verified");

    portal.clock.advance(7 * day);
    expect(await askedFor()).toBe(1);
  });

  test("a slip that still waits is put right: it never serves, and one alone takes the proved one's place", async () => {
    await start({ preset: "community" });
    const lina = await person();
    const desk = await atDesk();
    const replace = async (from: string, contact: string) =>
      act(desk, lina, `contacts/${(await pointOf(lina, from)).id}/replace`, { contact });
    await replace("lina@example.fr", "nuovelle@example.org");
    // From the proved one once more, then from the slip itself.
    await replace("lina@example.fr", "nouvele@example.org");
    await replace("nouvele@example.org", "nouvelle@example.org");
    const now = async () => (await contactPointsNow(portal, lina)).map(({ address }) => address).toSorted();
    expect(await now()).toEqual(["lina@example.fr", "nouvelle@example.org"]);
    expect(await accountRows.findByIdentifier(portal.portal.store, "nuovelle@example.org")).toBeNull();
    portal.clock.advance(day);
    await portal.settle();
    expect(await now()).toEqual(["nouvelle@example.org"]);
  });

  test("said in the minute before it serves, « Ce n’est pas moi » still stops it; one that fails stops no other", async () => {
    await start({ preset: "community" });
    const lina = await person();
    const paul = await person("Paul Durand", "paul@example.fr");
    const noe = await person("Noé Petit", "noe@example.fr");
    const desk = await atDesk();
    for (const [made, from] of [
      [noe, "noe@example.fr"],
      [lina, "lina@example.fr"],
      [paul, "paul@example.fr"],
    ] as const) {
      const point = await pointOf(made, from);
      await act(desk, made, `contacts/${point.id}/replace`, { contact: `nouvelle-${from}` });
    }
    const token = tokenOf(await portal.messageTo("lina@example.fr"), "/account/not-me");
    const { store } = portal.portal;
    const [broken] = await store.ask<{ id: string }>(
      "select id from contact_corrections where account_id = ?",
      [noe.account.id],
    );
    await store.transact((tx) =>
      tx.ask(
        engine === "sqlite"
          ? `create trigger broken before update on contact_corrections when old.id = '${broken?.id}'
              begin select raise(abort, 'broken'); end`
          : `alter table contact_corrections add constraint broken check (id <> '${broken?.id}' or status = 'waiting')`,
        [],
      ),
    );
    portal.clock.advance(day);
    await new PlainBrowser(portal.url).post("/account/not-me", { token });
    await portal.settle().catch(() => undefined);
    const addresses = async (made: MadeAccount) =>
      (await contactPointsNow(portal, made)).map(({ address }) => address);
    expect(await addresses(lina)).toEqual(["lina@example.fr"]);
    expect(await addresses(paul)).toEqual(["nouvelle-paul@example.fr"]);
    expect((await addresses(noe)).toSorted()).toEqual(["noe@example.fr", "nouvelle-noe@example.fr"]);
  });

  test("staff send no more to one address in a day than its limit", async () => {
    await start();
    const lina = await person();
    const desk = await atDesk();
    const { id } = await pointOf(lina, "lina@example.fr");
    const { max } = portal.config.preset.limits["staff-message.per-address"];
    for (let n = 0; n <= max; n++) await act(desk, lina, "recovery", { contact: id });
    expect((await page(desk, lina)).text).toContain(words("people.address-limit"));
    const sent = await portal.portal.store.ask(
      "select 1 from journal where event = 'people.recovery-sent'",
      [],
    );
    expect(sent).toHaveLength(max);
  });

  test("a contact point is taken away and told, never the last that was verified", async () => {
    await start();
    const lina = await anAccount(portal, "Lina Benali")
      .kind("member")
      .email("lina@example.fr")
      .email("vieille@example.fr", { state: "declared" })
      .made();
    const desk = await atDesk();
    const old = await pointOf(lina, "vieille@example.fr");
    const verified = await pointOf(lina, "lina@example.fr");
    await act(desk, lina, `contacts/${verified.id}/remove`);
    expect((await page(desk, lina)).text).toContain(words("people.contact.last-verified"));
    expect(isDone(await act(desk, lina, `contacts/${old.id}/remove`), lina)).toBe(true);
    expect((await portal.messageTo("vieille@example.fr")).subject).toContain("retiré");
    expect((await contactPointsNow(portal, lina)).map(({ address }) => address)).toEqual(["lina@example.fr"]);
  });

  test("what cannot be a contact point is said at its field, and an address of another account is refused", async () => {
    await start();
    const lina = await person();
    await person("Paul Durand", "paul@example.fr");
    const desk = await atDesk();
    for (const [contact, refusal] of [
      ["", "email.missing"],
      ["lina@@example", "email.malformed"],
      ["lina@example.fr", "people.contact.theirs-already"],
      ["paul@example.fr", "people.contact.taken"],
    ] as const) {
      const answer = await act(desk, lina, "contacts/add/email", { contact });
      expect([answer.status, answer.text.includes(words(refusal))]).toEqual([422, true]);
    }
    expect((await act(desk, lina, "contacts/add/sms", { contact: "01 02 03 04 05" })).status).toBe(422);
    expect(await contactPointsNow(portal, lina)).toHaveLength(1);
  });

  test("contact points that one member of staff corrects have a limit of their own", async () => {
    await start({
      change: (config) => ({
        ...config,
        preset: {
          ...config.preset,
          limits: { ...config.preset.limits, "staff-contact.per-staff": { max: 1, perSeconds: 86_400 } },
        },
      }),
    });
    const lina = await person();
    const desk = await atDesk();
    expect((await act(desk, lina, "contacts/add/email", { contact: "a@example.org" })).status).toBe(303);
    expect((await act(desk, lina, "contacts/add/email", { contact: "b@example.org" })).status).toBe(429);
    expect((await act(desk, lina, "unlock")).status).toBe(303);
  });

  test("an account made on a mistyped address is deleted only while nobody has used it; the address is free, nobody told", async () => {
    await start();
    const unused = await person("Noé Petit", "noe@exmaple.fr");
    const pending = await anAccount(portal, "Noé Petit")
      .kind("member")
      .email("n@exmaple.fr")
      .status("pending")
      .made();
    const used = await person();
    await signIn("lina@example.fr", used.password ?? "");
    const desk = await atDesk();
    for (const made of [unused, pending]) {
      expect((await act(desk, made, "delete")).location).toBe("/desk/people");
      expect(await accountRows.findById(portal.portal.store, made.account.id)).toBeNull();
    }
    await act(desk, used, "delete");
    expect((await page(desk, used)).text).toContain(words("people.used-already"));
    await portal.settle();
    expect(await portal.messages("noe@exmaple.fr")).toEqual([]);
    expect(await accountRows.findRemoved(portal.portal.store, "noe@exmaple.fr")).toBeNull();
    expect((await desk.get("/account/journal")).text).toContain("Compte de Noé Petit supprimé");
  });

  test("an account that slept is not taken for one that nobody used", async () => {
    await start();
    const used = await person();
    await signIn("lina@example.fr", used.password ?? "");
    const desk = await atDesk();
    portal.clock.advance(366 * day);
    await portal.settle();
    portal.clock.advance(2 * 3_600_000);
    await portal.settle();
    const journal = await portal.portal.store.ask<object>(
      "select id from journal where event = 'sign-in.done' and account_id = ?",
      [used.account.id],
    );
    expect(journal).toEqual([]);
    const again = await atDesk();
    expect((await page(again, used)).text).not.toContain(words("people.act.delete"));
    await act(again, used, "delete");
    expect((await accountNow(portal, used)).status).toBe("active");
    expect((await desk.get("/desk", noFollowing)).status).toBe(303);
  });

  test("the activation of an unfinished sign-up goes to the address that was chosen", async () => {
    await start();
    const noe = await anAccount(portal, "Noé Petit")
      .kind("member")
      .email("noe@exmaple.fr", { state: "declared", origin: "person" })
      .email("noe@example.fr", { state: "declared", origin: "staff" })
      .status("pending")
      .made();
    const desk = await atDesk();
    for (const address of ["noe@example.fr", "noe@exmaple.fr"]) {
      const { id } = await pointOf(noe, address);
      expect(isDone(await act(desk, noe, "recovery", { contact: id }), noe)).toBe(true);
      expect((await portal.messageTo(address)).subject).toBe(words("registration.activate.subject"));
    }
    const token = tokenOf(await portal.messageTo("noe@example.fr"), "/confirm");
    await new PlainBrowser(portal.url).post("/confirm", { token });
    expect((await pointOf(noe, "noe@example.fr")).state).toBe("verified");
    expect((await pointOf(noe, "noe@exmaple.fr")).state).toBe("declared");
  });

  test("where SMS is off no page leads to a number, and one that is there can be taken away", async () => {
    await start({ environment: { LOQUET_SMS_URL: "off" } });
    const lina = await anAccount(portal, "Lina Benali")
      .kind("member")
      .email("lina@example.fr")
      .mobile("+33639980042")
      .made();
    const desk = await atDesk();
    const { id } = await pointOf(lina, "+33639980042");
    const seen = await page(desk, lina);
    for (const path of ["contacts/add/sms", `contacts/${id}/replace`]) {
      expect(seen.html).not.toContain(path);
      expect((await desk.get(`/desk/people/${lina.account.id}/${path}`)).status).toBe(404);
    }
    for (const path of ["contacts/add/email", `contacts/${id}/remove`]) expect(seen.html).toContain(path);
  });

  test("a closed account signs everybody out, opens nothing any more, and its person is told", async () => {
    await start();
    const lina = await person();
    const hers = new PlainBrowser(portal.url);
    await hers.post("/sign-in", { identifier: "lina@example.fr", password: lina.password ?? "" });
    const desk = await atDesk();
    expect(isDone(await act(desk, lina, "close"), lina)).toBe(true);
    expect((await hers.get("/account", noFollowing)).location).toContain("/sign-in");
    expect((await portal.messageTo("lina@example.fr")).subject).toContain("est fermé");
    await act(desk, lina, "close");
    const seen = await page(desk, lina);
    expect(seen.text).toContain(words("people.closed-already"));
    expect(seen.text).toContain(words("people.state.closed"));
    expect((await desk.get(`/desk/people/${lina.account.id}/browser`)).status).toBe(200);
  });

  test("an invited person chooses the password; until then « Mot de passe oublié ? » and staff send the invitation again", async () => {
    await start();
    const desk = await atDesk();
    const invite = (fields: Record<string, string>) =>
      desk.post(
        "/desk/people/invite",
        {
          name: "Zoé Roux",
          email: "zoe@example.org",
          kind: "member",
          username: "",
          language: "en",
          reason: "convention",
          ...fields,
        },
        noFollowing,
      );
    const wrong = await invite({ name: " ", email: "zoe", kind: "staff", reason: "" });
    expect(wrong.status).toBe(422);
    for (const key of [
      "people.invite.name-missing",
      "email.malformed",
      "people.invite.kind-missing",
      "people.reason.missing",
    ] as const) {
      expect(wrong.text).toContain(words(key));
    }
    const done = await invite({});
    expect(done.location).toMatch(/^\/desk\/people\/[0-9a-f-]{36}$/);
    const first = await portal.messageTo("zoe@example.org");
    expect(first.locale).toBe("en");
    expect((await invite({ name: "Autre" })).text).toContain(words("people.invite.taken"));
    await new PlainBrowser(portal.url).post("/forgot-password", {
      identifier: "zoe@example.org",
      channel: "email",
    });
    const second = await portal.messageTo("zoe@example.org");
    expect(tokenOf(second)).not.toBe(tokenOf(first));
    const id = (done.location ?? "").split("/")[3] ?? "";
    const account = await accountRows.findById(portal.portal.store, id);
    const zoe = { account, contacts: [], password: null } as unknown as MadeAccount;
    await act(desk, zoe, "recovery", { contact: (await pointOf(zoe, "zoe@example.org")).id });
    const third = tokenOf(await portal.messageTo("zoe@example.org"));
    expect(third).not.toBe(tokenOf(second));
    const browser = new PlainBrowser(portal.url);
    await browser.post("/activate", { token: third, password: newPassword });
    expect((await signIn("zoe@example.org", newPassword)).location).toBe("/account");
    expect((await page(desk, zoe)).text).toContain("Compte préparé par l’assistance");
  });

  test("a role without private reasons sees contact points masked, nor who acted, nor why", async () => {
    await start({
      change: (config) => ({
        ...config,
        preset: {
          ...config.preset,
          roles: config.preset.roles.map((role) =>
            role.id === "support"
              ? { ...role, may: role.may.filter((one) => one !== "people.journal") }
              : role,
          ),
        },
      }),
    });
    const lina = await person();
    const operator = await atDesk("operator", "Odile Cheffe");
    await act(operator, lina, "contacts/add/email", {
      contact: "lina.b@example.org",
      reason: "vue au guichet",
    });
    const full = await page(operator, lina);
    expect(full.text).toContain("vue au guichet");
    const desk = await atDesk();
    const masked = await page(desk, lina);
    expect(masked.text).toContain("l•••@example.fr");
    for (const hidden of ["lina@example.fr", "lina.b@example.org", "vue au guichet", "Odile Cheffe"]) {
      expect(masked.html).not.toContain(hidden);
    }
    const list = await desk.get("/desk/people?q=benali");
    expect(list.text).toContain("l•••@example.fr");
    expect(list.html).not.toContain("lina@example.fr");
  });

  test("private reasons of one kind of person are not opened by a role that helps another kind", async () => {
    await start({
      change: (config) => ({
        ...config,
        preset: {
          ...config.preset,
          roles: config.preset.roles.flatMap((role) =>
            role.id === "support"
              ? [
                  { ...role, may: role.may.filter((one) => one !== "people.journal") },
                  { ...role, id: "personnel", helps: ["staff" as const] },
                ]
              : [role],
          ),
        },
      }),
    });
    const lina = await person();
    const both = await aStaffMember(portal, "support");
    await giveRole(portal, both.account.id, "personnel");
    const desk = await atTheDesk(portal, both);
    const quentin = await anAccount(portal, "Quentin").kind("staff").email("quentin@example.org").made();
    expect((await page(desk, quentin)).text).toContain("quentin@example.org");
    expect((await page(desk, lina)).html).not.toContain("lina@example.fr");
    expect((await desk.get("/desk/people?q=benali")).html).not.toContain("lina@example.fr");
    expect((await desk.get("/desk/people?q=quentin")).text).toContain("quentin@example.org");
  });

  test("the timeline goes back page by page, each line once", async () => {
    await start();
    const lina = await person();
    for (let n = 0; n < 40; n++) {
      await new PlainBrowser(portal.url).post("/sign-in", {
        identifier: "lina@example.fr",
        password: lina.password ?? "",
      });
      portal.clock.advance(61_000);
    }
    const desk = await atDesk();
    let path = `/desk/people/${lina.account.id}`;
    const lines: number[] = [];
    while (path !== "") {
      const seen = await desk.get(path);
      lines.push(seen.html.split("person-when").length - 1);
      path = (/href="([^"#]*\?before=[^"#]*)/.exec(seen.html)?.[1] ?? "").replaceAll("&amp;", "&");
    }
    expect(lines.reduce((sum, count) => sum + count, 0)).toBe(40);
    expect(Math.max(...lines)).toBe(30);
  });
});
