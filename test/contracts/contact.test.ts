import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CapturedMessage } from "../../src/channels/capture.ts";
import type { CaseRow } from "../../src/desk/cases/cases.store.ts";
import type { Staff } from "../../src/kernel/caller.ts";
import { day, hour, minute } from "../../src/kernel/clock.ts";
import type { Tx } from "../../src/store/store.ts";
import { anAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { aRequest, carriedBy, openForm, sendRequest } from "../support/case-form.ts";
import { onEachEngine } from "../support/engines.ts";
import { tokenOf } from "../support/member.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { anEstablishment, belongs } from "../support/schools.ts";
import { fold, words } from "../support/words.ts";

const aBrowser = (portal: TestPortal, headers = {}) => new PlainBrowser(portal.url, headers);
const numberIn = (text: string) => /\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(text)?.[0] ?? "";

async function caseOf(portal: TestPortal, mail: Pick<CapturedMessage, "subject">): Promise<CaseRow> {
  const found = await portal.portal.cases.findByNumber(portal.portal.store, numberIn(mail.subject));
  if (!found) throw new Error(`No case is named in « ${mail.subject} ».`);
  return found;
}

onEachEngine("the contact form", (engine) => {
  let portal: TestPortal;
  beforeAll(async () => {
    portal = await startPortal({ engine, wideSources: true });
  });
  afterAll(() => portal.close());

  async function written(changes: Record<string, string> = {}, browser = aBrowser(portal)) {
    const values = aRequest(changes);
    const sent = await sendRequest(browser, values);
    const mail = await portal.messageTo(values.email as string);
    const token = tokenOf(mail, "/contact/case");
    return { browser, values, sent, mail, token, row: await caseOf(portal, mail) };
  }
  const now = (row: CaseRow) => portal.portal.cases.find(portal.portal.store, row.id);

  test("asks first what happens, then offers what may help before the form", async () => {
    const browser = aBrowser(portal);
    const first = await browser.get("/contact?incident=7KQ2-M9TD");
    expect(first.text).toContain(words("symptom.locked"));
    expect(first.html).toContain("symptom=locked&amp;incident=7KQ2-M9TD");
    const form = await browser.get("/contact?symptom=locked&incident=7KQ2-M9TD");
    expect(form.text).toContain(words("contact.suggestions"));
    expect(form.html).toContain('href="/help/diagnosis/locked"');
    expect(form.text).toContain("7KQ2-M9TD");
  });

  test("what stands in the address is taken only where it means something", async () => {
    const page = await aBrowser(portal).get(
      "/contact?symptom=locked&incident=%3Cimg%3E&from=https://evil.example&article=../x&diagnosis=a.evil&kind=x",
    );
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/img|evil|x$/);
    const unknown = await aBrowser(portal).get("/contact?symptom=%3Cscript%3E");
    expect(unknown.text).toContain(words("contact.symptom.ask"));
  });

  test("a request makes a case, and one acknowledgement with number, link and expected delay", async () => {
    const { sent, mail, values, row } = await written();
    expect(sent.path).toContain("/contact/sent?case=");
    expect(sent.text).toContain(row.number);
    expect(sent.text).toContain(values.email);
    expect(fold(mail.text)).toContain(
      words("cases.mail.expected", {
        at: new Date(Math.ceil((row.first_answer_due_at as number) / 900_000) * 900_000),
      }),
    );
    expect(mail.replyTo).toMatch(/^aide\+[0-9a-z]{8}\.[a-z2-7]{16}@/);
    expect(row).toMatchObject({
      status: "open",
      origin: "form",
      relay: "support",
      symptom: "cannot-sign-in",
      account_id: null,
      identity_proved_at: null,
      email_confirmed_at: null,
      waits_for: "staff",
    });
    expect((await portal.messages(values.email)).length).toBe(1);
  });

  test("no word of the requester stands in a mail to an unproved address", async () => {
    const evil = "Gagnez http://evil.example";
    const { mail } = await written({ name: evil, what: evil, identifier: evil, phone: "06 12 34 56 78" });
    expect(mail.subject + mail.text + mail.html).not.toMatch(/evil|06 12 34/);
  });

  test("nobody can tell by it who has an account", async () => {
    await anAccount(portal, "Marc Roy").email("marc.roy@example.fr").made();
    const shapes = [];
    for (const email of ["marc.roy@example.fr", "personne@example.fr"]) {
      const browser = aBrowser(portal);
      const answer = await sendRequest(browser, aRequest({ email }), { follow: false });
      const mail = await portal.messageTo(email);
      const page = await browser.get(answer.location ?? "");
      const plain = (text: string) =>
        text
          .replaceAll(numberIn(mail.subject), "N")
          .replaceAll(email, "E")
          .replaceAll(/token=[\w-]+/g, "token=T");
      shapes.push({
        status: answer.status,
        location: (answer.location ?? "").length,
        text: plain(page.text),
        subject: plain(mail.subject),
        mail: plain(mail.text),
      });
    }
    expect(shapes[0]).toEqual(shapes[1]);
  });

  test("opening the link changes nothing; a press confirms the address", async () => {
    const { token, row, values } = await written();
    const reader = aBrowser(portal);
    const page = await reader.get(`/contact/case?token=${token}`);
    expect(page.text).toContain(values.what);
    expect(page.text).toContain(words("contact.case.you.title"));
    expect((await now(row))?.email_confirmed_at).toBeNull();
    const pressed = await reader.post("/contact/case/confirm", { token });
    expect(pressed.text).toContain(words("contact.case.confirmed"));
    expect(await now(row)).toMatchObject({ email_confirmed_by: "link", account_id: null });
  });

  test("« ce n’est pas moi » closes the case, and nothing more goes to that address", async () => {
    const { token, row, values } = await written();
    const page = await aBrowser(portal).post("/contact/case/not-me", { token });
    expect(page.text).toContain(words("contact.case.disowned"));
    expect(await now(row)).toMatchObject({ status: "closed", email: null, email_key: null });
    await portal.settle();
    expect((await portal.messages(values.email)).length).toBe(1);
  });

  test("after the address was confirmed, nobody with the same link takes that back", async () => {
    const { token, row } = await written();
    await aBrowser(portal).post("/contact/case/confirm", { token });
    const page = await aBrowser(portal).post("/contact/case/not-me", { token });
    expect(page.text).toContain(words("contact.case.confirmed-before"));
    expect((await now(row))?.status).toBe("open");
  });

  test("a press in a mail to a contact point of record proves who writes", async () => {
    const { account } = await anAccount(portal, "Nina Petit").email("nina@example.fr").made();
    const { token, row } = await written({ email: "nina@example.fr" });
    expect((await now(row))?.account_id).toBeNull();
    const before = (await aBrowser(portal).get(`/contact/case?token=${token}`)).text;
    expect(before).not.toContain("Nina");
    await aBrowser(portal).post("/contact/case/confirm", { token });
    expect(await now(row)).toMatchObject({ account_id: account.id, identity_proved_by: "link" });
  });

  test("who is signed in need not prove anything", async () => {
    const { account, password } = await anAccount(portal, "Omar Diallo").email("omar@example.fr").made();
    const browser = aBrowser(portal);
    await browser.post("/sign-in", { identifier: "omar@example.fr", password: password ?? "" });
    const { page } = await openForm(browser);
    expect(page.html).toContain('value="Omar Diallo"');
    const { row, sent } = await written({ email: "omar@example.fr" }, browser);
    expect(row).toMatchObject({
      account_id: account.id,
      identity_proved_by: "signed-in",
      email_confirmed_by: "session",
    });
    expect(sent.text).not.toContain(words("contact.sent.correct"));
    // Another address than those on record still has to be confirmed.
    const other = await written({}, browser);
    expect(other.row).toMatchObject({ account_id: account.id, email_confirmed_at: null });
  });

  test("mistakes are said together, and what was typed stays", async () => {
    const browser = aBrowser(portal);
    const { carried } = await openForm(browser);
    const page = await browser.post("/contact", {
      ...carried,
      symptom: "locked",
      name: "",
      email: "pas une adresse",
      phone: "abc",
      "new-phone": "+44 7400 123456",
      what: "",
      tried: "un autre navigateur",
    });
    expect(page.status).toBe(422);
    for (const key of [
      "contact.name.missing",
      "email.malformed",
      "contact.phone.malformed",
      // No SMS goes there.
      "phone.country",
      "contact.what.missing",
    ] as const) {
      expect(page.text).toContain(words(key));
    }
    expect(page.html).toContain("un autre navigateur");
    expect(page.html).toContain("pas une adresse");
  });

  test("what was seen of the trouble is shown, sent, and left out when the person wants", async () => {
    const browser = aBrowser(portal, {
      "user-agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
    });
    const query = "symptom=locked&incident=7kq2-m9td&from=/sign-in&article=locked-account";
    const { page, carried } = await openForm(browser, query);
    for (const shown of ["7KQ2-M9TD", "/sign-in", "Firefox (Windows)", words("contact.device.desktop")]) {
      expect(page.text).toContain(shown);
    }
    const values = aRequest({ symptom: "locked", tried: "attendre" });
    await browser.post("/contact", { ...carried, evidence: "1", ...values });
    const row = await caseOf(portal, await portal.messageTo(values.email as string));
    expect(row.incident).toBe("7KQ2-M9TD");
    expect(JSON.parse(row.evidence)).toMatchObject({
      path: "/sign-in",
      browser: "Firefox (Windows)",
      device: "desktop",
      articlesRead: ["locked-account"],
      tried: "attendre",
    });
    const { carried: again } = await openForm(browser, query);
    const without = aRequest({ symptom: "locked", tried: "attendre" });
    await browser.post("/contact", { ...again, ...without });
    const kept = await caseOf(portal, await portal.messageTo(without.email as string));
    expect(kept.incident).toBeNull();
    expect(JSON.parse(kept.evidence)).toEqual({ at: expect.any(Number), tried: "attendre" });
  });

  test("the same page sent twice makes one case; what was written since is added", async () => {
    const browser = aBrowser(portal);
    const { carried } = await openForm(browser);
    const values = aRequest();
    const once = await browser.post("/contact", { ...carried, ...values });
    const twice = await browser.post("/contact", { ...carried, ...values });
    expect(numberIn(twice.text)).toBe(numberIn(once.text));
    await browser.post("/contact", { ...carried, ...values, what: "Encore une chose." });
    await portal.settle();
    expect((await portal.messages(values.email)).length).toBe(1);
    const row = await caseOf(portal, await portal.messageTo(values.email as string));
    const seen = await portal.portal.cases.readForPerson(portal.portal.store, row.id);
    expect(seen?.messages.map(({ body }) => body)).toEqual([values.what, "Encore une chose."]);
  });

  test("sent twice at the same moment, it still makes one case", async () => {
    const browser = aBrowser(portal);
    const { carried } = await openForm(browser);
    const values = aRequest();
    const pages = await Promise.all([1, 2, 3].map(() => browser.post("/contact", { ...carried, ...values })));
    expect(new Set(pages.map(({ text }) => numberIn(text))).size).toBe(1);
    await portal.settle();
    expect((await portal.messages(values.email)).length).toBe(1);
  });

  test("a mistyped address is corrected without writing everything again", async () => {
    const browser = aBrowser(portal);
    const wrong = aRequest({ email: `lea.fausse${engine}@example.fr`, phone: "01 23 45 67 89" });
    const sent = await sendRequest(browser, wrong);
    const [, again = ""] = /href="\/contact\?again=([^"]+)"/.exec(sent.html) ?? [];
    const form = await browser.get(`/contact?again=${again}`);
    expect(form.html).toContain(wrong.what);
    expect(form.html).toContain('value="01 23 45 67 89"');
    const right = { ...wrong, email: `lea.juste${engine}@example.fr` };
    await browser.post("/contact", { ...carriedBy(form), ...right });
    const first = await caseOf(portal, await portal.messageTo(wrong.email as string));
    const second = await caseOf(portal, await portal.messageTo(right.email));
    expect(first).toMatchObject({ status: "closed", email: null });
    expect(second).toMatchObject({ status: "open", email: right.email });
    // Nobody else's browser reads what was written, and this one not for long.
    const stranger = await aBrowser(portal).get(`/contact?again=${again}`);
    expect(stranger.html).not.toContain(wrong.what);
    portal.clock.advance(hour);
    expect((await browser.get(`/contact?again=${again}`)).html).not.toContain(wrong.what);
  });

  test("a domain that was probably mistyped is offered, never forced", async () => {
    const browser = aBrowser(portal);
    const sent = await sendRequest(browser, aRequest({ email: `lea.domaine${engine}@gmial.com` }));
    expect(sent.text).toContain(`lea.domaine${engine}@gmail.com`);
    const [, href = ""] = /href="(\/contact\?again=[^"]+email=[^"]+)"/.exec(sent.html) ?? [];
    const form = await browser.get(href.replaceAll("&amp;", "&"));
    expect(form.html).toContain(`value="lea.domaine${engine}@gmail.com"`);
  });

  const inTx = <Result>(work: (tx: Tx) => Promise<Result>) => portal.portal.store.transact(work);

  test("whoever typed somebody else’s address reaches nothing of theirs, whatever becomes of the case", async () => {
    const victim = await written({ what: "Ma demande, pour moi seule." });
    const email = victim.values.email as string;
    const browser = aBrowser(portal);
    const { carried } = await openForm(browser);
    const values = aRequest({ email });
    const sent = await browser.post("/contact", { ...carried, ...values });
    const number = numberIn(sent.text);
    const own = (await portal.portal.cases.findByNumber(portal.portal.store, number)) as CaseRow;
    // The owner answers both by mail, and the team takes them for one.
    for (const { id } of [victim.row, own]) {
      await inTx((tx) => portal.portal.cases.confirmEmail(tx, id, "reply"));
    }
    const staff = await aMerger();
    const merged = await inTx((tx) => portal.portal.cases.merge(tx, staff, own.id, victim.row.id));
    expect(merged.ok).toBe(true);
    const pages = [await browser.get(sent.path)];
    const changes: Record<string, string>[] = [{}, { what: "Autre chose." }, { email: "", "no-email": "1" }];
    for (const change of changes) {
      pages.push(await browser.post("/contact", { ...carried, ...values, ...change }));
    }
    const [, again = ""] = /case=([^&]+)/.exec(sent.path) ?? [];
    pages.push(await browser.get(`/contact?again=${again}`));
    for (const page of pages) {
      expect(page.html).not.toMatch(/\/contact\/case\?token=/);
      expect(page.text).not.toContain(victim.row.number);
      expect(page.text).not.toContain(victim.values.what);
    }
    const seen = await portal.portal.cases.readForPerson(portal.portal.store, victim.row.id);
    expect(seen?.messages.map(({ body }) => body)).not.toContain("Autre chose.");
    expect(await now(victim.row)).toMatchObject({ status: "open", email });
  });

  async function aMerger(): Promise<Staff> {
    const { account } = await anAccount(portal, "Alice Aide")
      .kind("staff")
      .email(`a${engine}@aide.example`)
      .made();
    const [role] = portal.config.preset.roles;
    return {
      accountId: account.id,
      sessionId: "desk",
      name: account.name,
      locale: "fr",
      roles: ["support"],
      grants: [{ role: "support", establishmentId: null }],
      may: new Set<string>(role?.may),
      helps: role?.helps ?? [],
      relays: role?.relays ?? [],
    };
  }

  test("once the owner said « ce n’est pas moi », the sender gets no link to what they wrote there", async () => {
    const { browser, sent, token } = await written();
    await aBrowser(portal).post("/contact/case/message", { token, what: "Ce n’est pas moi, c’est Paul." });
    await aBrowser(portal).post("/contact/case/not-me", { token });
    const page = await browser.get(sent.path);
    expect(page.html).not.toContain("token=");
    const [, again = ""] = /case=([^&]+)/.exec(sent.path) ?? [];
    expect((await browser.get(`/contact?again=${again}`)).html).not.toContain("Paul");
  });

  test("nothing but « c’est bien moi » proves who wrote: no message, no « c’est réglé », no « tout va bien »", async () => {
    const email = `proie${engine}@example.fr`;
    const { password } = await anAccount(portal, "Proie").email(email).made();
    const { token, row } = await written({ email, "new-email": "voleur@example.org" });
    const owner = aBrowser(portal);
    await owner.post("/sign-in", { identifier: email, password: password ?? "" });
    await owner.post("/contact/case/message", { token, what: "Ce n’est pas moi." });
    await owner.post("/contact/case/solved", { token });
    await owner.post("/contact/well", { token, well: "1" });
    expect(await now(row)).toMatchObject({
      account_id: null,
      identity_proved_at: null,
      email_confirmed_at: null,
    });
    // A reply by mail shows whose mailbox it is, and proves nothing of who wrote.
    await inTx((tx) => portal.portal.cases.confirmEmail(tx, row.id, "reply"));
    const page = await owner.get(`/contact/case?token=${token}`);
    expect(page.text).toContain(words("contact.case.you.title"));
    const disowned = await owner.post("/contact/case/not-me", { token });
    expect(disowned.text).toContain(words("contact.case.disowned"));
    expect(await now(row)).toMatchObject({ email: null, email_confirmed_at: null, account_id: null });
  });

  test("a page sent again after its case is over is a request of its own; sent again long after, too", async () => {
    const browser = aBrowser(portal);
    const { carried } = await openForm(browser);
    const values = aRequest();
    const first = await browser.post("/contact", { ...carried, ...values });
    const row = (await portal.portal.cases.findByNumber(
      portal.portal.store,
      numberIn(first.text),
    )) as CaseRow;
    await inTx((tx) => portal.portal.cases.close(tx, { kind: "system" }, row.id));
    const second = await browser.post("/contact", { ...carried, ...values });
    expect(numberIn(second.text)).not.toBe(row.number);
    expect(await now(row)).toMatchObject({ status: "closed", reopened: 0 });
    const { carried: old } = await openForm(browser);
    const other = aRequest();
    const sent = await browser.post("/contact", { ...old, ...other });
    portal.clock.advance(3 * day);
    const later = await browser.post("/contact", { ...old, ...other });
    expect(later.path).toContain("/contact/sent");
    expect(numberIn(later.text)).not.toBe(numberIn(sent.text));
  });

  test("each field says how long it may be", async () => {
    const browser = aBrowser(portal);
    const { carried } = await openForm(browser);
    const page = await browser.post("/contact", { ...carried, ...aRequest({ tried: "x".repeat(2001) }) });
    expect(page.text).toContain(words("contact.what.too-long", { max: 2000 }));
    expect(page.text).not.toContain(words("contact.what.too-long", { max: 5000 }));
  });

  test("the writer adds to the case, and says that it is settled", async () => {
    const { token, row } = await written();
    const browser = aBrowser(portal);
    const empty = await browser.post("/contact/case/message", { token, what: "  " });
    expect(empty.status).toBe(422);
    const added = await browser.post("/contact/case/message", { token, what: "C’est arrivé ce matin." });
    expect(added.text).toContain("C’est arrivé ce matin.");
    const settled = await browser.post("/contact/case/solved", { token });
    expect(settled.text).toContain(words("contact.case.thanks-settled"));
    expect(settled.text).toContain(words("contact.well.title"));
    expect(await now(row)).toMatchObject({ status: "solved", waits_for: "nobody" });
    await browser.post("/contact/well", { token, well: "3" });
    expect((await now(row))?.satisfaction).toBe(3);
  });

  test("an answer to a closed case opens it again, and says so", async () => {
    const { token, row, values } = await written();
    await portal.portal.store.transact((tx) => portal.portal.cases.close(tx, { kind: "system" }, row.id));
    const page = await aBrowser(portal).get(`/contact/case?token=${token}`);
    expect(page.text).toContain(words("contact.case.what.closed"));
    await aBrowser(portal).post("/contact/case/message", { token, what: "Toujours bloquée." });
    expect(await now(row)).toMatchObject({ status: "open", reopened: 1, closed_at: null });
    const mail = await portal.messageTo(values.email as string);
    expect(mail.subject).toBe(words("cases.reopened.subject", { number: row.number }));
  });

  test("« non » in one press opens it again", async () => {
    const { token, row } = await written();
    await portal.portal.store.transact((tx) => portal.portal.cases.solve(tx, { kind: "system" }, row.id));
    const page = await aBrowser(portal).get(`/contact/well?token=${token}`);
    expect(page.text).toContain(words("contact.well.1"));
    expect((await now(row))?.status).toBe("solved");
    const after = await aBrowser(portal).post("/contact/well", { token, well: "1" });
    expect(after.text).toContain(words("contact.well.thanks.1"));
    expect(await now(row)).toMatchObject({ status: "open", satisfaction: 1, reopened: 1 });
  });

  test("the record can be kept, and holds nothing that a spreadsheet would run", async () => {
    const { token, row } = await written({ name: "=cmd|' /C calc'!A0", what: "=1+1\n@SUM(A1)\n+33\n-1" });
    const text = await aBrowser(portal).get(`/contact/case/record?token=${token}`);
    expect(text.headers.get("content-disposition")).toContain(`${row.number}.txt`);
    expect(text.headers.get("x-content-type-options")).toBe("nosniff");
    expect(text.html.split(/\r?\n/).filter((line) => /^[=+@\-\t]/.test(line))).toEqual([]);
    expect(text.html).toContain("| =1+1");
    const data = await aBrowser(portal).get(`/contact/case/record?as=json&token=${token}`);
    const record = JSON.parse(data.html);
    expect(record).toMatchObject({
      number: row.number,
      status: "open",
      writer: { name: "=cmd|' /C calc'!A0" },
    });
    expect(record.messages[0].text).toContain("@SUM(A1)");
  });

  test("links that lead nowhere say so, on every page", async () => {
    const { token } = await written();
    const broken = [
      token.slice(0, -1),
      `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`,
      "",
      "x".repeat(44),
    ];
    for (const bad of broken) {
      for (const path of ["/contact/case", "/contact/well", "/contact/case/record"]) {
        const page = await aBrowser(portal).get(`${path}?token=${encodeURIComponent(bad)}`);
        expect(page.status).toBe(410);
        expect(page.text).toContain(words("contact.unknown.title"));
      }
      for (const act of ["message", "confirm", "not-me", "solved"]) {
        const page = await aBrowser(portal).post(`/contact/case/${act}`, { token: bad, what: "x" });
        expect(page.status).toBe(410);
      }
    }
  });

  test("the link of a case that was forgotten leads nowhere, and its words are gone", async () => {
    const { token, row } = await written();
    await portal.portal.store.transact((tx) => portal.portal.cases.close(tx, { kind: "system" }, row.id));
    portal.clock.advance((portal.config.preset.retention.casesDays + 1) * day);
    await portal.settle();
    expect(await now(row)).toBeNull();
    expect((await aBrowser(portal).get(`/contact/case?token=${token}`)).status).toBe(410);
    const left = await portal.portal.store
      .tables<{ case_words: { case_id: string } }>()
      .selectFrom("case_words")
      .selectAll()
      .where("case_id", "=", row.id)
      .execute();
    expect(left).toEqual([]);
  });
});

describe("limits", () => {
  test("beyond them the page says until when, and keeps what was typed", async () => {
    const portal = await startPortal({});
    try {
      const browser = aBrowser(portal);
      const { max } = portal.config.preset.limits["case.per-source"];
      for (let sent = 0; sent < max; sent++) {
        expect((await sendRequest(browser, aRequest())).path).toContain("/contact/sent");
      }
      const values = aRequest();
      const { carried } = await openForm(browser);
      const refused = await browser.post("/contact", { ...carried, ...values });
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(refused.html).toContain(values.what);
      expect(refused.text).toContain(words("contact.too-many.kept"));
      expect(refused.text).toContain("aide@loquet.example");
      portal.clock.advance(hour + minute);
      const sent = await browser.post("/contact", { ...carriedBy(refused), ...values });
      expect(sent.path).toContain("/contact/sent");
    } finally {
      await portal.close();
    }
  });

  test("a whole school behind one address is not blocked by its own number", async () => {
    const portal = await startPortal({
      change: (config) => ({
        ...config,
        preset: { ...config.preset, slowedAddresses: ["127.0.0.0/8", "::1/128"] },
      }),
    });
    try {
      const { max } = portal.config.preset.limits["case.per-source"];
      for (let sent = 0; sent < max + 3; sent++) {
        expect((await sendRequest(aBrowser(portal), aRequest())).path).toContain("/contact/sent");
      }
    } finally {
      await portal.close();
    }
  });

  test("a page that is sent again and again has the limits of every other", async () => {
    const portal = await startPortal({});
    try {
      const browser = aBrowser(portal);
      const { max } = portal.config.preset.limits["case.per-source"];
      const { carried } = await openForm(browser);
      const values = aRequest();
      const statuses = [];
      for (let sent = 0; sent < max + 1; sent++) {
        statuses.push(
          (await browser.post("/contact", { ...carried, ...values, what: `Texte ${sent}` })).status,
        );
      }
      expect(statuses).toEqual([...Array(max).fill(200), 429]);
    } finally {
      await portal.close();
    }
  });

  test("one address is not filled with acknowledgements, and its owner still reaches support", async () => {
    const portal = await startPortal({ wideSources: true });
    try {
      const email = "victime@example.fr";
      const { max } = portal.config.preset.limits["case.per-address"];
      const answers = [];
      for (let sent = 0; sent < max + 2; sent++) {
        answers.push(await sendRequest(aBrowser(portal), aRequest({ email })));
      }
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      const last = answers.at(-1);
      expect(
        await portal.portal.cases.findByNumber(portal.portal.store, numberIn(last?.text ?? "")),
      ).toMatchObject({
        status: "open",
        email,
      });
      // The page does not promise a mail that will not come.
      expect(last?.text).toContain(words("contact.sent.many"));
      expect(last?.text).not.toContain(words("contact.sent.confirm"));
      expect(answers[0]?.text).toContain(words("contact.sent.confirm"));
      await portal.settle();
      const { max: mails } = portal.config.preset.limits["case-acknowledgement.per-address"];
      expect((await portal.messages(email)).length).toBeLessThanOrEqual(mails);
    } finally {
      await portal.close();
    }
  });
});

onEachEngine("the contact form at school", (engine) => {
  let portal: TestPortal;
  let [north, south, lilas, moulinNorth, moulinSouth] = ["", "", "", "", ""];
  beforeAll(async () => {
    portal = await startPortal({ engine, preset: "school", wideSources: true });
    north = await anEstablishment(portal, "academy", "Académie du Nord");
    south = await anEstablishment(portal, "academy", "Académie du Sud");
    lilas = await anEstablishment(portal, "school", "Collège des Lilas", north);
    moulinNorth = await anEstablishment(portal, "school", "Collège Jean-Moulin", north);
    moulinSouth = await anEstablishment(portal, "school", "Lycée Jean-Moulin", south);
    await portal.portal.store.transact((tx) =>
      tx.ask("update establishments set code = '0690001B', details = ? where id = ?", [
        JSON.stringify({ postal: ["3 rue des Lilas", "69003 LYON"] }),
        lilas,
      ]),
    );
  });
  afterAll(() => portal?.close());

  const rowOf = async (sent: { text: string }) =>
    (await portal.portal.cases.findByNumber(portal.portal.store, numberIn(sent.text))) as CaseRow;
  const atAcademy = words("contact.place.academy");
  /** The form again, with what it carries and what was written. */
  const again = (form: Page, values: Record<string, string>) => ({ ...carriedBy(form), ...values });

  test("a pupil without mailbox gets a number to note and a link on screen, and no mail is sent", async () => {
    const browser = aBrowser(portal);
    const values = aRequest({ email: "", kind: "pupil", establishment: "Collège des lilas", class: "6e B" });
    const missing = await sendRequest(browser, values);
    expect(missing.text).toContain(words("email.missing"));
    const sent = await sendRequest(browser, { ...values, "no-email": "1" });
    const number = numberIn(sent.text);
    expect(sent.text).toContain("La vie scolaire");
    const [, path = ""] = /href="(\/contact\/case\?token=[\w-]+)"/.exec(sent.html) ?? [];
    const page = await aBrowser(portal).get(path);
    expect(page.text).toContain(number);
    expect(page.text).not.toContain(words("contact.case.you.title"));
    expect(await rowOf(sent)).toMatchObject({
      relay: "pupil-life-office",
      kind: "pupil",
      pupil_class: "6e B",
      email: null,
      establishment: "Collège des lilas",
      establishment_id: lilas,
      academy_id: north,
    });
    await portal.settle();
    expect(await portal.messages()).toEqual([]);
  });

  test("who writes chooses the relay, and is asked for", async () => {
    const typed = { establishment: "0690001b" };
    const nobody = await sendRequest(aBrowser(portal), aRequest(typed));
    expect(nobody.text).toContain(words("contact.kind.missing"));
    const values = aRequest({ ...typed, kind: "guardian", pupil: "Tom Martin", relation: "mère" });
    await sendRequest(aBrowser(portal), values);
    const row = await caseOf(portal, await portal.messageTo(values.email as string));
    expect(row).toMatchObject({ relay: "school-office", pupil: "Tom Martin", relation: "mère" });
    expect(row.establishment_id).toBe(lilas);
  });

  test("one school of that name is taken; of several one is chosen; other words are looked up again", async () => {
    const browser = aBrowser(portal);
    for (const establishment of ["Lycée Jean Moulin", "college moulin"]) {
      const sent = await sendRequest(browser, aRequest({ kind: "guardian", establishment }));
      const wanted = establishment.startsWith("Lyc") ? moulinSouth : moulinNorth;
      expect((await rowOf(sent)).establishment_id).toBe(wanted);
    }
    const values = aRequest({ kind: "guardian", establishment: "Jean-Moulin", pupil: "Tom" });
    const asked = await sendRequest(browser, values);
    expect(asked.status).toBe(422);
    expect(asked.text).toContain(words("contact.place.match"));
    expect(asked.text).toContain("Académie du Sud");
    expect(asked.html).toContain(`value="${moulinNorth}"`);
    expect(asked.html).not.toContain(`value="${lilas}"`);
    expect(asked.html).toContain(values.what);
    expect(asked.html).toContain('href="#place"');
    // Another mistake beside it: what was chosen stays chosen.
    const half = await browser.post("/contact", again(asked, { ...values, name: "", place: moulinSouth }));
    expect(half.html).toMatch(new RegExp(`<input[^>]*value="${moulinSouth}"[^>]*checked`));
    // An answer was given to the words that stood there: other words are looked up.
    const changed = again(half, { ...values, establishment: "Lilas", place: moulinSouth });
    expect((await rowOf(await browser.post("/contact", changed))).establishment_id).toBe(lilas);
    const second = aRequest({ kind: "guardian", establishment: "Jean-Moulin" });
    const form = await sendRequest(browser, second);
    const sent = await browser.post("/contact", again(form, { ...second, place: moulinSouth }));
    expect(await rowOf(sent)).toMatchObject({ establishment_id: moulinSouth, academy_id: south });
  });

  test("none of that name: the academy is asked for, once, and may be unknown", async () => {
    const browser = aBrowser(portal);
    const values = aRequest({ kind: "guardian", establishment: "École de nulle part" });
    const asked = await sendRequest(browser, values);
    expect(asked.text).toContain(atAcademy);
    const silent = await browser.post("/contact", again(asked, values));
    expect(silent.text).toContain(words("contact.place.academy-missing"));
    const placed = await rowOf(await browser.post("/contact", again(silent, { ...values, place: south })));
    expect(placed).toMatchObject({ establishment_id: south, academy_id: south, relay: "school-office" });
    // « Je ne le trouve pas » leads to the same question; an address that is none of the answers, too.
    const other = aRequest({ kind: "guardian", establishment: "Jean-Moulin" });
    const first = await sendRequest(browser, other);
    for (const place of ["none", "01890000-0000-7000-8000-000000000000"]) {
      const next = await browser.post("/contact", again(first, { ...other, place }));
      expect(next.text).toContain(atAcademy);
    }
    const sent = await browser.post("/contact", again(first, { ...other, place: "unknown" }));
    // Nobody but who reaches everybody sees what stands nowhere.
    expect(await rowOf(sent)).toMatchObject({ establishment_id: null, academy_id: null, relay: "operator" });
  });

  test("whoever is signed in has their school chosen; of several they choose", async () => {
    for (const schools of [[lilas], [lilas, moulinSouth]]) {
      const username = `anna.${schools.length}`;
      const made = await anAccount(portal, "Anna Petit").kind("guardian").username(username).made();
      for (const school of schools) await belongs(portal, made, school);
      const browser = aBrowser(portal);
      await browser.post("/sign-in", { identifier: username, password: made.password ?? "" });
      const form = await browser.get("/contact?symptom=other");
      expect(form.text).toContain(words("contact.place.own"));
      const chosen = new RegExp(`<input[^>]*value="${lilas}"[^>]*checked`).test(form.html);
      expect(chosen).toBe(schools.length === 1);
      const values = aRequest({ kind: "guardian" });
      const place = schools.at(-1) as string;
      const sent = await browser.post("/contact", again(form, { ...values, place }));
      expect(await rowOf(sent)).toMatchObject({ establishment_id: place, account_id: made.account.id });
    }
  });

  test("what was sent to a mistyped address keeps its place when it is corrected", async () => {
    const browser = aBrowser(portal);
    const wrong = aRequest({ kind: "guardian", establishment: "Jean-Moulin" });
    const asked = await sendRequest(browser, wrong);
    const sent = await browser.post("/contact", again(asked, { ...wrong, place: moulinNorth }));
    const [, token = ""] = /href="\/contact\?again=([^"]+)"/.exec(sent.html) ?? [];
    const form = await browser.get(`/contact?again=${token}`);
    expect(form.html).toMatch(new RegExp(`<input[^>]*value="${moulinNorth}"[^>]*checked`));
    const right = { ...wrong, email: `juste.${engine}@example.fr`, place: moulinNorth };
    const corrected = await browser.post("/contact", again(form, right));
    expect((await rowOf(corrected)).establishment_id).toBe(moulinNorth);
  });
});
