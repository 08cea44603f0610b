import { expect, test } from "vitest";
import { readSmppUrl } from "./smpp-url.ts";

const read = (text: string) => {
  const result = readSmppUrl(text);
  return result.ok ? result.address : result.fault;
};

test("an SMPP address is read with its defaults", () => {
  expect(read("smpp://system:p%40ss@sms.example.org")).toEqual({
    host: "sms.example.org",
    port: 2775,
    isTls: false,
    systemId: "system",
    password: "p@ss",
    systemType: "",
    sender: "",
    window: 10,
    longTexts: "parts",
    hasValidity: true,
    receiptIds: "same",
  });
});

test("TLS, an IPv6 host and every option are read", () => {
  expect(
    read(
      "smpps://system:pass@[::1]:3551?from=%2B33612345678&type=otp&window=40&long=payload&validity=off&ids=hex",
    ),
  ).toMatchObject({
    host: "::1",
    port: 3551,
    isTls: true,
    sender: "+33612345678",
    systemType: "otp",
    window: 40,
    longTexts: "payload",
    hasValidity: false,
    receiptIds: "hex",
  });
  expect(read("smpps://system:pass@sms.example.org")).toMatchObject({ port: 3550 });
});

test("no sentence repeats the password", () => {
  for (const rest of [
    "",
    "#x",
    "/x",
    "?window=x",
    "?from=@@@",
    "?long=x",
    "?validity=1",
    "?ids=x",
    "?type=0123456789abc",
    "?x=1",
  ]) {
    const fault = read(`smpp://system:hunter2@${rest === "" ? "" : "sms.example.org"}${rest}`);
    expect(typeof fault, rest).toBe("string");
    expect(fault).not.toContain("hunter2");
  }
});
