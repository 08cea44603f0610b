import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as rows from "../../src/channels/inbound/inbound.store.ts";
import type { InboundEnd, InboundMail, InboundRecipient } from "../../src/channels/inbound/inbound-mail.ts";
import { createIntake, type Intake } from "../../src/channels/inbound/intake.ts";
import {
  createInboundListener,
  type InboundLimits,
  type InboundListener,
} from "../../src/channels/inbound/listener.ts";
import { hour, minute } from "../../src/kernel/clock.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { createKeys } from "../../src/kernel/keys.ts";
import { Secret } from "../../src/kernel/secret.ts";
import type { Store } from "../../src/store/store.ts";
import { certificates } from "../support/certificates.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { composeMail, lines, SmtpTalk, sendMail } from "../support/smtp-client.ts";
import { seededRandom, TestClock } from "../support/world.ts";

const support = "aide@ecole.example";
const master = new Secret("a-master-secret-that-only-tests-know-0123456789");

/** A part of a portal that keeps what it is given, and fails when told to. */
class Reader implements InboundRecipient {
  readonly name = "reader";
  readonly read: InboundMail[] = [];
  readonly ends: (InboundEnd & { id: string })[] = [];
  trouble: Error | null = null;
  end: InboundEnd = { status: "done", reason: "read" };

  accepts(address: string): boolean {
    return /^aide(?:\+[a-z0-9.]+)?@ecole\.example$/.test(address);
  }
  choose(addresses: string[]): string[] {
    const tagged = addresses.filter((address) => address.includes("+"));
    return tagged.length > 0 ? tagged : addresses.slice(0, 1);
  }
  async receive(mail: InboundMail) {
    if (this.trouble) throw this.trouble;
    return async () => {
      this.read.push(mail);
      return this.end;
    };
  }
}

let store: Store;
let closeStore: () => Promise<void>;
let clock: TestClock;
let reader: Reader;
let faults: unknown[];
const opened: InboundListener[] = [];

async function open(engine: "sqlite" | "postgres"): Promise<void> {
  ({ store, close: closeStore } = await openTestStore(engine));
  clock = new TestClock();
  reader = new Reader();
  faults = [];
}
afterEach(async () => {
  for (const listener of opened.splice(0)) await listener.close();
  await closeStore();
});

function anIntake(over: Partial<Parameters<typeof createIntake>[0]> = {}): Intake {
  const random = seededRandom(opened.length + 7);
  return createIntake({
    store,
    clock,
    ids: createIds(clock, random),
    keys: createKeys(random, master, null),
    recipients: [reader],
    maySend: async () => true,
    wake: () => {},
    onEnd: (mail) => reader.ends.push(mail),
    onFault: (cause) => faults.push(cause),
    ...over,
  });
}

async function aListener(
  intake: Pick<Intake, "accept" | "accepts"> = anIntake(),
  limits: Partial<InboundLimits> = {},
  tls: { certFile: string; keyFile: string } | null = null,
): Promise<{ listener: InboundListener; port: number }> {
  const listener = createInboundListener({
    settings: { host: "127.0.0.1", port: 0, tls },
    publicUrl: "https://acces.ecole.example",
    intake,
    log: { warn: () => {} },
    onFault: (cause) => faults.push(cause),
    limits,
  });
  opened.push(listener);
  await listener.listen();
  return { listener, port: listener.address()?.port as number };
}

const aMail = (changes: Partial<Parameters<typeof composeMail>[0]> = {}) =>
  composeMail({ from: "Léa <lea@example.org>", to: support, subject: "Aide", text: "Bonjour", ...changes });

async function readAll(intake: Intake): Promise<void> {
  while ((await intake.readDue()) > 0);
}

onEachEngine("a mail that arrives", (engine) => {
  beforeEach(() => open(engine));

  test("is committed before its sender is told so, and read afterwards with every byte of it", async () => {
    const intake = anIntake();
    const { port } = await aListener(intake);
    const raw = await aMail({ attachments: [{ filename: "a.bin", content: Buffer.alloc(200_000, 7) }] });
    const answer = await sendMail(port, { from: "lea@example.org", to: support, raw });
    expect(answer.code).toBe(250);
    expect(await rows.countWaiting(store)).toEqual({
      count: 1,
      bytes: expect.any(Number),
      since: clock.now(),
    });

    await readAll(intake);
    expect(reader.read).toHaveLength(1);
    expect(reader.read[0]).toMatchObject({
      recipient: support,
      envelopeFrom: "lea@example.org",
      receivedAt: clock.now(),
    });
    const kept = Buffer.from(reader.read[0]?.raw as Uint8Array).toString("latin1");
    expect(kept.trimEnd()).toBe(raw.toString("latin1").trimEnd());
    expect(reader.ends).toMatchObject([{ status: "done", reason: "read" }]);
    expect((await rows.countWaiting(store)).count).toBe(0);
  });

  test("is not readable in the database", async () => {
    const { port } = await aListener();
    await sendMail(port, {
      from: "a@example.org",
      to: support,
      raw: await aMail({ text: "mon mot de passe" }),
    });
    const [row] = await store.ask<{ sealed: string }>("select sealed from inbound_mail_parts", []);
    const plain = Buffer.from(row?.sealed ?? "", "base64url").toString("latin1");
    expect(row?.sealed.length).toBeGreaterThan(100);
    expect(`${row?.sealed} ${plain}`).not.toMatch(/mot de passe|bW9uIG1vd/);
  });

  test("is kept once when its sender, who did not hear our answer, sends it again", async () => {
    const intake = anIntake();
    const { port } = await aListener(intake);
    const raw = await aMail({ messageId: "<once@example.org>" });
    const again = Buffer.concat([Buffer.from("Received: from b.example\r\n"), raw]);
    for (const bytes of [raw, again]) {
      expect((await sendMail(port, { from: "a@example.org", to: support, raw: bytes })).code).toBe(250);
      await readAll(intake);
    }
    expect(reader.read).toHaveLength(1);
    // Without Message-ID it is known by its author, date, subject and body.
    const bare = lines("From: b@example.org", "Date: Tue, 2 Mar 2027 09:00:00 +0100", "", "Bonjour");
    for (const bytes of [bare, `Received: x\r\n${bare}`, `${bare} !`]) {
      await sendMail(port, { from: "b@example.org", to: support, raw: bytes });
    }
    await readAll(intake);
    expect(reader.read).toHaveLength(3);
  });

  test("is kept once when it comes over two connections at the same moment", async () => {
    const intake = anIntake();
    const { port } = await aListener(intake);
    const raw = await aMail({ messageId: "<twice@example.org>" });
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => sendMail(port, { from: "a@example.org", to: support, raw })),
    );
    expect(answers.map(({ code }) => code)).toEqual([250, 250, 250, 250, 250, 250]);
    await readAll(intake);
    expect(reader.read).toHaveLength(1);
  });

  test("to several of our addresses is for those that mean something apart", async () => {
    const intake = anIntake();
    const { port } = await aListener(intake);
    const to = [support, "AIDE+one@Ecole.example", "aide+two@ecole.example"];
    await sendMail(port, { from: "a@example.org", to, raw: await aMail() });
    await readAll(intake);
    expect(reader.read.map(({ recipient }) => recipient).sort()).toEqual([
      "aide+one@ecole.example",
      "aide+two@ecole.example",
    ]);
  });

  test("whose reading fails is read again, later and later, until it succeeds", async () => {
    const intake = anIntake();
    const { port } = await aListener(intake);
    await sendMail(port, { from: "a@example.org", to: support, raw: await aMail() });
    reader.trouble = new Error("The database is away.");
    for (let tries = 1; tries <= 12; tries++) {
      expect(await intake.readDue()).toBe(1);
      expect(await intake.readDue()).toBe(0);
      clock.advance(hour);
    }
    expect(faults).toHaveLength(12);
    reader.trouble = null;
    await readAll(intake);
    expect(reader.read).toHaveLength(1);
  });

  test("is read by one of two nodes, and by the other when the first dies over it", async () => {
    const [first, second] = [anIntake(), anIntake({ ids: createIds(clock, seededRandom(99)) })];
    const { port } = await aListener(first);
    await sendMail(port, { from: "a@example.org", to: support, raw: await aMail() });
    // The first node takes it and is never heard of again.
    let died: () => void = () => {};
    reader.receive = () => new Promise(() => died());
    const dead = new Promise<void>((resolve) => {
      died = resolve;
    });
    void first.readDue();
    await dead;
    expect(await second.readDue()).toBe(0);
    clock.advance(5 * minute);
    reader.receive = Reader.prototype.receive;
    expect(await second.readDue()).toBe(1);
    expect(reader.read).toHaveLength(1);
  });

  test("is forgotten once it was read and its time is over, and never before it was read", async () => {
    const intake = anIntake();
    const { port } = await aListener(intake);
    await sendMail(port, { from: "a@example.org", to: support, raw: await aMail() });
    await readAll(intake);
    await sendMail(port, { from: "a@example.org", to: support, raw: await aMail({ text: "Encore" }) });
    clock.advance(hour);
    await store.transact((tx) => rows.forget(tx, clock.now()));
    expect(await store.ask("select id from inbound_mails where status = 'done'", [])).toEqual([]);
    expect((await rows.countWaiting(store)).count).toBe(1);
    await readAll(intake);
    expect(reader.read).toHaveLength(2);
  });

  test("that could not be committed is refused for the moment, and its sender tries again", async () => {
    const broken = { accepts: () => true, accept: () => Promise.reject(new Error("The disk is full.")) };
    const { port } = await aListener(broken);
    const answer = await sendMail(port, { from: "a@example.org", to: support, raw: await aMail() });
    expect(answer.code).toBe(451);
    expect(answer.text).not.toContain("disk");
    expect(faults).toHaveLength(1);
  });
});

describe("a flood", () => {
  beforeEach(() => open("sqlite"));

  test("from one address is asked to come later, and the address is told apart", async () => {
    const sources: string[] = [];
    const maySend = async (_tx: unknown, source: string) => sources.push(source) <= 2;
    const { port } = await aListener(anIntake({ maySend }));
    const codes = [];
    for (let at = 0; at < 4; at++) {
      const raw = await aMail({ text: `Mail ${at}` });
      codes.push((await sendMail(port, { from: "a@example.org", to: support, raw })).code);
    }
    expect(codes).toEqual([250, 250, 452, 452]);
    expect(new Set(sources)).toEqual(new Set(["127.0.0.1"]));
    expect((await rows.countWaiting(store)).count).toBe(2);
  });

  test("never fills the disk: beyond so many, or so many bytes, what comes is to come later", async () => {
    for (const ceilings of [
      { waitingMails: 3, waitingBytes: 1e9 },
      { waitingMails: 1e9, waitingBytes: 35_000 },
    ]) {
      const intake = anIntake({ ceilings });
      const { port } = await aListener(intake);
      const send = async () => {
        const text = `${Math.random()} ${"x ".repeat(5000)}`;
        return (await sendMail(port, { from: "a@example.org", to: support, raw: await aMail({ text }) }))
          .code;
      };
      const codes = [await send(), await send(), await send(), await send()];
      expect(codes).toEqual([250, 250, 250, 452]);
      await readAll(intake);
      clock.advance(minute);
      expect(await send()).toBe(250);
      await readAll(intake);
      clock.advance(minute);
    }
  });

  test("leaves no bytes behind once it was read", async () => {
    const intake = anIntake();
    const { port } = await aListener(intake);
    await sendMail(port, { from: "a@example.org", to: support, raw: await aMail() });
    await readAll(intake);
    expect(await store.ask("select mail_id from inbound_mail_parts", [])).toEqual([]);
    expect(await store.ask("select id from inbound_mails", [])).toHaveLength(1);
  });
});

describe("the listener", () => {
  beforeEach(() => open("sqlite"));

  test("takes mail for its own addresses and relays nothing", async () => {
    const { port } = await aListener();
    const raw = await aMail();
    for (const to of [
      "paul@example.org",
      "chef@ecole.example",
      "aide@autre.example",
      "aide%example.org@ecole.example",
    ]) {
      const answer = await sendMail(port, { from: "lea@example.org", to, raw });
      expect([to, answer.code]).toEqual([to, 550]);
    }
    expect((await rows.countWaiting(store)).count).toBe(0);
    expect((await sendMail(port, { from: "", to: "Aide+abc.def@ECOLE.example", raw })).code).toBe(250);
  });

  test("says how large a mail may be, and refuses a larger one while it comes, without holding it", async () => {
    const { port } = await aListener(anIntake(), { mailBytes: 100_000 });
    await using talk = await SmtpTalk.open(port);
    await talk.hear();
    const offered = await talk.say("EHLO client.example");
    expect(offered).toContain("SIZE 100000");
    expect(offered).not.toMatch(/AUTH|STARTTLS|SMTPUTF8/);
    expect(await talk.say("MAIL FROM:<a@example.org> SIZE=200000")).toMatch(/^552/);

    const large = Buffer.concat([Buffer.from("Subject: x\r\n\r\n"), Buffer.alloc(300_000, "abc\r\n")]);
    const answer = await sendMail(port, { from: "a@example.org", to: support, raw: large });
    // The client that reads the announcement does not even begin; one that does not is told at the end.
    expect(answer.code === 552 || /size/i.test(answer.text)).toBe(true);
    await using rude = await SmtpTalk.open(port);
    await rude.hear();
    await rude.say("HELO client.example");
    await rude.say("MAIL FROM:<a@example.org>");
    await rude.say(`RCPT TO:<${support}>`);
    await rude.say("DATA");
    rude.socket.write(large);
    expect(await rude.say("\r\n.")).toMatch(/^552/);
    // The same connection then sends one that fits.
    await rude.say("MAIL FROM:<a@example.org>");
    await rude.say(`RCPT TO:<${support}>`);
    await rude.say("DATA");
    expect(await rude.say("Subject: y\r\n\r\nBonjour\r\n.")).toMatch(/^250/);
    expect((await rows.countWaiting(store)).count).toBe(1);
  });

  test("hangs up on a mail that never ends", async () => {
    const { port } = await aListener(anIntake(), { mailBytes: 20_000 });
    await using talk = await SmtpTalk.open(port);
    await talk.hear();
    await talk.say("HELO client.example");
    await talk.say("MAIL FROM:<a@example.org>");
    await talk.say(`RCPT TO:<${support}>`);
    await talk.say("DATA");
    const before = process.memoryUsage().rss;
    for (let sent = 0; sent < 2000 && !talk.socket.writableEnded && !talk.isOver; sent++) {
      talk.socket.write(Buffer.alloc(20_000, "x"));
      if (sent % 20 === 0) await pause(1);
    }
    expect(await talk.hear()).toMatch(/^421/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
    expect((await rows.countWaiting(store)).count).toBe(0);
  });

  test("asks to come later when too many large mails come at once, and has room again afterwards", async () => {
    const { port } = await aListener(anIntake(), { heldBytes: 150_000 });
    const begin = async () => {
      const talk = await SmtpTalk.open(port);
      await talk.hear();
      await talk.say("HELO client.example");
      await talk.say("MAIL FROM:<a@example.org>");
      await talk.say(`RCPT TO:<${support}>`);
      await talk.say("DATA");
      talk.socket.write(
        `Message-ID: <${talk.socket.localPort}@example.org>\r\n\r\n${"abcdefgh\r\n".repeat(10_000)}`,
      );
      return talk;
    };
    await using first = await begin();
    await using second = await begin();
    const answers = [await second.say("."), await first.say(".")];
    expect(answers.map((answer) => answer.slice(0, 3)).sort()).toEqual(["250", "451"]);
    await using third = await begin();
    expect(await third.say(".")).toMatch(/^250/);
    // Who leaves in the middle leaves no trace.
    const fourth = await begin();
    await pause(50);
    fourth.socket.destroy();
    await pause(50);
    await using fifth = await begin();
    expect(await fifth.say(".")).toMatch(/^250/);
  });

  test("lets nobody keep its places: so many from one address, so long in silence, so long in all", async () => {
    const { port } = await aListener(anIntake(), { clientsPerAddress: 2, idleMs: 300, connectionMs: 1200 });
    await using first = await SmtpTalk.open(port);
    await using second = await SmtpTalk.open(port);
    expect(await first.hear()).toMatch(/^220 acces\.ecole\.example ESMTP/);
    expect(await second.hear()).toMatch(/^220/);
    await using third = await SmtpTalk.open(port);
    expect(await third.hear()).toMatch(/^421/);
    // The second stays silent; the first says something every now and then.
    let last = "";
    for (let at = 0; at < 20 && !first.isOver; at++) {
      last = await first.say("NOOP");
      await pause(100);
    }
    expect(last).toMatch(/^(?:421|)/);
    expect(first.isOver).toBe(true);
    expect(await second.hear()).toMatch(/^421/);
  });

  test("knows no passwords, no web pages, and no two commands in one", async () => {
    const { port } = await aListener();
    await using talk = await SmtpTalk.open(port);
    await talk.hear();
    await talk.say("EHLO client.example");
    expect(await talk.say("AUTH PLAIN AGEAYg==")).toMatch(/^5\d\d/);
    expect(await talk.say("VRFY aide")).toMatch(/^5\d\d/);
    expect(await talk.say("MAIL FROM:<a@example.org>\u0000")).toMatch(/^501/);
    await using web = await SmtpTalk.open(port);
    await web.hear();
    expect(await web.say("POST / HTTP/1.1")).toMatch(/^421/);
  });

  test("takes a dot alone for the end of a mail only where lines end as they must", async () => {
    const intake = anIntake();
    const { port } = await aListener(intake);
    await using talk = await SmtpTalk.open(port);
    await talk.hear();
    await talk.say("HELO client.example");
    await talk.say("MAIL FROM:<a@example.org>");
    await talk.say(`RCPT TO:<${support}>`);
    await talk.say("DATA");
    const smuggled = `Subject: one\r\n\r\nx\n.\nMAIL FROM:<chef@ecole.example>\nRCPT TO:<${support}>\nDATA\nSubject: two\n\ny`;
    expect(await talk.say(`${smuggled}\r\n.`)).toMatch(/^250/);
    await readAll(intake);
    expect(reader.read).toHaveLength(1);
    expect(Buffer.from(reader.read[0]?.raw as Uint8Array).toString()).toContain("Subject: two");
  });

  test("finishes the mail that is under way when it closes, and takes no other", async () => {
    const intake = anIntake();
    const { listener, port } = await aListener(intake);
    const idle = await SmtpTalk.open(port);
    await using talk = await SmtpTalk.open(port);
    await Promise.all([idle.hear(), talk.hear()]);
    await talk.say("HELO client.example");
    await talk.say("MAIL FROM:<a@example.org>");
    await talk.say(`RCPT TO:<${support}>`);
    await talk.say("DATA");
    talk.socket.write("Subject: x\r\n\r\nBonj");
    await pause(50);
    const closed = listener.close();
    expect(await (await SmtpTalk.open(port)).hear()).toMatch(/^421/);
    talk.socket.write("our\r\n.\r\n");
    expect(await talk.hear()).toMatch(/^250/);
    await closed;
    expect(await idle.hear()).toMatch(/^421/);
    expect((await rows.countWaiting(store)).count).toBe(1);
    await expect(SmtpTalk.open(port)).rejects.toThrow();
  });

  test("says in one sentence that its port is taken, and that it does not listen", async () => {
    const { port } = await aListener();
    const other = createInboundListener({
      settings: { host: "127.0.0.1", port, tls: null },
      publicUrl: "http://127.0.0.1:3000",
      intake: anIntake(),
      log: { warn: () => {} },
      onFault: () => {},
    });
    expect(other.fault()).toBeNull();
    await expect(other.listen()).rejects.toThrow(
      `LOQUET_INBOUND_MAIL: ${port} on 127.0.0.1 is used by another program; name a free port.`,
    );
    expect(other.fault()).toBe("The mail listener does not listen.");
    expect(opened[0]?.fault()).toBeNull();
    expect(await findFreePort()).not.toBe(port);
  });
});

describe("STARTTLS", () => {
  let folder: string;
  beforeEach(async () => {
    await open("sqlite");
    folder = mkdtempSync(join(tmpdir(), "loquet-tls-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(which: keyof typeof certificates): { certFile: string; keyFile: string } {
    const files = { certFile: join(folder, "mail.pem"), keyFile: join(folder, "mail.key") };
    writeFileSync(files.certFile, certificates[which].cert);
    writeFileSync(files.keyFile, certificates[which].key);
    return files;
  }

  /** The name in the certificate that a client is shown. */
  async function nameShownAt(port: number): Promise<string | undefined> {
    await using talk = await SmtpTalk.open(port);
    await talk.hear();
    await talk.say("EHLO client.example");
    await talk.say("STARTTLS");
    talk.socket.removeAllListeners("data");
    const secured = connectTls({ socket: talk.socket, rejectUnauthorized: false });
    await new Promise((resolve, reject) => secured.once("secureConnect", resolve).once("error", reject));
    return String(secured.getPeerCertificate().subject.CN);
  }

  test("is offered with a certificate, and used", async () => {
    const intake = anIntake();
    const { listener, port } = await aListener(intake, {}, write("old"));
    await using talk = await SmtpTalk.open(port);
    await talk.hear();
    expect(await talk.say("EHLO client.example")).toContain("STARTTLS");
    expect((await sendMail(port, { from: "a@example.org", to: support, raw: await aMail() })).code).toBe(250);
    // What was said before the encryption is said again within it: nothing is injected.
    await using sly = await SmtpTalk.open(port);
    await sly.hear();
    await sly.say("EHLO client.example");
    sly.socket.write("STARTTLS\r\nMAIL FROM:<sly@example.org>\r\n");
    expect(await sly.hear()).toMatch(/^220/);
    expect(listener.fault()).toBeNull();
  });

  test("takes a renewed certificate without a restart, and keeps the old one when the new is no good", async () => {
    const files = write("old");
    const { listener, port } = await aListener(anIntake(), {}, files);
    writeFileSync(files.certFile, "no certificate");
    listener.renewCertificate();
    expect(await nameShownAt(port)).toBe(certificates.old.name);
    write("new");
    listener.renewCertificate();
    expect(await nameShownAt(port)).toBe(certificates.new.name);
  });
});
