import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SmsChannel } from "../../src/channels/channel.ts";
import { createSmppChannel } from "../../src/channels/smpp.ts";
import type { SmppPatience } from "../../src/channels/smpp-link.ts";
import type { DeliveryReceipt } from "../../src/channels/smpp-receipt.ts";
import { smsSegments } from "../../src/channels/sms-text.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { certificates } from "../support/certificates.ts";
import { type SmppPeer, startSmppPeer } from "../support/smpp-peer.ts";

let peer: SmppPeer;
const channels: SmsChannel[] = [];
const warnings: unknown[] = [];
const receipts: DeliveryReceipt[] = [];
let keepReceipt: (receipt: DeliveryReceipt) => Promise<void>;

const quick: Partial<SmppPatience> = {
  bindMs: 300,
  answerMs: 400,
  waitMs: 500,
  enquireMs: 2000,
  firstPauseMs: 20,
  longestPauseMs: 200,
  slowDownMs: 100,
  drainMs: 1000,
};

function aChannel(
  options = "",
  patience: Partial<SmppPatience> = {},
  more: { ca?: string } = {},
): SmsChannel {
  const channel = createSmppChannel({
    url: new Secret(peer.url(options)),
    log: { warn: (...said: unknown[]) => void warnings.push(said) },
    onReceipt: (receipt) => keepReceipt(receipt),
    patience: { ...quick, ...patience },
    ...more,
  });
  channels.push(channel);
  return channel;
}

beforeEach(async () => {
  warnings.length = 0;
  receipts.length = 0;
  keepReceipt = async (receipt) => void receipts.push(receipt);
  peer = await startSmppPeer();
});
afterEach(async () => {
  await Promise.all(channels.splice(0).map((channel) => channel.close()));
  await peer.stop();
});

const to = "+33612345678";
const sms = {
  messageId: "0199aaaa-0001",
  to,
  text: "Votre code : 12345678\n@acces.example.fr #12345678",
  validForSeconds: null,
};
const numbered = (n: number) => ({
  ...sms,
  messageId: `0199aaaa-${n}`,
  to: `+3361234567${n}`,
  text: `Bonjour ${n}`,
});

describe("a message", () => {
  test("is submitted once, asks for a receipt, and its id comes back", async () => {
    const result = await aChannel("?from=LOQUET&type=otp").send(sms);
    expect(result).toEqual({
      outcome: "accepted",
      providerId: peer.submitted[0]?.id,
      detail: "The SMPP provider took the message",
    });
    expect(peer.submitted).toMatchObject([
      { to: "33612345678", from: "LOQUET", coding: 0, part: null, registeredDelivery: 1, text: sms.text },
    ]);
    expect(peer.binds).toEqual([{ version: 0x34, systemType: "otp" }]);
  });

  test("keeps every letter of the GSM alphabet, and those behind an escape", async () => {
    const text = "Où êtes-vous ? À l’école : é è à ù ç [1] 5 € ~"
      .replace("ê", "e")
      .replace("’", "'")
      .replace("ç", "c");
    const plain = text.replace("À", "A");
    await aChannel().send({ ...sms, text: plain });
    expect(peer.submitted[0]).toMatchObject({ coding: 0, text: plain });
  });

  test("goes as UCS-2 where one letter asks for it", async () => {
    await aChannel().send({ ...sms, text: "رمزكم هو 12345678" });
    expect(peer.submitted[0]).toMatchObject({ coding: 8, text: "رمزكم هو 12345678" });
  });

  test.each([
    ["in Arabic", "لا تعطوا هذا الرمز لأي أحد، ولو قال إنه من المدرسة. ".repeat(6)],
    ["in French", "Votre compte [élève] est ouvert. Il coûte 0 € par an. ".repeat(9).replaceAll("û", "u")],
    ["with pairs that must not be torn", "😀".repeat(100)],
    ["with escapes that must not be torn", "€".repeat(153)],
  ])("that is long, %s, arrives whole from as many parts as were counted", async (_, text) => {
    const result = await aChannel().send({ ...sms, text });
    const { segments, encoding } = smsSegments(text);
    expect(peer.submitted).toHaveLength(segments);
    expect(segments).toBeGreaterThan(1);
    expect(peer.textTo(to)).toBe(text);
    for (const part of peer.submitted) {
      expect(part).toMatchObject({ coding: encoding === "ucs2" ? 8 : 0, part: { of: segments } });
      expect(part.part?.reference).toBe(peer.submitted[0]?.part?.reference);
      // No part ends in the middle of a character.
      expect(part.text).not.toMatch(/[\ud800-\udbff]$|^[\udc00-\udfff]/);
    }
    expect(result).toMatchObject({
      outcome: "accepted",
      providerId: peer.submitted.map(({ id }) => id).join(" "),
    });
  });

  test("that is long can go whole in message_payload", async () => {
    const text = "لا تعطوا هذا الرمز لأي أحد. ".repeat(10);
    await aChannel("?long=payload").send({ ...sms, text });
    expect(peer.submitted).toMatchObject([{ isPayload: true, part: null, coding: 8, text }]);
  });

  test("says for how long it is of use, where that is less than the provider's own time", async () => {
    const channel = aChannel();
    for (const [n, validForSeconds] of [1800, 2 * 86_400, 2 * 86_400 + 1, 93_784, null].entries()) {
      await channel.send({ ...numbered(n), validForSeconds });
    }
    expect(peer.submitted.map((one) => one.validForSeconds)).toEqual([1800, 172_800, null, 93_784, null]);
    await aChannel("?validity=off").send({ ...sms, validForSeconds: 1800 });
    expect(peer.submitted.at(-1)?.validForSeconds).toBeNull();
  });

  test("to something that is no number, or empty, or endless, never leaves", async () => {
    const channel = aChannel();
    expect(await channel.send({ ...sms, to: "0612345678" })).toMatchObject({ reason: "address" });
    expect(await channel.send({ ...sms, text: "" })).toMatchObject({
      outcome: "permanent",
      reason: "content",
    });
    expect(await channel.send({ ...sms, text: "a".repeat(153 * 256) })).toMatchObject({ reason: "content" });
    expect(peer.submitted).toEqual([]);
  });
});

describe("refusals", () => {
  test.each([
    [0x0b, "ESME_RINVDSTADR", "permanent", "address"],
    [0x01, "ESME_RINVMSGLEN", "permanent", "content"],
    [0x65, "ESME_RX_P_APPN", "permanent", "policy"],
    [0x58, "ESME_RTHROTTLED", "temporary", undefined],
    [0x14, "ESME_RMSGQFUL", "temporary", undefined],
    [0x08, "ESME_RSYSERR", "temporary", undefined],
    [0x0a, "ESME_RINVSRCADR", "temporary", undefined],
    [0x45, "ESME_RSUBMITFAIL", "temporary", undefined],
    [0x62, "ESME_RINVEXPIRY", "temporary", undefined],
    [0x0400, "0x00000400", "temporary", undefined],
  ])("status %i is %s: %s (%s)", async (status, code, outcome, reason) => {
    peer.refuse(status);
    const result = await aChannel().send(sms);
    expect(result).toMatchObject(reason ? { code, outcome, reason } : { code, outcome });
    expect(JSON.stringify([result, warnings])).not.toMatch(/12345678|p:w/);
  });

  test("a provider that asks to slow down gets nothing for a while, and then the next", async () => {
    const channel = aChannel();
    peer.refuse(0x58, 1);
    expect(await channel.send(sms)).toMatchObject({ outcome: "temporary", retryAfterSeconds: 30 });
    const askedAt = performance.now();
    expect(await channel.send(numbered(1))).toMatchObject({ outcome: "accepted" });
    expect(performance.now() - askedAt).toBeGreaterThan(70);
  });

  test("a longer pause is said at once: nobody is held for it", async () => {
    const channel = aChannel("", { slowDownMs: 5000 });
    peer.refuse(0x58, 1);
    await channel.send(sms);
    const askedAt = performance.now();
    expect(await channel.send(numbered(1))).toEqual({
      outcome: "temporary",
      code: "ESME_RTHROTTLED",
      detail: "The SMPP provider asks us to slow down",
    });
    expect(performance.now() - askedAt).toBeLessThan(200);
    expect(peer.submitted).toEqual([]);
  });

  test("parts of a long text that were taken are not sent again with those that were not", async () => {
    const channel = aChannel();
    const long = { ...sms, text: "a".repeat(400) };
    peer.refuse(0x58, 1);
    expect(await channel.send(long)).toMatchObject({ code: "ESME_RTHROTTLED", mayHaveArrived: true });
    expect(peer.submitted).toHaveLength(2);
    // Nothing was taken by this try.
    peer.refuse(0x58, 1);
    expect(await channel.send(long)).not.toHaveProperty("mayHaveArrived");
    await pause(250);
    const ids = () => [...peer.submitted].sort((a, b) => (a.part?.index ?? 0) - (b.part?.index ?? 0));
    expect(await channel.send(long)).toMatchObject({ outcome: "accepted" });
    expect(ids().map(({ part }) => part?.index)).toEqual([1, 2, 3]);
    expect(await channel.send(long)).toMatchObject({
      providerId: ids()
        .map(({ id }) => id)
        .join(" "),
    });
    expect(peer.submitted).toHaveLength(3);
  });

  test("a long text of which one part is refused for good is refused for good", async () => {
    peer.refuse(0x0b, 1);
    const result = await aChannel().send({ ...sms, text: "a".repeat(400) });
    expect(result).toMatchObject({ outcome: "permanent", reason: "address" });
  });
});

describe("the link", () => {
  test("that is refused is temporary, said once to the operator without the password, and opens when it may", async () => {
    peer.refuseBind(0x0e);
    const channel = aChannel();
    const result = await channel.send(sms);
    expect(result).toMatchObject({ outcome: "temporary", code: "ESME_RINVPASWD" });
    expect(await channel.check()).toBe(
      "The SMPP provider refuses the password of LOQUET_SMS_URL (ESME_RINVPASWD).",
    );
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify([result, warnings])).not.toMatch(/p:w|p%3Aw|12345678/);
    peer.behave();
    await peer.until(() => peer.binds.length === 1);
    expect(await channel.send(sms)).toMatchObject({ outcome: "accepted" });
    expect(await channel.check()).toBeNull();
  });

  test("that nobody answers is temporary", async () => {
    await peer.stop();
    const channel = aChannel();
    expect(await channel.check()).toBe("The SMPP provider cannot be reached (ECONNREFUSED).");
    expect(await channel.send(sms)).toMatchObject({ outcome: "temporary", code: "ECONNREFUSED" });
    await peer.start();
    expect(await aChannel().send(sms)).toMatchObject({ outcome: "accepted" });
    await peer.until(() => peer.binds.length === 2);
  });

  test("that is opened but never bound is given up in time", async () => {
    peer.playDead();
    expect(await aChannel().check()).toBe("The SMPP provider did not answer in time (ETIMEDOUT).");
  });

  test("cut in the middle: the message is temporary and may have been taken; the next goes over a new link", async () => {
    const channel = aChannel();
    peer.beSilent("drop");
    expect(await channel.send(sms)).toEqual({
      outcome: "temporary",
      code: "ECONNRESET",
      detail: "The link to the SMPP provider was lost: it may have taken the message all the same",
      mayHaveArrived: true,
    });
    peer.behave();
    expect(await channel.send(numbered(1))).toMatchObject({ outcome: "accepted" });
    expect(peer.binds).toHaveLength(2);
  });

  test("is opened again by itself, for the receipts of what was sent", async () => {
    const channel = aChannel();
    await channel.send(sms);
    peer.dropAll();
    await peer.until(() => peer.binds.length === 2);
    await peer.receipt({ id: peer.submitted[0]?.id ?? "", stat: "DELIVRD" });
    expect(receipts).toMatchObject([{ outcome: "delivered" }]);
  });

  test("that the provider unbinds is answered, and opened again", async () => {
    const channel = aChannel();
    await channel.check();
    peer.unbindAll();
    await peer.until(() => peer.binds.length === 2);
    expect(await channel.send(sms)).toMatchObject({ outcome: "accepted" });
  });

  test("on which enquiries stay without answer is given up", async () => {
    const channel = aChannel("", { enquireMs: 60 });
    await channel.check();
    await peer.until(() => peer.enquiries() > 1);
    expect(peer.binds).toHaveLength(1);
    peer.playDead();
    await pause(300);
    peer.behave();
    await peer.until(() => peer.binds.length > 1);
    // On a busy machine the next link may be given up, too, for an enquiry of 60 ms.
    await expect.poll(channel.check).toBeNull();
  });

  test.each([
    ["a length that no message has", Buffer.from("7fffffff0000000500000000000000ff", "hex")],
    ["a message cut short", Buffer.from("0000001400000005000000000000000101020304", "hex")],
    ["half a head", Buffer.from("0000000400000005", "hex")],
  ])("on which %s comes is opened anew", async (_, bytes) => {
    const channel = aChannel("", { enquireMs: 80 });
    await channel.check();
    peer.sendBytes(bytes);
    await peer.until(() => peer.binds.length > 1 || peer.enquiries() > 2);
    expect(await channel.send(sms)).toMatchObject({ outcome: "accepted" });
  });

  test("a slow provider: late is temporary, and what was taken late is not sent again", async () => {
    const channel = aChannel("", { answerMs: 100 });
    peer.answerAfter(200);
    expect(await channel.send(sms)).toEqual({
      outcome: "temporary",
      code: "ETIMEDOUT",
      detail: "The SMPP provider did not answer in time: it may have taken the message all the same",
      mayHaveArrived: true,
    });
    await pause(150);
    peer.behave();
    expect(await channel.send(numbered(1))).toMatchObject({
      outcome: "accepted",
      providerId: peer.submitted[1]?.id,
    });
    expect(await channel.send(sms)).toMatchObject({
      outcome: "accepted",
      providerId: peer.submitted[0]?.id,
    });
    expect(peer.submitted).toHaveLength(2);
    expect(peer.binds).toHaveLength(1);
  });

  test("a provider that answers nothing holds up one message and no more, and gets a new link", async () => {
    const channel = aChannel("", { answerMs: 100, enquireMs: 120 });
    peer.beSilent("hold");
    expect(await channel.send(sms)).toMatchObject({ outcome: "temporary", code: "ETIMEDOUT" });
    const askedAt = performance.now();
    expect(await channel.send(numbered(1))).toMatchObject({ outcome: "temporary", code: "ETIMEDOUT" });
    expect(performance.now() - askedAt).toBeLessThan(80);
    expect(peer.submitted).toHaveLength(1);
    peer.behave();
    await peer.until(() => peer.binds.length === 2);
    expect(await channel.send(numbered(2))).toMatchObject({ outcome: "accepted" });
  });

  test("never holds more messages without answer than the window, and all of them arrive", async () => {
    const channel = aChannel("?window=3", { waitMs: 3000 });
    peer.answerAfter(20);
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => channel.send(numbered(n % 10))));
    expect(results.every(({ outcome }) => outcome === "accepted")).toBe(true);
    expect(peer.mostUnanswered()).toBe(3);
  });

  test("a window that stays full lets nobody wait for ever", async () => {
    const channel = aChannel("?window=1", { answerMs: 2000, waitMs: 100 });
    peer.beSilent("hold");
    const first = channel.send(sms);
    expect(await channel.send(numbered(1))).toMatchObject({ outcome: "temporary", code: "ETIMEDOUT" });
    expect(peer.submitted).toHaveLength(1);
    peer.dropAll();
    expect(await first).toMatchObject({ outcome: "temporary", code: "ECONNRESET" });
  });

  test("waits at closing for the answers that are under way, and unbinds", async () => {
    const channel = aChannel();
    await channel.check();
    peer.answerAfter(150);
    const sent = channel.send(sms);
    await peer.waitFor(1);
    await channel.close();
    expect(await sent).toMatchObject({ outcome: "accepted" });
    expect(peer.unbinds()).toBe(1);
    expect(await channel.send(numbered(1))).toMatchObject({ outcome: "temporary", code: "ECLOSED" });
  });

  test("closes at once where it was never needed, or is being opened", async () => {
    await aChannel().close();
    peer.playDead();
    const opening = aChannel("", { bindMs: 5000 });
    const checked = opening.check();
    await pause(30);
    const closedAt = performance.now();
    await opening.close();
    await checked;
    expect(performance.now() - closedAt).toBeLessThan(1000);
  });

  test("speaks TLS, and only to a certificate it can trust", async () => {
    await peer.stop();
    const { key, cert } = certificates.loopback;
    peer = await startSmppPeer({ key, cert });
    // Signed by nobody that is known.
    expect(await aChannel().send(sms)).toMatchObject({ outcome: "temporary" });
    expect(peer.submitted).toEqual([]);
    expect(await aChannel("", {}, { ca: cert }).send(sms)).toMatchObject({ outcome: "accepted" });
    expect(peer.textTo(to)).toBe(sms.text);
    await peer.stop();
    // Known, but of another name than the host's.
    peer = await startSmppPeer(certificates.old);
    const other = aChannel("", {}, { ca: certificates.old.cert });
    expect(await other.send(sms)).toMatchObject({ outcome: "temporary" });
    expect(peer.submitted).toEqual([]);
  });
});

describe("receipts", () => {
  async function sent(): Promise<string> {
    const result = await aChannel().send(sms);
    return (result.outcome === "accepted" && result.providerId) || "";
  }

  test.each(["text", "fields", "both"] as const)("are read as %s", async (form) => {
    const id = await sent();
    expect(await peer.receipt({ id, stat: "DELIVRD", form })).toBe(0);
    expect(receipts).toEqual([{ providerId: id, outcome: "delivered", reason: null, code: null }]);
  });

  test.each([
    ["EXPIRED", "not-delivered", "expired"],
    ["UNDELIV", "not-delivered", "undeliverable"],
    ["REJECTD", "not-delivered", "rejected"],
    ["ENROUTE", "on-its-way", null],
  ])("%s is %s (%s)", async (stat, outcome, reason) => {
    const id = await sent();
    await peer.receipt({ id, stat, err: "069" });
    expect(receipts).toEqual([{ providerId: id, outcome, reason, code: "069" }]);
  });

  test("that come before the answer are handed on, too", async () => {
    peer.receiptBeforeAnswer("DELIVRD");
    peer.answerAfter(50);
    const id = await sent();
    expect(receipts).toMatchObject([{ providerId: id, outcome: "delivered" }]);
  });

  test("that cannot be kept are asked for again", async () => {
    const id = await sent();
    keepReceipt = () => Promise.reject(new Error("database away, code 12345678"));
    expect(await peer.receipt({ id, stat: "DELIVRD" })).toBe(100);
    expect(JSON.stringify(warnings)).not.toContain("12345678");
    keepReceipt = async (receipt) => void receipts.push(receipt);
    expect(await peer.receipt({ id, stat: "DELIVRD" })).toBe(0);
    expect(receipts).toHaveLength(1);
  });

  test("are not what telephones send, even if it reads like one", async () => {
    const id = await sent();
    expect(await peer.mobileOriginated("STOP")).toBe(0);
    expect(await peer.mobileOriginated(`id:${id} stat:DELIVRD err:000`)).toBe(0);
    expect(await peer.mobileOriginated("id: stat:", 4)).toBe(0);
    expect(await peer.mobileOriginated("", 4)).toBe(0);
    expect(receipts).toEqual([]);
  });

  test("keep an id with letters that the GSM alphabet has elsewhere", async () => {
    await sent();
    await peer.receipt({ id: "a_b@c-1", stat: "DELIVRD", form: "text" });
    await peer.receipt({ id: "a_b@c-2", stat: "DELIVRD", form: "text", coding: 1 });
    expect(receipts).toMatchObject([{ providerId: "a_b@c-1" }, { providerId: "a_b@c-2" }]);
  });
});
