import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SmsChannel } from "../../src/channels/channel.ts";
import { createClicksendChannel } from "../../src/channels/clicksend.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { type ClicksendPeer, startClicksendPeer } from "../support/clicksend-peer.ts";

let peer: ClicksendPeer;
let channel: SmsChannel;
const warnings: unknown[] = [];
const now = Date.UTC(2026, 10, 21, 22, 0, 0);

function aChannel(url: string, timeoutMs?: number): SmsChannel {
  return createClicksendChannel({
    url: new Secret(url),
    clock: { now: () => now },
    log: { warn: (...said: unknown[]) => void warnings.push(said) },
    timeoutMs,
  });
}

beforeEach(async () => {
  warnings.length = 0;
  peer = await startClicksendPeer({ user: "portail@ecole.example", key: "K/e:y", base: "/gateway" });
  channel = aChannel(peer.url);
});
afterEach(() => peer.stop());

const sms = {
  messageId: "0199aaaa-0001",
  to: "+33612345678",
  text: "Votre code : 12345678\n@acces.example.fr #12345678",
  validForSeconds: null,
};

test("an SMS is posted once, with our id, and its ClickSend id comes back", async () => {
  const result = await channel.send(sms);
  expect(result).toEqual({
    outcome: "accepted",
    providerId: peer.messages[0]?.messageId,
    detail: "ClickSend took the message",
  });
  expect(peer.requests).toHaveLength(1);
  expect(peer.requests[0]).toMatchObject({ method: "POST", path: "/gateway/v3/sms/send" });
  expect(JSON.parse(peer.requests[0]?.body ?? "")).toEqual({
    messages: [{ source: "loquet", body: sms.text, to: "+33612345678", custom_string: "0199aaaa-0001" }],
  });
});

describe("refusals of the message, in an answer 200", () => {
  const statuses = [
    ["INVALID_RECIPIENT", "permanent", "address"],
    ["UNKNOWN_RECIPIENT", "permanent", "address"],
    ["COUNTRY_NOT_ENABLED", "permanent", "policy"],
    ["BODY_TOO_LONG", "permanent", "content"],
    ["EMPTY_MESSAGE", "permanent", "content"],
    ["INSUFFICIENT_CREDIT", "temporary", undefined],
    ["THROTTLED", "temporary", undefined],
    ["TOO_MANY_REQUESTS", "temporary", undefined],
    ["INVALID_CREDENTIALS", "temporary", undefined],
    ["MISSING_CREDENTIALS", "temporary", undefined],
    ["ACCOUNT_NOT_ACTIVATED", "temporary", undefined],
    ["MISSING_REQUIRED_FIELDS", "temporary", undefined],
    ["INVALID_SENDER_ID", "temporary", undefined],
    ["SOMETHING_NEW", "temporary", undefined],
    ["constructor", "temporary", undefined],
  ] as const;
  test.each(statuses)("%s is %s (%s)", async (status, outcome, reason) => {
    peer.refuseNumber("every", status);
    const result = await channel.send(sms);
    expect(result).toMatchObject(reason ? { outcome, code: status, reason } : { outcome, code: status });
    expect(result.detail).not.toBe("");
    expect(peer.requests).toHaveLength(1);
  });

  test("an exhausted credit is told to the operator", async () => {
    peer.refuseNumber(sms.to, "INSUFFICIENT_CREDIT");
    await channel.send(sms);
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings)).not.toContain("+336");
  });
});

describe("answers other than 200", () => {
  test("a wrong key is our own fault: temporary, told to the operator, without the key", async () => {
    const wrong = aChannel(peer.url.replace("K%2Fe%3Ay", "wrong-key"));
    const result = await wrong.send(sms);
    expect(result).toMatchObject({ outcome: "temporary", code: "UNAUTHORIZED" });
    expect(result.detail).toBe("ClickSend refuses the user name or key of LOQUET_SMS_URL");
    expect(await wrong.check()).toBe("ClickSend refuses the user name or key of LOQUET_SMS_URL.");
    expect(JSON.stringify([result, warnings])).not.toContain("wrong-key");
    expect(warnings).toHaveLength(1);
  });

  test.each([
    ["7", 7],
    ["Sat, 21 Nov 2026 22:01:30 GMT", 90],
    ["soon", 60],
  ])("429 with Retry-After %s waits %i seconds", async (header, seconds) => {
    peer.answerWith({ status: 429, headers: { "retry-after": header } });
    expect(await channel.send(sms)).toMatchObject({ outcome: "temporary", retryAfterSeconds: seconds });
  });

  test.each([403, 404, 302, 400, 500, 503])("HTTP %i is temporary and is not repeated", async (status) => {
    peer.answerWith({ status, headers: { location: "/elsewhere" } });
    expect(await channel.send(sms)).toMatchObject({ outcome: "temporary" });
    expect(peer.requests).toHaveLength(1);
  });

  test("a 400 that names the number's fault is permanent", async () => {
    peer.answerWith({
      status: 400,
      body: JSON.stringify({ http_code: 400, response_code: "INVALID_RECIPIENT" }),
    });
    expect(await channel.send(sms)).toMatchObject({ outcome: "permanent", reason: "address" });
  });

  test.each([
    "",
    "<html>",
    "{",
    "null",
    "[]",
    '{"data":{"messages":[]}}',
    '{"response_code":"SUCCESS"}',
    '{"data":{"messages":[{}]}}',
  ])("an answer 200 that reads %j is temporary", async (body) => {
    peer.answerWith({ status: 200, body });
    expect(await channel.send(sms)).toMatchObject({
      outcome: "temporary",
      detail: "ClickSend's answer cannot be read",
      mayHaveArrived: true,
    });
  });

  test("what ClickSend quotes of the message is taken out", async () => {
    const answer = { response_code: "ODD", response_msg: "Not sent: 12345678 https://acces.example.fr/x" };
    peer.answerWith({ status: 200, body: JSON.stringify(answer) });
    expect((await channel.send(sms)).detail).toBe(
      "ClickSend did not take the message: Not sent: [code] [link]",
    );
  });
});

describe("trouble on the way", () => {
  test("nobody listening is temporary, and check says so in one sentence", async () => {
    expect(await channel.check()).toBeNull();
    await peer.stop();
    expect(await channel.send(sms)).toEqual({
      outcome: "temporary",
      code: "ECONNREFUSED",
      detail: "ClickSend cannot be reached, or did not answer in time",
    });
    expect(await channel.check()).toBe("ClickSend cannot be reached (ECONNREFUSED).");
  });

  test("a late answer is temporary, and the SMS was posted once", async () => {
    peer.answerAfter(500);
    expect(await aChannel(peer.url, 100).send(sms)).toMatchObject({
      outcome: "temporary",
      code: "ETIMEDOUT",
      mayHaveArrived: true,
    });
    expect(peer.requests).toHaveLength(1);
  });

  test("an SMS that was taken before the connection broke is never posted a second time", async () => {
    peer.takeButAnswer("drop");
    expect(await channel.send(sms)).toMatchObject({ outcome: "temporary", mayHaveArrived: true });
    expect(peer.posted).toHaveLength(1);
    expect(peer.requests).toHaveLength(1);
  });
});

test.each(["0612345678", "+33 6 12 34 56 78", "+33612345678\r\n", "", "+0612345678"])(
  "the number %j is refused before anything is posted",
  async (to) => {
    expect(await channel.send({ ...sms, to })).toMatchObject({ outcome: "permanent", reason: "address" });
    expect(peer.requests).toEqual([]);
  },
);

test("an address without user, key or host is refused at the start, without being repeated", () => {
  for (const url of [
    "nonsense",
    "https://user:secret@127.0.0.1",
    "clicksend://secret@127.0.0.1",
    "clicksend+http://u:secret@",
    "clicksend://u:secret%zz@127.0.0.1",
  ]) {
    expect(() => aChannel(url)).toThrow(/LOQUET_SMS_URL/);
    expect(() => aChannel(url)).not.toThrow(/secret@/);
  }
});
