import { createHash, createVerify, generateKeyPairSync } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { EmailChannel, OutgoingEmail } from "../../src/channels/channel.ts";
import { createSmtpChannel, type SmtpSettings } from "../../src/channels/smtp.ts";
import { messageIdOf, readMessageIds } from "../../src/channels/smtp-headers.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { type SmtpPeer, type SmtpPeerOptions, startSmtpPeer } from "../support/smtp-peer.ts";

const opened: { close?(): Promise<void>; stop?(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await (thing.close?.() ?? thing.stop?.());
});

const warnings: unknown[] = [];
const shortTimeouts = { connectMs: 400, greetingMs: 300, socketMs: 300 };

async function aPeer(options?: SmtpPeerOptions): Promise<SmtpPeer> {
  const peer = await startSmtpPeer(options);
  opened.push(peer);
  return peer;
}

function aChannel(url: string, settings: Partial<SmtpSettings> = {}): EmailChannel {
  const channel = createSmtpChannel({
    url: new Secret(url),
    from: { name: "Loquet – Académie", address: "acces@ecole.example" },
    dkim: null,
    publicUrl: "https://acces.ecole.example",
    clock: { now: () => Date.UTC(2026, 10, 21, 22, 5, 0) },
    log: { warn: (...said: unknown[]) => void warnings.push(said) },
    ...settings,
  });
  opened.push(channel);
  return channel;
}

function anEmail(changes: Partial<OutgoingEmail> = {}): OutgoingEmail {
  return {
    messageId: "0199aaaa-0000-7000-8000-000000000001",
    from: "",
    to: "lea@example.org",
    subject: "Réinitialiser votre mot de passe",
    text: "Bonjour Léa,\nvotre code : 12345678\nhttps://acces.ecole.example/reset?t=abcDEF123xyz\n",
    html: "<p>Bonjour Léa, votre code : <b>12345678</b></p>",
    envelopeId: "0199aaaa-0000-7000-8000-000000000001",
    ...changes,
  };
}

describe("what leaves", () => {
  test("an e-mail is multipart, from the portal's sender, with the headers that keep robots silent", async () => {
    const peer = await aPeer();
    const result = await aChannel(peer.url).send(anEmail({ headers: { "X-Loquet-Reason": "recovery" } }));
    expect(result).toMatchObject({ outcome: "accepted", providerId: "4XPEER0001" });

    const [mail] = await peer.waitFor(1);
    expect(mail?.from).toBe("acces@ecole.example");
    expect(mail?.to).toEqual(["lea@example.org"]);
    expect(mail?.greetedAs).toBe("acces.ecole.example");
    expect(mail?.parsed.from).toMatchObject({ name: "Loquet – Académie", address: "acces@ecole.example" });
    expect(mail?.parsed.to).toMatchObject([{ address: "lea@example.org" }]);
    expect(mail?.parsed.subject).toBe("Réinitialiser votre mot de passe");
    expect(mail?.parsed.messageId).toBe("<0199aaaa-0000-7000-8000-000000000001@ecole.example>");
    expect(new Date(mail?.header("date") ?? "").getTime()).toBe(Date.UTC(2026, 10, 21, 22, 5, 0));
    expect(mail?.header("auto-submitted")).toBe("auto-generated");
    expect(mail?.header("x-auto-response-suppress")).toBe("All");
    expect(mail?.header("x-loquet-reason")).toBe("recovery");
    expect(mail?.header("x-mailer")).toBeNull();
    expect(mail?.header("content-type")).toMatch(/^multipart\/alternative/);
    expect(mail?.parsed.text).toContain("votre code : 12345678");
    expect(mail?.parsed.html).toContain("<b>12345678</b>");
  });

  test("a sender given with the e-mail replaces the channel's own", async () => {
    const peer = await aPeer();
    await aChannel(peer.url).send(anEmail({ from: "Lycée Hugo <hugo@lycee.example>" }));
    const [mail] = await peer.waitFor(1);
    expect(mail?.parsed.from).toMatchObject({ name: "Lycée Hugo", address: "hugo@lycee.example" });
    expect(mail?.from).toBe("hugo@lycee.example");
    expect(mail?.parsed.messageId).toMatch(/@lycee\.example>$/);
  });

  test("delivery reports are asked for when the server offers them", async () => {
    const peer = await aPeer({ offersDsn: true });
    await aChannel(peer.url).send(anEmail());
    const [mail] = await peer.waitFor(1);
    expect(mail?.dsn).toEqual({ RET: "HDRS", ENVID: anEmail().envelopeId, NOTIFY: "FAILURE,DELAY" });
  });

  test("delivery reports are not asked for when the server does not offer them", async () => {
    const peer = await aPeer({ offersDsn: false });
    expect(await aChannel(peer.url).send(anEmail())).toMatchObject({ outcome: "accepted" });
    expect(peer.messages[0]?.dsn).toEqual({});
  });

  test("answers can be asked for at another address, in the thread of an earlier mail", async () => {
    const peer = await aPeer();
    const earlier = messageIdOf("0199aaaa-0000-7000-8000-000000000009", "acces@ecole.example");
    const headers = {
      "In-Reply-To": earlier,
      References: `<first@example.org> ${earlier}`,
      "Auto-Submitted": "auto-replied",
    };
    const email = anEmail({ replyTo: "aide+1042.abcdefgh@ecole.example", headers });
    expect(await aChannel(peer.url).send(email)).toMatchObject({ outcome: "accepted" });
    const [mail] = await peer.waitFor(1);
    expect(mail?.parsed.replyTo).toEqual([
      { name: "Loquet – Académie", address: "aide+1042.abcdefgh@ecole.example" },
    ]);
    expect(mail?.parsed.inReplyTo).toBe("<0199aaaa-0000-7000-8000-000000000009@ecole.example>");
    expect(mail?.parsed.references).toBe(
      "<first@example.org> <0199aaaa-0000-7000-8000-000000000009@ecole.example>",
    );
    expect(mail?.parsed.headers.filter(({ key }) => key === "auto-submitted")).toMatchObject([
      { value: "auto-replied" },
    ]);
    expect(mail?.header("x-loop")).toBe("acces@ecole.example");
    // A client's answer names it, and we know it again.
    expect(readMessageIds(`<x@example.org> ${mail?.parsed.messageId}`, "acces@ecole.example")).toEqual([
      email.messageId,
    ]);
    expect(readMessageIds(`${mail?.parsed.messageId}`, "acces@autre.example")).toEqual([]);
  });

  test("one connection serves several messages", async () => {
    const peer = await aPeer();
    const channel = aChannel(peer.url);
    for (let i = 0; i < 3; i++) await channel.send(anEmail());
    expect(peer.messages).toHaveLength(3);
    expect(peer.counted.connections).toBe(1);
  });

  test("a server that names its queue id otherwise is understood", async () => {
    const peer = await aPeer();
    const channel = aChannel(peer.url);
    const replies = {
      "OK id=1tABcd-0000Ab-2x": "1tABcd-0000Ab-2x",
      "2.0.0 4ALM5abc123456 Message accepted for delivery": "4ALM5abc123456",
      "2.6.0 <x@y> [InternalId=8123456, Hostname=z] Queued mail for delivery": "8123456",
      "2.0.0 OK  1763763900 a640c23a62f3a-b7654fd44f1si63 - gsmtp": "a640c23a62f3a-b7654fd44f1si63",
      "Ok 0100018b5c3c0a4f-11aa22bb-000000": "0100018b5c3c0a4f-11aa22bb-000000",
      Thanks: null,
    };
    for (const [reply, providerId] of Object.entries(replies)) {
      peer.acceptWith(reply);
      expect(await channel.send(anEmail())).toMatchObject({ outcome: "accepted", providerId });
    }
  });
});

describe("encryption and sign-in", () => {
  test("STARTTLS is used when it is offered", async () => {
    const peer = await aPeer({ offersStartTls: true });
    expect(await aChannel(peer.url).send(anEmail())).toMatchObject({ outcome: "accepted" });
    expect(peer.messages[0]?.wasEncrypted).toBe(true);
  });

  test("smtps speaks TLS from the first byte, and signs in", async () => {
    const peer = await aPeer({
      isEncrypted: true,
      credentials: { user: "portail@ecole.example", password: "p:@/é" },
    });
    const channel = aChannel(peer.url);
    expect(await channel.check()).toBeNull();
    expect(await channel.send(anEmail())).toMatchObject({ outcome: "accepted" });
    expect(peer.messages[0]?.wasEncrypted).toBe(true);
  });

  test("off loopback, a password is not sent in the clear when STARTTLS is missing", async () => {
    const peer = await aPeer({ credentials: { user: "portail", password: "secret" } });
    // The same host written as an IPv4-mapped address, which is not taken for loopback.
    const channel = aChannel(peer.url.replace("127.0.0.1", "[::ffff:127.0.0.1]"));
    expect(await channel.send(anEmail())).toMatchObject({ outcome: "temporary" });
    expect(peer.counted.signIns).toBe(0);
    expect(peer.messages).toEqual([]);
  });

  test("a refused password is our own fault: temporary, told to the operator, without the password", async () => {
    const peer = await aPeer({ credentials: { user: "portail", password: "right" } });
    warnings.length = 0;
    const channel = aChannel(peer.url.replace(":right@", ":wrong-pass@"));
    const result = await channel.send(anEmail());
    expect(result).toMatchObject({ outcome: "temporary", code: "5.7.8" });
    expect(result.detail).toMatch(/^The mail server refuses the user name or password of SMTP_URL/);
    expect(await channel.check()).toMatch(
      /^127\.0\.0\.1:\d+: The mail server refuses the user name or password.*\.$/,
    );
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify([result, warnings])).not.toContain("wrong-pass");
    expect(JSON.stringify(warnings)).not.toContain("lea@example.org");
  });
});

/** RFC 6376 §3.4, relaxed/relaxed, written out a second time here to judge the first. */
function verifyDkim(raw: string, publicKey: string): boolean {
  const cut = raw.indexOf("\r\n\r\n");
  const fields = raw.slice(0, cut).split(/\r\n(?![ \t])/);
  const relax = (field: string) => {
    const colon = field.indexOf(":");
    const value = field
      .slice(colon + 1)
      .replaceAll(/\r\n/g, "")
      .replaceAll(/[ \t]+/g, " ")
      .trim();
    return `${field.slice(0, colon).trim().toLowerCase()}:${value}`;
  };
  const signature = fields.find((field) => /^dkim-signature:/i.test(field)) as string;
  const tag = (name: string) =>
    new RegExp(`(?:^|;|:)\\s*${name}=([^;]*)`)
      .exec(signature.slice(14))?.[1]
      ?.replaceAll(/\s/g, "") as string;
  const lines = raw
    .slice(cut + 4)
    .split("\r\n")
    .map((line) => line.replaceAll(/[ \t]+/g, " ").trimEnd());
  const body = `${lines.join("\r\n").replace(/(\r\n)*$/, "")}\r\n`;
  if (createHash("sha256").update(body, "latin1").digest("base64") !== tag("bh")) return false;
  const signed = tag("h")
    .split(":")
    .map((name) =>
      relax(fields.find((field) => field.toLowerCase().startsWith(`${name.toLowerCase()}:`)) as string),
    );
  const unsigned = relax(signature).replace(/; ?b=.*$/, (end) => end.replace(/b=.*$/, "b="));
  return createVerify("RSA-SHA256")
    .update([...signed, unsigned].join("\r\n"), "latin1")
    .verify(publicKey, tag("b"), "base64");
}

describe("DKIM", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });

  test("a set key signs each message, and the signature verifies", async () => {
    const peer = await aPeer();
    const dkim = { domain: "ecole.example", selector: "loquet", privateKey: new Secret(privateKey) };
    await aChannel(peer.url, { dkim }).send(anEmail());
    const [mail] = await peer.waitFor(1);
    const signature = mail?.header("dkim-signature") ?? "";
    expect(signature).toContain("d=ecole.example");
    expect(signature).toContain("s=loquet");
    expect(signature).toMatch(/h=[^;]*from:[^;]*subject/);
    expect(verifyDkim(mail?.raw ?? "", publicKey)).toBe(true);
    expect(verifyDkim((mail?.raw ?? "").replace("12345678", "12345679"), publicKey)).toBe(false);
  });

  test("a key that cannot sign is refused at the start, not by unsigned mail", () => {
    const dkim = { domain: "ecole.example", selector: "loquet", privateKey: new Secret("not a key") };
    expect(() => aChannel("smtp://127.0.0.1:1", { dkim })).toThrow("DKIM private key cannot be read");
    const curve = generateKeyPairSync("ed25519", {
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const wrongKind = { ...dkim, privateKey: new Secret(curve.privateKey) };
    expect(() => aChannel("smtp://127.0.0.1:1", { dkim: wrongKind })).toThrow("must be RSA");
  });
});

describe("refusals", () => {
  const atRecipient = [
    ["550 5.1.1 <lea@example.org>: No such user here", "permanent", "5.1.1", "address"],
    ["550 No such user", "permanent", "550", "address"],
    ["553 Mailbox name not allowed", "permanent", "553", "address"],
    ["550 5.4.1 Recipient address rejected: Access denied", "permanent", "5.4.1", "address"],
    ["556 5.1.10 Domain does not accept mail", "permanent", "5.1.10", "address"],
    ["550 5.2.1 Mailbox disabled", "permanent", "5.2.1", "address"],
    ["552 5.2.2 Mailbox full", "permanent", "5.2.2", "policy"],
    ["550 5.7.1 Blocked by policy", "permanent", "5.7.1", "policy"],
    ["554 5.7.1 Relay access denied", "temporary", "5.7.1", null],
    ["530 5.7.0 Authentication required", "temporary", "5.7.0", null],
    ["550 5.1.8 Sender's domain does not exist", "temporary", "5.1.8", null],
    ["450 4.2.1 Greylisted, come back later", "temporary", "4.2.1", null],
    ["452 4.2.2 Over quota", "temporary", "4.2.2", null],
    ["451 Try again", "temporary", "451", null],
    ["421 4.3.2 Shutting down", "temporary", "4.3.2", null],
  ] as const;
  test.each(atRecipient)("RCPT TO answered %s is %s (%s, %s)", async (reply, outcome, code, reason) => {
    const peer = await aPeer();
    peer.refuseRecipient("lea@example.org", reply);
    const result = await aChannel(peer.url).send(anEmail());
    expect(result).toMatchObject(reason ? { outcome, code, reason } : { outcome, code });
  });

  const atMessage = [
    ["550 5.7.1 Message looks like spam", "permanent", "5.7.1", "policy"],
    ["554 Transaction failed", "permanent", "554", "content"],
    ["550 Rejected", "permanent", "550", "policy"],
    ["554 5.6.0 Bad content", "permanent", "5.6.0", "content"],
    ["552 5.3.4 Too big", "permanent", "5.3.4", "content"],
    ["550 5.1.1 Unknown after all", "permanent", "5.1.1", "address"],
    ["451 4.7.1 Later", "temporary", "4.7.1", null],
  ] as const;
  test.each(atMessage)("the message answered %s is %s (%s, %s)", async (reply, outcome, code, reason) => {
    const peer = await aPeer();
    peer.refuseAt("message", reply);
    const result = await aChannel(peer.url).send(anEmail());
    expect(result).toMatchObject(reason ? { outcome, code, reason } : { outcome, code });
  });

  test("a refused sender or connection is our own fault, never the address's", async () => {
    const peer = await aPeer();
    peer.refuseAt("sender", "550 5.7.1 Sender not allowed");
    const sender = await aChannel(peer.url).send(anEmail());
    expect(sender).toMatchObject({ outcome: "temporary", code: "5.7.1" });
    expect(sender.detail).toBe("The mail server refuses our sender address: Sender not allowed");
    peer.refuseAt("connection", "554 5.7.1 Your host is on a block list");
    const connection = await aChannel(peer.url).send(anEmail());
    expect(connection).toMatchObject({ outcome: "temporary", code: "5.7.1" });
    expect(connection.detail).toContain("The mail server refuses our connection");
  });

  test("the refusal's text is kept on one line, without what it quotes of the message", async () => {
    const peer = await aPeer();
    peer.refuseAt("message", "554 5.7.1 Spam: 12345678 at https://acces.ecole.example/reset?t=abcDEF123xyz");
    const result = await aChannel(peer.url).send(anEmail());
    expect(result.detail).toBe("Spam: [code] at [link]");
  });

  test("after a refused recipient the next message goes", async () => {
    const peer = await aPeer();
    const channel = aChannel(peer.url);
    peer.refuseRecipient("nobody@example.org", "550 5.1.1 No such user");
    expect(await channel.send(anEmail({ to: "nobody@example.org" }))).toMatchObject({ outcome: "permanent" });
    expect(await channel.send(anEmail())).toMatchObject({ outcome: "accepted" });
  });
});

describe("trouble on the way", () => {
  test("nobody listening is temporary, and check says so in one sentence", async () => {
    const peer = await aPeer();
    await peer.stop();
    const channel = aChannel(peer.url);
    expect(await channel.send(anEmail())).toMatchObject({ outcome: "temporary", code: "ECONNREFUSED" });
    expect(await channel.check()).toMatch(/^127\.0\.0\.1:\d+: The mail server cannot be reached: .*\.$/);
    await peer.start();
    expect(await channel.check()).toBeNull();
    expect(await channel.send(anEmail())).toMatchObject({ outcome: "accepted" });
  });

  test("a server that restarted between two messages is found again", async () => {
    const peer = await aPeer();
    const channel = aChannel(peer.url);
    await channel.send(anEmail());
    await peer.stop();
    await peer.start();
    expect(await channel.send(anEmail())).toMatchObject({ outcome: "accepted" });
    expect(peer.messages).toHaveLength(2);
  });

  test.each(["greeting", "message", "answer"] as const)(
    "a server that stays silent at the %s is given up",
    async (point) => {
      const peer = await aPeer();
      peer.breakAt(point, "hang");
      const result = await aChannel(peer.url, { timeouts: shortTimeouts }).send(anEmail());
      expect(result).toMatchObject({ outcome: "temporary", code: "ETIMEDOUT" });
    },
  );

  test.each(["greeting", "message", "answer"] as const)(
    "a connection dropped at the %s is temporary",
    async (point) => {
      const peer = await aPeer();
      peer.breakAt(point, "drop");
      expect(await aChannel(peer.url).send(anEmail())).toMatchObject({ outcome: "temporary" });
    },
  );

  test("a message that was received whole is not sent again within the same attempt", async () => {
    const peer = await aPeer();
    const channel = aChannel(peer.url);
    await channel.send(anEmail());
    peer.breakAt("answer", "drop");
    expect(await channel.send(anEmail())).toMatchObject({ outcome: "temporary" });
    expect(peer.messages).toHaveLength(2);
  });

  test("a server that trickles for ever is given up after the whole time", async () => {
    const server = createServer((socket) => {
      const drip = setInterval(() => socket.write("220-still thinking\r\n"), 50);
      socket.on("error", () => {});
      socket.on("close", () => clearInterval(drip));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    opened.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
    const url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const channel = aChannel(url, { timeouts: { wholeMs: 300 } });
    expect(await channel.send(anEmail())).toMatchObject({ outcome: "temporary", code: "EABORT" });
  });

  test("a closed channel answers temporary", async () => {
    const peer = await aPeer();
    const channel = aChannel(peer.url);
    await channel.close();
    expect(await channel.send(anEmail())).toMatchObject({ outcome: "temporary" });
  });
});

describe("injection", () => {
  const addresses = [
    "lea@example.org\r\nBcc: all@example.org",
    "lea@example.org\nRCPT TO:<all@example.org>",
    "lea@example.org\u0000",
    "lea@example.org, all@example.org",
    "Léa <lea@example.org>",
    "lea@example.org>",
    "lea",
    "",
  ];
  test.each(addresses)("the address %j is refused before anything is sent", async (to) => {
    const peer = await aPeer();
    expect(await aChannel(peer.url).send(anEmail({ to }))).toMatchObject({
      outcome: "permanent",
      reason: "address",
    });
    expect(peer.counted.connections).toBe(0);
  });

  const contents: Partial<OutgoingEmail>[] = [
    { subject: "Bonjour\r\nBcc: all@example.org" },
    { subject: "Bonjour\u0000" },
    { from: "Loquet\r\nBcc: all@example.org <acces@ecole.example>" },
    { messageId: "a>\r\nBcc: all@example.org" },
    { envelopeId: "a b" },
    { headers: { "X-A": "b\r\nBcc: all@example.org" } },
    { headers: { "X-A\r\nBcc": "all@example.org" } },
    { headers: { Bcc: "all@example.org" } },
    { headers: { "Content-Type": "text/plain" } },
    { headers: { "Reply-To": "all@example.org" } },
    { headers: { References: "<a@example.org>\r\n <b@example.org>" } },
    { headers: { "In-Reply-To": "a@example.org" } },
    { headers: { "Auto-Submitted": "auto-generated; owner-email=x" } },
    { headers: { "List-Id": "a", "list-id": "help.ecole.example" } },
    { replyTo: "lea@example.org\r\nBcc: all@example.org" },
    { replyTo: "Léa <lea@example.org>" },
  ];
  test.each(contents)("%j is refused before anything is sent", async (changes) => {
    const peer = await aPeer();
    expect(await aChannel(peer.url).send(anEmail(changes))).toMatchObject({
      outcome: "permanent",
      reason: "content",
    });
    expect(peer.counted.connections).toBe(0);
  });
});

test("an address that is not SMTP is refused at the start, without being repeated", () => {
  for (const url of ["nonsense:secret", "https://user:secret@127.0.0.1", "smtp://user:secret%zz@127.0.0.1"]) {
    expect(() => aChannel(url)).toThrow(/SMTP_URL/);
    expect(() => aChannel(url)).not.toThrow(/secret/);
  }
});
