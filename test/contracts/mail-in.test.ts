import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Preset } from "../../src/config/preset.ts";
import { day, hour, minute } from "../../src/kernel/clock.ts";
import { PlainBrowser } from "../support/browser.ts";
import { aRequest, sendRequest } from "../support/case-form.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { composeMail, lines, type MailParts, type SentMail, sendMail } from "../support/smtp-client.ts";
import { type ReceivedEmail, type SmtpPeer, startSmtpPeer } from "../support/smtp-peer.ts";

const support = "aide@ecole.example";
const lea = "lea@example.org";

let peer: SmtpPeer;
let portal: TestPortal;
let port: number;
let sent = 0;

async function open(
  engine: "sqlite" | "postgres" = "sqlite",
  limits: Partial<Preset["limits"]> = {},
): Promise<void> {
  peer = await startSmtpPeer();
  port = await findFreePort();
  portal = await startPortal({
    preset: "service",
    engine,
    environment: {
      SMTP_URL: peer.url,
      LOQUET_MAIL_FROM: "Portail <ne-pas-repondre@ecole.example>",
      LOQUET_INBOUND_MAIL: `127.0.0.1:${port}`,
    },
    change: (config) => ({
      ...config,
      preset: {
        ...config.preset,
        support: { ...config.preset.support, address: support },
        limits: { ...config.preset.limits, ...limits },
      },
    }),
  });
  await portal.portal.inboundMail?.listen();
}
afterEach(async () => {
  await portal.close();
  await peer.stop();
});

/** Sends a mail and lets the portal read it. */
async function write(parts: Partial<MailParts>, envelope: Partial<SentMail> = {}): Promise<void> {
  sent += 1;
  const whole: MailParts = {
    from: `Léa Martin <${lea}>`,
    to: support,
    subject: "Je n'entre plus",
    text: "Bonjour, je n'arrive plus à entrer.",
    messageId: `<${sent}@example.org>`,
    ...parts,
  };
  await send({ from: lea, to: whole.to, raw: await composeMail(whole), ...envelope });
}
async function send(mail: SentMail): Promise<void> {
  expect(await sendMail(port, mail)).toMatchObject({ code: 250 });
  await portal.settle();
}

interface SeenCase {
  id: string;
  number: string;
  status: string;
  subject: string;
  name: string;
  email: string | null;
  locale: string;
  email_confirmed_by: string | null;
  identity_proved_at: number | null;
}
const casesSeen = () =>
  portal.portal.store.ask<SeenCase>(
    "select id, number, status, subject, name, email, locale, email_confirmed_by, identity_proved_at from cases order by opened_at, id",
    [],
  );
interface SeenMessage {
  case_id: string;
  kind: string;
  channel: string;
  body: string;
  quoted: string | null;
  params: string | null;
  mail_id: string | null;
  author_name: string | null;
}
const messagesSeen = (kind: string) =>
  portal.portal.store.ask<SeenMessage>(
    "select case_id, kind, channel, body, quoted, params, mail_id, author_name from case_messages where kind = ? order by at, id",
    [kind],
  );
const eventsSeen = async () => (await messagesSeen("event")).map(({ body }) => body);
const readSeen = () =>
  portal.portal.store.ask<{ status: string; result: string | null }>(
    "select status, result from inbound_mails order by received_at, id",
    [],
  );
const resultsSeen = async () => (await readSeen()).map(({ result }) => result);

async function change(statement: string, parameters: unknown[]): Promise<void> {
  await portal.portal.store.transact(async (tx) => void (await tx.ask(statement, parameters)));
}

/** The one case there is. */
async function onlyCase(): Promise<SeenCase> {
  const all = await casesSeen();
  expect(all).toHaveLength(1);
  return all[0] as SeenCase;
}
async function acknowledgement(to = lea): Promise<ReceivedEmail> {
  return peer.waitForMessageTo(to);
}
const replyToOf = (mail: ReceivedEmail) => mail.parsed.replyTo?.[0]?.address as string;

onEachEngine("a mail to the support address", (engine) => {
  beforeEach(() => open(engine));

  test("opens a case, which is acknowledged once: number, link, expected delay, and not a word of the writer's", async () => {
    await write({ subject: "Mot-clé-du-sujet", text: "Mot-clé-du-texte : je suis bloquée." });
    const opened = await onlyCase();
    expect(opened).toMatchObject({
      status: "open",
      subject: "Mot-clé-du-sujet",
      name: "Léa Martin",
      email: lea,
      locale: "fr",
      email_confirmed_by: null,
      identity_proved_at: null,
    });
    expect(await messagesSeen("person")).toMatchObject([
      { channel: "mail", body: "Mot-clé-du-texte : je suis bloquée.", mail_id: `<${sent}@example.org>` },
    ]);

    expect(peer.messages).toHaveLength(1);
    const mail = await acknowledgement();
    expect(mail.parsed.text).toContain(opened.number);
    expect(mail.parsed.text).toMatch(/\/contact\/case\?token=/);
    expect(`${mail.parsed.subject} ${mail.parsed.text} ${mail.parsed.html}`).not.toMatch(/Mot-clé|Martin/);
    expect(mail.header("auto-submitted")).toBe("auto-generated");
    expect(mail.header("references")).toContain(`<${sent}@example.org>`);
    expect(replyToOf(mail)).toMatch(/^aide\+[0-9a-z]{8}\.[a-z2-7]{16}@ecole\.example$/);
    // Nothing more follows by itself.
    portal.clock.advance(hour);
    await portal.settle();
    expect(peer.messages).toHaveLength(1);
  });

  test("answered to the signed address, joins its case; what it quotes is folded", async () => {
    await write({});
    const { id } = await onlyCase();
    const mail = await acknowledgement();
    await write({
      to: replyToOf(mail),
      subject: `Re: ${mail.parsed.subject}`,
      text: `Depuis hier.\n\nLe mar. 2 mars 2027 à 09:00, Portail <ne-pas-repondre@ecole.example> a écrit :\n> Bonjour,\n> votre demande`,
      inReplyTo: mail.parsed.messageId as string,
    });
    const messages = await messagesSeen("person");
    expect(messages.map(({ case_id }) => case_id)).toEqual([id, id]);
    expect(messages[1]).toMatchObject({
      body: "Depuis hier.",
      quoted: expect.stringContaining("> votre demande"),
    });
    // Who answers from the address that alone was told the signed one has that mailbox; nothing more is proved.
    expect(await onlyCase()).toMatchObject({ email_confirmed_by: "reply", identity_proved_at: null });
    expect(peer.messages).toHaveLength(1);
    expect(await resultsSeen()).toEqual(["opened", "joined-signed"]);
  });

  test("answered to the signed address from another one, joins, and confirms no address", async () => {
    await write({});
    const to = replyToOf(await acknowledgement());
    await write({ from: "Paul <paul@example.org>", to: to.toUpperCase(), text: "Je réponds pour elle." });
    expect(await onlyCase()).toMatchObject({ email: lea, email_confirmed_by: null });
    // Whoever was sent a copy has the signed address: their words are not shown as hers.
    expect((await messagesSeen("person")).map(({ author_name }) => author_name)).toEqual([
      "Léa Martin",
      "Paul <paul@example.org>",
    ]);
    expect(await messagesSeen("event")).toMatchObject([
      { body: "cases.event.other-address", params: JSON.stringify({ address: "paul@example.org" }) },
    ]);
    const { id } = await onlyCase();
    const token = portal.portal.cases.caseLinkToken(id);
    const page = await new PlainBrowser(portal.url).get(`/contact/case?token=${token}`);
    expect(page.text).toContain("Paul <paul@example.org>");
  });

  test("reopens a case that was closed, and goes on where a merged one goes on", async () => {
    await write({});
    const to = replyToOf(await acknowledgement());
    const first = await onlyCase();
    await change("update cases set status = 'closed', closed_at = ?, solved_at = ? where id = ?", [
      portal.clock.now(),
      portal.clock.now(),
      first.id,
    ]);
    await write({ to, text: "Cela recommence." });
    expect((await onlyCase()).status).toBe("open");

    await write({ from: "paul@example.org", text: "Pareil pour moi." });
    const target = (await casesSeen()).find(({ email }) => email === "paul@example.org") as SeenCase;
    await change("update cases set status = 'merged', merged_into = ? where id = ?", [target.id, first.id]);
    await write({ to, text: "Et maintenant ?" });
    expect((await messagesSeen("person")).at(-1)).toMatchObject({
      case_id: target.id,
      body: "Et maintenant ?",
    });
  });

  test("that names one of our mails without the signed address joins from the case's own address only", async () => {
    await write({});
    const { id, number } = await onlyCase();
    const mail = await acknowledgement();
    const thread = mail.parsed.messageId as string;
    await write({ text: "Une précision.", inReplyTo: thread });
    await write({ text: "Une autre.", references: `<x@example.org> ${mail.header("references")}` });
    expect((await messagesSeen("person")).map(({ case_id }) => case_id)).toEqual([id, id, id]);

    await write({ from: "Inconnu <inconnu@example.org>", text: "Changez mon adresse.", inReplyTo: thread });
    const cases = await casesSeen();
    expect(cases).toHaveLength(2);
    expect(await messagesSeen("event")).toMatchObject([
      { case_id: cases[1]?.id, body: "cases.event.seems-to-belong", params: JSON.stringify({ number }) },
    ]);
    expect(await resultsSeen()).toEqual(["opened", "joined-named", "joined-named", "opened"]);
  });

  test("with a signature that is not ours opens a case of its own", async () => {
    await write({});
    const to = replyToOf(await acknowledgement());
    await write({ from: "paul@example.org", to: to.replace(/.@/, (end) => (end === "a@" ? "b@" : "a@")) });
    expect(await casesSeen()).toHaveLength(2);
  });

  test("that comes to two of our addresses is told once in each case", async () => {
    await write({});
    const to = replyToOf(await acknowledgement());
    const raw = await composeMail({
      from: lea,
      to: support,
      text: "Je réponds à tous.",
      messageId: "<all@example.org>",
    });
    await send({ from: lea, to: [support, to], raw });
    await send({ from: lea, to: support, raw });
    await send({ from: lea, to, raw });
    expect(await casesSeen()).toHaveLength(1);
    expect(await messagesSeen("person")).toHaveLength(2);
  });

  test("that comes over several connections at once opens one case", async () => {
    const raw = await composeMail({
      from: lea,
      to: support,
      text: "Bonjour",
      messageId: "<same@example.org>",
    });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => sendMail(port, { from: lea, to: support, raw })),
    );
    expect(answers.map(({ code }) => code)).toEqual([250, 250, 250, 250, 250]);
    await portal.settle();
    await onlyCase();
    expect(peer.messages).toHaveLength(1);
  });

  test("sent by the hundred from one address: few cases, few answers, the rest waits its turn, and none is lost", async () => {
    const all = 60;
    const raws = await Promise.all(
      Array.from({ length: all }, (_, at) =>
        composeMail({ from: lea, to: support, text: `Mail ${at}`, messageId: `<flood${at}@example.org>` }),
      ),
    );
    for (const raw of raws) {
      expect(await sendMail(port, { from: lea, to: support, raw })).toMatchObject({ code: 250 });
    }
    await portal.settle();
    expect(await casesSeen()).toHaveLength(5);
    expect(peer.messages).toHaveLength(5);
    expect((await readSeen()).filter(({ status }) => status === "waiting")).toHaveLength(all - 35);
    // A reply to a signed address is none of that flood.
    await write({ to: replyToOf(peer.messages.at(-1) as ReceivedEmail), text: "Et moi ?" });
    expect((await messagesSeen("person")).at(-1)?.body).toBe("Et moi ?");

    for (let days = 0; days < 8; days++) {
      portal.clock.advance(day);
      await portal.settle();
    }
    const bodies = (await messagesSeen("person")).map(({ body }) => body);
    expect(new Set(bodies).size).toBe(all + 1);
    expect(bodies).toHaveLength(all + 1);
    expect((await readSeen()).filter(({ status }) => status === "waiting")).toEqual([]);
  });
});

describe("mails from everywhere at once", () => {
  beforeEach(() => open("sqlite", { "case-mail.service-wide": { max: 3, perSeconds: 3600 } }));

  test("wait their turn one by one, and leave the contact form open", async () => {
    const from = (at: number) => `inconnu${at}@example.org`;
    for (let at = 0; at < 12; at++) {
      const raw = await composeMail({
        from: from(at),
        to: support,
        text: "x",
        messageId: `<${at}@all.example>`,
      });
      await sendMail(port, { from: from(at), to: support, raw });
    }
    await portal.settle();
    expect(await casesSeen()).toHaveLength(3);
    const browser = new PlainBrowser(portal.url);
    expect((await sendRequest(browser, aRequest())).path).toContain("/contact/sent");
    // What waits does not fall due all at once when the time is over.
    const due = await portal.portal.store.ask<{ due_at: number }>(
      "select due_at from inbound_mails where status = 'waiting'",
      [],
    );
    expect(due).toHaveLength(9);
    expect(new Set(due.map(({ due_at }) => Math.floor(due_at / minute))).size).toBeGreaterThan(4);
    for (const { due_at } of due) expect(due_at).toBeGreaterThanOrEqual(portal.clock.now() + hour);
    for (let days = 0; days < 12; days++) {
      portal.clock.advance(day / 2);
      await portal.settle();
    }
    expect((await readSeen()).filter(({ status }) => status === "waiting")).toEqual([]);
    expect(await casesSeen()).toHaveLength(13);
    // What was read needs no bytes any more.
    expect(await portal.portal.store.ask("select mail_id from inbound_mail_parts", [])).toEqual([]);
  });
});

describe("what robots send", () => {
  beforeEach(() => open());

  const robots: [string, Partial<MailParts>, Partial<SentMail>?][] = [
    ["auto-submitted", { headers: { "Auto-Submitted": "auto-replied" } }],
    ["auto-response", { headers: { "X-Auto-Response-Suppress": "All" } }],
    ["bulk", { headers: { Precedence: "bulk" } }],
    ["bulk", { headers: { "List-Id": "<parents.example.org>" } }],
    ["empty-sender", {}, { from: "" }],
    ["robot-sender", { from: "no-reply@example.org" }],
    ["robot-sender", { from: "MAILER-DAEMON@example.org" }],
    ["our-own", { from: "ne-pas-repondre@ecole.example" }],
    ["our-own", { from: support }],
    ["loop", { headers: { "X-Loop": "x" } }],
  ];
  test("opens nothing and is never answered; why is kept for the operator, without what it said", async () => {
    for (const [reason, parts, envelope] of robots) {
      await write(parts, envelope);
      expect((await readSeen()).at(-1)).toEqual({ status: "ignored", result: reason });
    }
    const report = lines(
      "From: MAILER-DAEMON@example.org",
      "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
      "",
      "--b",
      "",
      "Undelivered",
      "--b--",
    );
    await send({ from: "", to: support, raw: report });
    expect((await resultsSeen()).at(-1)).toBe("report");
    expect(await casesSeen()).toEqual([]);
    expect(peer.messages).toEqual([]);
    const metrics = await (await fetch(`${portal.url}/metrics`)).text();
    expect(metrics).toContain('loquet_inbound_mails_total{handler="cases",status="ignored",reason="bulk"} 2');
    expect(metrics).toContain("loquet_inbound_mails_waiting 0");
  });

  test("to a case is noted in it, and changes nothing", async () => {
    await write({});
    const { id } = await onlyCase();
    const to = replyToOf(await acknowledgement());
    await change("update cases set status = 'closed', closed_at = ? where id = ?", [portal.clock.now(), id]);
    await write({ to, text: "Je suis absente jusqu'au 15.", headers: { "Auto-Submitted": "auto-replied" } });
    expect((await onlyCase()).status).toBe("closed");
    expect(await messagesSeen("event")).toMatchObject([
      { case_id: id, body: "cases.event.automatic-mail", params: expect.stringContaining("absente jusqu") },
    ]);
    // By the thread, too, from the address of the case; from another one it belongs to nobody.
    const thread = (await acknowledgement()).parsed.messageId as string;
    const robot = { inReplyTo: thread, headers: { "Auto-Submitted": "auto-replied" } };
    await write(robot);
    await write({ ...robot, from: "paul@example.org" });
    expect(await resultsSeen()).toEqual([
      "opened",
      "event-auto-submitted",
      "event-auto-submitted",
      "auto-submitted",
    ]);
    expect(peer.messages).toHaveLength(1);
  });

  test("in answer to our acknowledgement starts no game of ping-pong, however badly it is made", async () => {
    await write({});
    let answered = 0;
    // A robot that answers everything, to everybody who could be meant, and says nowhere that it is one.
    for (let round = 0; round < 20; round++) {
      for (const mail of peer.messages.slice(answered)) {
        for (const to of [replyToOf(mail), mail.from]) {
          const raw = await composeMail({
            from: lea,
            to,
            subject: `Re: ${mail.parsed.subject}`,
            text: "Je suis absente.",
            inReplyTo: mail.parsed.messageId as string,
            messageId: `<robot${round}-${to.length}@example.org>`,
          });
          const { code } = await sendMail(port, { from: lea, to, raw });
          expect(code).toBe(to === mail.from ? 550 : 250);
        }
        answered += 1;
      }
      await portal.settle();
      portal.clock.advance(hour);
    }
    await onlyCase();
    expect(peer.messages).toHaveLength(1);
    expect(await messagesSeen("person")).toHaveLength(2);
  });
});

describe("a mail made to hurt", () => {
  beforeEach(() => open());

  const hostile: [string, string][] = [
    [
      "a script in HTML",
      "Content-Type: text/html\r\n\r\n<script>alert(1)</script><img src=x onerror=alert(1)>Bonjour",
    ],
    ["a header in the subject", "Subject: =?utf-8?q?x=0D=0ABcc:_paul@example.org?=\r\n\r\nBonjour"],
    ["NUL bytes", "Subject: a\u0000b\r\n\r\nBon\u0000jour"],
    ["no UTF-8", "Content-Type: text/plain; charset=utf-8\r\n\r\nBon\xffjour\xc3"],
    ["an unknown charset", "Content-Type: text/plain; charset=klingon\r\n\r\nBonjour"],
    ["nothing at all", "\r\n"],
    [
      "a thousand parts",
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\nx\r\n".repeat(5000)}`,
    ],
    ["a million lines", `\r\n${"\n".repeat(1_000_000)}`],
    [
      "nested parts",
      Array.from(
        { length: 60 },
        (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
      ).join(""),
    ],
    [
      "a name that climbs",
      'Content-Type: application/zip; name="../../../etc/cron.d/x"\r\nContent-Disposition: attachment\r\n\r\nPK',
    ],
  ];
  test.each(hostile)("with %s is taken, kept as plain text, and acknowledged", async (_what, rest) => {
    const raw = Buffer.from(`From: Lea <${lea}>\r\nMessage-ID: <hurt@example.org>\r\n${rest}`, "latin1");
    await send({ from: lea, to: support, raw });
    const { subject } = await onlyCase();
    const [message] = await messagesSeen("person");
    for (const kept of [subject, message?.body ?? "", message?.quoted ?? ""]) {
      expect(kept).not.toMatch(/<script|onerror|(?![\n\t])\p{Cc}/u);
    }
    expect(message?.body.trim()).not.toBe("");
    expect(peer.messages).toHaveLength(1);
    expect(peer.messages[0]?.to).toEqual([lea]);
    expect(peer.messages[0]?.header("bcc")).toBeNull();
  });

  test("longer than a case may hold keeps its beginning above and the rest below", async () => {
    await write({ text: `${"début ".repeat(4000)}fin` });
    const [message] = await messagesSeen("person");
    expect(message?.body.length).toBe(20_000);
    expect(message?.quoted?.endsWith("fin")).toBe(true);
    await write({ from: "paul@example.org", text: "mot ".repeat(100_000) });
    expect(await eventsSeen()).toEqual(["cases.event.mail-cut"]);
  });

  test("from nobody who can be answered is set aside", async () => {
    await send({ from: "x@localhost", to: support, raw: lines("From: élodie@example.org", "", "Bonjour") });
    expect(await readSeen()).toEqual([{ status: "ignored", result: "no-sender" }]);
    // Two authors: only where it was sent from can be answered.
    await send({
      from: "paul@example.org",
      to: support,
      raw: lines(`From: ${lea}, chef@example.org`, "", "Bonjour"),
    });
    expect((await onlyCase()).email).toBe("paul@example.org");
    expect(peer.messages.map(({ to }) => to)).toEqual([["paul@example.org"]]);
  });

  test("from an address that refused us is taken, and not answered", async () => {
    await change(
      "insert into suppressions (recipient_key, channel, reason, since) values (?, 'email', '5.1.1', ?)",
      [lea, portal.clock.now()],
    );
    await write({});
    await onlyCase();
    expect(peer.messages).toEqual([]);
  });
});

describe("what is attached", () => {
  beforeEach(() => open());

  test("is drawn anew and kept where it is a picture, and named where it is not", async () => {
    const png = await sharp({ create: { width: 400, height: 300, channels: 3, background: "#336699" } })
      .withExif({ IFD0: { Copyright: "hidden-words" } })
      .png()
      .toBuffer();
    const polyglot = Buffer.concat([png, Buffer.from("<script>alert(1)</script>")]);
    await write({
      attachments: [
        { filename: "écran.png", content: polyglot },
        { filename: "pas-une-image.png", content: Buffer.from("<svg onload=alert(1)>".repeat(1000)) },
        { filename: "dossier.pdf", content: Buffer.from("%PDF-1.7") },
      ],
    });
    const { id } = await onlyCase();
    const kept = await portal.portal.store.ask<{ name: string; type: string; file: string; case_id: string }>(
      "select name, type, file, case_id from case_attachments",
      [],
    );
    expect(kept).toMatchObject([{ name: "écran.png", type: "image/png", case_id: id }]);
    const file = join(portal.config.dataFolder, "uploads", kept[0]?.file as string);
    const { width, exif } = await sharp(readFileSync(file)).metadata();
    expect([width, exif]).toEqual([400, undefined]);
    const [event] = (await messagesSeen("event")).filter(({ body }) => body === "cases.event.not-kept");
    expect(JSON.parse(event?.params ?? "")).toEqual({ count: 2, names: "dossier.pdf, pas-une-image.png" });

    // The reply's picture joins the same case.
    await write({
      to: replyToOf(await acknowledgement()),
      text: "La voici.",
      attachments: [{ filename: "autre.png", content: png }],
    });
    expect(
      await portal.portal.store.ask("select case_id from case_attachments where name = 'autre.png'", []),
    ).toEqual([{ case_id: id }]);
  });
});

test("each language is answered in itself", async () => {
  await open();
  await write({ from: "a@example.org", subject: "Help", text: "Hello, I can not sign in to my account." });
  await write({ from: "b@example.org", subject: "مساعدة", text: "مرحبا، لا أستطيع الدخول إلى حسابي" });
  await write({ from: "c@example.org", subject: "?", text: "???" });
  expect((await casesSeen()).map(({ locale }) => locale)).toEqual(["en", "ar", "fr"]);
});

test("what arrived is erased in time, and never before it was read", async () => {
  await open();
  await write({});
  portal.clock.advance(31 * day);
  await portal.settle();
  expect(await readSeen()).toEqual([]);
  expect(await portal.portal.store.ask("select mail_id from inbound_mail_parts", [])).toEqual([]);
});

test("a listener that does not listen makes the portal unready, and says why in one sentence", async () => {
  await open();
  expect((await fetch(`${portal.url}/readyz`)).status).toBe(200);
  const second = await startPortal({
    preset: "service",
    environment: { LOQUET_INBOUND_MAIL: `127.0.0.1:${port}` },
  });
  await expect(second.portal.inboundMail?.listen()).rejects.toThrow(
    `LOQUET_INBOUND_MAIL: ${port} on 127.0.0.1 is used by another program; name a free port.`,
  );
  const unready = await fetch(`${second.url}/readyz`);
  expect(unready.status).toBe(503);
  expect(await unready.text()).toContain("mail-in");
  await second.close();
});
