import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contactPointsOf } from "../../src/accounts/accounts.store.ts";
import { createCaseLinks } from "../../src/desk/cases/case-links.ts";
import * as rows from "../../src/desk/cases/cases.store.ts";
import type { OpenCase } from "../../src/desk/cases/cases.ts";
import { stranger } from "../../src/journal/journal.ts";
import type { Caller, Staff } from "../../src/kernel/caller.ts";
import { day, hour, minute } from "../../src/kernel/clock.ts";
import { createKeys } from "../../src/kernel/keys.ts";
import { Secret } from "../../src/kernel/secret.ts";
import type { Tx } from "../../src/store/store.ts";
import { anAccount, type MadeAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { tokenOf } from "../support/member.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { giveRole } from "../support/staff.ts";
import { fold, words } from "../support/words.ts";
import { seededRandom } from "../support/world.ts";

const caller: Caller = {
  incident: "TEST-0001",
  locale: "fr",
  browser: "Firefox (Windows)",
  browserId: "x".repeat(22),
  knownCookie: null,
  sourceAddress: "192.0.2.1",
  sourceKey: "192.0.2.1",
  isSlowed: false,
};
let written = 0;

onEachEngine("cases", (engine) => {
  let portal: TestPortal;
  let alice: Staff;
  let bruno: Staff;
  beforeAll(async () => {
    portal = await startPortal({ engine, wideSources: true });
    alice = aStaff(await anAccount(portal, "Alice Aide").kind("staff").email("alice@aide.example").made());
    bruno = aStaff(await anAccount(portal, "Bruno Aide").kind("staff").email("bruno@aide.example").made());
    for (const { accountId } of [alice, bruno]) await giveRole(portal, accountId, "support");
  });
  afterAll(() => portal.close());

  function aStaff({ account }: MadeAccount, changes: Partial<Staff> = {}): Staff {
    const role = portal.config.preset.roles.find(({ id }) => id === "support");
    return {
      accountId: account.id,
      sessionId: "session",
      name: account.name,
      locale: "fr",
      roles: ["support"],
      grants: [{ role: "support", establishmentId: null }],
      may: new Set(role?.may ?? []),
      helps: role?.helps ?? [],
      relays: role?.relays ?? [],
      ...changes,
    };
  }

  const cases = () => portal.portal.cases;
  const store = () => portal.portal.store;
  const inTx = <Result>(work: (tx: Tx) => Promise<Result>) => store().transact(work);
  const now = async (id: string) => (await rows.findCase(store(), id)) as rows.CaseRow;
  const events = async (id: string) =>
    (await rows.messagesOf(store(), [id], ["event"])).map(({ body }) => body);

  function open(changes: Partial<OpenCase> = {}): Promise<rows.CaseRow> {
    const address = `personne${++written}@example.fr`;
    return inTx((tx) =>
      cases().openCase(tx, {
        origin: "form",
        locale: "fr",
        subject: "",
        body: "Je ne peux plus entrer.",
        symptom: "cannot-sign-in",
        kind: null,
        name: "Léa Martin",
        email: { address, key: address },
        phone: null,
        evidence: { at: portal.clock.now() },
        caller,
        actor: stranger,
        ...changes,
      }),
    );
  }
  const answer = (staff: Staff, id: string, body: string, options = {}) =>
    inTx((tx) => cases().addStaffAnswer(tx, staff, id, body, options));

  test("numbers are drawn by chance: they tell nobody how many others write", async () => {
    const numbers = [];
    for (let n = 0; n < 20; n++) numbers.push((await open()).number);
    expect(new Set(numbers).size).toBe(20);
    for (const number of numbers) expect(number).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(numbers.toSorted()).not.toEqual(numbers);
  });

  test("the symptom chooses the relay, and the relay's hours the times", async () => {
    // It is Tuesday at 9:00: four working hours end at 13:00.
    expect(await open()).toMatchObject({
      relay: "support",
      first_answer_due_at: portal.clock.now() + 4 * hour,
      escalate_at: portal.clock.now() + 4 * hour,
    });
    expect((await open({ symptom: "loop" })).relay).toBe("operator");
  });

  test("is found by its words, whatever their accents", async () => {
    const row = await open({ body: "Clé cassée à l’Œuvre", name: "Zoé Ünger" });
    const found = await store()
      .tables<rows.CaseTables>()
      .selectFrom("case_words")
      .select("word")
      .where("case_id", "=", row.id)
      .execute();
    const folded = found.map(({ word }) => word);
    expect(folded).toEqual(expect.arrayContaining(["cle", "cassee", "oeuvre", "zoe", "unger"]));
    expect(folded).toContain(row.number.replace("-", "").toLowerCase());
  });

  describe("what is said both ways", () => {
    test("an answer is mailed in the thread, with the way back, and it is the person's turn", async () => {
      const row = await open();
      await inTx((tx) =>
        cases().addPersonMessage(tx, row.id, {
          body: "Bonjour ?",
          channel: "mail",
          mailId: "<abc@example.fr>",
        }),
      );
      portal.clock.advance(30 * minute);
      const outcome = await answer(alice, row.id, "Essayez ceci :\n1. la page\n\n2. le lien");
      expect(outcome.ok).toBe(true);
      const mail = await portal.messageTo(row.email as string);
      expect(mail.subject).toBe(words("cases.answer.subject", { number: row.number }));
      expect(mail.text).toContain("1. la page\n");
      expect(mail.text).not.toContain("Je ne peux plus entrer");
      expect(mail.replyTo).toBe(cases().replyAddress(row.number));
      expect(tokenOf(mail, "/contact/case")).toBe(cases().caseLinkToken(row.id));
      expect(await now(row.id)).toMatchObject({
        status: "waiting",
        waits_for: "person",
        first_answered_at: portal.clock.now(),
        first_answer_due_at: null,
        escalate_at: null,
        assignee_id: alice.accountId,
      });
    });

    test("the person's answer makes it the staff's turn again, with a new time", async () => {
      const row = await open();
      await answer(alice, row.id, "Un peu de patience.");
      portal.clock.advance(hour);
      await inTx((tx) => cases().addPersonMessage(tx, row.id, { body: "Alors ?", channel: "form" }));
      const after = await now(row.id);
      expect(after).toMatchObject({
        status: "open",
        waits_for: "staff",
        person_wrote_at: portal.clock.now(),
      });
      expect(after.first_answer_due_at).toBeGreaterThan(portal.clock.now());
    });

    test("writing again does not put off what was promised", async () => {
      const row = await open();
      portal.clock.advance(hour);
      await inTx((tx) => cases().addPersonMessage(tx, row.id, { body: "Encore moi", channel: "form" }));
      expect((await now(row.id)).first_answer_due_at).toBe(row.first_answer_due_at);
    });

    test("of two who answer at once from the same page, one answers, and the other is told", async () => {
      const row = await open();
      const seen = (await rows.newestMessage(store(), row.id))?.id;
      const outcomes = await Promise.all([
        answer(alice, row.id, "De la part d’Alice", { seen }),
        answer(bruno, row.id, "De la part de Bruno", { seen }),
      ]);
      expect(outcomes.map(({ ok }) => ok).sort()).toEqual([false, true]);
      expect(outcomes.find(({ ok }) => !ok)).toEqual({ ok: false, refusal: "cases.newer-message" });
      await portal.settle();
      const answers = (await portal.messages(row.email as string)).filter(({ subject }) =>
        subject.startsWith("Réponse"),
      );
      expect(answers).toHaveLength(1);
      expect((await answer(bruno, row.id, "Malgré tout")).ok).toBe(true);
    });

    test("the person who writes while it is being answered is not answered past", async () => {
      const row = await open();
      const seen = (await rows.newestMessage(store(), row.id))?.id;
      await inTx((tx) => cases().addPersonMessage(tx, row.id, { body: "Ah, ça marche !", channel: "form" }));
      expect(await answer(alice, row.id, "Essayez…", { seen })).toMatchObject({
        refusal: "cases.newer-message",
      });
    });

    test("an answer with nothing in it, or to a case of others, is refused", async () => {
      const row = await open();
      expect(await answer(alice, row.id, " \n ")).toMatchObject({ refusal: "cases.empty" });
      expect(await answer(alice, row.id, "x".repeat(20_001))).toMatchObject({ refusal: "cases.too-long" });
      const elsewhere = { ...alice, grants: [] };
      expect(await answer(elsewhere, row.id, "Bonjour")).toMatchObject({ refusal: "cases.not-found" });
      const own = await open({ accountId: alice.accountId });
      expect(await answer(alice, own.id, "À moi-même")).toMatchObject({ refusal: "cases.not-found" });
    });

    test("a note is for staff alone", async () => {
      const row = await open();
      await inTx((tx) => cases().addNote(tx, alice, row.id, "Semble sincère."));
      const seen = await cases().readForPerson(store(), row.id);
      expect(seen?.messages.map(({ body }) => body)).toEqual(["Je ne peux plus entrer."]);
    });
  });

  describe("who writes", () => {
    async function aPerson(name: string) {
      const email = `${name.toLowerCase()}${++written}@example.fr`;
      const made = await anAccount(portal, name).email(email).made();
      return { ...made, email };
    }

    test("staff tie a case to an account; that proves nothing", async () => {
      const { account } = await aPerson("Paul");
      const row = await open();
      const tied = await inTx((tx) => cases().tieToAccount(tx, alice, row.id, account.id));
      expect(tied).toEqual({ ok: true, isProved: false });
      expect(await now(row.id)).toMatchObject({ account_id: account.id, identity_proved_at: null });
    });

    test("a confirmed address of the record proves it at once when the case is tied", async () => {
      const shared = `famille${++written}@example.fr`;
      const one = await anAccount(portal, "Luc").username(`luc${written}`).email(shared).made();
      const row = await open({ email: { address: shared, key: shared } });
      // Confirmed by a reply, whose sender anybody can write: no proof.
      await inTx((tx) => cases().confirmEmail(tx, row.id, "reply"));
      expect(await inTx((tx) => cases().tieToAccount(tx, alice, row.id, one.account.id))).toMatchObject({
        isProved: false,
      });
      await inTx((tx) => cases().confirmEmail(tx, row.id, "link"));
      expect(await now(row.id)).toMatchObject({ identity_proved_by: "link", email_confirmed_by: "link" });
    });

    test("not for oneself, nor for colleagues, nor for what a role does not help", async () => {
      const row = await open();
      for (const id of [alice.accountId, bruno.accountId, "00000000-0000-7000-8000-000000000000"]) {
        const tied = await inTx((tx) => cases().tieToAccount(tx, alice, row.id, id));
        expect(tied).toMatchObject({ refusal: "cases.not-found" });
      }
    });

    test("« est-ce vous ? » at a contact point of record: yes proves it, once", async () => {
      const { account, contacts, email } = await aPerson("Rose");
      const row = await open();
      await inTx((tx) => cases().tieToAccount(tx, alice, row.id, account.id));
      const asked = await inTx((tx) => cases().askIdentity(tx, alice, row.id, contacts[0]?.id ?? "", caller));
      expect(asked.ok).toBe(true);
      const mail = await portal.messageTo(email);
      const token = tokenOf(mail, "/contact/identity");
      const browser = new PlainBrowser(portal.url);
      const page = await browser.get(`/contact/identity?token=${token}`);
      expect(page.text).toContain(row.number);
      expect((await now(row.id)).identity_proved_at).toBeNull();
      const yes = await browser.post("/contact/identity", { token, answer: "yes" });
      expect(yes.text).toContain(words("contact.identity.yes.what"));
      expect(await now(row.id)).toMatchObject({ identity_proved_by: "identity-link" });
      const again = await browser.post("/contact/identity", { token, answer: "no" });
      expect(again.status).toBe(410);
      expect((await now(row.id)).identity_proved_at).not.toBeNull();
      // What was proved is not taken back, nor given to another account.
      const other = await aPerson("Rémi");
      expect(await inTx((tx) => cases().tieToAccount(tx, alice, row.id, other.account.id))).toMatchObject({
        refusal: "cases.identity-proved",
      });
    });

    test("« ce n’est pas moi » takes the case off the account", async () => {
      const { account, contacts, email } = await aPerson("Sami");
      const row = await open();
      await inTx((tx) => cases().tieToAccount(tx, alice, row.id, account.id));
      await inTx((tx) => cases().askIdentity(tx, alice, row.id, contacts[0]?.id ?? "", caller));
      const token = tokenOf(await portal.messageTo(email), "/contact/identity");
      const no = await new PlainBrowser(portal.url).post("/contact/identity", { token, answer: "no" });
      expect(no.text).toContain(words("contact.identity.no.what"));
      expect(await now(row.id)).toMatchObject({ account_id: null, identity_proved_at: null });
      expect(await events(row.id)).toContain("cases.event.identity-refused");
    });

    test("« ce n’est pas moi » takes back whatever seemed to prove that it is theirs", async () => {
      const { account, contacts, email } = await aPerson("Salma");
      const row = await open();
      await inTx((tx) => cases().tieToAccount(tx, alice, row.id, account.id));
      await inTx((tx) => cases().askIdentity(tx, alice, row.id, contacts[0]?.id ?? "", caller));
      const token = tokenOf(await portal.messageTo(email), "/contact/identity");
      await inTx((tx) => cases().proveIdentity(tx, row.id, "signed-in"));
      await new PlainBrowser(portal.url).post("/contact/identity", { token, answer: "no" });
      expect(await now(row.id)).toMatchObject({
        account_id: null,
        identity_proved_at: null,
        identity_proved_by: null,
      });
    });

    test("asked twice, « oui » once ends both questions", async () => {
      const { account, contacts, email } = await aPerson("Tara");
      const row = await open();
      await inTx((tx) => cases().tieToAccount(tx, alice, row.id, account.id));
      const tokens = [];
      for (let asked = 0; asked < 2; asked++) {
        await inTx((tx) => cases().askIdentity(tx, alice, row.id, contacts[0]?.id ?? "", caller));
        tokens.push(tokenOf(await portal.messageTo(email), "/contact/identity"));
      }
      const browser = new PlainBrowser(portal.url);
      const [first = "", second = ""] = tokens;
      await browser.post("/contact/identity", { token: second, answer: "yes" });
      expect((await browser.get(`/contact/identity?token=${first}`)).status).toBe(410);
      expect((await browser.post("/contact/identity", { token: first, answer: "no" })).status).toBe(410);
      expect(await now(row.id)).toMatchObject({
        account_id: account.id,
        identity_proved_by: "identity-link",
      });
    });

    test("an old identity link says nothing of another account", async () => {
      const first = await aPerson("Tess");
      const second = await aPerson("Théo");
      const row = await open();
      await inTx((tx) => cases().tieToAccount(tx, alice, row.id, first.account.id));
      await inTx((tx) => cases().askIdentity(tx, alice, row.id, first.contacts[0]?.id ?? "", caller));
      const token = tokenOf(await portal.messageTo(first.email), "/contact/identity");
      await inTx((tx) => cases().tieToAccount(tx, alice, row.id, second.account.id));
      const page = await new PlainBrowser(portal.url).post("/contact/identity", { token, answer: "yes" });
      expect(page.status).toBe(410);
      expect((await now(row.id)).identity_proved_at).toBeNull();
    });

    test("the details that the person gave stay out of the record until it is proved who writes", async () => {
      const { account } = await aPerson("Vera");
      const row = await open({ newContact: { email: "vera.neuve@example.fr" } });
      const apply = () => inTx((tx) => cases().applyContactDetails(tx, alice, row.id, "demande", caller));
      expect(await apply()).toMatchObject({ refusal: "cases.not-tied" });
      await inTx((tx) => cases().tieToAccount(tx, alice, row.id, account.id));
      expect(await apply()).toMatchObject({ refusal: "cases.identity-not-proved" });
      await inTx((tx) => cases().proveIdentity(tx, row.id, "signed-in"));
      expect(await apply()).toMatchObject({ ok: true, applied: ["email"] });
      const points = await contactPointsOf(store(), account.id);
      // As every correction by staff: beside a proved one it waits a day (promise 7).
      expect(points.find(({ address }) => address === "vera.neuve@example.fr")).toMatchObject({
        state: "declared",
        usable_from: portal.clock.now() + day,
      });
      expect(await apply()).toMatchObject({ refusal: "cases.nothing-to-apply" });
    });
  });

  describe("how it ends", () => {
    test("solved by staff, it asks whether all is well, and is closed a week later", async () => {
      const row = await open();
      await answer(alice, row.id, "C’est fait.", { isSolved: true });
      const mail = await portal.messageTo(row.email as string);
      expect(tokenOf(mail, "/contact/well")).toBe(cases().caseLinkToken(row.id));
      expect(await now(row.id)).toMatchObject({ status: "solved", waits_for: "nobody" });
      portal.clock.advance(7 * day + hour);
      await portal.settle();
      expect((await now(row.id)).status).toBe("closed");
    });

    test("an answer that nobody replies to ends it after two weeks, and says so", async () => {
      const row = await open();
      await answer(alice, row.id, "Et maintenant ?");
      portal.clock.advance(13 * day);
      await portal.settle();
      expect((await now(row.id)).status).toBe("waiting");
      portal.clock.advance(day + hour);
      await portal.settle();
      expect((await now(row.id)).status).toBe("closed");
      const mail = await portal.messageTo(row.email as string);
      expect(fold(mail.text)).toContain(words("cases.closed.silence"));
    });

    test("whoever reopens while it is closed loses nothing", async () => {
      const row = await open();
      await answer(alice, row.id, "Et maintenant ?");
      await Promise.all([
        inTx((tx) => cases().close(tx, { kind: "staff", staff: alice }, row.id)),
        inTx((tx) => cases().addPersonMessage(tx, row.id, { body: "Attendez !", channel: "form" })),
      ]);
      const seen = await cases().readForPerson(store(), row.id);
      expect(seen?.messages.map(({ body }) => body)).toContain("Attendez !");
      // Either order is a true one: closed after the message, or opened again by it.
      const { status, reopened } = await now(row.id);
      expect([
        ["closed", 0],
        ["open", 1],
      ]).toContainEqual([status, reopened]);
    });

    test("a message that comes while silence or a sign-in would end it is answered, not closed", async () => {
      const email = `silence${++written}@example.fr`;
      const { password } = await anAccount(portal, "Yasmine").email(email).made();
      const jobs = ["cases.close-resting", "cases.close-signed-in"];
      for (const name of jobs) {
        const row = await open({ email: { address: email, key: email } });
        await inTx((tx) => cases().confirmEmail(tx, row.id, "link"));
        portal.clock.advance(minute);
        if (name === "cases.close-resting") {
          await answer(alice, row.id, "Et maintenant ?");
          portal.clock.advance(14 * day + hour);
        } else {
          await new PlainBrowser(portal.url).post("/sign-in", {
            identifier: email,
            password: password ?? "",
          });
          portal.clock.advance(minute);
        }
        const job = cases().jobs.find((one) => one.name === name);
        let run: Promise<unknown> | undefined;
        await inTx(async (tx) => {
          await cases().addPersonMessage(tx, row.id, { body: "Attendez !", channel: "form" });
          // The job sees the case as it was, and must wait for this message.
          run ??= Promise.resolve(job?.run());
          await new Promise((resolve) => setTimeout(resolve, 300));
        });
        await run;
        expect([name, (await now(row.id)).status]).toEqual([name, "open"]);
      }
    });

    test("of many who close it at once, one does, and one mail goes out", async () => {
      const row = await open();
      const outcomes = await Promise.all(
        [alice, bruno, alice].map((staff) =>
          inTx((tx) => cases().close(tx, { kind: "staff", staff }, row.id)),
        ),
      );
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
      await portal.settle();
      expect((await portal.messages(row.email as string)).length).toBe(2);
    });
  });

  describe("two cases of the same person", () => {
    const merge = (from: string, into: string) => inTx((tx) => cases().merge(tx, alice, from, into));
    const confirm = (id: string) => inTx((tx) => cases().confirmEmail(tx, id, "link"));
    async function twoOfOne() {
      const one = await open();
      const two = await open({ email: { address: one.email as string, key: one.email_key as string } });
      for (const { id } of [one, two]) await confirm(id);
      return [one, two] as const;
    }

    test("become one: the link of each leads to it, and an answer is mailed once", async () => {
      const one = await open();
      const email = { address: one.email as string, key: one.email_key as string };
      const two = await open({ email, body: "Je réécris." });
      await answer(alice, one.id, "Bonjour");
      // Anybody can type an address.
      expect(await merge(two.id, one.id)).toMatchObject({ refusal: "cases.other-person" });
      await confirm(one.id);
      expect(await merge(two.id, one.id)).toMatchObject({ refusal: "cases.other-person" });
      await confirm(two.id);
      expect((await merge(two.id, one.id)).ok).toBe(true);
      expect(await now(two.id)).toMatchObject({ status: "merged", merged_into: one.id });
      // What one still waits for, both wait for.
      expect((await now(one.id)).status).toBe("open");
      const page = await new PlainBrowser(portal.url).get(
        `/contact/case?token=${cases().caseLinkToken(two.id)}`,
      );
      expect(page.text).toContain(one.number);
      expect(page.text).toContain("Je réécris.");
      await portal.settle();
      const before = (await portal.messages(email.address)).length;
      await answer(alice, one.id, "Pour les deux.");
      await portal.settle();
      expect((await portal.messages(email.address)).length).toBe(before + 1);
      // An answer to the number that is no more goes on where the talk does.
      await inTx((tx) => cases().addPersonMessage(tx, two.id, { body: "Merci", channel: "mail" }));
      expect((await cases().readForPerson(store(), one.id))?.messages.at(-1)?.body).toBe("Merci");
    });

    test("of two persons do not: each would read the other", async () => {
      const [one, two] = [await open(), await open()];
      expect(await merge(one.id, two.id)).toMatchObject({ refusal: "cases.other-person" });
      expect(await merge(one.id, one.id)).toMatchObject({ refusal: "cases.already" });
    });

    test("merged into each other at once, one goes on", async () => {
      const [one, two] = await twoOfOne();
      const outcomes = await Promise.all([merge(one.id, two.id), merge(two.id, one.id)]);
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    });
  });

  describe("of two cases that became one", () => {
    const pressed = (act: string, token: string) =>
      new PlainBrowser(portal.url).post(`/contact/case/${act}`, { token });

    async function merged() {
      const one = await open();
      const two = await open({ email: { address: one.email as string, key: one.email_key as string } });
      for (const { id } of [one, two]) await inTx((tx) => cases().confirmEmail(tx, id, "reply"));
      await inTx((tx) => cases().merge(tx, alice, two.id, one.id));
      return { one, two, token: cases().caseLinkToken(two.id) };
    }

    test("« c’est bien moi » by the old link is about the one that its page shows, and is asked once", async () => {
      const { one, token } = await merged();
      const asked = words("contact.case.you.title");
      const page = `/contact/case?token=${token}`;
      expect((await new PlainBrowser(portal.url).get(page)).text).toContain(asked);
      expect((await pressed("confirm", token)).text).not.toContain(asked);
      expect(await now(one.id)).toMatchObject({ email_confirmed_by: "link" });
    });

    test("« ce n’est pas moi » by the old link ends it, and no mail goes there by any of them", async () => {
      const { one, two, token } = await merged();
      await portal.settle();
      const before = (await portal.messages(one.email as string)).length;
      expect((await pressed("not-me", token)).text).toContain(words("contact.case.disowned"));
      expect(await now(one.id)).toMatchObject({ status: "closed", email: null, email_key: null });
      expect(await now(two.id)).toMatchObject({ status: "merged", email: null, email_key: null });
      await answer(alice, one.id, "Encore un mot.");
      await portal.settle();
      expect((await portal.messages(one.email as string)).length).toBe(before);
    });

    test("whoever proved to be one person with two addresses takes back only that of the link", async () => {
      const { account } = await anAccount(portal, "Zélie").email(`zelie${++written}@example.fr`).made();
      const proved = { accountId: account.id, isIdentityProved: true };
      const [one, two] = [await open(proved), await open(proved)];
      await inTx((tx) => cases().merge(tx, alice, two.id, one.id));
      await pressed("not-me", cases().caseLinkToken(two.id));
      expect(await now(two.id)).toMatchObject({ status: "merged", email: null });
      expect(await now(one.id)).toMatchObject({ status: "open", email: one.email, account_id: account.id });
    });

    test("both are kept equally long, however they go on", async () => {
      const { one, two } = await merged();
      const bothClosedAt = async () => [(await now(one.id)).closed_at, (await now(two.id)).closed_at];
      await inTx((tx) => cases().close(tx, { kind: "staff", staff: alice }, one.id));
      expect(await bothClosedAt()).toEqual([portal.clock.now(), portal.clock.now()]);
      await inTx((tx) => cases().addPersonMessage(tx, two.id, { body: "Encore", channel: "form" }));
      expect(await bothClosedAt()).toEqual([null, null]);
      await inTx((tx) => cases().close(tx, { kind: "staff", staff: alice }, one.id));
      await answer(alice, one.id, "Une précision");
      expect(await bothClosedAt()).toEqual([null, null]);
      // An open one that is merged into a closed one opens it.
      await inTx((tx) => cases().close(tx, { kind: "staff", staff: alice }, one.id));
      const three = await open({ email: { address: one.email as string, key: one.email_key as string } });
      await inTx((tx) => cases().confirmEmail(tx, three.id, "link"));
      await inTx((tx) => cases().merge(tx, alice, three.id, one.id));
      expect([...(await bothClosedAt()), (await now(three.id)).closed_at]).toEqual([null, null, null]);
    });
  });

  test("a conversation whose question was sent as a request before is added to it, once", async () => {
    const row = await open({ body: "Je ne peux plus entrer." });
    const at = portal.clock.now();
    const said = [
      { by: "person" as const, staffId: null, name: "Léa Martin", body: "Je ne peux plus entrer.", at },
      { by: "staff" as const, staffId: alice.accountId, name: alice.name, body: "Essayez ceci.", at: at + 1 },
      { by: "person" as const, staffId: null, name: "Léa Martin", body: "Merci !", at: at + 2 },
    ];
    const chat = {
      id: row.id,
      locale: "fr",
      symptom: row.symptom,
      kind: null,
      name: row.name,
      email: null,
      establishment: null,
      evidence: { at },
      accountId: null,
      askedAt: at,
      said,
      isSolved: true,
      assigneeId: alice.accountId,
      isAcknowledged: false,
      endedBy: "staff",
    };
    for (let times = 0; times < 2; times++) {
      const recorded = await inTx((tx) => cases().recordChat(tx, chat));
      expect(recorded).toMatchObject({ id: row.id, number: row.number, status: "solved" });
      const seen = await cases().readForPerson(store(), row.id);
      expect(seen?.messages.map(({ body }) => body)).toEqual(said.map(({ body }) => body));
    }
  });

  describe("a case about access", () => {
    async function anAccessCase(changes: Partial<OpenCase> = {}) {
      const email = `acces${++written}@example.fr`;
      const made = await anAccount(portal, "Wassim").email(email).made();
      const row = await open({ email: { address: email, key: email }, ...changes });
      return { ...made, email, row };
    }
    const signIn = (identifier: string, password: string | null) =>
      new PlainBrowser(portal.url).post("/sign-in", { identifier, password: password ?? "" });
    const aMinuteLater = async () => {
      portal.clock.advance(2 * minute);
      await portal.settle();
    };

    test("ends by itself when the person has signed in, and asks whether all is well", async () => {
      const { row, email, password } = await anAccessCase();
      await inTx((tx) => cases().confirmEmail(tx, row.id, "link"));
      await aMinuteLater();
      expect((await now(row.id)).status).toBe("open");
      await signIn(email, password);
      await aMinuteLater();
      expect(await now(row.id)).toMatchObject({ status: "solved", closes_on_sign_in: 0 });
      expect(fold((await portal.messageTo(email)).subject)).toBe(words("cases.signed-in.subject"));
      // Said no: it is open again, and does not end once more at the next sign-in.
      await inTx((tx) => cases().rate(tx, row.id, 1));
      await signIn(email, password);
      await aMinuteLater();
      expect((await now(row.id)).status).toBe("open");
    });

    test("also when the person signed out again within the minute", async () => {
      const { row, email, password } = await anAccessCase();
      await inTx((tx) => cases().confirmEmail(tx, row.id, "link"));
      portal.clock.advance(minute);
      const browser = new PlainBrowser(portal.url);
      await browser.post("/sign-in", { identifier: email, password: password ?? "" });
      await browser.post("/sign-out", {});
      await aMinuteLater();
      expect((await now(row.id)).status).toBe("solved");
    });

    test("does not, while nobody knows that the address is the owner's", async () => {
      const { account, email, password } = await anAccessCase();
      const foreign = await open();
      await inTx((tx) => cases().tieToAccount(tx, alice, foreign.id, account.id));
      await signIn(email, password);
      await aMinuteLater();
      expect((await now(foreign.id)).status).toBe("open");
      expect((await portal.messages(foreign.email as string)).length).toBe(1);
    });

    test("does not for what signing in cannot settle", async () => {
      for (const symptom of ["other", "contact-changed"] as const) {
        const { row, email, password } = await anAccessCase({ symptom });
        await inTx((tx) => cases().confirmEmail(tx, row.id, "link"));
        portal.clock.advance(minute);
        await signIn(email, password);
        await aMinuteLater();
        expect((await now(row.id)).status).toBe("open");
      }
    });

    test("does not when the person wrote after signing in", async () => {
      const { row, email, password } = await anAccessCase();
      await inTx((tx) => cases().confirmEmail(tx, row.id, "link"));
      portal.clock.advance(1000);
      await signIn(email, password);
      portal.clock.advance(1000);
      await inTx((tx) => cases().addPersonMessage(tx, row.id, { body: "Et maintenant ?", channel: "form" }));
      await aMinuteLater();
      expect((await now(row.id)).status).toBe("open");
    });
  });

  test("the expected time grows with what waits, and never falls below what was promised", async () => {
    const relay = "operator";
    const before = await cases().expectedAnswer(store(), relay);
    expect(before).toBeGreaterThanOrEqual(portal.clock.now());
    const busy = { ...alice, grants: [{ role: "operator", establishmentId: null }] };
    for (let n = 0; n < 6; n++) {
      const row = await open({ symptom: "loop" });
      portal.clock.advance(hour);
      await answer(busy, row.id, "Voilà.");
    }
    for (let n = 0; n < 12; n++) await open({ symptom: "loop" });
    portal.clock.advance(2 * minute);
    const promised = (await cases().dueTimes(store(), relay, rows.nowhere)).answer;
    expect(await cases().expectedAnswer(store(), relay)).toBeGreaterThan(promised);
  });
});

describe("links and addresses that lead back to a case", () => {
  const id = "0198c3a1-7a2b-7c3d-8e4f-5a6b7c8d9e0f";
  const keysOf = (master: string, previous?: string) =>
    createKeys(seededRandom(1), new Secret(master), previous === undefined ? null : new Secret(previous));
  const linksOf = (master: string, previous?: string, supportAddress: string | null = "Aide@ecole.example") =>
    createCaseLinks({ keys: keysOf(master, previous), supportAddress });

  test("work through a rotation of the master secret, and under no other", () => {
    const before = linksOf("the-old-master-secret-of-this-test-0123");
    const after = linksOf(
      "the-new-master-secret-of-this-test-0123",
      "the-old-master-secret-of-this-test-0123",
    );
    const other = linksOf("another-master-secret-of-this-test-01234");
    const token = before.caseLinkToken(id);
    const address = before.replyAddress("7KQ2-M9TD") ?? "";
    expect(token).toMatch(/^[A-Za-z0-9_-]{44}$/);
    expect(after.readCaseLink(token)).toBe(id);
    expect(after.readReplyNumber(address)).toBe("7KQ2-M9TD");
    expect(other.readCaseLink(token)).toBeNull();
    expect(other.readReplyNumber(address)).toBeNull();
  });

  test("no letter of them can be changed", () => {
    const links = linksOf("one-master-secret-of-this-test-0123456789");
    const token = links.caseLinkToken(id);
    for (let at = 0; at < token.length; at++) {
      const changed = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
      expect(links.readCaseLink(changed)).toBeNull();
    }
    const address = links.replyAddress("7KQ2-M9TD") ?? "";
    expect(links.readReplyNumber(address.replace("7kq2m9td", "7kq2m9tf"))).toBeNull();
    const other = address.includes("a@") ? "b@" : "a@";
    expect(links.readReplyNumber(address.replace(/.@/, other))).toBeNull();
  });

  test("a reply address survives mail servers that change the case, and names no other place", () => {
    const links = linksOf("one-master-secret-of-this-test-0123456789");
    const address = links.replyAddress("7KQ2-M9TD") ?? "";
    expect(address).toBe(address.toLowerCase());
    expect(address.split("@")[0]?.length).toBeLessThanOrEqual(64);
    expect(links.readReplyNumber(address.toUpperCase())).toBe("7KQ2-M9TD");
    expect(links.readReplyNumber(address.replace("ecole.example", "evil.example"))).toBeNull();
    expect(links.readReplyNumber(address.replace("aide+", "autre+"))).toBeNull();
    for (const nonsense of ["", "@", "aide@ecole.example", "aide+x.y@ecole.example", "x".repeat(5000)]) {
      expect(links.readReplyNumber(nonsense)).toBeNull();
      expect(links.readCaseLink(nonsense)).toBeNull();
    }
  });

  test("where mails cannot be answered, no address says otherwise", () => {
    expect(
      linksOf("one-master-secret-of-this-test-0123456789", undefined, null).replyAddress("7KQ2-M9TD"),
    ).toBeNull();
  });
});
